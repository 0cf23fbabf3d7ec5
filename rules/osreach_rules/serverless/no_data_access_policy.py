"""Notes a collection that no data access policy of the code names.

Without one nobody reads or writes its data, whoever made the collection and
whatever IAM allows. The policy may be made elsewhere, by the console or by
another part of the deployment.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.serverless_bearing import data_access
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_SECURITY
from osreach_rules.serverless.bearing import may_grant


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such collection."""
    for collection in analysis.serverless.collections:
        contents = (one.content for one in data_access(collection, analysis.model))
        if collection.defined and not collection.faults and not may_grant(contents, collection.name):
            yield Match(
                f"no data access policy of the code grants anybody the data of `{collection.address}`",
                collection.address,
                (Place(collection.location, "the collection"),),
                confidence=Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR339",
    "no-data-access-policy",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_SECURITY),
    remedy="add a data access policy for the collection and its indexes",
)
