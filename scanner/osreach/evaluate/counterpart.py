"""Which part of the old code is which of the new one, whatever it is called by now.

A role or a domain is the same where its ARN is, or its address, or where a
`moved` block says so, or where all that it says is the same.
Source: https://developer.hashicorp.com/terraform/language/moved
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from osreach.access.identity import Identity
from osreach.access.model import Model
from osreach.evaluate.content import Contents
from osreach.evaluate.target import Target, collections_of, of_endpoint, targets_of
from osreach.iam.hole import Holes, has_hole, is_hole

Moves = Mapping[str, str]
"""Old address to new address, as `moved` blocks write them."""

_Part = TypeVar("_Part", Identity, Target)


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """The model of one version of the code, and the path that its deployments are told relative to."""

    model: Model
    top: str = "."

    def place(self, deployment: str) -> str:
        """A deployment as it is called in every version."""
        return os.path.relpath(deployment or ".", self.top)

    @property
    def holes(self) -> Holes:
        """What unknown parts of texts stand for."""
        return self.model.holes


@dataclass(slots=True, eq=False)
class Renaming:
    """The words of the old version in those of the new one."""

    old: Holes
    new: Holes
    addresses: Moves = field(default_factory=lambda: MappingProxyType({}))
    names: Moves = field(default_factory=lambda: MappingProxyType({}))
    _characters: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """`text` with its unknown parts and names as the new version has them."""
        if has_hole(text):
            text = "".join(self._character(one) if is_hole(one) else one for one in text)
        return _substituted(text, self.names) if self.names and ":" in text else text

    def _character(self, hole: str) -> str:
        known = self._characters.get(hole)
        if known is None:
            expression = _substituted(self.old.expression(hole), self.addresses)
            known = self._characters[hole] = self.new.hole(expression)
        return known


def _substituted(text: str, words: Moves) -> str:
    """`text` with whole words put in the place of others, all at once."""
    found = sorted((old for old in words if old in text), key=len, reverse=True)
    if not found:
        return text
    pattern = "|".join(map(re.escape, found))
    return re.sub(rf"(?<![\w.-])(?:{pattern})(?![\w-])", lambda match: words[match[0]], text)


@dataclass(frozen=True, slots=True, eq=False)
class Counterparts:
    """Old and new identities and resources, as far as they are the same; `words` turns old text into new text.

    `identities` leads from the key of an old identity to that of the new one,
    `targets` from the key of a new resource to the old one. `renamed` are keys
    of new parts whose ARN is another one by now, `kept` those of new identities
    that there were before.
    """

    identities: Mapping[str, str]
    targets: Mapping[str, Target]
    renamed: frozenset[str]
    words: Renaming
    kept: frozenset[str] = frozenset()


def counterparts(old: Version, new: Version, moves: Moves) -> Counterparts:
    """Who and what is the same in both versions."""
    plain = Renaming(old.holes, new.holes, moves)
    identities = _matched(
        tuple(old.model.identities.values()),
        tuple(new.model.identities.values()),
        _keys(old, plain, new.holes, moves),
        _keys(new, str, new.holes, {}),
    )
    endpoints = _matched(
        tuple(map(of_endpoint, old.model.serverless.endpoints)),
        tuple(map(of_endpoint, new.model.serverless.endpoints)),
        _keys(old, plain, new.holes, moves),
        _keys(new, str, new.holes, {}),
    )
    # What stands around a resource may be called otherwise by now.
    known = _addresses((*identities, *endpoints), moves)
    targets = _matched(
        (*targets_of(old.model), *collections_of(old.model)),
        (*targets_of(new.model), *collections_of(new.model)),
        _keys(old, Renaming(old.holes, new.holes, known), new.holes, moves),
        _keys(new, str, new.holes, {}),
    )
    pairs: list[tuple[Identity, Identity] | tuple[Target, Target]] = [*identities, *targets, *endpoints]
    addresses = _addresses(pairs, moves)
    words = Renaming(old.holes, new.holes, addresses)
    renamed = [(one, other) for one, other in pairs if words(one.arn) != other.arn]
    names = {words(one.arn): other.arn for one, other in renamed}
    return Counterparts(
        {one.key: other.key for one, other in identities},
        {other.key: one for one, other in targets},
        frozenset(other.key for _, other in renamed),
        Renaming(old.holes, new.holes, addresses, names),
        frozenset(other.key for _, other in identities),
    )


def _addresses(
    pairs: Iterable[tuple[Identity, Identity] | tuple[Target, Target]], moves: Moves
) -> dict[str, str]:
    return {**moves, **{one.address: other.address for one, other in pairs if one.address != other.address}}


def _keys(
    version: Version, words: Callable[[str], str], holes: Holes, moves: Moves
) -> tuple[Callable[[_Part], Hashable | None], ...]:
    """What parts are recognised by, the surest first; None where something does not say who it is.

    `holes` are those of the version whose words `words` makes.
    """

    def kind(one: _Part) -> str:
        return one.kind.value

    def arn(one: _Part) -> str:
        return words(one.arn)

    def named(one: _Part) -> bool:
        return not has_hole(one.arn.split(":", 5)[-1])

    def masked(one: _Part) -> Hashable:
        hidden = Contents(version.model, lambda text: holes_masked(text, one.address))
        return hidden.target(one) if isinstance(one, Target) else hidden.identity(one)

    def holes_masked(text: str, address: str) -> str:
        return holes.fill(words(text)).replace(address, "@")

    return (
        lambda one: (kind(one), version.place(one.deployment), arn(one), one.address),
        lambda one: (kind(one), version.place(one.deployment), arn(one)) if named(one) else None,
        lambda one: (kind(one), version.place(one.deployment), _moved(one.address, moves)),
        lambda one: (kind(one), arn(one), one.address),
        lambda one: (kind(one), arn(one)) if named(one) else None,
        lambda one: (kind(one), version.place(one.deployment), masked(one)),
        lambda one: (kind(one), masked(one)),
    )


def _moved(address: str, moves: Moves) -> str:
    """The address behind a `moved` block, in whatever module it is; the address itself where there is none."""
    for old, new in moves.items():
        if old in address:
            address = re.sub(rf"(?:(?<=\.)|^){re.escape(old)}(?=$|[.\[])", new, address)
    return address


def _matched(
    old: Sequence[_Part],
    new: Sequence[_Part],
    old_keys: Iterable[Callable[[_Part], Hashable | None]],
    new_keys: Iterable[Callable[[_Part], Hashable | None]],
) -> list[tuple[_Part, _Part]]:
    """Pairs with the same key, by one kind of key after another; a key that several share tells nothing."""
    pairs: list[tuple[_Part, _Part]] = []
    for old_key, new_key in zip(old_keys, new_keys, strict=True):
        before, after = _alone(old, old_key), _alone(new, new_key)
        found = [(before[key], after[key]) for key in before if key in after]
        pairs += found
        gone = {one.key for one, _ in found}
        here = {other.key for _, other in found}
        old = [one for one in old if one.key not in gone]
        new = [one for one in new if one.key not in here]
        if not old or not new:
            break
    return pairs


def _alone(parts: Iterable[_Part], key: Callable[[_Part], Hashable | None]) -> dict[Hashable, _Part]:
    """The parts that have a key of their own, by it."""
    found: dict[Hashable, list[_Part]] = {}
    for part in parts:
        one = key(part)
        if one is not None:
            found.setdefault(one, []).append(part)
    return {one: listed[0] for one, listed in found.items() if len(listed) == 1}
