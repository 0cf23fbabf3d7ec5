"""A text being read: the places of its offsets, and the problems met on the way."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from osreach.location import Location
from osreach.problem import Problem


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text with its path and the offsets at which its lines begin.

    `line` and `column` say where the text itself begins, for a text that stands
    inside another one.
    """

    path: str
    text: str
    starts: tuple[int, ...]
    line: int = 1
    column: int = 1

    def location(self, start: int, end: int) -> Location:
        """The place of `text[start:end]`."""
        starts = self.starts
        row = bisect_right(starts, start)
        last = row if row == len(starts) or end < starts[row] else bisect_right(starts, end)
        column = start - starts[row - 1] + (self.column if row == 1 else 1)
        end_column = end - starts[last - 1] + (self.column if last == 1 else 1)
        return Location(self.path, row + self.line - 1, column, last + self.line - 1, end_column)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place in this text."""
        row = line - self.line
        return self.starts[row] + column - (self.column if row == 0 else 1)


def source_text(path: str, text: str, *, line: int = 1, column: int = 1) -> SourceText:
    r"""`text` with its lines counted; a line ends at `\n`, which `\r` may precede."""
    starts = (0, *(found.end() for found in re.finditer("\n", text)))
    return SourceText(path, text, starts, line, column)


@dataclass(frozen=True, slots=True)
class Reader:
    """One text being read: the problems found so far, and how deep inside templates it is read."""

    source: SourceText
    problems: list[Problem] = field(default_factory=list)
    templates: int = 0

    def complain(self, message: str, start: int, end: int) -> None:
        """Notes a problem that leaves the rest readable."""
        self.problems.append(Problem(self.source.location(start, end), message))
