"""What an identity is for, as far as its name and tags say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osreach.access.identity import Identity
from osreach.access.identity_policy import IdentityPolicy

_ADMINISTRATORS = frozenset(
    {"admin", "admins", "administrator", "administrators", "administration", "superuser"}
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
_OF_THE_ORGANIZATION = "OrganizationAccountAccessRole"
"""The role by which an organization administers the accounts that it makes.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
"""
_SERVICE_LINKED = ":role/aws-service-role/"
_LONGEST_WORD = 32
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_administrator(identity: Identity) -> bool:
    """Whether the identity is meant to administer: by its name, a tag, or the policy that AWS has for that.

    Roles that a service made for itself count too: nobody else can take them or change them.
    """
    if _SERVICE_LINKED in identity.arn or identity.name == _OF_THE_ORGANIZATION:
        return True
    if any(policy.name in _EVERYTHING for policy in identity.policies):
        return True
    return names_administrator((*_names(identity), *_short(identity.tags.values())))


def is_deployer(identity: Identity) -> bool:
    """Whether the identity deploys infrastructure: by its name, or by the service that takes it.

    Its tags say how it was made itself (`ManagedBy = "terraform"`), which is something else.
    """
    if _words(_names(identity)) & _DEPLOYERS:
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
    return administers_or_deploys(identity) or is_for_service(identity)


def names_administrator(texts: Iterable[str]) -> bool:
    """Whether one of the words in `texts` is one for administrators or emergencies."""
    listed = tuple(texts)
    if _words(listed) & _ADMINISTRATORS:
        return True
    return any(word in text.lower() for text in listed for word in _EMERGENCY)


def says_administrator(text: str) -> bool:
    """Whether a name says that it is one for administrators or deployments."""
    return names_administrator((text,)) or bool(_words((text,)) & _DEPLOYERS)


def policy_names_administrator(policy: IdentityPolicy) -> bool:
    """Whether a policy that nobody in the code holds is, by its name, for administrators or deployments."""
    return says_administrator(_label(policy.name))


def administers_or_deploys(identity: Identity) -> bool:
    """Whether the identity is meant to administer or to deploy."""
    return is_administrator(identity) or is_deployer(identity)


def all_administer_or_deploy(holders: Iterable[Identity]) -> bool:
    """Whether there are holders and each of them is meant to administer or to deploy."""
    listed = tuple(holders)
    return bool(listed) and all(map(administers_or_deploys, listed))


def _names(identity: Identity) -> tuple[str, str]:
    """What the identity is called, in the account and in the code, without the modules around it."""
    return identity.name, _label(identity.address)


def _label(address: str) -> str:
    """The last part of an address, without an index."""
    return re.sub(r"\[[^\]]*\]$", "", address).rpartition(".")[2]


def _short(texts: Iterable[str]) -> Iterator[str]:
    """The texts that are a word or two, not those that tell of people or files."""
    return (text for text in texts if len(text) <= _LONGEST_WORD and not set(text) & set("@/"))


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))
