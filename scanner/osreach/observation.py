"""What reading has seen of the file system, so that a later run can tell whether it would see the same.

Whoever looks at a file while code is read notes what was asked and what the
answer was. Reading has no other source than these answers and its arguments:
the same answers to the same questions make the same reading.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Final, TypeAlias


class Question(StrEnum):
    """What can be asked about a path."""

    CONTENT = "content"
    REAL_PATH = "real path"
    EXISTENCE = "existence"
    LISTING = "listing"


Asked: TypeAlias = tuple[str, str, int]
"""The question, the path, and the size up to which a content is read (0 for other questions)."""

Observations: TypeAlias = dict[Asked, bytes]
"""The digest of the answer to each question; empty where the answer is not certain."""

_UNFINISHED: Final = "unfinished listing"
_SKIPPED: Final = frozenset({".git", ".terraform", "node_modules"})
_OBSERVED: ContextVar[Observations | None] = ContextVar("observed", default=None)


@contextmanager
def observing() -> Iterator[Observations]:
    """Collects what is noted inside the block."""
    found: Observations = {}
    token = _OBSERVED.set(found)
    try:
        yield found
    finally:
        _OBSERVED.reset(token)


def note(question: Question, path: str, answer: Callable[[], bytes], most: int = 0) -> None:
    """Notes an answer, which is computed only where somebody collects.

    Two different answers to one question (a file that changes meanwhile) are
    no answer at all.
    """
    found = _OBSERVED.get()
    if found is None:
        return
    asked = (question.value, path, most)
    digest = hashlib.sha256(answer()).digest()
    if found.setdefault(asked, digest) != digest:
        found[asked] = b""


def real_path(path: str) -> str:
    """A path without links."""
    real = os.path.realpath(path)
    note(Question.REAL_PATH, path, lambda: os.fsencode(real))
    return real


def exists(path: str) -> bool:
    """Whether there is anything at a path, be it a link to nowhere."""
    found = os.path.lexists(path)
    note(Question.EXISTENCE, path, lambda: bytes([found]))
    return found


def listing(top: str) -> Iterator[tuple[str, list[str]]]:
    """The folders below `top` as paths relative to it (`.` is `top`), each with the names of its files, sorted.

    Links are not followed, and what tools keep for themselves is left out.
    """
    observed = _OBSERVED.get()
    found: list[tuple[str, list[str]]] = []
    if observed is not None:
        # Whoever stops half-way has seen something that cannot be asked again.
        observed[_UNFINISHED, top, 0] = b""
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        entry = os.path.relpath(folder, top).replace(os.sep, "/"), sorted(names)
        found.append(entry)
        yield entry
    if observed is not None:
        observed.pop((_UNFINISHED, top, 0), None)
        note(Question.LISTING, top, lambda: repr(found).encode("utf-8", "surrogatepass"))
