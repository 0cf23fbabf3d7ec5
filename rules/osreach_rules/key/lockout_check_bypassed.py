"""Reports a key whose policy is set without the check against locking everyone out.

KMS refuses a key policy that its author could not change again. With the check
turned off a mistake makes the key unmanageable.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import KEY_POLICY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key that turns the check off."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for key in analysis.model.keys:
        if key.lockout_check_bypassed.is_certainly(value=True):
            yield Match(
                f"the policy of `{key.address}` is set without the check against locking everyone out",
                key.address,
                (Place(key.lockout_check_bypassed.location, "the check is turned off"),),
            )


RULE = Rule(
    "OSR519",
    "lockout-check-bypassed",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_POLICY,),
    remedy="leave the option out",
)
