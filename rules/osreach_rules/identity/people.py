"""What an identity is for, as far as its name and tags say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osreach.access.identity import Identity
from osreach.access.identity_policy import IdentityPolicy

_ADMINISTRATORS = frozenset(
    {"admin", "admins", "administrator", "administrators", "administration", "root", "owner", "superuser"}
)
_EMERGENCY = ("breakglass", "break-glass", "break_glass", "emergency")
_DEPLOYERS = frozenset(
    {
        "atlantis",
        "bitbucket",
        "cd",
        "cdk",
        "ci",
        "cicd",
        "circleci",
        "cloudformation",
        "codebuild",
        "codepipeline",
        "deploy",
        "deployer",
        "deployment",
        "github",
        "gitlab",
        "infrastructure",
        "jenkins",
        "provision",
        "provisioner",
        "provisioning",
        "spacelift",
        "terraform",
    }
)
_DEPLOYING_SERVICES = frozenset(
    {"cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com"}
)
_SEARCH_SERVICES = frozenset(
    {"es.amazonaws.com", "opensearch.amazonaws.com", "opensearchservice.amazonaws.com"}
)
_EVERYTHING = frozenset({"AdministratorAccess"})
_SERVICE_LINKED = ":role/aws-service-role/"
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_administrator(identity: Identity) -> bool:
    """Whether the identity is meant to administer: by its name, a tag, or the policy that AWS has for that.

    Roles that a service made for itself count too: nobody else can take them or change them.
    """
    if _SERVICE_LINKED in identity.arn:
        return True
    if any(policy.name in _EVERYTHING for policy in identity.policies):
        return True
    return names_administrator(_texts(identity))


def is_deployer(identity: Identity) -> bool:
    """Whether the identity deploys infrastructure: by its name or tags, or by the service that takes it."""
    if _words(_texts(identity)) & _DEPLOYERS:
        return True
    return any(
        term.text in _DEPLOYING_SERVICES
        for trust in identity.trust
        for statement in trust.document.statements
        for term in (statement.principals.terms if statement.principals else ())
    )


def is_for_service(identity: Identity) -> bool:
    """Whether only the search service itself can take the role, as the one that sets up Cognito for Dashboards.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html
    """
    takers = [
        term.text
        for trust in identity.trust
        for statement in trust.document.statements
        for term in (statement.principals.terms if statement.principals else ())
    ]
    return bool(takers) and _SEARCH_SERVICES.issuperset(takers)


def runs_things(identity: Identity) -> bool:
    """Whether the identity administers or deploys, or is one of the service itself."""
    return is_administrator(identity) or is_deployer(identity) or is_for_service(identity)


def names_administrator(texts: Iterable[str]) -> bool:
    """Whether one of the words in `texts` is one for administrators or emergencies."""
    listed = tuple(texts)
    if _words(listed) & _ADMINISTRATORS:
        return True
    return any(word in text.lower() for text in listed for word in _EMERGENCY)


def policy_names_administrator(policy: IdentityPolicy) -> bool:
    """Whether a policy that nobody in the code holds is, by its name, for administrators or deployments."""
    return names_administrator((policy.name,)) or bool(_words((policy.name,)) & _DEPLOYERS)


def _texts(identity: Identity) -> tuple[str, ...]:
    return (identity.name, identity.address, *identity.tags.keys(), *identity.tags.values())


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))
