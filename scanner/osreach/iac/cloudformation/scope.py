"""What the names in a template stand for while one stack is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from osreach.iac.cloudformation.template import Template
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Data, Unknown, Value

MAXIMUM_HOPS: Final = 60
"""References from one name to the next; CloudFormation refuses circles, and people write a handful."""


@dataclass(slots=True)
class Scope:
    """One stack with the values of its parameters and the outcome of its conditions.

    `resources` are the written ones, with loops and SAM expanded. `chosen` holds
    conditions that are decided before their expressions are looked at; `others`
    the unknown values that are none of those which conditions compare them with.
    `address` of a resource is its logical id between `prefix` (of a nested
    stack) and `suffix` (of a choice of conditions). `child` gives the
    stack behind a logical id, `exports` is what other templates export.
    """

    template: Template
    pseudo: Mapping[str, str | Unknown]
    parameters: Mapping[str, Value]
    resources: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Value] = field(default_factory=dict)
    conditions: Mapping[str, Value] = field(default_factory=dict)
    chosen: Mapping[Location, bool] = field(default_factory=dict)
    others: frozenset[Unknown] = frozenset()
    prefix: str = ""
    suffix: str = ""
    child: Callable[[str, Scope], Scope | None] | None = None
    children: dict[str, Scope | None] = field(default_factory=dict)
    exports: Mapping[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    decided: dict[str, bool | Unknown] = field(default_factory=dict)
    undecided: dict[Location, None] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Data] = field(default_factory=dict)
    circles: int = 0
    iterations: int = 0
    _active: dict[str, None] = field(default_factory=dict)

    def address(self, logical_id: str) -> str:
        """The address of a resource of this stack."""
        return f"{self.prefix}{logical_id}{self.suffix}"

    def problem(self, location: Location, message: str) -> None:
        """Notes what could not be understood."""
        self.problems.append(Problem(location, message))

    @contextmanager
    def following(self, name: str) -> Iterator[bool]:
        """Follows a reference; gives False where it leads back to itself, or too far."""
        if name in self._active or len(self._active) >= MAXIMUM_HOPS:
            yield False
            return
        self._active[name] = None
        try:
            yield True
        finally:
            del self._active[name]
