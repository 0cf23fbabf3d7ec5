"""From the JSON of a planned resource to located values, where what is not known yet says what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from osreach.iac.plan.configuration import Configuration
from osreach.iac.plan.load import Data, entries
from osreach.location import Location
from osreach.value import Object, Unknown, Value

_AFTER_APPLY: Final = "known after apply"
_DEEPEST: Final = 60
_SECRETS: Final = frozenset({"master_user_password", "password"})
"""Attributes that a plan shows although the code may keep them elsewhere; only what is written counts."""

_IDS: Final = frozenset({"id", "key_id", "arn"})
"""The attributes of resources by which others name them."""


class _Hidden:
    """The expression of something that a plan does not show: whatever a `dynamic` block generates."""


_HIDDEN: Final = _Hidden()


@dataclass(slots=True)
class Attributes:
    """The attributes of one planned resource.

    `computed` collects those that are not known and not written either: the
    provider will choose them, unless a `dynamic` block makes them.
    """

    address: str
    configuration: Configuration
    place: Callable[[str], Location]
    computed: set[str] = field(default_factory=set)

    def read(
        self, values: Mapping[str, Data], unknown: Mapping[str, Data], written: Mapping[str, Data] | None
    ) -> Mapping[str, Value]:
        """Every attribute that is set or may be. `written` are the expressions, None where there are none.

        An empty text is what providers keep for a text that is not set.
        """
        found: dict[str, Value] = {}
        for name in dict.fromkeys((*values, *unknown)):
            expression: Data | _Hidden = _HIDDEN if written is None else written.get(name)
            is_unknown = unknown.get(name)
            if is_unknown is True and expression is None:
                self.computed.add(name)
                continue
            location = self.place(name)
            value = self._value(values.get(name), is_unknown, expression, name, location, 0)
            if value is not None:
                found[name] = value
        return found

    def _value(
        self,
        data: Data,
        unknown: Data,
        expression: Data | _Hidden,
        path: str,
        location: Location,
        depth: int,
    ) -> Value | None:
        """A value; None where it is not set. `path` is what it is called below the resource."""
        if depth > _DEEPEST:
            return Value(Unknown(f"{self.address}.{path}", "it is nested too deeply"), location)
        if unknown is True:
            if expression is None:
                return None
            return self._unknown(expression, path, location)
        if data and path.rpartition(".")[2] in _SECRETS and not _is_written(expression):
            return Value(Unknown(f"{self.address}.{path}", "it is a secret of the plan"), location)
        match data:
            case None | "":
                return None
            case dict():
                return Value(self._object(data, unknown, expression, path, location, depth), location)
            case list():
                items = (
                    self._element(data, unknown, expression, path, location, depth, index)
                    for index in range(len(data))
                )
                return Value(tuple(items), location)
            case scalar:
                return Value(scalar, location)

    def _object(
        self,
        data: dict[str, Data],
        unknown: Data,
        expression: Data | _Hidden,
        path: str,
        location: Location,
        depth: int,
    ) -> Object:
        found: dict[str, Value] = {}
        deferred = entries(unknown)
        for name in dict.fromkeys((*data, *deferred)):
            inner = expression
            if isinstance(expression, dict) and not _is_leaf(expression):
                inner = expression.get(name)
            value = self._value(
                data.get(name), deferred.get(name), inner, f"{path}.{name}", location, depth + 1
            )
            if value is not None:
                found[name] = value
        return Object(found)

    def _element(
        self,
        data: list[Data],
        unknown: Data,
        expression: Data | _Hidden,
        path: str,
        location: Location,
        depth: int,
        index: int,
    ) -> Value:
        inner = expression
        if isinstance(expression, list):
            # blocks that are written one by one; more than that are generated
            inner = expression[index] if len(expression) == len(data) else _HIDDEN
        elif expression is None:
            inner = _HIDDEN
        deferred = unknown[index] if isinstance(unknown, list) and index < len(unknown) else None
        value = self._value(data[index], deferred, inner, f"{path}[{index}]", location, depth + 1)
        return Value(None, location) if value is None else value

    def _unknown(self, expression: Data | _Hidden, path: str, location: Location) -> Value:
        """What stands for a value that is known after apply only.

        Ids are given as they are: one that is made of the id of a resource is
        that id, and a list that is made of several ids holds them all, with an
        unknown element for what else it is made of.
        """
        name = f"{self.address}.{path}"
        references = () if isinstance(expression, _Hidden) else self.configuration.references(expression)
        if not references:
            return Value(Unknown(name, _AFTER_APPLY), location)
        words = ", ".join(f"`{self._source(one)}`" for one in references[:3])
        unknown = Unknown(name, f"{_AFTER_APPLY}, made of {words}")
        last = path.rsplit(".", 1)[-1].partition("[")[0]
        ids = [self._id(one) for one in references] if last.endswith(("_id", "_ids")) else []
        known = [one for one in ids if one is not None]
        if len(known) == 1 == len(ids):
            return Value(known[0], location)
        if known and last.endswith("_ids") and not path.endswith("]"):
            rest = () if len(known) == len(ids) else (replace(unknown, many=True),)
            return Value(tuple(Value(one, location) for one in (*known, *rest)), location)
        return Value(unknown, location)

    def _source(self, reference: str) -> str:
        """Where a value comes from: the attribute of a resource where it is one, else what is written."""
        found = self.configuration.resolve(self.address, reference)
        return reference if found is None else f"{found.address}.{found.attribute}"

    def _id(self, reference: str) -> Unknown | None:
        """The id of another resource of the plan that `reference` means, or None."""
        found = self.configuration.resolve(self.address, reference)
        if found is None or found.attribute not in _IDS:
            return None
        return Unknown(f"{found.address}.{found.attribute}", _AFTER_APPLY, found.address)


def _is_written(expression: Data | _Hidden) -> bool:
    """Whether the configuration holds the value itself."""
    return isinstance(expression, dict) and "constant_value" in expression


def _is_leaf(expression: dict[str, Data]) -> bool:
    """Whether this is one expression, not the arguments of a block."""
    return not expression.keys() - {"constant_value", "references"}
