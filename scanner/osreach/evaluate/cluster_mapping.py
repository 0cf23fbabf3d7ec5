"""Which role mappings of a cluster can name somebody, found without asking each of them.

A cluster may have thousands of mappings, most of which name one identity each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.opensearch.mapping import Mapping
from osreach.opensearch.pattern import has_hole, is_wildcard
from osreach.opensearch.subject import Subject


class MappingsByName:
    """The mappings of a cluster by the names in them; nothing changes once it is made."""

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self._all = tuple(mappings)
        self._by_name: dict[str, list[int]] = {}
        self._for_anybody: list[int] = []
        for number, mapping in enumerate(self._all):
            entries = (*mapping.users, *mapping.backend_roles, *mapping.and_backend_roles)
            if mapping.hosts or mapping.partial or any(map(_is_open, entries)):
                self._for_anybody.append(number)
            else:
                for name in {name for entry in entries for name in _names(entry)}:
                    self._by_name.setdefault(name, []).append(number)

    def of(self, subject: Subject) -> tuple[Mapping, ...]:
        """Every mapping that gives its role to the subject or may do so, in their order, and perhaps others."""
        texts = (subject.name, *subject.backend_roles)
        if subject.partial or any(map(has_hole, texts)):
            return self._all
        found = set(self._for_anybody)
        for text in texts:
            for name in _names(text):
                found.update(self._by_name.get(name, ()))
        return tuple(self._all[number] for number in sorted(found))


def _is_open(entry: str) -> bool:
    """Whether an entry can match more than what it names."""
    return is_wildcard(entry) or has_hole(entry)


def _names(text: str) -> Iterator[str]:
    """The text itself, and of the ARN of a role or of its session the role's name, which other forms share."""
    yield text
    if ":assumed-role/" in text:
        yield f"role {text.partition(':assumed-role/')[2].partition('/')[0]}"
    elif ":role/" in text:
        yield f"role {text.rpartition('/')[2]}"
