"""Reports a public network rule that overrides a private one for the same collection.

Where several network policies cover a collection, or its Dashboards, the most
open one wins: one public rule lets the internet in, and the VPC endpoints and
services that other rules name limit nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import covers, name_matches
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern, Written
from osreach.serverless.truth import Truth
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import Deployment, deployments, patterns_of

_KINDS = (ResourceType.COLLECTION, ResourceType.DASHBOARD)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each public pattern that takes in what a private rule of the same deployment is about."""
    for code in deployments(analysis):
        for policy in code.network:
            for entry in policy.content.entries:
                if entry.public.value is Truth.TRUE:
                    yield from _public(analysis, code, policy, entry)


def _public(
    analysis: Analysis, code: Deployment, policy: NetworkPolicy, entry: NetworkEntry
) -> Iterator[Match]:
    for kind in _KINDS:
        for pattern in patterns_of(entry, kind):
            found = _overridden(code, policy, kind, pattern)
            if found is not None:
                yield _match(analysis, policy, entry, kind, pattern, *found)


def _overridden(
    code: Deployment, policy: NetworkPolicy, kind: ResourceType, pattern: Pattern
) -> tuple[NetworkPolicy, Pattern, Written] | None:
    """A private rule whose limit is gone, and what it lets in."""
    for other in code.network:
        if other.account != policy.account:
            continue
        for entry in other.content.entries:
            sources = (*entry.endpoints, *(entry.services if kind is ResourceType.COLLECTION else ()))
            if entry.public.value is not Truth.FALSE or not sources:
                continue
            for private in patterns_of(entry, kind):
                if _takes_in(code, pattern, private):
                    return other, private, sources[0]
    return None


def _takes_in(code: Deployment, public: Pattern, private: Pattern) -> bool:
    """Whether the public pattern certainly means a collection that the private one means."""
    if public.many or private.many or not public.collection or not private.collection:
        return False
    if covers(public.collection, private.collection) is Truth.TRUE:
        return True
    return any(
        name_matches(public.collection, one.name) is Truth.TRUE
        and name_matches(private.collection, one.name) is Truth.TRUE
        for one in code.collections
    )


def _match(
    analysis: Analysis,
    policy: NetworkPolicy,
    entry: NetworkEntry,
    kind: ResourceType,
    pattern: Pattern,
    other: NetworkPolicy,
    private: Pattern,
    source: Written,
) -> Match:
    name = analysis.words(private.collection)
    what = f"Dashboards of `{name}`" if kind is ResourceType.DASHBOARD else f"`{name}`"
    return Match(
        f"{what} can be reached from the internet although `{other.address}` lets in "
        f"`{analysis.words(source.text)}` only",
        policy.address,
        (
            Place(pattern.location, "the public rule, which wins"),
            Place(entry.public.location, "requests come from anywhere"),
            Place(private.location, "the private rule"),
            Place(source.location, "what it lets in"),
        ),
    )


RULE = Rule(
    "OSR303",
    "overridden-private-rule",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK,),
    remedy="remove the public rule, or name only collections in it that are to be public",
)
