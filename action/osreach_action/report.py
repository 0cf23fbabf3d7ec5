"""Runs osreach over the change and hands its answers to GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osreach.report.markdown import prose
from osreach.usage import UsageError
from osreach_action.base import Base, base_of
from osreach_action.event import read_event
from osreach_action.workflow import (
    StepError,
    add_summary,
    command_lines,
    is_on,
    lines_of,
    one_of,
    say,
    set_output,
    show,
    variable,
)

SEVERITIES = ("critical", "high", "medium", "low", "info")
THRESHOLDS = (*SEVERITIES, "never")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command of osreach answered: its exit code, its JSON, and its annotations and markdown."""

    code: int
    found: Mapping[str, object]
    annotations: str = ""
    markdown: str = ""

    def rows(self, key: str) -> list[Mapping[str, object]]:
        """The entries of one list of the JSON."""
        listed = self.found.get(key)
        return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def report() -> None:
    """Scans and compares, annotates, writes the summary and sets the outputs. Raises StepError."""
    fail_on = one_of("INPUT_FAIL_ON", "", *THRESHOLDS)
    fail_on_access = one_of("INPUT_FAIL_ON_ACCESS", "never", *THRESHOLDS)
    only_new = one_of("INPUT_FINDINGS", "new", "all") == "new"
    event = read_event()
    try:
        base = base_of(event, variable("INPUT_BASE"))
    except UsageError as error:
        base = Base("", f"nothing is compared: {error}", is_expected=False)
    say("notice" if base.is_expected else "warning", base.why)
    folder = Path(tempfile.mkdtemp(prefix="osreach-", dir=variable("RUNNER_TEMP") or None))
    options, paths = _options(), ["--", *(lines_of("INPUT_PATHS") or ["."])]
    since = ["--since", base.commit] if base.commit and only_new else []
    threshold = ["--fail-on", fail_on] if fail_on else []
    baseline = ["--baseline", variable("INPUT_BASELINE")] if variable("INPUT_BASELINE") else []
    sarif = folder / "osreach.sarif"
    whole = [] if since else ["--format", "sarif", "--output", str(sarif)]
    scan = ["scan", "--no-progress", *options, *baseline]
    scanned = _answer([*scan, *threshold, *since, *whole], paths, folder, "scan")
    if since and scanned.code != 2:
        # Code scanning compares by itself, and would take what it is not told of for repaired.
        _run([*scan, "--fail-on", "never", "--format", "sarif", "--output", str(sarif), *paths])
    compared = None
    if base.commit:
        asked = ["diff", "--base", base.commit, "--fail-on", fail_on_access, *options]
        compared = _answer(asked, paths, folder, "diff")
    answers = [scanned] if compared is None else [compared, scanned]
    if is_on("INPUT_ANNOTATIONS"):
        for answer in answers:
            command_lines(answer.annotations)
    why = prose(f"{base.why[:1].upper()}{base.why[1:]}.", in_table=False)
    markdown = "\n".join([*(answer.markdown for answer in answers), why])
    add_summary(markdown)
    _set_outputs(scanned, compared, sarif, folder, markdown)
    set_output("upload", "true" if _may_upload(sarif, may_write=event.may_write) else "false")
    set_output("code", str(max(answer.code for answer in answers)))


def _options() -> list[str]:
    """The options that both commands share."""
    found: list[str] = []
    for option in ("config", "account", "region"):
        value = variable(f"INPUT_{option.upper()}")
        found += [f"--{option}={value}"] if value else []
    return [*found, *(f"--var-file={file}" for file in lines_of("INPUT_VAR_FILES"))]


def _run(arguments: Sequence[str]) -> int:
    """The exit code of osreach; what it says goes to the log and is taken for no command."""
    environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
    # Nothing that another job or the checked-out code has left behind is taken for a kept reading.
    environment["XDG_CACHE_HOME"] = str(
        Path(variable("RUNNER_TEMP") or tempfile.gettempdir(), "osreach-cache")
    )
    environment.pop("INPUT_TOKEN", None)
    done = subprocess.run(  # noqa: S603 - this Python, and arguments that no shell reads
        [sys.executable, "-I", "-m", "osreach", *arguments],
        env=environment,
        capture_output=True,
        check=False,
    )
    show(done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace"))
    if done.returncode not in {0, 1}:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        say("error", said[-1] if said else f"osreach ended with {done.returncode}")
    return done.returncode if done.returncode in {0, 1} else 2


def _answer(arguments: Sequence[str], paths: Sequence[str], folder: Path, name: str) -> Answer:
    """What a command says in the formats that are needed."""
    files = {form: folder / f"{name}.{form}" for form in ("json", "github", "markdown")}
    formats = [word for form, file in files.items() for word in ("--format", form, "--output", str(file))]
    code = _run([*arguments, *formats, *paths])
    texts = {form: file.read_text(encoding="utf-8") if file.exists() else "" for form, file in files.items()}
    if not texts["json"]:
        return Answer(2, {}, markdown=f"osreach could not {name} this; its log says why.\n")
    return Answer(code, json.loads(texts["json"]), texts["github"], texts["markdown"])


def _set_outputs(scanned: Answer, compared: Answer | None, sarif: Path, folder: Path, markdown: str) -> None:
    shown = [row for row in scanned.rows("findings") if row.get("suppressed") is None]
    severities = [
        severity for severity in SEVERITIES if any(row.get("severity") == severity for row in shown)
    ]
    gained = len(compared.rows("gained")) if compared is not None else 0
    set_output("findings", str(len(shown)))
    set_output("highest-severity", severities[0] if severities else "none")
    set_output("access-gained", str(gained))
    set_output("sarif-file", str(sarif) if sarif.exists() else "")
    text = folder / "summary.md"
    text.write_text(markdown, encoding="utf-8")
    set_output("markdown", str(text))
    changes = any(compared.rows(key) for key in ("gained", "lost", "unknown")) if compared else False
    set_output("quiet", "false" if shown or changes or scanned.code == 2 else "true")


def _may_upload(sarif: Path, *, may_write: bool) -> bool:
    """Whether the SARIF file is to be uploaded, and can be."""
    if not is_on("INPUT_UPLOAD_SARIF") or not sarif.exists():
        return False
    if not may_write:
        say("notice", "the SARIF file is not uploaded: the token of this run may only read")
    return may_write


def verdict() -> int:
    """The exit code of the action. Raises StepError where osreach could not do what it was asked."""
    code = variable("CODE")
    if code not in {"0", "1"}:
        raise StepError("osreach could not do what it was asked; its log says why")
    if code == "1":
        say(
            "error", "there are findings or gains of access at or above the threshold; the summary lists them"
        )
    return int(code)
