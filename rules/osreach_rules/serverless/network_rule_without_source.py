"""Reports a network rule that lets nobody in.

A rule that is not public needs VPC endpoints or a service from which requests
come. Without any the collection cannot be reached by it, and AWS may refuse the
policy at deployment.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import ResourceType
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import listed, patterns_of


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each element of a network policy that is not public and names no source."""
    for policy in analysis.serverless.network:
        for entry in policy.content.entries:
            if entry.partial or entry.public.value is not Truth.FALSE or entry.endpoints or entry.services:
                continue
            opened = (
                *patterns_of(entry, ResourceType.COLLECTION),
                *patterns_of(entry, ResourceType.DASHBOARD),
            )
            if not opened:
                continue
            names = listed(analysis.words(one.collection or one.text) for one in opened)
            yield Match(
                f"this rule lets nobody reach {names}, because it is not public and names no VPC endpoint "
                "or service",
                policy.address,
                (
                    Place(entry.public.location, "not public"),
                    Place(opened[0].location, "what the rule is about"),
                ),
            )


RULE = Rule(
    "OSR306",
    "network-rule-without-source",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK,),
    remedy="name the VPC endpoints in `SourceVPCEs`",
)
