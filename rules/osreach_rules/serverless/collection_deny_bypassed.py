"""Reports a Deny of policies for one collection that a wildcard walks around.

A Deny with the condition `aoss:collection` forbids policies that name the
collection. A policy for `collection/*` or `index/*/*` bears on it all the same
and does not name it, so whoever may otherwise make policies can still open the
collection. Limit the Allow to the collections that are meant instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Condition, Effect, Statement
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    ACCESS_POLICIES,
    SECURITY_POLICIES,
    holds_when_absent,
    is_on_collections,
    listed_actions,
    others_with,
    spoken,
    takes_everything,
)

_POLICIES = (*ACCESS_POLICIES, *SECURITY_POLICIES)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such Deny whose holder is allowed the action without a condition on collections."""
    for held in spoken(analysis):
        condition = _limit(held.statement)
        if not held.denies or condition is None:
            continue
        for action in _POLICIES:
            allow = _allow(held, action)
            if allow is None or not any(
                one.names_one_of((action,)) for one in listed_actions(held.statement)
            ):
                continue
            names = " and ".join(f"`{analysis.words(value.text)}`" for value in condition.values[:2])
            certain = condition.operator == "StringEquals" and not allow.conditions
            yield Match(
                f"this Deny is about policies that name {names}, and one for `collection/*` names it not",
                held.policy.name,
                (
                    Place(condition.location or held.location, "the condition"),
                    Place(allow.location or held.location, f"`{action}` is allowed here"),
                ),
                confidence=Confidence.CERTAIN if certain else Confidence.POSSIBLE,
            )
            break


def _limit(statement: Statement) -> Condition | None:
    """The only condition of the statement where it is one on the names of collections."""
    if len(statement.conditions) != 1 or statement.conditions_unknown:
        return None
    condition = statement.conditions[0]
    if not is_on_collections(condition) or holds_when_absent(condition):
        return None
    if not condition.operator.startswith("String"):
        return None
    texts = [value.text for value in condition.values]
    open_ended = any(text.startswith("*") or (len(text) == 1 and has_hole(text)) for text in texts)
    return None if open_ended or not texts else condition


def _allow(held: Held, action: str) -> Statement | None:
    """A statement that allows the holder the action for every collection."""
    return next(
        (
            statement
            for statement in others_with(held, action, Effect.ALLOW)
            if takes_everything(statement)
            and not statement.conditions_unknown
            and not any(map(is_on_collections, statement.conditions))
        ),
        None,
    )


RULE = Rule(
    "OSR335",
    "collection-deny-bypassed",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES),
    remedy="limit the Allow with `aoss:collection` and `aoss:index` to the collections that are meant",
)
