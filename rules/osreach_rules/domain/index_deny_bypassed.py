"""Reports a Deny on an index that requests walk around.

The access policy sees the path of a request, not the indexes it means.
`_all/_search`, a list of indexes, and APIs whose body names the index are other
paths than the denied one, and answer with the documents of the denied index.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.evaluate.caller import Caller
from osreach.evaluate.domain import ask
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Witness
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.indexes import (
    READ,
    IndexTerm,
    allowing_term,
    body_paths,
    callers_of,
    index_statements,
    unguarded_domains,
)
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each denied index that someone can still read by another path."""
    for domain in unguarded_domains(analysis):
        for denial in index_statements(domain, Effect.DENY):
            if not http_actions(denial.found.statement.actions) & frozenset(READ):
                continue
            for index in denial.indexes:
                found = _bypass(domain, index)
                if found is not None:
                    caller, witness, ways = found
                    allowed = allowing_term(domain, witness)
                    trail = [Place(denial.place(index.term), "this Deny sees the path only")]
                    if allowed is not None:
                        trail.append(Place(allowed, "the other paths are allowed here"))
                    yield Match(
                        f"`{analysis.caller(caller.name, domain)}` can still read `{index.index}` through {ways}",
                        domain.address,
                        tuple(trail),
                        witness=witness,
                        principal=analysis.caller(caller.name, domain),
                    )


def _bypass(domain: Domain, index: IndexTerm) -> tuple[Caller, Witness, str] | None:
    """The first caller whom the Deny stops on the direct path but not on another one."""
    direct = f"{index.index}/_search"
    others = (
        "_all/_search",
        "_search",
        f"movies,{index.index}/_search",
        *body_paths(domain, "_mget", "_msearch"),
    )
    for caller in callers_of(domain):
        if ask(domain, caller.principal, actions=READ, paths=(direct,)) is not None:
            continue
        ways = [(path, ask(domain, caller.principal, actions=READ, paths=(path,))) for path in others]
        open_ways = [(path, witness) for path, witness in ways if witness is not None]
        if open_ways:
            return caller, open_ways[0][1], ", ".join(f"`{path}`" for path, _ in open_ways)
    return None


RULE = Rule(
    "OSR126",
    "index-deny-bypassed",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow the indexes that are needed one by one instead of denying some, or use fine-grained access control",
)
