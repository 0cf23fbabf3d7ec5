"""How a caller comes to the login of a cluster: by a signature, unsigned, or in a browser with Dashboards.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html and
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/saml.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.access.cluster import ClusterContent
from osreach.evaluate.cluster import dashboards_of, is_dashboards
from osreach.evaluate.layer import Answer, LayerAnswer, LayerName
from osreach.evaluate.standing import Standing
from osreach.iam.document import Document, Effect, PrincipalKind
from osreach.iam.request import Anonymous
from osreach.opensearch.authentication import Password
from osreach.truth import Truth

CONSOLE_ACTION = "es:ESHttpPost"
IN_DASHBOARDS = (
    "this login works in a browser only, so the request is taken to be sent by Dashboards; "
    "sent to the API of the cluster itself it gets a 401"
)


def console_of(content: ClusterContent | None) -> str:
    """The path at which Dashboards takes requests for the cluster from a browser.

    Source: https://docs.opensearch.org/latest/dashboards/dev-tools/run-queries/ (the console of Dashboards)
    """
    return f"{dashboards_of(content)}/api/console/proxy"


def names_identities(documents: Iterable[Document]) -> bool:
    """Whether a policy lets principals of IAM in by name, who must sign."""
    return any(
        statement.effect is Effect.ALLOW
        and statement.principals is not None
        and any(term.kind is PrincipalKind.AWS for term in statement.principals.terms)
        for document in documents
        for statement in document.statements
    )


def login_notes(
    standing: Standing,
    content: ClusterContent | None,
    path: str,
    *,
    layers: Iterable[LayerAnswer],
    documents: Iterable[Document],
) -> Iterator[str]:
    """Remarks about how the caller logs in."""
    credentials = standing.credentials
    refused = any(one.layer is LayerName.RESOURCE and one.answer is Answer.IMPLICIT_DENY for one in layers)
    unsigned = credentials is not None and isinstance(standing.principal, Anonymous)
    if unsigned and refused and names_identities(documents):
        yield (
            "the access policy names principals of IAM, which must sign their requests; "
            "this login reaches the domain unsigned, and one request cannot do both"
        )
    if content is None or not is_dashboards(path):
        return
    login = content.login
    ways = (login.passwords, login.saml, login.cognito, login.tokens, login.identity_center, login.anonymous)
    if max(ways) is Truth.FALSE:
        yield (
            "Dashboards has no way to log in: there is neither an internal user database nor SAML nor "
            "Amazon Cognito, so its login page works for nobody"
        )
    elif credentials is None and isinstance(standing.principal, Anonymous):
        yield "the login page of Dashboards itself is shown to everyone whom the access policy lets in"
    elif isinstance(credentials, Password) and Truth.TRUE in {login.saml, login.cognito}:
        other = "SAML" if login.saml is Truth.TRUE else "Amazon Cognito"
        yield f"in Dashboards {other} takes the place of the login with user name and password"
