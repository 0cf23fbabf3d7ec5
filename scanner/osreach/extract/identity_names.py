"""What each language calls the parts of roles, users and groups, and the resources that attach policies.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from osreach.access.identity import IdentityKind

_NONE: Mapping[IdentityKind, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IdentityNames:
    """The attributes of an identity; an empty name is one that the type does not have.

    `inline` is the list of policies that are written into the resource, each
    with its document under `inline_document`.
    """

    kind: IdentityKind
    name: str
    trust: str = ""
    boundary: str = ""
    inline: str = ""
    inline_document: str = ""
    managed: str = ""
    groups: str = ""
    tags: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentNames:
    """A resource that attaches policies: to whom, and either a `document` or the ARNs of `policies`."""

    targets: Mapping[IdentityKind, str]
    document: str = ""
    policies: str = ""


@dataclass(frozen=True, slots=True)
class PolicyNames:
    """A policy that identities share: its document, and those whom it names itself as attached."""

    document: str
    name: str
    targets: Mapping[IdentityKind, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class MembershipNames:
    """A resource that puts users into groups."""

    users: str
    groups: str


_ROLE, _USER, _GROUP = IdentityKind.ROLE, IdentityKind.USER, IdentityKind.GROUP
_ALL_TARGETS = {_ROLE: "Roles", _USER: "Users", _GROUP: "Groups"}

IDENTITIES: Mapping[str, IdentityNames] = {
    "aws_iam_role": IdentityNames(
        _ROLE,
        "name",
        trust="assume_role_policy",
        boundary="permissions_boundary",
        inline="inline_policy",
        inline_document="policy",
        managed="managed_policy_arns",
        tags="tags",
    ),
    "aws_iam_user": IdentityNames(_USER, "name", boundary="permissions_boundary", tags="tags"),
    "aws_iam_group": IdentityNames(_GROUP, "name"),
    "AWS::IAM::Role": IdentityNames(
        _ROLE,
        "RoleName",
        trust="AssumeRolePolicyDocument",
        boundary="PermissionsBoundary",
        inline="Policies",
        inline_document="PolicyDocument",
        managed="ManagedPolicyArns",
        tags="Tags",
    ),
    "AWS::IAM::User": IdentityNames(
        _USER,
        "UserName",
        boundary="PermissionsBoundary",
        inline="Policies",
        inline_document="PolicyDocument",
        managed="ManagedPolicyArns",
        groups="Groups",
        tags="Tags",
    ),
    "AWS::IAM::Group": IdentityNames(
        _GROUP,
        "GroupName",
        inline="Policies",
        inline_document="PolicyDocument",
        managed="ManagedPolicyArns",
    ),
}

ATTACHMENTS: Mapping[str, AttachmentNames] = {
    "aws_iam_role_policy": AttachmentNames({_ROLE: "role"}, document="policy"),
    "aws_iam_user_policy": AttachmentNames({_USER: "user"}, document="policy"),
    "aws_iam_group_policy": AttachmentNames({_GROUP: "group"}, document="policy"),
    "aws_iam_role_policy_attachment": AttachmentNames({_ROLE: "role"}, policies="policy_arn"),
    "aws_iam_user_policy_attachment": AttachmentNames({_USER: "user"}, policies="policy_arn"),
    "aws_iam_group_policy_attachment": AttachmentNames({_GROUP: "group"}, policies="policy_arn"),
    "aws_iam_policy_attachment": AttachmentNames(
        {_ROLE: "roles", _USER: "users", _GROUP: "groups"}, policies="policy_arn"
    ),
    "aws_iam_role_policy_attachments_exclusive": AttachmentNames(
        {_ROLE: "role_name"}, policies="policy_arns"
    ),
    "aws_iam_user_policy_attachments_exclusive": AttachmentNames(
        {_USER: "user_name"}, policies="policy_arns"
    ),
    "aws_iam_group_policy_attachments_exclusive": AttachmentNames(
        {_GROUP: "group_name"}, policies="policy_arns"
    ),
    "AWS::IAM::Policy": AttachmentNames(_ALL_TARGETS, document="PolicyDocument"),
    "AWS::IAM::RolePolicy": AttachmentNames({_ROLE: "RoleName"}, document="PolicyDocument"),
    "AWS::IAM::UserPolicy": AttachmentNames({_USER: "UserName"}, document="PolicyDocument"),
    "AWS::IAM::GroupPolicy": AttachmentNames({_GROUP: "GroupName"}, document="PolicyDocument"),
}

POLICIES: Mapping[str, PolicyNames] = {
    "aws_iam_policy": PolicyNames("policy", "name"),
    "AWS::IAM::ManagedPolicy": PolicyNames("PolicyDocument", "ManagedPolicyName", _ALL_TARGETS),
}

MEMBERSHIPS: Mapping[str, MembershipNames] = {
    "aws_iam_user_group_membership": MembershipNames("user", "groups"),
    "aws_iam_group_membership": MembershipNames("users", "group"),
    "AWS::IAM::UserToGroupAddition": MembershipNames("Users", "GroupName"),
}

PROVIDERS = frozenset(
    {
        "aws_iam_openid_connect_provider",
        "aws_iam_saml_provider",
        "AWS::IAM::OIDCProvider",
        "AWS::IAM::SAMLProvider",
    }
)

TYPES = (
    frozenset(IDENTITIES) | frozenset(ATTACHMENTS) | frozenset(POLICIES) | frozenset(MEMBERSHIPS) | PROVIDERS
)
"""The resource types that say who is who in IAM."""
