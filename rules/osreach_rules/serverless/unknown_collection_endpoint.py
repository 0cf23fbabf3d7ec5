"""Reports a VPC endpoint in a network policy that is none of those that the code makes.

Network policies take the ids of VPC endpoints of any account, and nothing in an
id tells whose it is. Where the code makes its own endpoints, a literal id beside
them may be somebody else's door to the collection. Nothing is said where the code
makes no endpoints, as they may all be made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.policy import Written
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_VPC
from osreach_rules.serverless.policies import deployments

_LITERAL = re.compile(r"vpce-[0-9a-z]+")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each literal id beside endpoints of the same deployment."""
    for code in deployments(analysis):
        made = next((one for one in code.endpoints if one.defined), None)
        known = {one.id for one in code.endpoints}
        if made is None:
            continue
        for policy in code.network:
            for endpoint in _named(policy):
                if endpoint.text not in known and _LITERAL.fullmatch(endpoint.text):
                    yield Match(
                        f"`{endpoint.text}` is not one of the VPC endpoints that the code makes, and may be "
                        "one of another account",
                        policy.address,
                        (
                            Place(endpoint.location, "the endpoint"),
                            Place(made.location, "an endpoint that the code makes"),
                        ),
                        confidence=Confidence.POSSIBLE,
                    )


def _named(policy: NetworkPolicy) -> Iterator[Written]:
    """The endpoints that the policy does not ignore."""
    for entry in policy.content.entries:
        if entry.public.value is not Truth.TRUE:
            yield from entry.endpoints


RULE = Rule(
    "OSR308",
    "unknown-collection-endpoint",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_VPC,),
    remedy="confirm whose endpoint it is, and look it up by a data source or make it in the code",
)
