"""Reports a policy of OpenSearch Serverless that is not written as its type asks for.

Data access and network policies are lists, encryption policies one object, each with
keys that are spelt exactly (`SourceVPCEs`, `KmsARN`). AWS checks that at deployment
only: a policy with another shape, key or resource type is refused there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.fault import FaultKind
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_ENCRYPTION, SERVERLESS_NETWORK
from osreach_rules.serverless.policies import faults

_KINDS = frozenset(
    {
        FaultKind.SHAPE,
        FaultKind.UNKNOWN_KEY,
        FaultKind.MISSING_KEY,
        FaultKind.WRONG_VALUE,
        FaultKind.UNKNOWN_RESOURCE_TYPE,
    }
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such fault of a policy."""
    found = tuple(faults(analysis, _KINDS))
    meant = {
        (address, fault.message.rpartition("did you mean ")[2].strip("`?"))
        for address, fault in found
        if fault.kind is FaultKind.UNKNOWN_KEY
    }
    for address, fault in found:
        if fault.kind is FaultKind.MISSING_KEY and (address, fault.subject) in meant:
            # it is there, and misspelt
            continue
        yield Match(analysis.words(fault.message), address, (Place(fault.location, "what is wrong"),))


RULE = Rule(
    "OSR322",
    "malformed-serverless-policy",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_NETWORK, SERVERLESS_ENCRYPTION),
    remedy="write the keys and values that the documentation of the policy's type shows",
)
