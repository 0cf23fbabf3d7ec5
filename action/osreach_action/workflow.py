"""The files and commands through which a step speaks with GitHub.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

MOST_SUMMARY = 1_000_000
"""GitHub shows no summary of more than 1 MiB."""


class StepError(Exception):
    """The step cannot do what was asked; the message says why."""


def variable(name: str) -> str:
    """A variable of the environment, without blanks around it; empty where it is not set."""
    return os.environ.get(name, "").strip()


def is_on(name: str) -> bool:
    """Whether an input that is `true` or `false` is true. Raises StepError for any other text."""
    value = variable(name).lower()
    if value not in {"", "true", "false"}:
        raise StepError(f"the input `{_input(name)}` must be `true` or `false`")
    return value == "true"


def one_of(name: str, *choices: str) -> str:
    """An input that is one of `choices`, the first where it is not given. Raises StepError."""
    value = variable(name) or choices[0]
    if value not in choices:
        raise StepError(
            f"the input `{_input(name)}` must be one of {', '.join(f'`{one}`' for one in choices)}"
        )
    return value


def lines_of(name: str) -> list[str]:
    """The lines of an input, without empty ones."""
    return [line for line in map(str.strip, os.environ.get(name, "").splitlines()) if line]


def program_path(name: str) -> str | None:
    """The path of a program, looked for in absolute folders only: the workspace may hold one too."""
    folders = [each for each in os.environ.get("PATH", "").split(os.pathsep) if Path(each).is_absolute()]
    return shutil.which(name, path=os.pathsep.join(folders))


def _input(name: str) -> str:
    return name.removeprefix("INPUT_").lower().replace("_", "-")


def set_output(name: str, value: str) -> None:
    """Sets an output of the step, whatever its value holds."""
    _append("GITHUB_OUTPUT", _entry(name, value))


def add_summary(text: str) -> None:
    """Adds markdown to the summary of the job, cut where GitHub would show nothing of it."""
    _append("GITHUB_STEP_SUMMARY", shortened(text, MOST_SUMMARY) + "\n")


def _entry(name: str, value: str) -> str:
    # A value must not be able to end itself and begin another output.
    end = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _append(name: str, text: str) -> None:
    path = os.environ.get(name)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def say(kind: str, message: str) -> None:
    """An annotation of the run: `notice`, `warning` or `error`."""
    sys.stdout.write(f"::{kind} title=osreach::{_escaped(message)}\n")
    sys.stdout.flush()


def show(text: str) -> None:
    """Text for the log in which nothing is taken for a command, whatever it quotes."""
    if not text.strip():
        return
    end = secrets.token_hex(16)
    shown = "".join(f"{line}\n" for line in text.replace("\r", "\n").split("\n")).rstrip("\n")
    sys.stdout.write(f"::stop-commands::{end}\n{shown}\n::{end}::\n")
    sys.stdout.flush()


def command_lines(text: str) -> None:
    """Prints the workflow commands that osreach has written and escaped."""
    sys.stdout.write(text)
    sys.stdout.flush()


def shortened(text: str, most: int) -> str:
    """`text` of at most `most` bytes, cut between lines."""
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return data.decode()
    note = "\n\nThe rest is in the log of the job.\n"
    kept = data[: most - len(note)].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + note


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
