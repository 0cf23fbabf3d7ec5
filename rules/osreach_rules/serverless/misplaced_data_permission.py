"""Reports a permission of a data access policy that grants nothing where it stands.

Data access policies have permissions of their own, on collections, on indexes and on
models: an action of IAM such as `aoss:APIAccessAll` is none of them, and
`aoss:ReadDocument` is one on indexes, not on collections. `aoss:*` means all those of
the rule's type of resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.data.actions import action
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.fault import FaultKind
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_OPERATIONS
from osreach_rules.serverless.policies import faults

_KINDS = frozenset({FaultKind.UNKNOWN_PERMISSION, FaultKind.WRONG_PERMISSION})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission that is none, or one on another type of resources."""
    for address, fault in faults(analysis, _KINDS):
        message = fault.message
        if fault.kind is FaultKind.UNKNOWN_PERMISSION and action(fault.subject) is not None:
            message = f"`{fault.subject}` is an action of IAM, no permission of data access policies"
        # what a pattern other than `aoss:*` grants is not documented
        possible = "*" in fault.subject
        yield Match(
            analysis.words(message),
            address,
            (Place(fault.location, "the permission"),),
            confidence=Confidence.POSSIBLE if possible else Confidence.CERTAIN,
        )


RULE = Rule(
    "OSR320",
    "misplaced-data-permission",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_OPERATIONS),
    remedy="write a permission that is documented for the resource type of the rule",
)
