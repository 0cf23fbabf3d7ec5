"""Reports a grant of a key in IAM that the key's policy keeps from having any effect.

Policies of IAM count for a key only where its key policy leaves that to the
account. Where it does not, the key policy itself has to name the principal.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.ineffective import ineffective_grants
from osreach_rules.references import DEFAULT_KEY_POLICY, KEY_EVALUATION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each grant to a key that stays denied because of the key policy alone."""
    for one in ineffective_grants(analysis):
        policy = one.key.policies[0]
        yield Match(
            f"this does not let `{one.caller.address}` use `{one.key.address}`, whose policy"
            " neither names it nor leaves the key to the account",
            one.key.address,
            (
                Place(one.location, "the grant"),
                Place(policy.document.location or policy.location, "the key policy"),
            ),
            principal=one.caller.address,
        )


RULE = Rule(
    "OSR503",
    "ineffective-key-grant",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DEFAULT_KEY_POLICY, KEY_EVALUATION),
    remedy="name the principal in the key policy, or allow `kms:*` to the account's root there",
)
