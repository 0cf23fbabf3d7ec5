"""Reports an action in a key policy that no key policy decides about.

`kms:ListKeys`, `kms:ListAliases` and `kms:CreateKey` are not done to a key, so
only policies of IAM can grant them.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import key_statements, once_a_place
from osreach_rules.references import DEFAULT_KEY_POLICY

_WITHOUT_KEY = frozenset({"kms:listkeys", "kms:listaliases", "kms:createkey"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such action that is written out; patterns may mean others."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for found in key_statements(analysis):
        for term in found.statement.actions.terms:
            if term.text.lower() in _WITHOUT_KEY:
                yield Match(
                    f"`{term.text}` has no effect in the policy of `{found.key.address}`",
                    found.key.address,
                    (Place(term.location or found.location, "the action"),),
                )


RULE = Rule(
    "OSR515",
    "action-without-key",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(DEFAULT_KEY_POLICY,),
    remedy="grant it in a policy of IAM",
)
