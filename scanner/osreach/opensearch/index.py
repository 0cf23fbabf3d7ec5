"""Indexes that are known, and what an index expression of a request means.

Source: https://docs.opensearch.org/latest/api-reference/common-parameters/ and
https://docs.opensearch.org/latest/im-plugin/index-alias/ (aliases),
https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/ (names).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from osreach.opensearch.pattern import is_wildcard, matches
from osreach.truth import Truth


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is known to exist, with the aliases and the data stream that it is part of."""

    name: str
    aliases: tuple[str, ...] = ()
    data_stream: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which a role can give access to this index."""
        return (self.name, *self.aliases, *((self.data_stream,) if self.data_stream else ()))


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexes that are known; `complete` where there are no others."""

    known: tuple[Index, ...] = ()
    complete: bool = False

    def members(self, name: str) -> tuple[Index, ...]:
        """The indexes behind a name: the index itself, or those of an alias or a data stream."""
        return tuple(index for index in self.known if name in index.names)


@dataclass(frozen=True, slots=True)
class Name:
    """One index, alias or data stream."""

    name: str


@dataclass(frozen=True, slots=True)
class Every:
    """Every index whose name (or alias) matches `pattern` and none of `excluded`."""

    pattern: str
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """Indexes of which it is known only that their names match `pattern`, and why (`date math`)."""

    pattern: str
    because: str


@dataclass(frozen=True, slots=True)
class Remote:
    """Indexes of another cluster, which decides for itself."""

    cluster: str
    expression: str


Target: TypeAlias = "Name | Every | Some | Remote"

EVERYTHING = Every("*")


def words(target: Target) -> str:
    """The target as a message names it."""
    match target:
        case Name(name):
            return f"`{name}`"
        case Every(pattern, excluded):
            without = "".join(f", without `{one}`" for one in excluded)
            return f"every index of `{pattern}`{without}" if pattern != "*" else f"every index{without}"
        case Some("*", because):
            return f"an index that cannot be told ({because})"
        case Some(pattern, because):
            return f"an index of `{pattern}` ({because})"
        case Remote(cluster, expression):
            return f"`{expression}` on the cluster `{cluster}`"


def _items(text: str) -> list[str]:
    """The parts between commas, but for those inside `<...>`."""
    items = [""]
    inside = False
    for letter in text:
        inside = (inside or letter == "<") and letter != ">"
        if letter == "," and not inside:
            items.append("")
        else:
            items[-1] += letter
    return items


def pattern_of_date_math(text: str) -> str:
    """`<logs-{now/d}>` as the pattern `logs-*`."""
    out = ""
    depth = 0
    for letter in text[1:-1]:
        if letter == "{":
            out += "" if depth else "*"
            depth += 1
        elif letter == "}":
            depth -= 1
        elif not depth:
            out += letter
    return out


def parse_expression(text: str) -> tuple[Target, ...]:
    """What an index expression means: `logs-*,-logs-old`, `_all`, `<logs-{now/d}>`, `other:orders`.

    Nothing, `_all` and `*` are every index. `-x` takes away from the wildcards
    before it; where none is before it, it is a name (that no index can have).
    """
    targets: list[Target] = []
    for item in _items(text.strip()):
        target = _target(item.strip())
        if item.strip().startswith("-") and any(isinstance(one, Every) for one in targets):
            without = item.strip()[1:]
            targets = [
                Every(one.pattern, (*one.excluded, without)) if isinstance(one, Every) else one
                for one in targets
            ]
        else:
            targets.append(target)
    return tuple(targets)


def _target(item: str) -> Target:
    if item in {"", "_all", "*"}:
        return EVERYTHING
    if item.startswith("<") and item.endswith(">"):
        return Some(pattern_of_date_math(item), "date math")
    if item.startswith("-"):
        return Name(item)
    cluster, colon, rest = item.partition(":")
    if colon:
        return Remote(cluster, rest)
    return Every(item) if is_wildcard(item) else Name(item)


def selected(target: Every, indexes: Indexes) -> tuple[Index, ...]:
    """The known indexes that a wildcard certainly selects, by their own name or by an alias."""
    return tuple(
        index
        for index in indexes.known
        if any(matches(target.pattern, name) is Truth.TRUE for name in index.names)
        and not any(
            matches(pattern, name) is not Truth.FALSE for pattern in target.excluded for name in index.names
        )
    )
