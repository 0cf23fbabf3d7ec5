"""The roles that services take to reach clusters, and what their policies say."""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.model import Model
from osreach.evaluate.integration import role_named, services_trusted
from osreach.iam.action import names_match
from osreach.iam.document import Effect, Statement
from osreach.location import Location
from osreach.truth import Truth

SEARCH_SERVICES = frozenset(
    {"es.amazonaws.com", "opensearch.amazonaws.com", "opensearchservice.amazonaws.com"}
)
"""The principals of the search service itself."""

PIPELINES = "osis-pipelines.amazonaws.com"
DIRECT_QUERY = "directquery.opensearchservice.amazonaws.com"

_OBJECTS = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")


def allows_of(role: Identity) -> Iterator[tuple[Attachment, Statement]]:
    """Every Allow of the policies that the code itself writes for the role."""
    for policy in role.policies:
        if policy.document.location is None:
            continue
        for statement in policy.document.statements:
            if statement.effect is Effect.ALLOW:
                yield policy, statement


def place_of(policy: Attachment, statement: Statement) -> Location:
    """Where a statement stands."""
    return statement.location or policy.document.location or policy.location


def allows(statement: Statement, *actions: str) -> bool:
    """Whether the statement certainly takes in one of the actions."""
    if statement.actions.negated:
        return False
    return any(
        names_match(term.text, action) is Truth.TRUE for term in statement.actions.terms for action in actions
    )


def snapshot_roles(model: Model) -> Iterator[Identity]:
    """The roles that the search service takes and that get objects: those behind snapshot repositories.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
    """
    for role in model.identities.values():
        if (
            role.kind is IdentityKind.ROLE
            and role.defined
            and not SEARCH_SERVICES.isdisjoint(services_trusted(role))
            and any(allows(statement, *_OBJECTS) for _, statement in allows_of(role))
        ):
            yield role


def query_roles(model: Model) -> Iterator[Identity]:
    """The roles that direct queries run as: by their trust, or because a data source names them.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/direct-query-s3-creating.html
    """
    named = {
        role.key
        for source in model.integrations.query_sources
        if (role := role_named(source.role, source.deployment, model)) is not None
    }
    for role in model.identities.values():
        if (
            role.kind is IdentityKind.ROLE
            and role.defined
            and (role.key in named or DIRECT_QUERY in services_trusted(role))
        ):
            yield role


def pipeline_roles(model: Model) -> Iterator[Identity]:
    """The roles that pipelines run as: by their trust, or because a pipeline names them."""
    named = {
        role.key
        for pipeline in model.integrations.pipelines
        for text, _ in pipeline.roles
        if (role := role_named(text, pipeline.deployment, model)) is not None
    }
    for role in model.identities.values():
        if (
            role.kind is IdentityKind.ROLE
            and role.defined
            and (role.key in named or PIPELINES in services_trusted(role))
        ):
            yield role
