"""Reports a Deny that callers who do not sign walk past.

An unsigned request has no `aws:PrincipalArn` and no other key about a caller.
A condition such as `StringEquals` does not hold for a key that is not there,
so the Deny does not apply to exactly those of whom least is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import is_anyone
from osreach.evaluate.exposure import Reach
from osreach.iam.document import Condition, Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.opening import opening_places
from osreach_rules.references import CONDITION_KEYS, CONDITION_OPERATORS

_OF_CALLERS = ("aws:principal", "aws:userid", "aws:username")
_ALSO_UNSIGNED = "aws:principaltype"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny for everyone with such a condition beside access without signing."""
    for domain in analysis.domains:
        unsigned = analysis.unsigned(domain)
        if unsigned.reach is Reach.NOBODY or unsigned.witness is None:
            continue
        for found in analysis.statements:
            statement = found.statement
            if found.domain is not domain or statement.effect is not Effect.DENY:
                continue
            if statement.principals is None or not any(map(is_anyone, statement.principals.terms)):
                continue
            condition = next(filter(_needs_a_caller, statement.conditions), None)
            if condition is not None:
                yield Match(
                    f"this Deny does not apply to callers who do not sign: they have no `{condition.key}`",
                    domain.address,
                    (
                        Place(condition.location or found.location, "the condition"),
                        *opening_places(domain, unsigned.witness)[:1],
                    ),
                    witness=unsigned.witness,
                    confidence=unsigned.confidence,
                )


def _needs_a_caller(condition: Condition) -> bool:
    key = condition.key.lower()
    positive = "Not" not in condition.operator and condition.operator != "Null"
    return positive and not condition.if_exists and key.startswith(_OF_CALLERS) and key != _ALSO_UNSIGNED


RULE = Rule(
    "OSR139",
    "deny-misses-unsigned",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CONDITION_OPERATORS, CONDITION_KEYS),
    remedy="turn the condition round: deny all but those that are meant, with `ArnNotEquals` or `StringNotEquals`",
)
