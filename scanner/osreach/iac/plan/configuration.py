"""What the configuration inside a plan says: which arguments are written, and what they refer to.

An expression is kept as its constant value or as the list of its references,
never as what it does with them.
Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from osreach.iac.plan.load import Data, elements, entries, text

_STEP: Final = re.compile(r'module\.([^.\[\]]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.')
_REFERENCE: Final = re.compile(
    r'(?P<root>(?:data\.)?[\w-]+\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?)(?:\.(?P<rest>.*))?', re.DOTALL
)
_INDEX: Final = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_DEEPEST: Final = 30


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of a resource that is in the plan: the full address, and the name behind it."""

    address: str
    attribute: str


def calls_in(address: str) -> tuple[tuple[str, str], ...]:
    """The module calls in front of an address, each with its prefix up to and with its dot."""
    found: list[tuple[str, str]] = []
    position = 0
    while (step := _STEP.match(address, position)) is not None:
        position = step.end()
        found.append((step[1], address[:position]))
    return tuple(found)


@dataclass(slots=True)
class Configuration:
    """The configuration of a plan. `addresses` are those of all planned resources."""

    data: Mapping[str, Data]
    addresses: frozenset[str]
    _modules: dict[tuple[str, ...], Mapping[str, Data]] = field(default_factory=dict)
    _resources: dict[tuple[str, ...], Mapping[str, Mapping[str, Data]]] = field(default_factory=dict)
    _instances: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for address in sorted(self.addresses):
            self._instances.setdefault(unindexed(address), []).append(address)

    def module(self, names: tuple[str, ...]) -> Mapping[str, Data]:
        """The module that is reached by these calls from the root; empty where there is none."""
        if names not in self._modules:
            if names:
                calls = entries(self.module(names[:-1]).get("module_calls"))
                found = entries(entries(calls.get(names[-1])).get("module"))
            else:
                found = entries(self.data.get("root_module"))
            self._modules[names] = found
        return self._modules[names]

    def resource(self, address: str) -> Mapping[str, Data] | None:
        """The block behind the resource with the full `address`, or None."""
        calls = calls_in(address)
        names = tuple(name for name, _ in calls)
        if names not in self._resources:
            listed = elements(self.module(names).get("resources"))
            self._resources[names] = {text(entries(one).get("address")): entries(one) for one in listed}
        inner = address[len(calls[-1][1]) :] if calls else address
        return self._resources[names].get(unindexed(inner))

    def references(self, expression: Data) -> tuple[str, ...]:
        """What an expression refers to, as it is written in its module."""
        written = [text(one) for one in elements(entries(expression).get("references"))]
        return tuple(one for one in written if not any(_begins(other, one) for other in written))

    def resolve(self, address: str, reference: str, depth: int = 0) -> Reference | None:
        """The planned resource that `reference` means in the module of `address`, through calls and outputs."""
        calls = calls_in(address)
        prefix = calls[-1][1] if calls else ""
        found = _REFERENCE.fullmatch(reference)
        if found is None or depth > _DEEPEST:
            return None
        root, rest = found["root"], found["rest"] or ""
        kind, _, name = root.partition(".")
        if kind == "var" and calls and not rest:
            outer = calls[-2][1] if len(calls) > 1 else ""
            call = self._call(tuple(one for one, _ in calls))
            return self._only(outer, entries(call.get("expressions")).get(name), depth)
        if kind == "module":
            return self._output(prefix, tuple(one for one, _ in calls), root, rest, depth)
        if not rest:
            return None
        return self._planned(prefix + root, rest)

    def _planned(self, address: str, attribute: str) -> Reference | None:
        if address in self.addresses:
            return Reference(address, attribute)
        instances = self._instances.get(address, [])
        return Reference(instances[0], attribute) if len(instances) == 1 else None

    def _call(self, names: tuple[str, ...]) -> Mapping[str, Data]:
        return entries(entries(self.module(names[:-1]).get("module_calls")).get(names[-1]))

    def _output(
        self, prefix: str, names: tuple[str, ...], root: str, rest: str, depth: int
    ) -> Reference | None:
        call = unindexed(root).removeprefix("module.")
        outputs = entries(self.module((*names, call)).get("outputs"))
        expression = entries(outputs.get(rest)).get("expression")
        return self._only(f"{prefix}{root}.", expression, depth)

    def _only(self, prefix: str, expression: Data, depth: int) -> Reference | None:
        """The one thing that an expression in the module with `prefix` refers to."""
        references = self.references(expression)
        return self.resolve(prefix, references[0], depth + 1) if len(references) == 1 else None


def _begins(longer: str, shorter: str) -> bool:
    """Whether a reference is only the beginning of another one."""
    return longer.startswith((f"{shorter}.", f"{shorter}["))


def unindexed(address: str) -> str:
    """An address without the indexes of its instances: what is written in the code."""
    return _INDEX.sub("", address)
