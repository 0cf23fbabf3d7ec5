"""Readings kept between runs, in the user's cache folder.

A reading is a function of the program, of what was asked for, of the files that
discovery finds, and of what was seen of the file system while it was made.
Discovery happens in every run. A kept reading counts where all of this is the
same again; anything that is odd about it makes it count as not there.
"""

# As in `source`: os.path costs a fraction of pathlib.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import contextlib
import gc
import hashlib
import marshal
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from osreach.iac.plain import decode, encode
from osreach.iac.resource import Inputs, Reading
from osreach.iac.terraform.grammar import cache_folder, grammar_digest
from osreach.observation import Observations, Question, exists, listing, observing, real_path
from osreach.source import Sources, content

_FORMAT: Final = "2"
_WORTH_SECONDS: Final = 0.3
"""What is read faster than this is not kept: to look it up would take as long."""

_LARGEST_ENTRY: Final = 64_000_000
_LARGEST_FOLDER: Final = 256_000_000
_SECRET: Final = re.compile(
    r"pass|pwd|secret|token|credential|(?:access|api|private|signing)_?key", re.IGNORECASE
)
_PREFIX: Final = "reading-"
_DIGEST_BYTES: Final = 32


def kept_or_read(
    read: Callable[[], Reading],
    sources: Sources,
    inputs: Inputs,
    wanted: frozenset[str],
    paths: Sequence[str],
    *,
    every: bool,
) -> Reading:
    """What `read` returns, or has returned in an earlier run that would see the same now.

    The other arguments are all that `read` depends on besides the files that it
    looks at.
    """
    place = _place(sources, inputs, wanted, paths, every=every)
    if place is None:
        return read()
    found_before = hashlib.sha256(repr(sources).encode("utf-8", "surrogatepass")).digest()
    reading = _find(place, found_before)
    if reading is not None:
        return reading
    start = time.perf_counter()
    with observing() as seen:
        reading = read()
    took = time.perf_counter() - start
    # Whoever works on osreach itself may have changed it meanwhile.
    if (
        took >= _WORTH_SECONDS
        and all(seen.values())
        and place == _place(sources, inputs, wanted, paths, every=every)
    ):
        _keep(place, found_before, seen, reading)
    return reading


def _place(
    sources: Sources, inputs: Inputs, wanted: frozenset[str], paths: Sequence[str], *, every: bool
) -> Path | None:
    """The file in which the last reading for these arguments would be kept, None where none may be kept."""
    given = (*inputs.variables.items(), *inputs.parameters.items())
    if any(_SECRET.search(f"{name} {value}") for name, value in given):
        # What stands in files may be kept beside them, what the user types may not.
        return None
    try:
        folder = cache_folder() / "readings"
        real = os.path.realpath(folder)
        # What is scanned may come from anybody, and so may what lies in it.
        if any(f"{real}{os.sep}".startswith(tree.rstrip(os.sep) + os.sep) for tree in sources.trees):
            return None
        question = repr(
            (
                _program(),
                sources.root,
                sources.trees,
                tuple(paths),
                every,
                sorted(wanted),
                tuple(inputs.variables.items()),
                inputs.variable_files,
                tuple(inputs.parameters.items()),
                (inputs.account, inputs.region, inputs.partition),
            )
        )
    except (OSError, ImportError, RuntimeError, ValueError):
        return None
    return folder / f"{_PREFIX}{hashlib.sha256(question.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _program() -> tuple[str, ...]:
    """What tells this program from any other that reads differently: its text, its libraries, its Python."""
    digest = hashlib.sha256()
    top = str(Path(__file__).resolve().parent.parent)
    for path in _files_of_the_program(top):
        digest.update(f"{os.path.relpath(path, top)}\n".encode())
        digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return (_FORMAT, sys.version, sys.platform, digest.hexdigest(), grammar_digest(), *_yaml_library())


def _files_of_the_program(top: str) -> Iterator[str]:
    """The files that reading can depend on: the readers, the data, and what stands beside both."""
    for part in ("", "data", "iac"):
        for folder, folders, names in os.walk(os.path.join(top, part)):
            folders[:] = sorted(name for name in folders if part and name != "__pycache__")
            yield from (os.path.join(folder, name) for name in sorted(names))


def _yaml_library() -> Iterator[str]:
    """Which PyYAML is installed, told by its files; it is located but not imported."""
    spec = find_spec("yaml")
    if spec is None or spec.origin is None:
        return
    with os.scandir(os.path.dirname(spec.origin)) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_file():
                status = entry.stat()
                yield f"{entry.name} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _is_private(folder: Path) -> bool:
    """Whether the folder is one that nobody else can write into."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    own = getattr(os, "geteuid", None)
    return own is None or (status.st_uid == own() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _find(place: Path, found_before: bytes) -> Reading | None:
    """The reading that is kept in `place`, where everything that it depends on is as it was."""
    was_enabled = gc.isenabled()
    # A million small objects of which none is garbage are not worth looking through.
    gc.disable()
    try:
        if not _is_private(place.parent):
            return None
        data = place.read_bytes()
        # Nothing is made of bytes that this program has not written here: `marshal` trusts its input.
        if data[:_DIGEST_BYTES] != _checksum(place, data[_DIGEST_BYTES:]):
            return None
        length = int.from_bytes(data[_DIGEST_BYTES : _DIGEST_BYTES + 8])
        begin = _DIGEST_BYTES + 8
        discovered, seen = marshal.loads(data[begin : begin + length])  # noqa: S302 - see above
        if discovered != found_before or not _is_unchanged(seen):
            return None
        reading = decode(marshal.loads(data[begin + length :]))  # noqa: S302 - see above
    except (OSError, EOFError, LookupError, TypeError, ValueError):
        return None
    finally:
        if was_enabled:
            gc.enable()
    with contextlib.suppress(OSError):
        os.utime(place)  # the oldest go first
    return reading


def _is_unchanged(seen: Observations) -> bool:
    """Whether the file system gives every answer again that it gave."""
    for asked, answer in seen.items():
        question, path, most = asked
        with observing() as now:
            match Question(question):
                case Question.CONTENT:
                    content(path, most)
                case Question.REAL_PATH:
                    real_path(path)
                case Question.EXISTENCE:
                    exists(path)
                case Question.LISTING:
                    list(listing(path))
        if now != {asked: answer}:
            return False
    return True


def _checksum(place: Path, data: bytes | memoryview) -> bytes:
    """The digest that stands before what is kept in `place`."""
    digest = hashlib.sha256(place.name.encode())
    digest.update(data)
    return digest.digest()


def _keep(place: Path, found_before: bytes, seen: Observations, reading: Reading) -> None:
    """Writes a reading so that another process sees all of it or none; where that cannot be, not at all."""
    import tempfile  # noqa: PLC0415 - slow to import, and needed only where something is written

    try:
        head = marshal.dumps((found_before, seen))
        data = len(head).to_bytes(8) + head + marshal.dumps(encode(reading))
    except (TypeError, ValueError, LookupError, RecursionError):
        return
    if len(data) + _DIGEST_BYTES > _LARGEST_ENTRY:
        return
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(place.parent):
            return
        number, temporary = tempfile.mkstemp(prefix=_PREFIX, suffix=".new", dir=place.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(_checksum(place, data) + data)
            Path(temporary).replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        _make_room(place.parent)


def _make_room(folder: Path) -> None:
    """Removes the readings that were not used for longest, until the folder is small enough."""
    with os.scandir(folder) as entries:
        kept = [
            (status.st_mtime_ns, status.st_size, entry.path)
            for entry in entries
            if entry.name.startswith(_PREFIX)
            for status in [entry.stat(follow_symlinks=False)]
        ]
    size = sum(length for _, length, _ in kept)
    for _, length, path in sorted(kept):
        if size <= _LARGEST_FOLDER:
            return
        with contextlib.suppress(OSError):
            Path(path).unlink()
        size -= length
