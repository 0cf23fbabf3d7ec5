"""What a change does to the documents and fields that a reader sees of the same indexes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from osreach.evaluate.cluster_level import IndexAccess
from osreach.evaluate.restriction import Restriction


class Seen(Enum):
    """Whether more is seen than before; `OTHER` where the one is not a part of the other."""

    SAME = "the same"
    MORE = "more"
    LESS = "less"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class SeenChange:
    """The change and in which indexes and parts of them, as a phrase."""

    kind: Seen
    words: str


def _allowed(old: tuple[str, ...], new: tuple[str, ...]) -> Seen:
    """Of two lists of what is shown, of which an empty one shows everything."""
    before, after = frozenset(old), frozenset(new)
    if before == after:
        return Seen.SAME
    if not after or (before and before < after):
        return Seen.MORE
    if not before or after < before:
        return Seen.LESS
    return Seen.OTHER


def _hidden(old: tuple[str, ...], new: tuple[str, ...]) -> Seen:
    """Of two lists of what is kept back."""
    before, after = frozenset(old), frozenset(new)
    if before == after:
        return Seen.SAME
    if after < before:
        return Seen.MORE
    return Seen.LESS if before < after else Seen.OTHER


def _together(parts: Iterable[Seen]) -> Seen:
    found = set(parts) - {Seen.SAME}
    if not found:
        return Seen.SAME
    return found.pop() if len(found) == 1 else Seen.OTHER


def _parts(old: Restriction, new: Restriction) -> dict[str, Seen]:
    fields = _together((_allowed(old.included, new.included), _hidden(old.excluded, new.excluded)))
    return {
        "documents": _allowed(old.documents, new.documents),
        "fields": fields,
        "masked fields": _hidden(old.masked, new.masked),
    }


def seen_change(old: Iterable[IndexAccess], new: Iterable[IndexAccess]) -> SeenChange | None:
    """What becomes of what is seen, over all patterns that both know; a side without any shows everything."""
    before = {one.pattern: one.seen for one in old}
    after = {one.pattern: one.seen for one in new}
    both = before and after
    patterns = [name for name in before if name in after] if both else list(before or after)
    kinds: list[Seen] = []
    words: list[str] = []
    for name in patterns:
        parts = _parts(before.get(name, Restriction(name)), after.get(name, Restriction(name)))
        kind = _together(parts.values())
        if kind is not Seen.SAME:
            kinds.append(kind)
            changed = ", ".join(part for part, one in parts.items() if one is not Seen.SAME)
            words.append(f"{kind.value} of {name} is seen than before ({changed})")
    together = _together(kinds)
    return None if together is Seen.SAME else SeenChange(together, "; ".join(words))
