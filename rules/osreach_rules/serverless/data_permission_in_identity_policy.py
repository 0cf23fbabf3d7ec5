"""Reports a permission of data access policies in a policy of IAM.

`aoss:ReadDocument` and its like are permissions that data access policies grant, not
actions of IAM: a policy of IAM with them allows and denies nothing. Creating,
changing and deleting indexes exists in both.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.data.actions import action
from osreach.iam.document import PolicyKind
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import spelled
from osreach_rules.identity.statements import written
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_DATA_ACCESS
from osreach_rules.serverless.policies import listed

_KINDS = frozenset(
    {PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with actions that are none of IAM and permissions of data access policies."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for held in written(analysis, _KINDS):
        found = {
            permission: term
            for term in held.statement.actions.terms
            if (permission := spelled(term.text)) is not None and action(permission) is None
        }
        if not found:
            continue
        several = len(found) > 1
        effect = ("deny" if several else "denies") if held.denies else ("allow" if several else "allows")
        yield Match(
            f"{listed(found)} {effect} nothing here, as only data access policies grant "
            f"{'them' if several else 'it'}",
            held.policy.name,
            tuple(Place(held.place(term), "a permission of data access policies") for term in found.values()),
            severity=Severity.MEDIUM if held.denies else None,
        )


RULE = Rule(
    "OSR319",
    "data-permission-in-identity-policy",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_ACTIONS),
    remedy="grant it in a data access policy, and allow `aoss:APIAccessAll` here",
)
