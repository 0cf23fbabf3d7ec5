"""Action groups: names for sets of actions, which may hold other groups.

Source: https://docs.opensearch.org/latest/security/access-control/default-action-groups/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """A named set of actions and of other groups; `partial` where it may hold more than is written here."""

    name: str
    actions: tuple[str, ...]
    partial: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a list of actions and groups comes to.

    `actions` are pairs of the pattern and the name it was written as, so that
    a reason can say `read` where the pattern is `indices:data/read*`. A name in
    `unknown` is neither a group nor looks like an action; it permits nothing.
    `partial` says that a group that is used may hold more.
    """

    actions: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...] = ()
    partial: bool = False


def is_action(text: str) -> bool:
    """Whether a text looks like an action or a pattern of actions rather than the name of a group."""
    return ":" in text or "*" in text or not text.isascii()


def expand(written: Iterable[str], groups: Mapping[str, ActionGroup]) -> Expansion:
    """Every action behind `written`, each once; a group that holds itself adds nothing more."""
    found: dict[str, str] = {}
    unknown: dict[str, None] = {}
    partial = False
    for name in written:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            text = waiting.pop()
            group = groups.get(text)
            if group is None:
                if is_action(text):
                    found.setdefault(text, name)
                else:
                    unknown.setdefault(text)
            elif text not in seen:
                seen.add(text)
                partial = partial or group.partial
                # A group may have the name of an action pattern of its own, which counts as well.
                waiting.extend(reversed(group.actions))
    return Expansion(tuple(found.items()), tuple(unknown), partial)


_MOST_TEXTS = 1_000
"""The most that one group may hold with the groups in it; all groups of OpenSearch together hold less."""

_MOST_CIRCLES = 1_000
_FEW_TEXTS = 50
_MOST_USES = 300_000
_MOST_STEPS = 2_000_000


def too_large(groups: Mapping[str, ActionGroup], used: Iterable[str]) -> frozenset[str]:
    """The groups that hold too much to be looked through wherever they are used.

    `used` are the names in all lists of all roles, each as often as it is
    written. Groups that hold a few actions count as too large only where they
    could not be looked into within reason.
    """
    sizes: dict[str, int] = {}
    uses = steps = 0
    for name in used:
        if name not in groups:
            continue
        if name not in sizes:
            left = min(_MOST_TEXTS, max(_MOST_STEPS - steps, 0))
            sizes[name] = _size(groups, name, left)
            steps += sizes[name]
            if sizes[name] > left:
                sizes[name] = _MOST_TEXTS + 1
        uses += sizes[name]
    most = _FEW_TEXTS if uses > _MOST_USES else _MOST_TEXTS
    return frozenset(name for name, size in sizes.items() if size > most)


def _size(groups: Mapping[str, ActionGroup], name: str, most: int) -> int:
    """How many names and actions a group holds with the groups in it, counted until there are more than `most`."""
    seen = {name}
    waiting = [name]
    size = 1
    while waiting and size <= most:
        for text in groups[waiting.pop()].actions:
            size += 1
            if size > most:
                break
            if text in groups and text not in seen:
                seen.add(text)
                waiting.append(text)
    return size


def circular_groups(groups: Mapping[str, ActionGroup]) -> tuple[tuple[str, ...], ...]:
    """The ways in which groups hold themselves, each once, as `("a", "b", "a")`, beginning with the least name.

    At most the first thousand: every group may hold every other.
    """
    found: dict[tuple[str, ...], None] = {}
    done: set[str] = set()
    for start in sorted(groups):
        if start in done:
            continue
        path: list[str] = []
        inside = {start}
        # Each entry is a group and the members of it that were not yet followed.
        stack = [(start, iter(groups[start].actions))]
        path.append(start)
        while stack:
            name, members = stack[-1]
            following = next((member for member in members if member in groups), None)
            if following is None:
                stack.pop()
                inside.discard(path.pop())
                done.add(name)
            elif following in inside:
                circle = path[path.index(following) :]
                least = circle.index(min(circle))
                turned = (*circle[least:], *circle[:least])
                found.setdefault((*turned, turned[0]))
                if len(found) >= _MOST_CIRCLES:
                    return tuple(found)
            elif following not in done:
                path.append(following)
                inside.add(following)
                stack.append((following, iter(groups[following].actions)))
    return tuple(found)
