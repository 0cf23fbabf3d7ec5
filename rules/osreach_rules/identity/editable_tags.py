"""Reports access by tags for someone who can set the tags.

A condition on `aws:ResourceTag` lets the tags of a domain decide. Whoever may
also call `es:AddTags` on other domains gives them the tag, and with it access
to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.standing import standing_of
from osreach.iam.document import Condition, Effect, Statement
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import Held, allows, covered, first_covering, is_whole_service
from osreach_rules.references import ACCESS_CONTROL, SERVICE_AUTHORIZATION

_TAGGING = ("es:AddTags", "es:RemoveTags")
_LIMITS = ("aws:tagkeys", "aws:requesttag/", "aws:resourcetag/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow by tag whose holder has an Allow of tagging without limits."""
    for held in allows(analysis):
        condition = _tag_condition(held)
        if condition is None:
            continue
        for holder in held.policy.holders:
            tagging = None if is_administrator(holder) else _tagging(analysis, holder)
            if tagging is None:
                continue
            action = first_covering(tagging.statement.actions, _TAGGING)
            place = tagging.place(action) if action is not None else tagging.location
            yield Match(
                f"tags decide what `{holder.address}` can reach, and it can set them itself",
                held.policy.name,
                (
                    Place(condition.location or held.location, "the condition on a tag"),
                    Place(place, "this sets tags of any domain"),
                ),
                principal=holder.address,
            )


def _tag_condition(held: Held) -> Condition | None:
    if not any(covered(term.text) for term in held.statement.actions.terms):
        return None
    return next(
        (one for one in held.statement.conditions if one.key.lower().startswith("aws:resourcetag/")), None
    )


def _tagging(analysis: Analysis, holder: Identity) -> Held | None:
    """A statement that lets the holder set tags of any kind; None where a Deny may take that back."""
    policies = standing_of(holder, analysis.model).policies
    if any(
        statement.effect is Effect.DENY and _sets_tags(statement)
        for policy in policies
        for statement in policy.document.statements
    ):
        return None
    documents = {id(policy.document) for policy in policies}
    for policy in analysis.identity_policies:
        if id(policy.document) not in documents or policy.managed:
            continue
        for statement in policy.document.statements:
            limited = any(one.key.lower().startswith(_LIMITS) for one in statement.conditions)
            if statement.effect is Effect.ALLOW and _sets_tags(statement) and not limited:
                return Held(policy, statement)
    return None


def _sets_tags(statement: Statement) -> bool:
    if statement.actions.negated:
        return False
    return (
        any(is_whole_service(term.text) for term in statement.actions.terms)
        or first_covering(statement.actions, _TAGGING) is not None
    )


RULE = Rule(
    "OSR413",
    "editable-tags",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, SERVICE_AUTHORIZATION),
    remedy="deny `es:AddTags` and `es:RemoveTags`, or limit them with `aws:TagKeys`",
)
