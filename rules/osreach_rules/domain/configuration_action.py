"""Reports an action that a domain's access policy cannot grant or deny.

The access policy decides about requests to the domain's endpoint only. Actions
of the configuration API, and those of other services, have no effect in it;
they belong into an identity policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import reaches_endpoint
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement that lists actions without any effect, at the first of them."""
    for found in analysis.statements:
        actions = found.statement.actions
        idle = [term for term in actions.terms if not has_hole(term.text) and not reaches_endpoint(term.text)]
        if actions.negated or not idle:
            continue
        denies = found.statement.effect is Effect.DENY
        names = ", ".join(f"`{term.text}`" for term in idle[:3]) + (" and more" if len(idle) > 3 else "")
        verb = "denies nothing" if denies else "has no effect"
        yield Match(
            f"{names} {verb} in the access policy of a domain",
            found.domain.address,
            tuple(Place(term.location or found.location, "this action") for term in idle),
            severity=Severity.MEDIUM if denies else None,
        )


RULE = Rule(
    "OSR111",
    "configuration-action",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="move the action into an identity policy of whoever needs it",
)
