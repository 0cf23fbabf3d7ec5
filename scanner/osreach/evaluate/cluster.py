"""What a cluster with fine-grained access control answers to a caller, behind network and access policy.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.access.model import Model
from osreach.evaluate.standing import Standing
from osreach.iam.request import Anonymous, RoleSession, User
from osreach.opensearch.authentication import (
    Assertion,
    CognitoUser,
    Credentials,
    NoCredentials,
    Password,
    Refusal,
    Signed,
    authenticate,
)
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.decision import Decision, decide
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.predefined import Engine
from osreach.opensearch.route import KnownRequest, UnknownRequest, recognise
from osreach.opensearch.subject import Method, Subject
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth
from osreach.value import Unknown

INSIDE = "fine-grained access control decides inside the cluster"
BY_HAND = "roles may be mapped inside the cluster, and no file tells"
NOT_A_SUBJECT = "what the cluster calls such a caller is not documented"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a client sends it; `path` may carry a query string, `body` is None where it is not given."""

    method: str
    path: str
    body: str | None = None


def sent_of(action: str, path: str, body: str | None = None) -> Sent | None:
    """The request behind an action such as `es:ESHttpGet` and a path, None where no path is told."""
    verb = action.lower().partition("es:eshttp")[2].upper()
    return Sent(verb, path, body) if verb and path.startswith("/") else None


def content_of(model: Model, domain: Domain) -> ClusterContent | None:
    """The inside of a domain's cluster, None where nothing at all is known of it."""
    for content in model.clusters:
        other = content.domain
        if other is domain:
            return content
        if other is not None and (other.deployment, other.address) == (domain.deployment, domain.address):
            return content
    return None


def is_declared(content: ClusterContent) -> bool:
    """Whether code fills the cluster, so that the mappings of the code count as all there are."""
    return bool(content.origins)


def credentials_of(standing: Standing) -> Credentials | None:
    """What the caller presents to the cluster; None for callers of which nobody documents what the cluster sees."""
    if standing.credentials is not None:
        return standing.credentials
    match standing.principal:
        case Anonymous():
            return NoCredentials()
        case User(arn):
            return Signed(arn)
        case RoleSession(role_arn):
            return Signed(role_arn)
        case _:
            return None


def is_in_browser(standing: Standing) -> bool:
    """Whether the caller can only log in to Dashboards, with a browser.

    Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/saml.html and
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html
    """
    return isinstance(standing.credentials, Assertion | CognitoUser)


_DASHBOARDS = {Engine.OPENSEARCH: "/_dashboards", Engine.ELASTICSEARCH: "/_plugin/kibana"}


def dashboards_of(content: ClusterContent | None) -> str:
    """Where Dashboards is reached.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/dashboards.html
    """
    return _DASHBOARDS[content.cluster.version.engine if content is not None else Engine.OPENSEARCH]


def is_dashboards(path: str) -> bool:
    """Whether a path leads to Dashboards."""
    return any(path == start or path.startswith((f"{start}/", f"{start}?")) for start in _DASHBOARDS.values())


def subject_of(standing: Standing, content: ClusterContent, address: str | None = None) -> Subject | Refusal:
    """Who the caller is to the cluster, or why it is nobody; `address` is where it comes from.

    An internal user that no file makes is taken to exist where there may be such.
    """
    credentials = credentials_of(standing)
    if credentials is None:
        return Refusal(NOT_A_SUBJECT, Truth.UNKNOWN)
    users = content.cluster.users
    match credentials:
        case Password(name) if content.users_partial and name not in users:
            users = {**users, name: InternalUser(name, partial=True)}
        case CognitoUser(pool) if not pool:
            cognito = content.options.cognito
            written = cognito.user_pool.value if cognito is not None else None
            if isinstance(written, str):
                credentials = replace(credentials, pool=written)
        case _:
            pass
    found = authenticate(content.login, users, credentials)
    if isinstance(found, Refusal):
        return found
    federation = content.options.federation
    if isinstance(credentials, Signed) and federation is not None and federation.enabled.may_be(value=True):
        # Session tags may give the session further names and backend roles.
        found = replace(found, partial=True)
    return replace(found, address=address) if address is not None else found


def mappings_for(
    content: ClusterContent, subject: Subject, mappings: Iterable[Mapping] | None = None
) -> tuple[Mapping, ...]:
    """The mappings (or `mappings` of them) without those whose unknown name cannot be the subject's.

    The name of a master user of the internal database or of SAML is no ARN, and
    the ARN of a master user is nobody's name.
    """
    found = content.cluster.mappings if mappings is None else tuple(mappings)
    domain = content.domain
    if domain is None:
        return found
    fine_grained, saml = domain.fine_grained, content.options.saml
    settings = [fine_grained.master_arn]
    if subject.method in {Method.IAM, Method.COGNITO}:
        settings = [fine_grained.master_name]
        if saml is not None:
            settings += [saml.master_user_name, saml.master_backend_role]
    places = {
        setting.location for setting in settings if isinstance(setting.value, str) and has_hole(setting.value)
    }
    places |= {setting.location for setting in settings if isinstance(setting.value, Unknown)}
    if not places:
        return found
    return tuple(one for one in found if one.location not in places)


def cluster_for(content: ClusterContent, subject: Subject | Refusal) -> Cluster:
    """The cluster with the mappings that may mean the subject."""
    if isinstance(subject, Refusal):
        return content.cluster
    mappings = mappings_for(content, subject)
    if mappings is content.cluster.mappings:
        return content.cluster
    return replace(content.cluster, mappings=mappings)


def is_taken_to_exist(standing: Standing, content: ClusterContent) -> bool:
    """Whether the caller is an internal user that no file makes."""
    return (
        isinstance(standing.credentials, Password) and standing.credentials.name not in content.cluster.users
    )


def recognised(sent: Sent, content: ClusterContent) -> KnownRequest | UnknownRequest:
    """What the request needs inside the cluster."""
    return recognise(sent.method, sent.path, sent.body, content.cluster.version.engine)


def answer_of(content: ClusterContent, subject: Subject | Refusal, sent: Sent) -> Decision:
    """The cluster's own answer to a request."""
    return decide(cluster_for(content, subject), subject, recognised(sent, content))
