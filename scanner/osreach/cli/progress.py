"""A line on standard error that shows that a long scan is alive."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from osreach.engine import Progress, no_progress

_FIRST_AFTER = 1.0
_EVERY = 0.2
_CELLS = 24


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress to report to, drawn on a terminal once a second has passed and wiped at the end."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    state: list[tuple[str, int, int]] = [("starting", 0, 0)]
    ended = threading.Event()

    def report(doing: str, done: int, total: int) -> None:
        state[0] = (doing, done, total)

    def draw() -> None:
        wait, turn = _FIRST_AFTER, 0
        while not ended.wait(wait):
            wait, turn = _EVERY, turn + 1
            sys.stderr.write(f"\r\x1b[K{bar(*state[0], turn)}")
            sys.stderr.flush()
        if turn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    try:
        yield report
    finally:
        ended.set()
        thread.join()


def bar(doing: str, done: int, total: int, turn: int) -> str:
    """One line: a bar that fills where the total is known, else a cell that wanders."""
    if total:
        filled = _CELLS * min(done, total) // total
        return f"[{'=' * filled}{' ' * (_CELLS - filled)}] {doing} {done:,}/{total:,}"
    cell = turn % _CELLS
    return f"[{' ' * cell}={' ' * (_CELLS - cell - 1)}] {doing}"
