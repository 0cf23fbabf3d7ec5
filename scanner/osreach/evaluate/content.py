"""What parts of the access model say, without where and under which address it is written.

Two parts with the same content decide alike, so that code which was only moved
can be told from code that was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum

from osreach.access.domain import AttachedPolicy, Domain
from osreach.access.identity import Attachment, Identity
from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.cluster import content_of
from osreach.evaluate.encryption import key_of
from osreach.evaluate.organization import documents_for
from osreach.evaluate.serverless_bearing import data_access, network
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind, of_role
from osreach.iam.document import Condition, Document, Principals, Statement, Terms
from osreach.location import Location

_PLACES = frozenset({"address", "deployment", "source", "owner", "index", "construct", "sid"})
"""Fields that say how a part is called in the code, and not what it allows."""

Words = Callable[[str], str]
"""Text as it is compared: unknown parts in one alphabet, names of one time."""


@dataclass(slots=True, eq=False)
class Contents:
    """Contents of the parts of one model, each worked out once."""

    model: Model
    words: Words
    _documents: dict[int, tuple[Document, Hashable]] = field(default_factory=dict)

    def of(self, value: object) -> Hashable:
        """What any part of the model says; places are not a part of it."""
        match value:
            case str():
                return self.words(value) if not isinstance(value, Enum) else value
            case Enum() | None | bool() | int() | float():
                return value
            case Location():
                return None
            case Document():
                return self._document(value)
            case Attachment() | AttachedPolicy():
                return (self.of(value.document), self.of(value.unknown))
            case tuple() | list():
                return tuple(self.of(one) for one in value)
            case frozenset() | set():
                return frozenset(self.of(one) for one in value)
            case Mapping():
                return frozenset((self.of(key), self.of(one)) for key, one in value.items())
            case _ if is_dataclass(value):
                return (
                    type(value).__name__,
                    *(self.of(getattr(value, one.name)) for one in fields(value) if one.name not in _PLACES),
                )
            case _:
                return repr(value)

    def _document(self, document: Document) -> Hashable:
        known = self._documents.get(id(document))
        if known is None:
            statements = frozenset(self.of(one) for one in document.statements)
            known = document, (document.version, statements, self.of(document.unknown))
            self._documents[id(document)] = known
        return known[1]

    def standing(self, standing: Standing) -> Hashable:
        """Everything that counts for a caller, its trust policy included."""
        trust = standing.identity.trust if standing.identity is not None else ()
        return (
            self.of(standing.principal),
            frozenset(self.of(policy) for policy in standing.policies),
            self.of(standing.boundary),
            self.of(standing.service_control),
            self.of(standing.tags),
            frozenset(self.of(policy) for policy in trust),
        )

    def target(self, target: Target) -> Hashable:
        """Everything that counts for a resource, what protects its data included."""
        found: list[Hashable] = [
            target.kind,
            *map(self.words, (target.arn, target.account, target.region)),
            frozenset(self.of(policy) for policy in target.policies),
            self.of(documents_for(self.model.organization, target.account, resource_control=True)),
        ]
        if not isinstance(target.subject, Identity):
            found.append(self.of(target.subject))
        if isinstance(target.subject, Domain):
            found.append(self._inside(target.subject))
        if isinstance(target.subject, Collection):
            found.append(self._around(target.subject))
        if target.kind is TargetKind.BUCKET:
            key = key_of(target.subject, self.model)  # type: ignore[arg-type]  # the subject of a bucket is one
            found += [key.kind, self.target(key.target) if key.target is not None else None]
        return tuple(found)

    def _inside(self, domain: Domain) -> Hashable:
        """What decides inside the cluster of a domain; predefined roles follow from its version."""
        content = content_of(self.model, domain)
        if content is None:
            return None
        cluster = content.cluster
        return (
            self.of(cluster.mappings),
            frozenset(self.of(role) for role in cluster.roles.values() if not role.predefined),
            frozenset(self.of(user) for user in cluster.users.values()),
            frozenset(self.of(one.content) for one in content.groups),
            self.of(cluster.indexes),
            self.of(content.login),
            (cluster.mappings_partial, content.users_partial),
        )

    def _around(self, collection: Collection) -> Hashable:
        """The policies of OpenSearch Serverless that bear on a collection, and the VPC endpoints to it."""
        return (
            frozenset(self.of(one) for one in data_access(collection, self.model)),
            frozenset(self.of(one) for one in network(collection, self.model)),
            frozenset(self.of((one.id, one.policies)) for one in self.model.serverless.endpoints),
        )

    def identity(self, identity: Identity) -> Hashable:
        """A role, user or group with what is attached to it."""
        return (self.target(of_role(identity)), frozenset(self.of(one) for one in identity.policies))


def rewritten(document: Document, words: Words) -> Document:
    """The document with all its text passed through `words`."""

    def terms(found: Terms) -> Terms:
        return replace(found, terms=tuple(replace(one, text=words(one.text)) for one in found.terms))

    def principals(found: Principals) -> Principals:
        return replace(found, terms=tuple(replace(one, text=words(one.text)) for one in found.terms))

    def condition(found: Condition) -> Condition:
        values = tuple(replace(one, text=words(one.text)) for one in found.values)
        return replace(found, key=words(found.key), values=values)

    def statement(found: Statement) -> Statement:
        return replace(
            found,
            actions=terms(found.actions),
            resources=terms(found.resources) if found.resources is not None else None,
            principals=principals(found.principals) if found.principals is not None else None,
            conditions=tuple(map(condition, found.conditions)),
        )

    return replace(
        document,
        statements=tuple(map(statement, document.statements)),
        unknown=tuple(replace(one, text=words(one.text)) for one in document.unknown),
    )
