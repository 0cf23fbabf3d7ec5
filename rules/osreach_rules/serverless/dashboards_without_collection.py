"""Reports a network rule for Dashboards that nobody can use.

Dashboards ask the collection on behalf of the user, so they work only where the
collection can be reached from the same source. A rule for Dashboards without one
for the collection, or with other VPC endpoints, shows an empty page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import covers, equal, has_hole
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern, Written
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import ByCollection, Deployment, deployments, patterns_of


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each pattern for Dashboards whose collections no rule opens to the same source."""
    for code in deployments(analysis):
        if not any(map(_is_open_ended, code.network)):
            yield from _found(analysis, code)


def _found(analysis: Analysis, code: Deployment) -> Iterator[Match]:
    opened = ByCollection(
        (pattern.collection, one)
        for policy in code.network
        for entry in policy.content.entries
        for pattern in patterns_of(entry, ResourceType.COLLECTION)
        for one in (_Opened(policy.account, entry, pattern),)
    )
    for policy in code.network:
        for entry in policy.content.entries:
            closed = entry.public.value is Truth.FALSE and not entry.endpoints
            if closed or entry.public.value is Truth.UNKNOWN or any(map(_is_unknown, entry.endpoints)):
                continue
            for pattern in patterns_of(entry, ResourceType.DASHBOARD):
                if pattern.many or not pattern.collection:
                    continue
                names = [one.name for one in code.meant(pattern)]
                beside = [
                    one
                    for name in (pattern.collection, *names)
                    for one in opened.about(name)
                    if one.account == policy.account and _may_mean(one, names or [pattern.collection])
                ]
                if not any(_shares_source(one.entry, entry) for one in beside):
                    yield _match(analysis, policy, pattern, beside, known=bool(names))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A pattern of an element that opens collections, in an account."""

    account: str
    entry: NetworkEntry
    pattern: Pattern


def _may_mean(opened: _Opened, names: list[str]) -> bool:
    """Whether the pattern may mean one of the collections."""
    pattern = opened.pattern.collection
    return any(
        covers(pattern, name) is not Truth.FALSE or covers(name, pattern) is not Truth.FALSE for name in names
    )


def _is_open_ended(policy: NetworkPolicy) -> bool:
    """Whether the policy may open more collections than are known."""
    return policy.content.partial or any(
        entry.partial
        or any(
            rule.partial
            or rule.resource_type is None
            or has_hole(rule.resource_type.text)
            or any(one.many or not one.collection for one in rule.resources)
            for rule in entry.rules
        )
        for entry in policy.content.entries
    )


def _is_unknown(endpoint: Written) -> bool:
    return endpoint.many


def _shares_source(one: NetworkEntry, other: NetworkEntry) -> bool:
    """Whether a request can come in by both: what is public is open to every VPC endpoint too."""
    if one.public.value is not Truth.FALSE or other.public.value is not Truth.FALSE:
        return bool(
            (one.public.value is not Truth.FALSE or one.endpoints)
            and (other.public.value is not Truth.FALSE or other.endpoints)
        )
    return any(
        first.many or second.many or equal(first.text, second.text) is not Truth.FALSE
        for first in one.endpoints
        for second in other.endpoints
    )


def _match(
    analysis: Analysis,
    policy: NetworkPolicy,
    pattern: Pattern,
    beside: list[_Opened],
    *,
    known: bool,
) -> Match:
    elsewhere = next(
        (one for one in beside if covers(one.pattern.collection, pattern.collection) is Truth.TRUE), None
    )
    why = "no rule lets the same source reach the collection" if elsewhere else "no rule opens the collection"
    places = [Place(pattern.location, "the rule for Dashboards")]
    if elsewhere is not None:
        places.append(Place(elsewhere.pattern.location, "the collection is opened to others"))
    return Match(
        f"Dashboards of `{analysis.words(pattern.collection)}` cannot be used, because {why}",
        policy.address,
        tuple(places),
        confidence=Confidence.CERTAIN if known else Confidence.POSSIBLE,
    )


RULE = Rule(
    "OSR305",
    "dashboards-without-collection",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK,),
    remedy="add a rule with the resource type `collection` for the same endpoints",
)
