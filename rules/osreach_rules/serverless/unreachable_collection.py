"""Reports a collection that no network policy of the code covers.

Until a network policy matches its name, no request reaches a collection, neither
from the internet nor through a VPC endpoint. The policy may be elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.serverless_network import doors_of
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import ResourceType
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_NETWORK, SERVERLESS_SECURITY
from osreach_rules.serverless.policies import ByCollection, deployments, patterns_of


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each collection of the code that certainly no network policy of the code matches."""
    for code in deployments(analysis):
        opened = ByCollection(
            (pattern.collection, pattern)
            for policy in code.network
            for entry in policy.content.entries
            for pattern in patterns_of(entry, ResourceType.COLLECTION)
        )
        for collection in code.collections:
            if opened.named(collection.name) or doors_of(collection, analysis.model).api.openings:
                continue
            yield Match(
                f"no network policy in the code covers `{analysis.words(collection.name)}`, "
                "so no request reaches it",
                collection.address,
                (Place(collection.name_location, "the name that policies match"),),
                confidence=Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR307",
    "unreachable-collection",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_SECURITY, SERVERLESS_NETWORK),
    remedy="add a network policy that names the collection",
)
