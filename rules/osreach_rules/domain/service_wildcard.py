"""Notes `es:*` in the access policy of a domain, which says more than it does.

There it means the same as `es:ESHttp*`. In an identity policy the same words
would give the whole configuration too, so a copied statement surprises.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of `es:*`."""
    for found in analysis.statements:
        if found.statement.effect is not Effect.ALLOW or found.statement.actions.negated:
            continue
        for term in found.statement.actions.terms:
            if term.text.lower() in ("es:*", "*"):
                yield Match(
                    f"`{term.text}` means no more than `es:ESHttp*` in the access policy of a domain",
                    found.domain.address,
                    (Place(term.location or found.location, "this action"),),
                )


RULE = Rule(
    "OSR112",
    "service-wildcard",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="write `es:ESHttp*`, or the verbs that are needed",
)
