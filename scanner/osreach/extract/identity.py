"""Roles, users and groups with their policies, in every language that describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from osreach.access.identity import Attachment, Identity, IdentityKind, Membership, Provider
from osreach.extract.attached import read_attached, unknown_attachment
from osreach.extract.attribute import with_holes
from osreach.extract.identity_names import (
    ATTACHMENTS,
    IDENTITIES,
    MEMBERSHIPS,
    POLICIES,
    PROVIDERS,
    IdentityNames,
)
from osreach.extract.managed import ManagedPolicies
from osreach.extract.owner import account_of, exported_arn, is_data, module_of, partition_of
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes, is_hole
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Unknown, Value

_ARN = re.compile(r"arn:[^:]*:iam::[^:]*:(?:role|user|group)(?P<path>.*?)(?P<name>[^/]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class IdentityReading:
    """Identities by key, providers, and policies whose holders nobody can name."""

    identities: Mapping[str, Identity]
    providers: tuple[Provider, ...]
    unplaced: tuple[Attachment, ...]


@dataclass(slots=True)
class _Found:
    """An identity while its policies are being collected."""

    identity: Identity
    module: str
    policies: list[Attachment] = field(default_factory=list)
    groups: list[Membership] = field(default_factory=list)


@dataclass(slots=True)
class _Directory:
    """All identities of a scan, to be found by what code calls them."""

    holes: Holes
    found: dict[str, _Found] = field(default_factory=dict)
    _named: dict[tuple[str, IdentityKind, str], list[_Found]] = field(default_factory=dict)

    def add(self, one: _Found) -> None:
        """Make an identity known under its name and ARN."""
        identity = one.identity
        self.found[identity.key] = one
        for text in {identity.name, identity.arn}:
            self._named.setdefault((identity.deployment, identity.kind, text), []).append(one)

    def named(self, kind: IdentityKind, value: Value, owner: Resource) -> list[_Found]:
        """The identities that `value` means to `owner`: a name or an ARN, made up where no file defines it.

        Where several bear the name, those in the owner's account and module go first.
        """
        text = with_holes(value, self.holes)
        found = self._named.get((owner.deployment, kind, text), [])
        if not found:
            self.add(_Found(self._referred(kind, text, value, owner), module_of(owner.address)))
            return self._named[owner.deployment, kind, text][:1]
        account = account_of(owner, self.holes)
        found = [one for one in found if one.identity.account == account] or found
        module = module_of(owner.address)
        return [one for one in found if one.module == module] or found

    def _referred(self, kind: IdentityKind, text: str, value: Value, owner: Resource) -> Identity:
        """An identity that no file defines: it may have any further policies."""
        written = _ARN.fullmatch(text)
        name = written.group("name") if written else text
        arn = (
            text
            if written
            else f"arn:{partition_of(owner, self.holes)}:iam::{account_of(owner, self.holes)}:{kind.value}/{name}"
        )
        only_hole = len(text) == 1 and is_hole(text)
        address = self.holes.expression(text) if only_hole else f"{kind.value}/{self.holes.fill(name)}"
        return _undefined(kind, address, owner.deployment, name, arn, value.location, self.holes)


def read_identities(resources: Iterable[Resource], holes: Holes, problems: list[Problem]) -> IdentityReading:
    """Every identity of the code with every policy that is attached to it, wherever that is written."""
    listed = tuple(resources)
    managed = ManagedPolicies(holes, problems)
    managed.add(listed)
    directory = _Directory(holes)
    for resource in listed:
        names = IDENTITIES.get(resource.type)
        if names is not None:
            directory.add(_read(resource, names, managed, holes, problems))
    unplaced: list[Attachment] = []
    for resource in listed:
        if is_data(resource):
            continue
        for kind, target, attachment in _attachments(resource, managed, holes, problems):
            if isinstance(target.data, Unknown) and target.data.many:
                unplaced.append(attachment)
                continue
            for one in directory.named(kind, target, resource):
                one.policies.append(attachment)
        _join(resource, directory)
    identities = {
        key: replace(
            one.identity,
            policies=(*one.identity.policies, *_distinct(one.policies, one.identity.policies)),
            groups=(*one.identity.groups, *one.groups),
        )
        for key, one in directory.found.items()
    }
    providers = tuple(_providers(listed, holes))
    return IdentityReading(identities, providers, tuple(unplaced))


def _distinct(found: Iterable[Attachment], known: Iterable[Attachment]) -> Iterator[Attachment]:
    """Attachments of documents that are not attached yet."""
    seen = {id(one.document) for one in known}
    for one in found:
        if id(one.document) not in seen:
            seen.add(id(one.document))
            yield one


def _read(
    resource: Resource,
    names: IdentityNames,
    managed: ManagedPolicies,
    holes: Holes,
    problems: list[Problem],
) -> _Found:
    written = resource.get(names.name)
    arn = exported_arn(resource, holes)
    if not arn:
        known = with_holes(written, holes) if written is not None else holes.hole(f"{resource.address}.name")
        prefix = f"arn:{partition_of(resource, holes)}:iam::{account_of(resource, holes)}"
        path = holes.hole(f"{resource.address}.path") if is_data(resource) else "/"
        arn = f"{prefix}:{names.kind.value}{path}{known}"
    name = with_holes(written, holes) if written is not None else arn.rpartition("/")[2]
    if is_data(resource):
        identity = _undefined(
            names.kind, resource.address, resource.deployment, name, arn, resource.location, holes
        )
        return _Found(identity, module_of(resource.address))
    trust: list[Attachment] = []
    if names.trust:
        trust.append(_trust(resource, names.trust, holes, problems))
    boundary_arn = resource.get(names.boundary) if names.boundary else None
    groups = [
        Membership(with_holes(item, holes), resource.address, item.location)
        for item in (resource.blocks(names.groups) if names.groups else ())
    ]
    identity = Identity(
        names.kind,
        resource.address,
        resource.deployment,
        name,
        arn,
        resource.location,
        tuple(trust),
        tuple(_own_policies(resource, names, managed, holes, problems)),
        managed.attached(boundary_arn, resource) if boundary_arn is not None else None,
        tuple(groups),
        _tags(resource, names.tags, holes),
    )
    return _Found(identity, module_of(resource.address))


def _trust(resource: Resource, name: str, holes: Holes, problems: list[Problem]) -> Attachment:
    value = resource.get(name)
    if value is None:
        unknown = Unknown(f"{resource.address}.{name}", "it is not written")
        return unknown_attachment(unknown, holes, resource.address, resource.location)
    return read_attached(value, PolicyKind.TRUST, resource, name, holes, problems)


def _own_policies(
    resource: Resource,
    names: IdentityNames,
    managed: ManagedPolicies,
    holes: Holes,
    problems: list[Problem],
) -> Iterator[Attachment]:
    """What is written into the identity itself."""
    for block in resource.blocks(names.inline) if names.inline else ():
        document = block.get(names.inline_document)
        if isinstance(block.data, Unknown):
            yield unknown_attachment(block.data, holes, resource.address, block.location)
        elif document is not None and document.data is not None:
            yield read_attached(
                document, PolicyKind.IDENTITY, resource, names.inline_document, holes, problems
            )
    for item in resource.blocks(names.managed) if names.managed else ():
        yield managed.attached(item, resource)


def _tags(resource: Resource, name: str, holes: Holes) -> Mapping[str, str]:
    """Tags with a known name: an object in Terraform, a list of keys and values in CloudFormation."""
    value = resource.get(name) if name else None
    match value.data if value is not None else None:
        case Object(entries):
            return {key: with_holes(entry, holes) for key, entry in entries.items()}
        case tuple() as items:
            found: dict[str, str] = {}
            for item in items:
                key, text = item.get("Key"), item.get("Value")
                if key is not None and key.text is not None and text is not None:
                    found[key.text] = with_holes(text, holes)
            return found
        case _:
            return {}


def _undefined(
    kind: IdentityKind,
    address: str,
    deployment: str,
    name: str,
    arn: str,
    location: Location,
    holes: Holes,
) -> Identity:
    unknown = Unknown(f"policies of {address}", "it is not defined in the scanned files")
    rest = unknown_attachment(unknown, holes, address, location, f"further policies of {address}")
    trust = (rest,) if kind is IdentityKind.ROLE else ()
    return Identity(kind, address, deployment, name, arn, location, trust, (rest,), defined=False)


def _attachments(
    resource: Resource, managed: ManagedPolicies, holes: Holes, problems: list[Problem]
) -> Iterator[tuple[IdentityKind, Value, Attachment]]:
    """To whom `resource` attaches what."""
    names = ATTACHMENTS.get(resource.type)
    if names is not None:
        targets = list(_targets(resource, names.targets))
        for attachment in _attached_by(resource, names.document, names.policies, managed, holes, problems):
            for kind, target in targets:
                yield kind, target, attachment
    policy = POLICIES.get(resource.type)
    if policy is not None:
        for kind, target in _targets(resource, policy.targets):
            yield kind, target, managed.policy(resource)


def _targets(resource: Resource, names: Mapping[IdentityKind, str]) -> Iterator[tuple[IdentityKind, Value]]:
    for kind, name in names.items():
        for item in resource.blocks(name):
            yield kind, item


def _attached_by(
    resource: Resource,
    document: str,
    policies: str,
    managed: ManagedPolicies,
    holes: Holes,
    problems: list[Problem],
) -> Iterator[Attachment]:
    if document:
        value = resource.get(document)
        if value is not None:
            yield read_attached(value, PolicyKind.IDENTITY, resource, document, holes, problems)
    for item in resource.blocks(policies) if policies else ():
        yield managed.attached(item, resource)


def _join(resource: Resource, directory: _Directory) -> None:
    """Put users into the groups that `resource` names."""
    names = MEMBERSHIPS.get(resource.type)
    if names is not None:
        pairs = [
            (user, group) for user in resource.blocks(names.users) for group in resource.blocks(names.groups)
        ]
        for user, group in pairs:
            for member in directory.named(IdentityKind.USER, user, resource):
                member.groups.extend(_memberships(group, resource, directory))
    own = IDENTITIES.get(resource.type)
    if own is not None and own.groups:
        member = directory.found[f"{resource.deployment}\0{resource.address}"]
        groups = [
            membership
            for group in resource.blocks(own.groups)
            for membership in _memberships(group, resource, directory)
        ]
        member.identity = replace(member.identity, groups=())
        member.groups.extend(groups)


def _memberships(group: Value, resource: Resource, directory: _Directory) -> Iterator[Membership]:
    for one in directory.named(IdentityKind.GROUP, group, resource):
        yield Membership(one.identity.key, resource.address, group.location)


def _providers(resources: Iterable[Resource], holes: Holes) -> Iterator[Provider]:
    for resource in resources:
        if resource.type in PROVIDERS and not is_data(resource):
            arn = resource.get("arn")
            url = resource.get("url") or resource.get("Url")
            if arn is not None:
                text = with_holes(arn, holes)
            elif url is not None:
                host = with_holes(url, holes).removeprefix("https://")
                prefix = f"arn:{partition_of(resource, holes)}:iam::{account_of(resource, holes)}"
                text = f"{prefix}:oidc-provider/{host}"
            else:
                text = holes.hole(f"{resource.address}.arn")
            yield Provider(resource.address, resource.deployment, text, resource.location)
