"""What the rules ask policies of IAM about collections in common."""

from __future__ import annotations

from dataclasses import replace

from osreach.access.identity import Identity
from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.integration import needs_of, role_of
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless import API, DASHBOARDS
from osreach.evaluate.serverless_other import for_collection
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import of_collection
from osreach.iam.arn import parts_of
from osreach.iam.document import Statement, Term
from osreach.iam.glob_match import is_everything
from osreach_rules.identity.statements import first_covering

_COLLECTION = "collection/"


def collection_in(resource: str) -> str | None:
    """What an ARN of IAM has where the id of a collection belongs; None where it is about something else."""
    parts = parts_of(resource)
    if parts is None or parts[2] != "aoss" or not parts[5].startswith(_COLLECTION):
        return None
    return parts[5].removeprefix(_COLLECTION)


def is_every_collection(resource: str) -> bool:
    """Whether a resource means all collections of an account and Region at least."""
    if is_everything(resource):
        return True
    parts = parts_of(resource)
    if parts is None or parts[2] not in ("aoss", "*"):
        return False
    return is_everything(parts[5]) or parts[5] in ("collection/*", "collection*")


def data_term(statement: Statement, *actions: str) -> Term | None:
    """The first term of the service itself, not of all services, that takes in one of the actions."""
    term = first_covering(statement.actions, actions)
    return term if term is not None and not is_everything(term.text) else None


def data_access_of(analysis: Analysis, holder: Identity, collection: Collection) -> Access:
    """What policies of IAM give the holder of the two permissions for data, the better one."""
    standing = for_collection(standing_of(holder, analysis.model), collection, analysis.model)
    target = of_collection(collection)
    found = analysis.access.of(standing, target, (Requests((API,)),))
    if found.outcome is not Outcome.DENIED:
        return found
    boards = replace(
        target, arn=collection.dashboards_arn, address=f"{collection.address} (permission for Dashboards)"
    )
    return analysis.access.of(standing, boards, (Requests((DASHBOARDS,)),))


def delivering_roles(analysis: Analysis) -> frozenset[str]:
    """The keys of the roles of services that deliver to collections, of which a rule of their own speaks."""
    roles = (
        role_of(client, analysis.model)
        for client in analysis.model.integrations.clients
        if (needs := needs_of(client)) is not None and needs.permissions
    )
    return frozenset(role.key for role in roles if role is not None)
