"""From where network policies let requests reach a collection and its Dashboards.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from osreach.serverless.access import type_matches
from osreach.serverless.pattern import equal, resource_matches
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkContent, NetworkEntry, Pattern, Written
from osreach.truth import Truth, any_of


@dataclass(frozen=True, slots=True)
class NetworkBearing:
    """A network policy that bears on the collection: `certain` is false where that is not known."""

    source: str
    content: NetworkContent
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """An element of a policy with a rule for the endpoint; `entry` is None where the policy may say more."""

    source: str
    truth: Truth
    entry: NetworkEntry | None = None
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Openness:
    """From where an endpoint is reached.

    `public` beats everything else: then requests come from the internet and
    from every VPC endpoint and service. `endpoints` and `services` of several
    policies add up, each with whether its element certainly bears on the
    collection; those beside `AllowFromPublic` are left out, as they are ignored.
    """

    public: Truth
    endpoints: tuple[tuple[Written, Truth], ...] = ()
    services: tuple[tuple[Written, Truth], ...] = ()
    openings: tuple[Opening, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether it is certain that nobody comes in from the internet."""
        return self.public is Truth.FALSE

    @property
    def partial(self) -> bool:
        """Whether policies may say more than is known."""
        return any(one.entry is None or one.entry.partial for one in self.openings)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request comes from, as far as it is known.

    `endpoint` is the VPC endpoint, `service` an AWS service that calls for the
    user; `internet` says that it is none of the two.
    """

    endpoint: str = ""
    service: str = ""
    internet: bool = False


@dataclass(frozen=True, slots=True)
class NetworkDecision:
    """Whether a request comes in, and through which elements of policies."""

    truth: Truth
    openings: tuple[Opening, ...] = ()


def openness(
    policies: Sequence[NetworkBearing], collection: str, kind: ResourceType = ResourceType.COLLECTION
) -> Openness:
    """From where the endpoint of the collection, or that of its Dashboards, is reached."""
    openings = tuple(_openings(policies, collection, kind))
    public = any_of(
        Truth.UNKNOWN if one.entry is None else min(one.truth, one.entry.public.value) for one in openings
    )
    endpoints: list[tuple[Written, Truth]] = []
    services: list[tuple[Written, Truth]] = []
    for one in openings:
        if one.entry is None or one.entry.public.value is Truth.TRUE:
            continue
        endpoints.extend((written, one.truth) for written in one.entry.endpoints)
        if kind is ResourceType.COLLECTION:
            services.extend((written, one.truth) for written in one.entry.services)
    return Openness(public, tuple(endpoints), tuple(services), openings)


def _openings(policies: Sequence[NetworkBearing], collection: str, kind: ResourceType) -> list[Opening]:
    found: list[Opening] = []
    for policy in policies:
        most = Truth.TRUE if policy.certain else Truth.UNKNOWN
        if policy.content.partial:
            found.append(Opening(policy.source, Truth.UNKNOWN))
        for entry in policy.content.entries:
            best: tuple[Truth, Pattern | None] = (Truth.FALSE, None)
            for rule in entry.rules:
                about = type_matches(rule, kind)
                for pattern in rule.resources:
                    if pattern.impossible:
                        continue
                    truth = min(most, about, resource_matches(pattern.text, f"collection/{collection}"))
                    if truth > best[0]:
                        best = truth, pattern
                if rule.partial and not rule.resources and about is not Truth.FALSE and best[1] is None:
                    best = Truth.UNKNOWN, None
            if best[0] is Truth.FALSE and entry.partial:
                best = Truth.UNKNOWN, None
            if best[0] is not Truth.FALSE:
                found.append(Opening(policy.source, best[0], entry, best[1]))
    return found


def decide_network(opened: Openness, source: Source) -> NetworkDecision:
    """Whether a request from `source` comes in.

    A request of which nothing is known comes in where there is any way in.
    """
    open_to_all = tuple(
        one for one in opened.openings if one.entry is not None and one.entry.public.value is not Truth.FALSE
    )
    if opened.public is Truth.TRUE:
        certain = tuple(
            one
            for one in open_to_all
            if one.truth is Truth.TRUE and one.entry and one.entry.public.value is Truth.TRUE
        )
        return NetworkDecision(Truth.TRUE, certain)
    ways: list[tuple[Truth, Opening]] = []
    for one in opened.openings:
        if one.entry is None:
            ways.append((Truth.UNKNOWN, one))
            continue
        truth = min(one.truth, _lets_in(one.entry, source, services=bool(opened.services)))
        if one.entry.partial:
            truth = max(truth, Truth.UNKNOWN)
        if truth is not Truth.FALSE:
            ways.append((truth, one))
    best = any_of(truth for truth, _ in ways)
    return NetworkDecision(best, tuple(one for truth, one in ways if truth is best))


def _lets_in(entry: NetworkEntry, source: Source, *, services: bool) -> Truth:
    """Whether an element that is not certainly public lets the request in."""
    public = entry.public.value
    if source.endpoint:
        return max(public, any_of(_is(source.endpoint, one) for one in entry.endpoints))
    if source.service:
        listed = any_of(_is(source.service, one) for one in entry.services) if services else Truth.FALSE
        return max(public, listed)
    if source.internet:
        return public
    return max(public, Truth.TRUE if entry.endpoints else Truth.FALSE)


def _is(wanted: str, one: Written) -> Truth:
    return Truth.UNKNOWN if one.many else equal(wanted, one.text)
