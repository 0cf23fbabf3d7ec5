"""Reports a limit to collections that says nothing about rules for indexes.

`aoss:collection` is compared with `collection/...` in the rules of a policy. The
guide says that it is not applied to `index/...`, and it is these rules that give
access to documents. Whether policies with them then pass or fail is not
documented. Limit them by `aoss:index`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held
from osreach_rules.references import SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    ACCESS_POLICIES,
    Listed,
    holds_when_absent,
    listed_actions,
    named,
    others_with,
    spoken,
)

_COLLECTION, _INDEX = "aoss:collection", "aoss:index"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of access policies that has a condition on collections and none on indexes."""
    for held in spoken(analysis):
        if held.denies or any(one.key.lower() == _INDEX for one in held.statement.conditions):
            continue
        limits = [
            one
            for one in held.statement.conditions
            if one.key.lower() == _COLLECTION
            and not holds_when_absent(one)
            and not any(is_everything(value.text) for value in one.values)
        ]
        found = [
            one
            for one in listed_actions(held.statement)
            if one.names_one_of(ACCESS_POLICIES) and not _limited_elsewhere(held, one)
        ]
        if limits and found:
            yield Match(
                f"`aoss:collection` limits {named(found)} for rules about collections only: "
                "for rules about indexes nothing is said",
                held.policy.name,
                (
                    Place(limits[0].location or held.location, "the condition"),
                    Place(held.place(found[0].term), "the action"),
                ),
                confidence=Confidence.POSSIBLE,
            )


def _limited_elsewhere(held: Held, one: Listed) -> bool:
    """Whether another Allow of the action is about indexes."""
    return any(
        condition.key.lower() == _INDEX
        for action in one.actions
        for statement in others_with(held, action.full_name, Effect.ALLOW)
        for condition in statement.conditions
    )


RULE = Rule(
    "OSR334",
    "index-rules-not-limited",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="add a statement with a condition on `aoss:index`, such as `logs/*`",
)
