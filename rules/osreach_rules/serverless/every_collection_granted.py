"""Reports a data access policy that gives everything on every collection.

Data access policies have no deny, and the most permissive one wins: a rule with
`aoss:*` on `index/*/*` gives all data of all collections, also of those to come,
and no other policy takes it back. Nothing is said of administrators and of whoever
deploys the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import DataAccessPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import AccessEntry
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_DATA_ACCESS
from osreach_rules.serverless.policies import (
    Principals,
    is_about,
    is_every_resource,
    is_everything_granted,
    listed,
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each element of a data access policy with such a rule for somebody who does not administer."""
    principals = Principals(analysis) if analysis.serverless.data_access else None
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            if principals is not None:
                yield from _element(analysis, policy, entry, principals)


def _element(
    analysis: Analysis, policy: DataAccessPolicy, entry: AccessEntry, principals: Principals
) -> Iterator[Match]:
    rules = [rule for rule in entry.rules if is_everything_granted(rule)]
    if not rules:
        return
    who = [one for one in entry.principals if not principals.administers(one, policy.deployment)]
    if not who:
        return
    rule = next((one for one in rules if is_about(one, ResourceType.INDEX)), rules[0])
    pattern = next(one for one in rule.resources if is_every_resource(one))
    data = is_about(rule, ResourceType.INDEX)
    names = listed(analysis.words(one.text) for one in who)
    what = "all data of every collection" if data else "everything but the data of every collection"
    yield Match(
        f"`{analysis.words(pattern.text)}` with `{rule.permissions[0].text}` gives {names} {what}",
        policy.address,
        (
            Place(pattern.location, "every collection"),
            Place(rule.permissions[0].location, "every permission"),
            Place(who[0].location, "who gets it"),
        ),
        confidence=Confidence.POSSIBLE if all(one.many for one in who) else Confidence.CERTAIN,
        severity=None if data else Severity.MEDIUM,
        principal=analysis.words(who[0].text),
    )


RULE = Rule(
    "OSR311",
    "every-collection-granted",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS,),
    remedy="name the collections and indexes, and the permissions that are needed on them",
)
