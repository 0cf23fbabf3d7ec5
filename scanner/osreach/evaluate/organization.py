"""Which policies of an organization bear on an account, level by level.

Sources:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from osreach.access.identity import Attachment
from osreach.access.organization import NodeKind, Organization, OrganizationAttachment, OrganizationNode
from osreach.held import Held
from osreach.iam.document import Document, Effect, Statement, Term, Terms
from osreach.truth import Truth

FULL_ACCESS = "FullAWSAccess"
"""The policy that AWS attaches to every root, unit and account at first."""

_EVERYTHING = Terms((Term("*"),))
_FULL = Document((Statement(Effect.ALLOW, _EVERYTHING, _EVERYTHING),), "2012-10-17", source=FULL_ACCESS)
_DEEPEST = 8


def attached_to(
    organization: Organization, account: str, *, resource_control: bool
) -> tuple[tuple[tuple[Attachment, bool], ...], ...]:
    """Level by level the policies that bear on `account`, and whether each certainly does.

    Empty where the code attaches none, or where the account is the one that
    created the organization, to which they do not apply.
    """
    if account in organization.management:
        return ()
    path = _path(organization, account)
    levels: dict[str, list[tuple[Attachment, bool]]] = {}
    for one in organization.attachments:
        if one.resource_control is not resource_control:
            continue
        bears = _bears(one, organization, account, path)
        if bears is not Truth.FALSE:
            levels.setdefault(one.target, []).append((one.policy, bears is Truth.TRUE))
    return tuple(tuple(level) for level in levels.values())


def documents_for(
    organization: Organization, account: str, *, resource_control: bool
) -> tuple[tuple[Document, ...], ...]:
    """The same as documents for a decision: what may not bear on the account never certainly applies.

    A level with denies only still has the policy that allows everything. Where
    a level allows something itself, whether that policy was detached is not in
    the code.
    """
    found: list[tuple[Document, ...]] = []
    for level in attached_to(organization, account, resource_control=resource_control):
        documents = [
            policy.document if certain else _uncertain(Held(policy.document)) for policy, certain in level
        ]
        if not resource_control and not any(policy.name == FULL_ACCESS for policy, _ in level):
            allows = any(
                statement.effect is not Effect.DENY
                for policy, _ in level
                for statement in policy.document.statements
            )
            documents.append(_uncertain(Held(_FULL)) if allows else _FULL)
        found.append(tuple(documents))
    return tuple(found)


@lru_cache(maxsize=4_096)
def _uncertain(same: Held[Document]) -> Document:
    """The document with statements that may not be in force."""
    statements = tuple(replace(one, conditions_unknown=True) for one in same.value.statements)
    return replace(same.value, statements=statements)


def _path(organization: Organization, account: str) -> tuple[OrganizationNode, ...]:
    """The node of the account and those above it, as far as the code tells."""
    node = _node(organization, account)
    found: list[OrganizationNode] = []
    while node is not None and node not in found and len(found) < _DEEPEST:
        found.append(node)
        node = _node(organization, node.parent) if node.parent else None
    return tuple(found)


def _node(organization: Organization, name: str) -> OrganizationNode | None:
    return next((node for node in organization.nodes if name in node.names), None)


def _bears(
    one: OrganizationAttachment,
    organization: Organization,
    account: str,
    path: tuple[OrganizationNode, ...],
) -> Truth:
    if one.target == account or any(one.target in node.names for node in path):
        return Truth.TRUE
    member = bool(path) or account in set(_accounts(organization))
    match one.kind:
        case NodeKind.ACCOUNT:
            # another account, or one whose id only AWS knows
            return Truth.FALSE if one.target.isdecimal() and account.isdecimal() else Truth.UNKNOWN
        case NodeKind.ROOT:
            return Truth.TRUE if member else Truth.UNKNOWN
        case _:
            complete = bool(path) and path[-1].kind is NodeKind.ROOT
            return Truth.FALSE if complete else Truth.UNKNOWN


def _accounts(organization: Organization) -> Iterator[str]:
    """The accounts that are known to be members: a policy is attached to them."""
    for one in organization.attachments:
        if one.kind is NodeKind.ACCOUNT:
            yield one.target
