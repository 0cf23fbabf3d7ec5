"""Which step does what."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from osreach_action.comment import comment
from osreach_action.modules import fetch_modules
from osreach_action.report import report, verdict
from osreach_action.workflow import StepError, say, variable

_STEPS: Mapping[str, Callable[[], int | None]] = {
    "comment": comment,
    "modules": fetch_modules,
    "report": report,
    "verdict": verdict,
}


def main(arguments: Sequence[str]) -> int:
    """Runs one step; the exit code is 2 where it could not do what was asked."""
    try:
        [name] = arguments
        place = variable("INPUT_REPOSITORY_PATH")
        if place:
            try:
                os.chdir(place)
            except OSError as error:
                raise StepError(f"`{place}`: {(error.strerror or str(error)).lower()}") from None
        return _STEPS[name]() or 0
    except StepError as error:
        say("error", str(error))
        return 2
