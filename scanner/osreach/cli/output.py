"""Writing: to standard output or to files, with messages that name what went wrong."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

from osreach.usage import UsageError

STANDARD_OUTPUT = "-"


def version() -> str:
    """The installed version of osreach, or an empty text where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow

    try:
        return version("osreach")
    except PackageNotFoundError:
        return ""


def write(text: str, destination: str) -> None:
    """Writes `text` to a file, or to standard output for `-`.

    Raises UsageError where the file cannot be written. Where nobody reads
    standard output any more (`| head`), what is left is dropped.
    """
    if destination == STANDARD_OUTPUT:
        encoding = sys.stdout.encoding or "utf-8"
        # A terminal of another encoding shows what it cannot print as `\u2026`.
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        try:
            sys.stdout.write(shown)
            sys.stdout.flush()
        except BrokenPipeError:
            # Else Python would try to write the rest when it ends, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise UsageError(f"cannot write standard output: {error.strerror or error}") from None
        return
    try:
        Path(destination).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"cannot write `{destination}`: {error.strerror or error}") from None


def check_destination(destination: str) -> None:
    """Raises UsageError where it can be told before the work that `destination` cannot be written."""
    if destination == STANDARD_OUTPUT:
        return
    path = Path(destination)
    if path.is_dir():
        raise UsageError(f"cannot write `{destination}`: it is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write `{destination}`: the folder `{path.parent}` does not exist")


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour text on `stream`: a terminal, unless `NO_COLOR` (https://no-color.org) is set."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def width(stream: TextIO) -> int:
    """The columns of the terminal behind `stream`; 100 where it is none, so that output is the same everywhere."""
    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100
