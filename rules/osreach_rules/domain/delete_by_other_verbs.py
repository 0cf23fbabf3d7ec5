"""Reports a Deny of DELETE that leaves other ways to delete.

`_delete_by_query` and `_bulk` delete documents with POST. A Deny of
`es:ESHttpDelete` alone protects neither the documents nor, through `_aliases`,
the index.
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
    DELETE,
    WRITE,
    allowing_term,
    body_paths,
    callers_of,
    index_statements,
    unguarded_domains,
)
from osreach_rules.references import ACCESS_CONTROL, BULK, DELETE_BY_QUERY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each index whose deletion is denied by verb only."""
    for domain in unguarded_domains(analysis):
        for denial in index_statements(domain, Effect.DENY):
            verbs = http_actions(denial.found.statement.actions)
            if not verbs & frozenset(DELETE) or verbs & frozenset(WRITE):
                continue
            for index in denial.indexes:
                found = _other_way(domain, index.index)
                if found is None:
                    continue
                caller, witness = found
                trail = [Place(denial.place(index.term), "this denies DELETE only")]
                allowed = allowing_term(domain, witness)
                if allowed is not None:
                    trail.append(Place(allowed, "POST and PUT are allowed here"))
                yield Match(
                    f"`{analysis.caller(caller.name, domain)}` can still delete documents of `{index.index}`",
                    domain.address,
                    tuple(trail),
                    witness=witness,
                    principal=analysis.caller(caller.name, domain),
                )


def _other_way(domain: Domain, index: str) -> tuple[Caller, Witness] | None:
    paths = (f"{index}/_delete_by_query", *body_paths(domain, "_bulk"))
    for caller in callers_of(domain):
        if ask(domain, caller.principal, actions=DELETE, paths=(index,)) is not None:
            continue
        for path in paths:
            witness = ask(domain, caller.principal, actions=WRITE[:1], paths=(path,))
            if witness is not None:
                return caller, witness
    return None


RULE = Rule(
    "OSR124",
    "delete-by-other-verbs",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, DELETE_BY_QUERY, BULK),
    remedy="deny POST and PUT on the index and on `_bulk` as well, or use fine-grained access control",
)
