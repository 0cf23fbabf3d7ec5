"""Runs osreach over the change and hands its answers to GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
    """What one command of osreach answered: its exit code, its JSON, what it said, its annotations and markdown."""

    code: int
    found: Mapping[str, object]
    said: str
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
    sarif = folder / "osreach.sarif"
    since = base.commit if only_new else ""
    with ThreadPoolExecutor() as together:
        scanning = together.submit(_scan, folder, sarif, fail_on, since)
        comparing = together.submit(_compare, folder, base.commit, fail_on_access) if base.commit else None
        scanned, compared = scanning.result(), comparing.result() if comparing else None
    answers = [scanned] if compared is None else [compared, scanned]
    for answer in answers:
        show(answer.said)
        if answer.code == 2:
            lines = answer.said.strip().splitlines()
            say("error", lines[-1] if lines else "osreach crashed")
    if is_on("INPUT_ANNOTATIONS"):
        for answer in answers:
            command_lines(answer.annotations)
    why = prose(f"{base.why[:1].upper()}{base.why[1:]}.", in_table=False)
    markdown = "\n".join([*(answer.markdown for answer in answers), why])
    add_summary(markdown)
    _set_outputs(scanned, compared, sarif, folder, markdown)
    set_output("upload", "true" if _may_upload(sarif, may_write=event.may_write) else "false")
    set_output("code", str(max(answer.code for answer in answers)))


def _scan(folder: Path, sarif: Path, fail_on: str, since: str) -> Answer:
    """What the scan finds; all that it finds goes to `sarif` too."""
    baseline = variable("INPUT_BASELINE")
    scan = ["scan", "--no-progress", *([f"--baseline={baseline}"] if baseline else [])]
    threshold = [f"--fail-on={fail_on}"] if fail_on else []
    whole = ["--format", "sarif", "--output", str(sarif)]
    if not since:
        return _answer([*scan, *threshold, *whole], folder, "scan")
    answer = _answer([*scan, *threshold, f"--since={since}"], folder, "scan")
    if answer.code == 2:
        return answer
    # Code scanning compares by itself, and would take what it is not told of for repaired.
    code, said = _run([*scan, "--fail-on=never", *whole])
    return answer if code != 2 else replace(answer, code=code, said=said)


def _compare(folder: Path, base: str, fail_on: str) -> Answer:
    """Which access is gained and lost since the commit `base`."""
    return _answer(["diff", f"--base={base}", f"--fail-on={fail_on}"], folder, "diff")


def _options() -> list[str]:
    """The options that both commands share."""
    found: list[str] = []
    for option in ("config", "account", "region"):
        value = variable(f"INPUT_{option.upper()}")
        found += [f"--{option}={value}"] if value else []
    return [*found, *(f"--var-file={file}" for file in lines_of("INPUT_VAR_FILES"))]


def _run(arguments: Sequence[str]) -> tuple[int, str]:
    """The exit code of osreach (0, 1, else 2), and what it says to people."""
    environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
    # Nothing that another job or the checked-out code has left behind is taken for a kept reading.
    environment["XDG_CACHE_HOME"] = str(
        Path(variable("RUNNER_TEMP") or tempfile.gettempdir(), "osreach-cache")
    )
    environment.pop("INPUT_TOKEN", None)
    paths = lines_of("INPUT_PATHS") or ["."]
    done = subprocess.run(  # noqa: S603 - this Python, and arguments that no shell reads
        [sys.executable, "-I", "-m", "osreach", *arguments, *_options(), "--", *paths],
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.returncode if done.returncode in {0, 1} else 2, (done.stdout + done.stderr).decode(
        "utf-8", "replace"
    )


def _answer(arguments: Sequence[str], folder: Path, name: str) -> Answer:
    """What a command says in the formats that are needed."""
    files = {form: folder / f"{name}.{form}" for form in ("json", "github", "markdown")}
    formats = [word for form, file in files.items() for word in ("--format", form, "--output", str(file))]
    code, said = _run([*arguments, *formats])
    texts = {form: file.read_text(encoding="utf-8") if file.exists() else "" for form, file in files.items()}
    if not texts["json"]:
        return Answer(2, {}, said, markdown=f"osreach could not {name} this; its log says why.\n")
    return Answer(code, json.loads(texts["json"]), said, texts["github"], texts["markdown"])


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
