"""Every policy of the identity side that the code writes, attached to someone or not, and access keys.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssoadmin_permission_set_inline_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SSO.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from osreach.access.identity import Attachment, Identity
from osreach.access.identity_policy import AccessKey, IdentityPolicy
from osreach.extract.attached import read_attached
from osreach.extract.attribute import with_holes
from osreach.extract.identity_names import POLICIES
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.problem import Problem

_PERMISSION_SETS: Mapping[str, str] = {
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
    "AWS::SSO::PermissionSet": "InlinePolicy",
}
_OF_ORGANIZATION: Mapping[str, tuple[str, str]] = {
    "aws_organizations_policy": ("content", "type"),
    "AWS::Organizations::Policy": ("Content", "Type"),
}
_KINDS = {
    "SERVICE_CONTROL_POLICY": PolicyKind.SERVICE_CONTROL,
    "RESOURCE_CONTROL_POLICY": PolicyKind.RESOURCE_CONTROL,
}
_KEYS: Mapping[str, str] = {"aws_iam_access_key": "user", "AWS::IAM::AccessKey": "UserName"}

TYPES = frozenset(POLICIES) | frozenset(_PERMISSION_SETS) | frozenset(_OF_ORGANIZATION) | frozenset(_KEYS)
"""The resource types that this module reads."""


def read_identity_policies(
    resources: Iterable[Resource], identities: Iterable[Identity], holes: Holes
) -> tuple[IdentityPolicy, ...]:
    """Every identity policy once with all its holders, then those that nobody holds.

    What cannot be read of a policy is told where its holder or the organization
    is read.
    """
    held: dict[tuple[str, int], tuple[Attachment, list[Identity]]] = {}
    for identity in identities:
        for attachment in identity.policies:
            if attachment.unknown is None:
                key = (identity.deployment, id(attachment.document))
                held.setdefault(key, (attachment, []))[1].append(identity)
    found = [
        IdentityPolicy(
            PolicyKind.IDENTITY,
            attachment.name,
            deployment,
            attachment.document,
            tuple({one.key: one for one in holders}.values()),
            attachment.location,
        )
        for (deployment, _), (attachment, holders) in held.items()
    ]
    known = {(policy.deployment, policy.name) for policy in found}
    found.extend(
        policy for policy in _written(resources, holes) if (policy.deployment, policy.name) not in known
    )
    return tuple(found)


def _written(resources: Iterable[Resource], holes: Holes) -> Iterator[IdentityPolicy]:
    for resource in resources:
        named = _document_of(resource)
        if named is None or is_data(resource):
            continue
        name, kind = named
        value = resource.get(name)
        if value is None:
            continue
        problems: list[Problem] = []
        policy = read_attached(value, kind, resource, name, holes, problems)
        if policy.unknown is None:
            yield IdentityPolicy(
                kind, resource.address, resource.deployment, policy.document, (), value.location
            )


def _document_of(resource: Resource) -> tuple[str, PolicyKind] | None:
    """The attribute that holds the policy and its kind; None where the resource holds none about access."""
    shared = POLICIES.get(resource.type)
    if shared is not None:
        return shared.document, PolicyKind.IDENTITY
    if resource.type in _PERMISSION_SETS:
        return _PERMISSION_SETS[resource.type], PolicyKind.IDENTITY
    if resource.type in _OF_ORGANIZATION:
        content, kind = _OF_ORGANIZATION[resource.type]
        written = resource.get(kind)
        # SERVICE_CONTROL_POLICY is the default of Terraform's provider
        known = _KINDS.get((written.text or "") if written is not None else "SERVICE_CONTROL_POLICY")
        return (content, known) if known is not None else None
    return None


def read_access_keys(resources: Iterable[Resource], holes: Holes) -> tuple[AccessKey, ...]:
    """Every long-term access key that the code makes."""
    found: list[AccessKey] = []
    for resource in resources:
        name = _KEYS.get(resource.type)
        user = resource.get(name) if name else None
        if user is not None:
            found.append(
                AccessKey(resource.address, resource.deployment, with_holes(user, holes), resource.location)
            )
    return tuple(found)
