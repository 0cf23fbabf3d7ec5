"""Runs the steps of action.yml as GitHub's runner does: with its files, its variables and its shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parent.parent
TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 - it opens nothing


def action() -> dict[str, Any]:
    """The content of action.yml."""
    found: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text())
    return found


@dataclass
class Outcome:
    """What a run of the action left behind."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)


def run_action(
    workspace: Path,
    place: Path,
    event: str,
    payload: Mapping[str, object],
    inputs: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Runs every step in `workspace`; `place` holds the runner's own files.

    Steps that use another action are not run but noted in `used`, and instead of
    an installation the Python of the tests is taken.
    """
    described = action()
    given = {name: str(one.get("default", "")) for name, one in described["inputs"].items()}
    given |= {"token": TOKEN, **(inputs or {})}
    outcome = Outcome()
    steps: dict[str, dict[str, str]] = {}
    for number, step in enumerate(described["runs"]["steps"]):
        if "if" in step and value_of(step["if"], given, steps) != "true":
            continue
        if "uses" in step:
            filled = {key: resolved(str(value), given, steps) for key, value in step["with"].items()}
            outcome.used[step["uses"]] = filled
            continue
        own = place / f"step-{number}"
        own.mkdir(parents=True)
        environment = runner_environment(own, place, event, payload) | dict(variables or {})
        environment |= {key: resolved(value, given, steps) for key, value in step.get("env", {}).items()}
        if step.get("id") == "install":
            steps["install"] = {"python": sys.executable}
            continue
        script = own / "script.sh"
        script.write_text(step["run"])
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=workspace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        outcome.log += done.stdout + done.stderr
        outcome.summary += (own / "summary").read_text()
        if "id" in step:
            steps[step["id"]] = outputs_of((own / "output").read_text())
        for name in ("env", "path"):
            assert (own / name).read_text() == "", "a step changes the environment of other steps"
        outcome.code = done.returncode
        if done.returncode:
            break
    for name, one in described["outputs"].items():
        outcome.outputs[name] = resolved(one["value"], given, steps)
    return outcome


def runner_environment(own: Path, place: Path, event: str, payload: Mapping[str, object]) -> dict[str, str]:
    """The variables that a step of a composite action sees."""
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_ENV": "env"}
    files |= {"GITHUB_PATH": "path", "GITHUB_STATE": "state"}
    for name in files.values():
        (own / name).touch()
    (own / "event.json").write_text(json.dumps(payload))
    temporary = place / "temporary"
    temporary.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(PROJECT),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(own / "event.json"),
        "GITHUB_JOB": "access",
        "GITHUB_REPOSITORY": "owner/search",
        "GITHUB_SERVER_URL": "file:///nonexistent",
        "GITHUB_WORKFLOW": "Access",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(temporary),
        **{name: str(own / file) for name, file in files.items()},
    }


def outputs_of(text: str) -> dict[str, str]:
    """The outputs in a file of GITHUB_OUTPUT, read as GitHub does."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, delimited, end = line.partition("<<")
        if delimited and "=" not in name:
            value: list[str] = []
            for inner in lines:
                if inner == end:
                    break
                value.append(inner)
            found[name] = "\n".join(value)
        else:
            name, _, written = line.partition("=")
            found[name] = written
    return found


def resolved(text: str, inputs: Mapping[str, str], steps: Mapping[str, Mapping[str, str]]) -> str:
    """A text of action.yml with its expressions replaced by their values."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: value_of(found[1], inputs, steps), text)


def value_of(expression: str, inputs: Mapping[str, str], steps: Mapping[str, Mapping[str, str]]) -> str:
    """The value of an expression of the few forms that action.yml uses; AssertionError for any other."""
    if " || " in expression:
        values = (value_of(part, inputs, steps) for part in expression.split(" || "))
        return next((value for value in values if value), "")
    left, equals, right = expression.partition(" == ")
    if equals:
        return "true" if value_of(left, inputs, steps) == right.strip("'") else "false"
    match expression.split("."):
        case ["inputs", name]:
            return inputs[name]
        case ["steps", step, "outputs", name]:
            return steps.get(step, {}).get(name, "")
        case _:
            raise AssertionError(expression)
