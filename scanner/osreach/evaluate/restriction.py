"""What fine-grained access control keeps from somebody who may read.

Sources: https://docs.opensearch.org/latest/security/access-control/document-level-security/,
https://docs.opensearch.org/latest/security/access-control/field-level-security/ and
https://docs.opensearch.org/latest/security/access-control/field-masking/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osreach.opensearch.role import is_excluded, masked_field
from osreach.opensearch.view import View


@dataclass(frozen=True, slots=True)
class Restriction:
    """What is seen of an index or a pattern; empty parts limit nothing.

    `documents` are queries of which one must match. Fields are names or
    patterns. `certain` is false where a limit may not apply. `roles` limit.
    """

    index: str
    documents: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    certain: bool = True
    roles: tuple[str, ...] = ()

    @property
    def limits(self) -> bool:
        """Whether anything is kept from the reader."""
        return bool(self.documents or self.included or self.excluded or self.masked)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """The restrictions of each index that is read, only those that limit."""

    indexes: tuple[Restriction, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """The queries of all indexes, each once."""
        return _once(query for one in self.indexes for query in one.documents)

    @property
    def included(self) -> tuple[str, ...]:
        """The only fields that are seen, of all indexes."""
        return _once(field for one in self.indexes for field in one.included)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The fields that are left out, of all indexes."""
        return _once(field for one in self.indexes for field in one.excluded)

    @property
    def masked(self) -> tuple[str, ...]:
        """The fields whose texts are replaced, of all indexes."""
        return _once(field for one in self.indexes for field in one.masked)


UNRESTRICTED = Restrictions()


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def restriction_of(view: View) -> Restriction:
    """A view in the words of people."""
    return Restriction(
        view.index,
        view.documents,
        tuple(rule for rule in view.fields if not is_excluded(rule)),
        tuple(rule[1:] for rule in view.fields if is_excluded(rule)),
        tuple(masked_field(rule) for rule in view.masked_fields),
        view.certain,
        view.roles,
    )


def restrictions_of(views: Iterable[View]) -> Restrictions:
    """The restrictions in some views."""
    return Restrictions(tuple(one for one in map(restriction_of, views) if one.limits))
