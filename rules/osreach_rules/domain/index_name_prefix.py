"""Notes a wildcard behind the name of an index that takes in another index too.

`orders*` also means `ordersarchive`. With a delimiter in the names, `orders-*`,
the pattern means what it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import IndexStatement, IndexTerm, index_statements, unguarded_domains
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such pattern beside another statement about an index whose name goes on after it."""
    for domain in unguarded_domains(analysis):
        known = [
            (statement, one)
            for effect in (Effect.ALLOW, Effect.DENY)
            for statement in index_statements(domain, effect)
            for one in statement.indexes
        ]
        for statement, one in known:
            other = next((each for each in known if _collides(statement, one, *each)), None)
            if other is not None and one.index:
                yield Match(
                    f"`{one.index}*` also means the index `{other[1].index}`",
                    domain.address,
                    (
                        Place(statement.place(one.term), "the pattern"),
                        Place(other[0].place(other[1].term), "the other index"),
                    ),
                )


def _collides(
    statement: IndexStatement, one: IndexTerm, other_statement: IndexStatement, other: IndexTerm
) -> bool:
    if statement is other_statement or f"/{one.index}*" not in one.term.text:
        return False
    rest = other.index.removeprefix(one.index)
    return other.index.startswith(one.index) and rest[:1].isalnum() and one.index[-1:].isalnum()


RULE = Rule(
    "OSR143",
    "index-name-prefix",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="end the common part of the names with a delimiter, and the pattern with it",
)
