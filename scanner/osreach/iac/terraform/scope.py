"""What an expression can see while it is evaluated, and how evaluation fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol, TypeAlias

from osreach.location import Location
from osreach.value import Object, Unknown, Value


class EvaluationError(Exception):
    """An expression that Terraform would refuse, with the place of the fault.

    `try` and `can` catch it; everywhere else it becomes a problem and the value
    an unknown.
    """

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.message = message
        self.location = location


class NullError(EvaluationError):
    """Null where a value is needed.

    Options that are null are the usual mark of what is not to be made, so that a
    block of which nobody knows whether it is made may have them.
    """


class BudgetError(EvaluationError):
    """The module is too large to be evaluated; not caught by `try`."""


class SetOfValues(tuple[Value, ...]):
    """The elements of a set: sorted, each once. A tuple for everyone who does not care."""

    __slots__ = ()


class TypedList(tuple[Value, ...]):
    """The elements of a `list(...)`, which Terraform never finds equal to a tuple `[...]`."""

    __slots__ = ()


class TypedMap(Object):
    """A `map(...)`, which Terraform never finds equal to an object `{...}`."""

    __slots__ = ()


class Unordered(tuple[Value, ...]):
    """The elements of a list whose order is not known, because some elements are not."""

    __slots__ = ()


MAXIMUM_ELEMENTS = 100_000
"""More elements than this in one collection are refused; no real module comes near."""

MAXIMUM_TEXT = 1_000_000
"""More characters than this in one text are refused."""


@dataclass(slots=True)
class Budget:
    """How many more steps the evaluation of one root module may take."""

    left: int = 250_000
    reported: bool = False

    def first_report(self) -> bool:
        """Whether the exhausted budget has not been reported yet; true once."""
        first = not self.reported
        self.reported = True
        return first

    def spend(self, steps: int, location: Location) -> None:
        """Count `steps`; raise `BudgetError` where there are none left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetError("evaluating this module takes too many steps", location)


class Instance(Protocol):
    """One instance of a resource, a data source or a module call, evaluated on demand."""

    def attribute(self, name: str, location: Location) -> Value:
        """The attribute (or output) `name`; `location` is where it is asked for."""

    def whole(self, location: Location) -> Value:
        """All attributes as one object."""


@dataclass(frozen=True, slots=True)
class Single:
    """A resource or module without `count` and `for_each`."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class Counted:
    """The instances of a resource or module with `count`."""

    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """The instances of a resource or module with `for_each`; `rest` are keys that are not known."""

    instances: Mapping[str, Instance]
    rest: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A resource or module of which it is not known how many instances there are.

    `instance` stands for each of them, `at` gives the one of a key or number that
    is taken for granted, `unknown` is the count or collection. `conditions` are
    the expressions of the unknown conditions that hold together exactly where
    there is one instance with the number 0, empty where it is not that simple.
    """

    instance: Instance
    unknown: Unknown
    at: Callable[[str], Instance]
    conditions: frozenset[str] = frozenset()


Expansion: TypeAlias = Single | Counted | Keyed | Undetermined


class Module(Protocol):
    """What the evaluator asks of the module an expression stands in."""

    def report(self, message: str, location: Location) -> None:
        """Note a problem; the evaluation goes on with an unknown."""

    @property
    def prefix(self) -> str:
        """`module.a.` in front of the expression of an unknown; empty in a root module."""

    def variable(self, name: str, location: Location) -> Value:
        """The value of `var.name`."""

    def local(self, name: str, location: Location) -> Value:
        """The value of `local.name`."""

    def path(self, name: str, location: Location) -> Value:
        """`path.module`, `path.root` or `path.cwd`."""

    def resource(self, kind: str, name: str, location: Location, *, data: bool) -> Expansion | Unknown:
        """The instances of a resource, or of a data source where `data`."""

    def call(self, name: str, location: Location) -> Expansion | Unknown:
        """The instances of `module.name`."""

    def read(self, path: str, location: Location) -> str | Unknown:
        """The text of a file inside the scanned tree; raises EvaluationError where there is none."""

    def shown(self, path: str) -> str:
        """A path that the module gives, as locations write it."""

    def files(self, path: str, location: Location) -> tuple[str, ...] | Unknown:
        """The paths of all files below the folder `path`, relative to it, with `/`."""


_NO_NAMES: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scope:
    """The module and the names that are bound around an expression.

    `names` holds `each`, `count`, `self`, the iterators of dynamic blocks and
    the variables of `for` expressions. Where `closed` (inside a template file)
    nothing but `names` can be seen. `trying` where a fault is caught (`try`,
    `can`, the sides of an unknown condition) and so must not be reported.
    `doubts` collects, inside `try` and `can`, what is not known and may turn out
    to be a fault. `assumed` are the expressions of unknown conditions that are true here: in a
    resource that exists under a condition, the condition holds. `perhaps` where it is not known
    whether the block is made at all.
    """

    module: Module
    budget: Budget
    names: Mapping[str, Value] = field(default_factory=lambda: _NO_NAMES)
    closed: bool = False
    trying: bool = False
    assumed: frozenset[str] = frozenset()
    doubts: list[Unknown] | None = None
    perhaps: bool = False

    def bind_all(self, names: Mapping[str, Value]) -> Scope:
        """This scope with further names."""
        return replace(self, names={**self.names, **names})
