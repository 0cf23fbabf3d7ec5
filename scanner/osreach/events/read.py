"""Events out of files: CSV and JSON, plain or gzip, one file or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from osreach.events.csv_history import looks_like_history, read_history
from osreach.events.event import Event
from osreach.events.json_log import read_log
from osreach.events.text_file import EndsEarlyError, lines, pieces
from osreach.location import Location
from osreach.problem import Problem
from osreach.usage import UsageError

_ENDINGS = (".csv", ".json", ".jsonl", ".ndjson", ".log", ".gz")


def read_events(path: str) -> Iterator[Event | Problem]:
    """The events of a file, or of the files below a folder in the order of their names.

    Nothing is held but what the next event needs. What cannot be read is a
    problem with its line, and the rest still comes. Raises UsageError where
    `path` is not there or cannot be opened.
    """
    if not os.path.exists(path):  # noqa: PTH110 - an empty text is no path, but `Path("")` is the folder
        raise UsageError(f"`{path}` does not exist")
    given = Path(path)
    if not given.is_dir():
        yield from _of_file(given)
        return
    files = sorted(
        Path(folder) / name
        for folder, _, names in os.walk(given)
        for name in names
        if name.endswith(_ENDINGS) and not name.startswith(".")
    )
    if not files:
        raise UsageError(f"the folder `{path}` holds no file of events ({', '.join(_ENDINGS)})")
    for file in files:
        try:
            yield from _of_file(file)
        except UsageError as error:
            yield Problem(_at(file, 1), str(error))


def _at(file: Path, line: int) -> Location:
    return Location(file.as_posix(), line, 1, line, 1)


def _of_file(file: Path) -> Iterator[Event | Problem]:
    last = 1
    try:
        for found in _parsed(file):
            last = found.location.line
            yield found
    except EndsEarlyError:
        yield Problem(
            _at(file, last), "the compressed data is damaged or ends early; what came before it was read"
        )


def _parsed(file: Path) -> Iterator[Event | Problem]:
    parts = pieces(file)
    start = ""
    for part in parts:
        start += part
        if start.strip():
            break
    shown = file.as_posix()
    if not start.strip():
        yield Problem(_at(file, 1), "the file is empty")
    elif start.lstrip().startswith(("{", "[")):
        yield from read_log(chain((start,), parts), shown)
    elif looks_like_history(start.lstrip().partition("\n")[0]):
        yield from read_history(lines(chain((start,), parts)), shown)
    else:
        yield Problem(
            _at(file, 1), "the file is neither an event history (CSV) nor a log of CloudTrail (JSON)"
        )
