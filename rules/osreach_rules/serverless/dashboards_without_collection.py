"""Reports a network rule for Dashboards that nobody can use.

Dashboards ask the collection on behalf of the user, so they work only where the
collection can be reached from the same source. A rule for Dashboards without one
for the collection, or with other VPC endpoints, shows an empty page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import covers, equal, has_hole
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern, Written
from osreach.serverless.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import Deployment, deployments, patterns_of


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each pattern for Dashboards whose collections no rule opens to the same source."""
    for code in deployments(analysis):
        if not any(map(_is_open_ended, code.network)):
            yield from _found(analysis, code)


def _found(analysis: Analysis, code: Deployment) -> Iterator[Match]:
    for policy in code.network:
        others = [other for other in code.network if other.account == policy.account]
        for entry in policy.content.entries:
            closed = entry.public.value is Truth.FALSE and not entry.endpoints
            if closed or entry.public.value is Truth.UNKNOWN or any(map(_is_unknown, entry.endpoints)):
                continue
            for pattern in patterns_of(entry, ResourceType.DASHBOARD):
                if pattern.many or not pattern.collection:
                    continue
                beside = [one for other in others for one in other.content.entries]
                if any(_opens(code, one, entry, pattern) for one in beside):
                    continue
                yield _match(analysis, policy, pattern, beside, known=bool(code.meant(pattern)))


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


def _opens(code: Deployment, one: NetworkEntry, dashboards: NetworkEntry, pattern: Pattern) -> bool:
    """Whether an element may open collections of the pattern to a source from which Dashboards are reached."""
    if not _shares_source(one, dashboards):
        return False
    collections = code.meant(pattern)
    names = [collection.name for collection in collections] or [pattern.collection]
    return any(
        covers(opened.collection, name) is not Truth.FALSE
        or covers(name, opened.collection) is not Truth.FALSE
        for opened in patterns_of(one, ResourceType.COLLECTION)
        for name in names
    )


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
    beside: Iterable[NetworkEntry],
    *,
    known: bool,
) -> Match:
    elsewhere = next(
        (
            opened
            for one in beside
            for opened in patterns_of(one, ResourceType.COLLECTION)
            if covers(opened.collection, pattern.collection) is Truth.TRUE
        ),
        None,
    )
    why = "no rule lets the same source reach the collection" if elsewhere else "no rule opens the collection"
    places = [Place(pattern.location, "the rule for Dashboards")]
    if elsewhere is not None:
        places.append(Place(elsewhere.location, "the collection is opened to others"))
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
