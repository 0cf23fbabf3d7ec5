"""Reports endpoints or services in a network policy that have no effect where they stand.

`AllowFromPublic` makes the endpoints and services beside it ignored: the policy
reads as if it were limited to them, and lets in everyone. Services never reach
Dashboards, and the only service that can be let in is `bedrock.amazonaws.com`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.check import BEDROCK
from osreach.serverless.pattern import has_hole
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import is_about


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield what is ignored in each element of a network policy."""
    for policy in analysis.serverless.network:
        for entry in policy.content.entries:
            yield from _beside_public(analysis, policy, entry)
            yield from _services(analysis, policy, entry)


def _beside_public(analysis: Analysis, policy: NetworkPolicy, entry: NetworkEntry) -> Iterator[Match]:
    sources = (*entry.endpoints, *entry.services)
    if entry.public.value is not Truth.TRUE or not sources:
        return
    first = sources[0]
    yield Match(
        f"`{analysis.words(first.text)}` limits nothing, because `AllowFromPublic` beside it lets in everyone",
        policy.address,
        (Place(first.location, "what is ignored"), Place(entry.public.location, "why")),
        confidence=Confidence.POSSIBLE if all(one.many for one in sources) else Confidence.CERTAIN,
    )


def _services(analysis: Analysis, policy: NetworkPolicy, entry: NetworkEntry) -> Iterator[Match]:
    if entry.public.value is Truth.TRUE or not entry.services:
        return
    for service in entry.services:
        if service.text != BEDROCK and not has_hole(service.text):
            yield Match(
                f"`{service.text}` is not let in, as the only service that can be is `{BEDROCK}`",
                policy.address,
                (Place(service.location, "the service"),),
                severity=Severity.LOW,
                remedy=f"remove it, or let in `{BEDROCK}`",
            )
    if (
        not entry.rules
        or entry.partial
        or not all(is_about(one, ResourceType.DASHBOARD) for one in entry.rules)
    ):
        return
    first = entry.services[0]
    yield Match(
        f"`{analysis.words(first.text)}` is not let in, as services never reach Dashboards",
        policy.address,
        (Place(first.location, "the service"), Place(entry.rules[0].location, "a rule for Dashboards")),
        severity=Severity.LOW,
        remedy="let the service in by a rule with the resource type `collection`",
    )


RULE = Rule(
    "OSR304",
    "ignored-network-source",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK,),
    remedy="set `AllowFromPublic` to false, or remove the endpoints and services beside it",
)
