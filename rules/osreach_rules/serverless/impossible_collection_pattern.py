"""Reports a resource of a policy that no collection or index can have.

Policies of OpenSearch Serverless name resources as `collection/NAME` and
`index/COLLECTION/INDEX`, each part a name or its beginning with `*` behind it, by
the collection's name in lower case. An ARN, an id or an upper-case letter
matches nothing, so the collection stays without what the policy was to give it, and a
`*` elsewhere than at the end is not documented. A collection with a name that no
pattern can match is reported too.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.fault import FaultKind
from osreach.serverless.pattern import is_documented
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_ENCRYPTION, SERVERLESS_NETWORK
from osreach_rules.serverless.policies import faults

_KINDS = frozenset({FaultKind.IMPOSSIBLE_PATTERN})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such resource of a policy, and each such name of a collection."""
    for address, fault in faults(analysis, _KINDS):
        documented = all(map(is_documented, fault.subject.split("/")))
        yield Match(
            analysis.words(fault.message),
            address,
            (Place(fault.location, "the resource"),),
            confidence=Confidence.CERTAIN if documented else Confidence.POSSIBLE,
        )
    for collection in analysis.serverless.collections:
        for fault in collection.faults:
            if fault.kind is FaultKind.WRONG_NAME:
                yield Match(
                    analysis.words(fault.message),
                    collection.address,
                    (Place(fault.location, "the name"),),
                    remedy="use lower-case letters, digits and `-`",
                )


RULE = Rule(
    "OSR321",
    "impossible-collection-pattern",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_NETWORK, SERVERLESS_ENCRYPTION),
    remedy="write `collection/NAME` or `index/COLLECTION/INDEX`, with `*` at the end of a part only",
)
