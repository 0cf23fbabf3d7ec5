"""What a user asked for and cannot be done: a wrong name, a wrong value, a file that is not there."""

from __future__ import annotations

from collections.abc import Iterable


class UsageError(Exception):
    """The request cannot be carried out as it was written.

    The message is one sentence in lower case without a final period, names in
    backticks. The command line answers with it and exit code 2.
    """


def nearest(name: str, names: Iterable[str]) -> str:
    """`, did you mean ...?` with the closest of `names`, or an empty text."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    found = get_close_matches(name, list(names), n=1)
    return f", did you mean `{found[0]}`?" if found else ""
