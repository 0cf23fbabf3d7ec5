"""The text of a plan or state as data, with the place of each resource.

A plan is one line of up to some megabytes, so it is read by the standard
library, and places are looked up for those resources that somebody asks for.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from osreach.location import Location
from osreach.problem import Problem

Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | float | bool | None"
"""What JSON holds."""

MAXIMUM_VALUES: Final = 4_000_000
"""Values in one plan, an object counted as three; more would take more memory than a scan may."""

_MAXIMUM_MEMORY: Final = 120_000_000
"""Bytes that the text of a plan may take; one rare character can make four bytes of each."""

_DEEPEST_MODULE: Final = 100
_ADDRESS: Final = re.compile(r'"address"\s*:\s*("(?:[^"\\]|\\.)*")')


def entries(data: Data) -> Mapping[str, Data]:
    """The entries of an object; nothing of anything else."""
    return data if isinstance(data, dict) else {}


def elements(data: Data) -> list[Data]:
    """The elements of a list; nothing of anything else."""
    return data if isinstance(data, list) else []


def text(data: Data) -> str:
    """A string, empty for anything else."""
    return data if isinstance(data, str) else ""


@dataclass(slots=True)
class PlanText:
    """The text of a file, and the places in it."""

    path: str
    text: str
    _lines: tuple[int, ...] = ()
    _addresses: dict[str, tuple[int, int]] = field(default_factory=dict)
    _offsets: list[int] = field(default_factory=list)

    def _index(self, begin: int) -> None:
        """Notes where each address is first written behind `begin`."""
        self._lines = (0, *(found.end() for found in re.finditer("\n", self.text)))
        for found in _ADDRESS.finditer(self.text, begin):
            try:
                name = json.loads(found[1])
            except ValueError:
                continue
            self._addresses.setdefault(name, found.span(1))
            self._offsets.append(found.start())

    def _location(self, start: int, end: int) -> Location:
        line = bisect_right(self._lines, start)
        column = start - self._lines[line - 1] + 1
        return Location(self.path, line, column, line, column + end - start)

    def resource(self, address: str) -> Location:
        """Where the resource stands: its address."""
        if not self._lines:
            begin = max(self.text.find('"planned_values"'), 0)
            self._index(begin)
        span = self._addresses.get(address)
        return Location(self.path, 1, 1, 1, 1) if span is None else self._location(*span)

    def attribute(self, address: str, name: str) -> Location:
        """Where an attribute of a resource stands, or the resource where it is not found."""
        whole = self.resource(address)
        span = self._addresses.get(address)
        if span is None:
            return whole
        following = bisect_right(self._offsets, span[0])
        end = self._offsets[following] if following < len(self._offsets) else len(self.text)
        found = re.compile(rf'"{re.escape(name)}"\s*:').search(self.text, span[1], end)
        return whole if found is None else self._location(found.start(), found.end())


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan or a state. `values` is the part with the resources, `is_state` where there is no plan."""

    text: PlanText
    data: Mapping[str, Data]
    values: Mapping[str, Data]
    is_state: bool

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.text.path

    @property
    def gaps(self) -> str:
        """Why resources may be missing from it, empty where they are all there."""
        if self.data.get("errored") is True:
            return "the plan failed, so resources may be missing from it"
        if self.data.get("complete") is False:
            return "the plan is not complete, because it was made for some resources only or defers others"
        return ""

    def resources(self) -> Iterator[Mapping[str, Data]]:
        """All resources of all modules that will be there, data sources included."""
        yield from resources_in(self.values.get("root_module"))

    def prior_resources(self) -> Iterator[Mapping[str, Data]]:
        """What was there before the plan: also the data sources that were read for it."""
        values = entries(entries(self.data.get("prior_state")).get("values"))
        yield from resources_in(values.get("root_module"))


def resources_in(module: Data) -> Iterator[Mapping[str, Data]]:
    """The resources of a module of `values` and of those in it."""
    pending: list[tuple[Data, int]] = [(module, 0)]
    while pending:
        current, depth = pending.pop()
        for resource in elements(entries(current).get("resources")):
            if isinstance(resource, dict):
                yield resource
        if depth < _DEEPEST_MODULE:
            children = elements(entries(current).get("child_modules"))
            pending += [(child, depth + 1) for child in reversed(children)]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of new objects that are all in use are no work for the garbage collector."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_plan(path: str, content: str) -> Plan | Problem:
    """The plan or state that a file holds, or why it is none."""
    start = Location(path, 1, 1, 1, 1)
    if sum(map(content.count, ",[{{{")) > MAXIMUM_VALUES:
        return Problem(start, f"the plan holds more than {MAXIMUM_VALUES:,} values and is not read")
    if sys.getsizeof(content) > _MAXIMUM_MEMORY:
        return Problem(start, "the plan takes too much memory and is not read")
    try:
        with _without_collection():
            data: Data = json.loads(content)
    except RecursionError:
        return Problem(start, "the plan is nested too deeply to be read")
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        place = Location(path, line, column, line, column + 1)
        return Problem(place, f"the plan is not valid JSON: {error.msg.lower()}")
    except ValueError as error:  # a number of more digits than Python converts
        return Problem(start, f"the plan cannot be read: {error}".lower())
    whole = entries(data)
    planned, state = whole.get("planned_values"), whole.get("values")
    values = planned if isinstance(planned, dict) else state
    if not isinstance(values, dict):
        return Problem(start, "this is neither a plan nor a state as `terraform show -json` prints them")
    return Plan(PlanText(path, content), whole, values, is_state=not isinstance(planned, dict))
