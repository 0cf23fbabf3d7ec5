"""Policies of the identity side as they are written, with whoever is known to hold them."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.identity import Identity
from osreach.iam.document import Document, PolicyKind, Statement
from osreach.location import Location


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """A policy that says what callers may do.

    `kind` is that of an identity policy, or of a policy of an organization.
    `holders` are the identities of the code that it is attached to, a group
    standing for its users; none where the code attaches it to nobody.
    `location` is where it is attached or, where written in the code, written.
    """

    kind: PolicyKind
    name: str
    deployment: str
    document: Document
    holders: tuple[Identity, ...]
    location: Location

    @property
    def managed(self) -> bool:
        """Whether AWS wrote it: such a document stands in no file."""
        return self.document.location is None

    def place(self, statement: Statement) -> Location:
        """Where a statement of it stands."""
        return statement.location or self.document.location or self.location


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term access key: `user` is the user as the code names it, holes included."""

    address: str
    deployment: str
    user: str
    location: Location
