"""Reports `StringLike` with a name that holds no wildcard, where policies are limited to collections.

To IAM such a value means exactly this name. The guide of OpenSearch Serverless
says that `StringLike` takes every name that contains it, `applogs123` for `log`.
Write the wildcard, or `StringEquals`, and both agree.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Condition
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held
from osreach_rules.references import CONDITION_OPERATORS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    ACCESS_POLICIES,
    SECURITY_POLICIES,
    is_on_collections,
    listed_actions,
    spoken,
)

_POLICIES = (*ACCESS_POLICIES, *SECURITY_POLICIES)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such condition in a statement about making or changing policies."""
    for held in spoken(analysis):
        if not any(one.names_one_of(_POLICIES) for one in listed_actions(held.statement)):
            continue
        for condition in held.statement.conditions:
            bare = [value for value in condition.values if _is_bare(value.text)]
            if not bare or condition.operator != "StringLike" or not is_on_collections(condition):
                continue
            if _has_counterpart(held, condition):
                continue
            name = bare[0].text
            yield Match(
                f"`StringLike` with `{name}` means this name only to IAM, and every name with it to the guide",
                held.policy.name,
                (Place(bare[0].location or condition.location or held.location, "the name"),),
                confidence=Confidence.POSSIBLE,
            )


def _is_bare(text: str) -> bool:
    return bool(text) and not has_hole(text) and not set(text) & set("*?$")


def _has_counterpart(held: Held, condition: Condition) -> bool:
    """Whether a statement of the other effect has the same condition: then both readings come to the same."""
    wanted = _content(condition)
    return any(
        statement.effect is not held.statement.effect
        and any(_content(one) == wanted for one in statement.conditions)
        for statement in held.policy.document.statements
    )


def _content(condition: Condition) -> tuple[str, str, frozenset[str]]:
    return condition.operator, condition.key.lower(), frozenset(value.text for value in condition.values)


RULE = Rule(
    "OSR333",
    "string-like-without-wildcard",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, CONDITION_OPERATORS),
    remedy="write `*` where more than this name is meant, and `StringEquals` where not",
)
