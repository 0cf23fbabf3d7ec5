"""Reports a policy whose name or length OpenSearch Serverless refuses.

Names of policies have 3 to 32 lower-case letters, digits and hyphens and begin
with a letter, and a policy has at most 20,480 characters. AWS says so at
deployment only.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.fault import FaultKind
from osreach_rules.references import SERVERLESS_DATA_ACCESS

_NOTES = {FaultKind.WRONG_NAME: "the name", FaultKind.TOO_LONG: "the policy"}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such name and each policy that is too long."""
    for policy in analysis.serverless.policies:
        for fault in policy.faults:
            if fault.kind in _NOTES:
                yield Match(
                    analysis.words(fault.message),
                    policy.address,
                    (Place(fault.location, _NOTES[fault.kind]),),
                )


RULE = Rule(
    "OSR352",
    "refused-name-or-length",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS,),
    remedy="shorten it, and use lower-case letters, digits and hyphens in names",
)
