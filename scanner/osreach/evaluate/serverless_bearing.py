"""Which policies of OpenSearch Serverless bear on a collection, and how they may name a caller.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from osreach.access.model import Model
from osreach.access.serverless import Collection, ServerlessPolicy
from osreach.evaluate.standing import Standing
from osreach.iam.glob_match import texts_equal
from osreach.iam.hole import Holes, is_hole
from osreach.iam.request import FederatedUser, RoleSession, RootUser, User
from osreach.opensearch.authentication import Assertion
from osreach.serverless.access import Bearing, concerning
from osreach.serverless.encryption import EncryptionBearing
from osreach.serverless.network import NetworkBearing
from osreach.serverless.policy import AccessContent, EncryptionContent, NetworkContent
from osreach.serverless.principal import Subject
from osreach.truth import Truth

S = TypeVar("S")
C = TypeVar("C", AccessContent, NetworkContent, EncryptionContent)

ELSEWHERE = "policies that are not in the scanned files"
"""The source of what may be granted to a collection that the code only looks up."""

_ANY_SESSION = "session"
_DEPLOYER = re.compile(
    r"(?:.*\.)?data\.aws_caller_identity\.[^.]+\.(?:arn|user_id)"
    r"|(?:.*\.)?data\.aws_iam_session_context\.[^.]+\.(?:arn|issuer_arn)",
    re.DOTALL,
)
"""What Terraform's code calls whoever runs it."""

OUTSIDE_IAM = ("saml:", "saml/", "iamidentitycenter/", "iamfederation/", "internal:")
"""How callers begin who are no identities of IAM."""


@dataclass(frozen=True, slots=True, eq=False)
class Same(Generic[S]):
    """A value as a key by identity: comparing it would cost more."""

    value: S

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def data_access(collection: Collection, model: Model) -> tuple[Bearing, ...]:
    """The data access policies of the collection's account and region."""
    return _data_access(Same(collection), Same(model))


@lru_cache(maxsize=256)
def _data_access(one: Same[Collection], whole: Same[Model]) -> tuple[Bearing, ...]:
    collection, model = one.value, whole.value
    found = [
        Bearing(policy.address, policy.content, certain)
        for policy, certain in _bearing(model.serverless.data_access, collection)
    ]
    if not collection.defined:
        found.append(Bearing(ELSEWHERE, AccessContent(partial=True)))
    return tuple(found)


@lru_cache(maxsize=4096)
def _data_access_about(one: Same[Collection], whole: Same[Model], subject: Subject) -> tuple[Bearing, ...]:
    return concerning(_data_access(one, whole), subject, one.value.account)


def data_access_about(collection: Collection, model: Model, subject: Subject) -> tuple[Bearing, ...]:
    """Of the data access policies what may be about the caller."""
    return _data_access_about(Same(collection), Same(model), subject)


def network(collection: Collection, model: Model) -> tuple[NetworkBearing, ...]:
    """The network policies of the collection's account and region."""
    found = [
        NetworkBearing(policy.address, policy.content, certain)
        for policy, certain in _bearing(model.serverless.network, collection)
    ]
    if not collection.defined:
        found.append(NetworkBearing(ELSEWHERE, NetworkContent(partial=True)))
    return tuple(found)


def encryption(collection: Collection, model: Model) -> tuple[EncryptionBearing, ...]:
    """The encryption policies of the collection's account and region."""
    found = [
        EncryptionBearing(policy.address, policy.content, certain)
        for policy, certain in _bearing(model.serverless.encryption, collection)
    ]
    if not collection.defined:
        found.append(EncryptionBearing(ELSEWHERE, EncryptionContent(partial=True)))
    return tuple(found)


def _bearing(
    policies: Iterable[ServerlessPolicy[C]], collection: Collection
) -> Iterator[tuple[ServerlessPolicy[C], bool]]:
    """Policies of the same deployment certainly bear on it; others where they are of the same account and region."""
    for policy in policies:
        account = texts_equal(policy.account, collection.account)
        region = texts_equal(policy.region, collection.region)
        if policy.deployment == collection.deployment:
            if account is not Truth.FALSE:
                yield policy, True
        elif min(account, region) is not Truth.FALSE:
            known = min(account, region) is Truth.TRUE and policy.account.isascii()
            yield policy, known and policy.region.isascii()


def subject_of(standing: Standing, model: Model, deployment: str = "") -> Subject:
    """The caller as data access policies may name it.

    Whoever deploys the code is none of the roles and users that the code makes.
    """
    others = deployers(model.holes) if _is_made(standing, deployment) else frozenset()
    match standing.principal:
        case RoleSession(arn, session):
            name = "" if session == _ANY_SESSION else session
            return Subject(arn, standing.account, arn.rpartition("/")[2], name, others=others)
        case User(arn) | FederatedUser(arn):
            return Subject(arn, standing.account, others=others)
        case RootUser(account, partition):
            return Subject(f"arn:{partition}:iam::{account}:root", account, others=others)
        case _:
            return _outside(standing)


def _is_made(standing: Standing, deployment: str) -> bool:
    identity = standing.identity
    return identity is not None and identity.defined and identity.deployment == deployment


def deployers(holes: Holes) -> frozenset[str]:
    """The holes that stand for whoever runs Terraform."""
    return _deployers(Same(holes), holes.count)


@lru_cache(maxsize=64)
def _deployers(held: Same[Holes], count: int) -> frozenset[str]:
    """The same, found anew where there are more holes than `count`."""
    holes = held.value
    return frozenset(
        holes.hole(expression) for expression in holes.known[:count] if _DEPLOYER.fullmatch(expression)
    )


def _outside(standing: Standing) -> Subject:
    kind, _, who = standing.name.partition(":")
    if kind == "saml":
        login = standing.credentials
        groups = login.roles if isinstance(login, Assertion) else ()
        return Subject(user=who, groups=groups)
    if standing.name.startswith(("saml/", "iamidentitycenter/", "iamfederation/")):
        return Subject(names=(standing.name,))
    return Subject()


def is_outside_iam(standing: Standing) -> bool:
    """Whether the caller signs in with SAML or IAM Identity Center and has no policies of IAM."""
    return standing.name.startswith(OUTSIDE_IAM)


def is_deployer(text: str, holes: Holes) -> bool:
    """Whether a principal is whoever runs Terraform."""
    return len(text) == 1 and is_hole(text) and _DEPLOYER.fullmatch(holes.expression(text)) is not None
