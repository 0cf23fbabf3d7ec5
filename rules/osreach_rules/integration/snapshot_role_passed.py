"""Reports that many can hand the snapshot role to the search service.

Whoever registers a snapshot repository names the role and needs `iam:PassRole`
on it. With that and a request to `_snapshot`, data can be written to the bucket
and restored from it. One role or user that takes the snapshots is enough; a
group, or several roles and users, is not what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis
from osreach.iam.document import Terms
from osreach.iam.glob_match import glob_matches, is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.identity.people import administers_or_deploys
from osreach_rules.identity.statements import allows, first_covering, holders_words
from osreach_rules.integration.roles import snapshot_roles
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import PASS_ROLE, SNAPSHOTS

_PASS = "iam:PassRole"  # noqa: S105 - an action, no secret
_MANY = 3


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it on a snapshot role that a group or many others hold."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for role in snapshot_roles(analysis.model):
        for held in allows(analysis):
            action = first_covering(held.statement.actions, (_PASS,))
            if action is None or is_everything(action.text) or not _covers(held.statement.resources, role):
                continue
            holders = [one for one in held.policy.holders if not administers_or_deploys(one)]
            group = next((one for one in holders if one.kind is IdentityKind.GROUP), None)
            if group is None and len(holders) <= _MANY:
                continue
            who = f"everyone in `{group.address}`" if group is not None else holders_words(holders)
            yield Match(
                f"{who} can hand the snapshot role `{role.address}` to a service",
                held.policy.name,
                (Place(held.place(action), "this action"), Place(role.location, "the snapshot role")),
                principal=(group or holders[0]).address,
            )


def _covers(resources: Terms | None, role: Identity) -> bool:
    """Whether the role is certainly meant; every role is another rule's finding."""
    if resources is None or resources.negated or any(is_everything(term.text) for term in resources.terms):
        return False
    return any(glob_matches(term.text, role.arn) is Truth.TRUE for term in resources.terms)


RULE = Rule(
    "OSR604",
    "snapshot-role-passed",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SNAPSHOTS, PASS_ROLE),
    remedy="let only the identity that registers the repository pass this role",
)
