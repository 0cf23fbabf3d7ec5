"""Reports a public network rule that overrides a private one for the same collection.

Where several network policies cover a collection, or its Dashboards, the most
open one wins: one public rule lets the internet in, and the VPC endpoints and
services that other rules name limit nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import covers, name_matches
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern, Written
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import ByCollection, Deployment, deployments, patterns_of

_KINDS = (ResourceType.COLLECTION, ResourceType.DASHBOARD)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each public pattern that takes in what a private rule of the same deployment is about."""
    for code in deployments(analysis):
        for kind in _KINDS:
            private = ByCollection((one.pattern.collection, one) for one in _private(code, kind))
            for policy in code.network:
                for entry in policy.content.entries:
                    if entry.public.value is not Truth.TRUE:
                        continue
                    for pattern in patterns_of(entry, kind):
                        found = _overridden(code, private, policy, pattern)
                        if found is not None:
                            yield _match(analysis, policy, entry, kind, pattern, found)


@dataclass(frozen=True, slots=True)
class _Private:
    """A pattern of a rule that is not public, and the first thing that it lets in."""

    policy: NetworkPolicy
    pattern: Pattern
    source: Written


def _private(code: Deployment, kind: ResourceType) -> Iterator[_Private]:
    for policy in code.network:
        for entry in policy.content.entries:
            sources = (*entry.endpoints, *(entry.services if kind is ResourceType.COLLECTION else ()))
            if entry.public.value is Truth.FALSE and sources:
                yield from (_Private(policy, one, sources[0]) for one in patterns_of(entry, kind))


def _overridden(
    code: Deployment, private: ByCollection[_Private], policy: NetworkPolicy, pattern: Pattern
) -> _Private | None:
    """A private rule whose limit is gone."""
    return next(
        (
            one
            for one in private.about(pattern.collection)
            if one.policy.account == policy.account and _takes_in(code, pattern, one.pattern)
        ),
        None,
    )


def _takes_in(code: Deployment, public: Pattern, private: Pattern) -> bool:
    """Whether the public pattern certainly means a collection that the private one means."""
    if public.many or private.many or not public.collection or not private.collection:
        return False
    if covers(public.collection, private.collection) is Truth.TRUE:
        return True
    return any(name_matches(private.collection, one.name) is Truth.TRUE for one in code.meant(public))


def _match(
    analysis: Analysis,
    policy: NetworkPolicy,
    entry: NetworkEntry,
    kind: ResourceType,
    pattern: Pattern,
    found: _Private,
) -> Match:
    name = analysis.words(found.pattern.collection)
    what = f"Dashboards of `{name}`" if kind is ResourceType.DASHBOARD else f"`{name}`"
    return Match(
        f"{what} can be reached from the internet although `{found.policy.address}` lets in "
        f"`{analysis.words(found.source.text)}` only",
        policy.address,
        (
            Place(pattern.location, "the public rule, which wins"),
            Place(entry.public.location, "requests come from anywhere"),
            Place(found.pattern.location, "the private rule"),
            Place(found.source.location, "what it lets in"),
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
