"""Policies by ARN: those that the code defines, and those that AWS manages.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from osreach.access.identity import Attachment
from osreach.data.managed_policies import ManagedPolicy, managed_policy, managed_policy_of_arn
from osreach.extract.attached import read_attached, unknown_attachment
from osreach.extract.attribute import with_holes
from osreach.extract.identity_names import POLICIES
from osreach.iac.resource import Resource
from osreach.iam.document import Document, PolicyKind, Statement
from osreach.iam.hole import Holes, has_hole
from osreach.iam.parse import document_from_json
from osreach.problem import Problem
from osreach.value import Unknown, Value

_ARN_PARTS = 6


@dataclass(slots=True)
class ManagedPolicies:
    """The policies that can be attached by ARN. Each is read once, however often it is attached."""

    holes: Holes
    problems: list[Problem]
    _resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    _by_arn: dict[str, Resource] = field(default_factory=dict)
    _data: dict[tuple[str, str], Resource] = field(default_factory=dict)
    _read: dict[int, Attachment] = field(default_factory=dict)
    _of_aws: dict[str, Document] = field(default_factory=dict)

    def add(self, resources: Iterable[Resource]) -> None:
        """Take the policies among `resources`."""
        for resource in resources:
            if resource.type not in POLICIES:
                continue
            if resource.address.startswith("data.") or ".data." in resource.address:
                self._data[resource.deployment, resource.address] = resource
                continue
            arn = resource.get("arn")
            text = with_holes(arn, self.holes) if arn is not None else ""
            self._resources[resource.deployment, text] = resource
            if text and not has_hole(text):
                self._by_arn[text] = resource

    def attached(self, value: Value, owner: Resource) -> Attachment:
        """The policy whose ARN is `value`, as attached by `owner`; unknown where nobody can tell what it says."""
        text = with_holes(value, self.holes)
        found = self._resources.get((owner.deployment, text)) or self._by_arn.get(text)
        if found is not None:
            policy = self.policy(found)
            return replace(policy, owner=owner.address, location=value.location)
        document = self._document_of_aws(text) or self._by_data(value, owner)
        if document is not None:
            return Attachment(document.source, owner.address, document, value.location)
        shown = self.holes.fill(text)
        unknown = (
            value.data
            if isinstance(value.data, Unknown)
            else Unknown(shown, "the policy is not in the scanned files")
        )
        return unknown_attachment(unknown, self.holes, owner.address, value.location, shown)

    def policy(self, resource: Resource) -> Attachment:
        """The policy that `resource` defines."""
        known = self._read.get(id(resource))
        if known is None:
            name = POLICIES[resource.type].document
            value = resource.get(name)
            if value is None:
                unknown = Unknown(f"{resource.address}.{name}", "it is not written")
                known = unknown_attachment(unknown, self.holes, resource.address, resource.location)
            else:
                known = read_attached(value, PolicyKind.IDENTITY, resource, name, self.holes, self.problems)
            self._read[id(resource)] = known
        return known

    def _by_data(self, value: Value, owner: Resource) -> Document | None:
        """A policy that a data source looks up by its name."""
        if not isinstance(value.data, Unknown) or not value.data.resource:
            return None
        source = self._data.get((owner.deployment, value.data.resource))
        name = source.get("name") if source is not None else None
        if name is None or name.text is None:
            return None
        for resource in self._resources.values():
            own = resource.get(POLICIES[resource.type].name)
            if own is not None and own.text == name.text and resource.deployment == owner.deployment:
                return self.policy(resource).document
        return self._of_policy(managed_policy(name.text))

    def _document_of_aws(self, arn: str) -> Document | None:
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) != _ARN_PARTS or parts[4] != "aws" or parts[2] != "iam":
            return None
        partition = "aws" if has_hole(parts[1]) else parts[1]
        return self._of_policy(managed_policy_of_arn(":".join(("arn", partition, *parts[2:]))))

    def _of_policy(self, policy: ManagedPolicy | None) -> Document | None:
        if policy is None:
            return None
        known = self._of_aws.get(policy.name)
        if known is None:
            if policy.text is None:
                known = Document((), "2012-10-17", source=policy.name)
            else:
                read = document_from_json(policy.text, PolicyKind.IDENTITY, policy.name)
                known = replace(
                    read, statements=tuple(_without_places(one) for one in read.statements), location=None
                )
            self._of_aws[policy.name] = known
        return known


def _without_places(statement: Statement) -> Statement:
    """A statement that stands in no file."""
    return replace(statement, location=None)
