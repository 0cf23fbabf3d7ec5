"""Reports an index that is denied by its name and reached by its alias.

The access policy sees the path of a request. `GET /orders/_search` is denied
where the policy denies `orders`; the same search through an alias of the index
has another path, which no statement denies.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.index_alias import IndexAlias
from osreach.analysis import Analysis
from osreach.evaluate.caller import Caller
from osreach.evaluate.domain import ask
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Witness
from osreach_rules.domain.indexes import (
    READ,
    IndexTerm,
    allowing_term,
    callers_of,
    index_statements,
    unguarded_domains,
)
from osreach_rules.references import ACCESS_CONTROL, ALIASES


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each alias through which a caller reaches an index that is denied to it."""
    aliases = analysis.index_aliases
    if not aliases:
        return
    for domain in unguarded_domains(analysis):
        for denial in index_statements(domain, Effect.DENY):
            for term in denial.indexes:
                for alias in aliases:
                    if alias.deployment != domain.deployment or not _is_denied(term, alias.index):
                        continue
                    found = _way_around(domain, alias)
                    if found is None:
                        continue
                    caller, witness = found
                    name = analysis.caller(caller.name, domain)
                    allowed = allowing_term(domain, witness) or domain.location
                    yield Match(
                        f"`{name}` reaches the denied index `{alias.index}` as `{alias.alias}`",
                        domain.address,
                        (
                            Place(denial.place(term.term), "this denies the index by its name"),
                            Place(alias.location, "its alias"),
                            Place(allowed, "the alias is allowed here"),
                        ),
                        witness=witness,
                        principal=name,
                    )


def _is_denied(term: IndexTerm, index: str) -> bool:
    """Whether the resource names the index, as a whole or by its beginning."""
    return term.index == index or (f"/{term.index}*" in term.term.text and index.startswith(term.index))


def _way_around(domain: Domain, alias: IndexAlias) -> tuple[Caller, Witness] | None:
    """A caller who may not search the index and may search its alias, with the request."""
    for caller in callers_of(domain):
        if ask(domain, caller.principal, actions=READ[:1], paths=(f"{alias.index}/_search",)) is not None:
            continue
        witness = ask(domain, caller.principal, actions=READ[:1], paths=(f"{alias.alias}/_search",))
        if witness is not None:
            return caller, witness
    return None


RULE = Rule(
    "OSR144",
    "alias-not-denied",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, ALIASES),
    remedy="deny the alias too, or use fine-grained access control, which resolves it",
)
