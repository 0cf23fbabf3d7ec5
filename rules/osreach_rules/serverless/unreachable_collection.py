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
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_NETWORK, SERVERLESS_SECURITY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each collection of the code that certainly no network policy of the code matches."""
    for collection in analysis.serverless.collections:
        if collection.defined and not doors_of(collection, analysis.model).api.openings:
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
