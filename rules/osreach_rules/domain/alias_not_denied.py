"""Reports an index that is denied by its name and reached by its alias.

A policy sees the path of a request. `GET /orders/_search` is denied
where the policy denies `orders`; the same search through an alias of the index
has another path, which no statement denies.

The same is asked of the policies of an identity about a domain of the code, together
with all that counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.index_alias import IndexAlias
from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import READ, IndexTerm
from osreach_rules.domain.sides import Party, Side, Way, unguarded
from osreach_rules.references import ACCESS_CONTROL, ALIASES


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each alias through which a caller reaches an index that is denied to it."""
    aliases = analysis.index_aliases
    if not aliases:
        return
    for side in unguarded(analysis):
        own = tuple(alias for alias in aliases if alias.deployment == side.domain.deployment)
        yield from side.told(_reached(side, own))


def _reached(side: Side, aliases: tuple[IndexAlias, ...]) -> Iterator[Match]:
    for denial in side.naming(Effect.DENY):
        for term in denial.indexes:
            for alias in aliases:
                found = _way_around(side, alias) if _is_denied(term, alias.index) else None
                if found is None:
                    continue
                party, way = found
                yield Match(
                    f"`{party.name}` reaches the denied index `{alias.index}` as `{alias.alias}`",
                    side.domain.address,
                    (
                        Place(denial.place(term.term), "this denies the index by its name"),
                        Place(alias.location, "its alias"),
                        Place(way.allowed or side.domain.location, "the alias is allowed here"),
                    ),
                    witness=way.witness,
                    principal=party.name,
                )


def _is_denied(term: IndexTerm, index: str) -> bool:
    """Whether the resource names the index, as a whole or by its beginning."""
    return term.index == index or (f"/{term.index}*" in term.term.text and index.startswith(term.index))


def _way_around(side: Side, alias: IndexAlias) -> tuple[Party, Way] | None:
    """A caller who may not search the index and may search its alias, with the request."""
    for party in side.parties:
        if party.ask(READ[:1], f"{alias.index}/_search") is not None:
            continue
        way = party.ask(READ[:1], f"{alias.alias}/_search")
        if way is not None:
            return party, way
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
