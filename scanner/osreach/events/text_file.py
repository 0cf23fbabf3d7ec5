"""Text out of plain and compressed files, piece by piece."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from osreach.usage import UsageError

LONGEST_LINE = 1 << 20
"""In characters; an event has at most 256 KB."""

_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class EndsEarlyError(Exception):
    """The compressed data is damaged or ends in the middle; what came before it was given."""


def pieces(path: Path) -> Iterator[str]:
    """The text of a file in pieces of bounded size, unpacked where it is gzip.

    Bytes that are no text become replacement characters. Raises UsageError
    where the file cannot be opened and `EndsEarlyError` where gzip data is damaged.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if packed:
                with gzip.open(file) as unpacked:
                    yield from _decoded(unpacked)
            else:
                yield from _decoded(file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EndsEarlyError(str(error)) from None
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror or error}") from None


def _decoded(file: io.BufferedIOBase | gzip.GzipFile) -> Iterator[str]:
    # `read1` gives what there is: a damaged end does not swallow what came before it.
    first = file.read1(_PIECE)
    encoding = next((name for mark, name in _MARKS if first.startswith(mark)), "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    while first:
        yield decoder.decode(first)
        first = file.read1(_PIECE)
    yield decoder.decode(b"", final=True)


def lines(parts: Iterator[str]) -> Iterator[str]:
    """The lines of a text in pieces, without their ends; a longer one is cut at `LONGEST_LINE`."""
    rest = ""
    for part in parts:
        found = (rest + part).split("\n")
        rest = found.pop()[:LONGEST_LINE]
        for line in found:
            yield line.removesuffix("\r")
    if rest:
        yield rest
