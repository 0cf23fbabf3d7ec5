"""What access is asked about: a domain, key, bucket or role with the policies on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from osreach.access.bucket import Bucket
from osreach.access.domain import AttachedPolicy, Domain
from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.key import Key, KeyGrant
from osreach.access.model import Model
from osreach.access.network import Exposure
from osreach.access.serverless import Collection, VpcEndpoint
from osreach.iam.document import Document, Term
from osreach.location import Location


class TargetKind(StrEnum):
    """What kind of resource it is."""

    DOMAIN = "domain"
    KEY = "key"
    BUCKET = "bucket"
    ROLE = "role"
    COLLECTION = "collection"
    OTHER = "resource"


Subject: TypeAlias = Domain | Key | Bucket | Identity | Collection | VpcEndpoint | None


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A resource as requests see it.

    `arn` is that of the resource itself, without a path. `policies` are the
    resource policies on it. `location` is None for a resource that no file
    defines.
    """

    kind: TargetKind
    address: str
    deployment: str
    arn: str
    account: str
    region: str
    policies: tuple[Attachment, ...]
    location: Location | None
    subject: Subject = None

    @property
    def key(self) -> str:
        """What tells one resource of a scan from another."""
        return f"{self.deployment}\0{self.address}"

    @property
    def documents(self) -> tuple[Document, ...]:
        """The resource policies."""
        return tuple(policy.document for policy in self.policies)

    @property
    def grants(self) -> tuple[KeyGrant, ...]:
        """The grants on a key."""
        return self.subject.grants if isinstance(self.subject, Key) else ()

    @property
    def public(self) -> bool:
        """Whether it is known that requests come over the internet and not through a VPC."""
        return isinstance(self.subject, Domain) and self.subject.exposure is Exposure.PUBLIC


def targets_of(model: Model) -> tuple[Target, ...]:
    """Every domain, key and bucket, in the order of the code."""
    return (
        *(of_domain(domain, model) for domain in model.domains),
        *(of_key(key) for key in model.keys),
        *(of_bucket(bucket) for bucket in model.buckets),
    )


def of_domain(domain: Domain, model: Model) -> Target:
    """The domain as a target."""
    policies = tuple(_attachment(policy, model) for policy in domain.policies)
    return Target(
        TargetKind.DOMAIN,
        domain.address,
        domain.deployment,
        domain.arn,
        domain.account,
        domain.region,
        policies,
        domain.location,
        domain,
    )


def _attachment(policy: AttachedPolicy, model: Model) -> Attachment:
    if policy.document is not None:
        return Attachment(policy.owner, policy.owner, policy.document, policy.location)
    expression = policy.unknown.expression if policy.unknown is not None else f"policy of {policy.owner}"
    term = Term(model.holes.hole(expression), policy.location, many=True)
    document = Document((), None, (term,), policy.owner, policy.location)
    return Attachment(policy.owner, policy.owner, document, policy.location, policy.unknown)


def of_key(key: Key) -> Target:
    """The key as a target."""
    return Target(
        TargetKind.KEY,
        key.address,
        key.deployment,
        key.arn,
        key.account,
        key.region,
        key.policies,
        key.location,
        key,
    )


def of_bucket(bucket: Bucket) -> Target:
    """The bucket as a target."""
    return Target(
        TargetKind.BUCKET,
        bucket.address,
        bucket.deployment,
        bucket.arn,
        bucket.account,
        bucket.region,
        bucket.policies,
        bucket.location,
        bucket,
    )


def of_collection(collection: Collection) -> Target:
    """The collection as a target; it has no resource policy of IAM."""
    return Target(
        TargetKind.COLLECTION,
        collection.address,
        collection.deployment,
        collection.arn,
        collection.account,
        collection.region,
        (),
        collection.location,
        collection,
    )


def collections_of(model: Model) -> tuple[Target, ...]:
    """Every collection of OpenSearch Serverless, in the order of the code."""
    return tuple(map(of_collection, model.serverless.collections))


def of_endpoint(endpoint: VpcEndpoint) -> Target:
    """The VPC endpoint to OpenSearch Serverless, known by its id, with its policies."""
    return Target(
        TargetKind.OTHER,
        endpoint.address,
        endpoint.deployment,
        endpoint.id,
        "",
        "",
        endpoint.policies,
        endpoint.location,
        endpoint,
    )


def of_role(role: Identity) -> Target:
    """The role as something that can be assumed or changed; its trust policy is its resource policy."""
    return Target(
        TargetKind.ROLE,
        role.address,
        role.deployment,
        role.arn,
        role.account,
        "",
        role.trust,
        role.location,
        role,
    )


def roles_of(model: Model) -> tuple[Target, ...]:
    """Every role as a target."""
    return tuple(of_role(one) for one in model.identities.values() if one.kind is IdentityKind.ROLE)
