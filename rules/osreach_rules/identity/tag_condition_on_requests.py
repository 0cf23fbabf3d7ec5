"""Notes that the tags of a domain decide about requests to it.

That works for domains with service software R20211203 or later only, and a
domain that is older must have had a tag added or removed since. Until then a
condition on `aws:ResourceTag` does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.statements import written
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each condition on a tag of the resource in a statement about HTTP requests."""
    for held in written(analysis):
        if held.statement.actions.negated or not http_actions(held.statement.actions):
            continue
        for condition in held.statement.conditions:
            if condition.key.lower().startswith("aws:resourcetag/"):
                yield Match(
                    f"`{condition.key}` decides about requests only on domains whose tags were set since "
                    "the update of December 2021",
                    held.policy.name,
                    (Place(condition.location or held.location, "the condition"),),
                )


RULE = Rule(
    "OSR414",
    "tag-condition-on-requests",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="update the domain's service software, then add or remove a tag of it",
)
