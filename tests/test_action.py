"""The GitHub action: its description, and its steps run for real."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from action_run import PROJECT, TOKEN, Outcome, action, outputs_of, resolved, run_action, value_of
from git_repository import commit, git, repository, write
from osreach.usage import UsageError
from osreach_action.base import base_of
from osreach_action.event import Event
from osreach_action.steps import main
from osreach_action.workflow import StepError, is_on, one_of, set_output, shortened, show

UPLOAD = "github/codeql-action/upload-sarif"
STEPS = action()["runs"]["steps"]

ROOT = """
provider "aws" {
  region = "eu-west-1"
}

resource "aws_opensearch_domain" "logs" {
  domain_name    = "logs-NUMBER"
  engine_version = "OpenSearch_2.17"
}

resource "aws_opensearch_domain_policy" "logs" {
  domain_name = aws_opensearch_domain.logs.domain_name
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.etl.arn }
        Action    = ["es:ESHttpGet", "es:ESHttpPut"]
        Resource  = "${aws_opensearch_domain.logs.arn}/*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.reader.arn }
        Action    = "es:ESHttpGet"
        Resource  = "${aws_opensearch_domain.logs.arn}/*"
      },
    ]
  })
}

resource "aws_iam_role" "etl" {
  name               = "etl-NUMBER"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role" "reader" {
  name               = "reader-NUMBER"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
"""
READER = "Principal = { AWS = aws_iam_role.reader.arn }"
ROOTS = {f"envs/e{number:02}/main.tf": ROOT.replace("NUMBER", str(number)) for number in range(20)}
CHANGED = "envs/e07/main.tf"
WIDENED = ROOTS[CHANGED].replace(READER, 'Principal = { AWS = "*" }')


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# --- the description ------------------------------------------------------------------------------------


def test_the_description_has_the_form_that_github_asks_for() -> None:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax"""
    found = action()
    assert set(found) == {"name", "description", "author", "branding", "inputs", "outputs", "runs"}
    assert set(found["branding"]) == {"icon", "color"}
    for name, one in found["inputs"].items():
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        assert set(one) == {"description", "default"}
        assert all(isinstance(value, str) for value in one.values()), name
    for one in found["outputs"].values():
        assert set(one) == {"description", "value"}
    assert set(found["runs"]) == {"using", "steps"}
    assert found["runs"]["using"] == "composite"
    for step in STEPS:
        assert set(step) <= {"name", "id", "if", "uses", "with", "run", "shell", "env"}
        assert ("uses" in step) != ("run" in step)
        assert ("run" in step) == ("shell" in step)
        assert all(isinstance(value, str) for value in step.get("env", {}).values())


def test_foreign_actions_are_pinned_to_a_commit() -> None:
    text = (PROJECT / "action.yml").read_text()
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == sum("uses" in step for step in STEPS) == 2
    for one in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)


def test_no_input_gets_into_the_text_of_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
    for script in (PROJECT / "action").glob("*.sh"):
        assert "${{" not in script.read_text()


def test_every_input_and_output_goes_somewhere() -> None:
    text = (PROJECT / "action.yml").read_text()
    for name in action()["inputs"]:
        assert re.search(rf"inputs\.{name}\b(?!-)", text), name
    inputs = {name: str(one["default"]) for name, one in action()["inputs"].items()}
    for step in STEPS:
        for value in (step.get("if"), *step.get("env", {}).values(), *step.get("with", {}).values()):
            if isinstance(value, str):
                resolved(value, inputs, {})
    assert set(action()["outputs"]) == {"findings", "highest-severity", "sarif-file", "access-gained"}
    with pytest.raises(AssertionError):
        value_of("github.event.pull_request.title", inputs, {})


def test_the_page_tells_of_every_input_and_output_and_pins_as_the_action_does() -> None:
    page = (PROJECT / "docs/github-action.md").read_text()
    for name in (*action()["inputs"], *action()["outputs"]):
        assert f"| `{name}` |" in page, name
    for one in re.findall(r"uses: (\S+)", page):
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@([0-9a-f]{40}|v0\.1\.0)", one), one


def test_scripts_hold_no_mistake_that_the_shell_finds() -> None:
    for script in (PROJECT / "action").glob("*.sh"):
        done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


# --- the steps ------------------------------------------------------------------------------------------


def pull_request(head: str, base: str, *, fork: bool = False, branch: str = "main") -> dict[str, object]:
    """The event of a pull request, as far as anybody reads it."""
    owner = "stranger" if fork else "owner"
    return {
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "title": "$(touch title)",
            "user": {"login": "someone"},
            "head": {"sha": head, "ref": "x;touch y", "repo": {"full_name": f"{owner}/search"}},
            "base": {"sha": base, "ref": branch, "repo": {"full_name": "owner/search"}},
        },
    }


def merged(top: Path, files: Mapping[str, str], branch: str = "change") -> tuple[str, str]:
    """Makes what GitHub checks out for a pull request: a merge into `main`. Head and base of the request."""
    base = git(top, "rev-parse", "main").strip()
    git(top, "checkout", "-q", "-b", branch, "main")
    write(top, files)
    head = commit(top)
    git(top, "checkout", "-q", "--detach", "main")
    git(top, "merge", "-q", "--no-ff", "-m", "merge", head)
    return head, base


COMMENTS = "/repos/owner/search/issues/7/comments"


class GitHub:
    """GitHub's API of comments, with those that are there."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tokens: set[str] = set()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> object:
        self.asked.append(f"{method} {path.partition('?')[0]}")
        if method == "GET":
            return self.comments
        if method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "user": {"type": "Bot"}, **body})
        else:
            number = int(path.rpartition("/")[2])
            next(one for one in self.comments if one["id"] == number).update(body)
        return {}


@contextmanager
def served(github: GitHub) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            github.tokens.add(self.headers["Authorization"])
            data = json.dumps(github.answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that the server looks for

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def marked_lines(outcome: Outcome) -> list[tuple[str, int, str]]:
    """File, line and title of each annotation."""
    found = re.findall(
        r"^::(?:error|warning|notice) file=([^,]*),line=(\d+),.*?title=([^:,]*)::", outcome.log, re.MULTILINE
    )
    return [(path, int(line), title.replace("%3A", ":")) for path, line, title in found]


def test_a_pull_request_that_widens_one_of_twenty_policies_is_told_on_its_line(tmp_path: Path) -> None:
    top = repository(tmp_path / "workspace", ROOTS)
    head, base = merged(top, {CHANGED: WIDENED}, "a`b$(touch${IFS}x)'\"")
    github = GitHub()
    payload = pull_request(head, base, branch="ma`in$(touch${IFS}x)<img>@someone")
    options = {"comment": "true", "upload-sarif": "true", "fail-on-access": "high"}
    with served(github) as address:
        variables = {"GITHUB_API_URL": address}
        outcome = run_action(top, tmp_path / "runner", "pull_request", payload, options, variables)
    statement = line_of(WIDENED, READER.partition("=")[0] + '= { AWS = "*" }')
    assert marked_lines(outcome) == [
        (CHANGED, statement, "osreach: access gained (critical)"),
        (CHANGED, statement - 2, "OSR101 open-domain (critical)"),
    ]
    assert outcome.code == 1
    assert outcome.outputs["findings"] == outcome.outputs["access-gained"] == "1"
    assert outcome.outputs["highest-severity"] == "critical"
    rules = json.loads(Path(outcome.outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert len(rules) > 20, "code scanning is told of all findings, not of new ones only"
    assert [name.partition("@")[0] for name in outcome.used] == [UPLOAD]
    assert next(iter(outcome.used.values()))["sarif_file"] == outcome.outputs["sarif-file"]
    row = "| critical | this lets anyone on the internet read any index of `aws_opensearch_domain.logs`<br>"
    assert row in outcome.summary
    assert f"`{CHANGED}:{statement}`" in outcome.summary
    assert f"Compared with `{base[:10]}` of `ma'in$(touch${{IFS}}x)<img>@someone`." in outcome.summary
    assert github.asked == [f"GET {COMMENTS}", f"POST {COMMENTS}"]
    assert outcome.summary.strip() in github.comments[0]["body"]
    assert github.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in outcome.log + outcome.summary
    assert git(top, "status", "--porcelain") == ""


def moved(text: str) -> str:
    """The same policy, written otherwise: blocks and statements in another order, other blanks, a comment."""
    blocks = text.strip().split("\n\n")
    turned = "\n\n\n".join(["# Who may reach the logs.", *reversed(blocks)])
    start, end = turned.index("      {\n"), turned.index("    ]\n  })")
    first, second = turned[start:end].split("      },\n")[:2]
    statements = f"{second}      }},\n{first}      }},\n".replace(" = ", "=")
    return turned[:start] + statements + turned[end:] + "\n"


def test_a_fork_that_only_moves_code_is_told_nothing(tmp_path: Path) -> None:
    few = ("envs/e06/main.tf", CHANGED, "envs/e08/main.tf")
    top = repository(tmp_path / "workspace", {path: ROOTS[path] for path in few})
    base = git(top, "rev-parse", "main").strip()
    git(top, "checkout", "-q", "-b", "change")
    (top / CHANGED).unlink()
    (top / "envs/e08/main.tf").rename(top / "envs/e08/renamed; touch x.tf")
    text = moved(ROOTS[CHANGED])
    assert text != ROOTS[CHANGED]
    write(top, {"envs/e07/search.tf": text})
    head = commit(top)
    payload = pull_request(head, base, fork=True)
    options = {"comment": "true", "upload-sarif": "true", "fail-on-access": "info", "fail-on": "info"}
    outcome = run_action(top, tmp_path / "runner", "pull_request", payload, options)
    assert (outcome.code, marked_lines(outcome), outcome.used) == (0, [], {})
    assert outcome.outputs["findings"] == outcome.outputs["access-gained"] == "0"
    assert outcome.outputs["highest-severity"] == "none"
    assert "This change gives nobody access and takes none away." in outcome.summary
    assert f"Compared with `{base[:10]}`, where the branch leaves `main`." in outcome.summary
    assert "there is no comment: the token of this run may only read" in outcome.log
    assert "the SARIF file is not uploaded" in outcome.log


HOSTILE = (
    "a/$(touch x).tf",
    "a/`touch x`.tf",
    "a/;touch x;.tf",
    "a/'\".tf",
    "a/new\nline::error::boo.tf",
    "a/::add-mask::main.tf",
    "a/%0A::error::.tf",
    "a/-rf.tf",
)


def test_a_push_to_a_shallow_clone_is_compared_with_the_commit_that_is_fetched(tmp_path: Path) -> None:
    origin = repository(tmp_path / "server/owner/search", {"a/main.tf": ROOT})
    before = git(origin, "rev-parse", "HEAD").strip()
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    opened = ROOT.replace(READER, 'Principal = "*"')
    # Each of these files is one resource of the module.
    parts = [
        f'resource "aws_opensearch_domain" "d{n}" {{\n  domain_name = "d{n}"\n}}\n'
        for n in range(len(HOSTILE))
    ]
    write(origin, {"a/main.tf": opened, **dict(zip(HOSTILE, parts, strict=True))})
    commit(origin)
    top = tmp_path / "workspace"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", str(top))
    untouched = sorted(str(path.relative_to(top)) for path in top.rglob("*") if ".git" not in path.parts)
    configuration = (top / ".git/config").read_text()
    payload = {"before": before, "after": git(top, "rev-parse", "HEAD").strip()}
    variables = {"GITHUB_SERVER_URL": f"file://{tmp_path / 'server'}"}
    options = {"paths": "a\n", "upload-sarif": "true"}
    outcome = run_action(top, tmp_path / "runner", "push", payload, options, variables)
    assert outcome.code == 1
    assert f"Compared with `{before[:10]}`, the commit before this push." in outcome.summary
    assert (
        "a/main.tf",
        line_of(opened, 'Principal = "*"'),
        "osreach: access gained (critical)",
    ) in marked_lines(outcome)
    assert [name.partition("@")[0] for name in outcome.used] == [UPLOAD]
    assert (
        sorted(str(path.relative_to(top)) for path in top.rglob("*") if ".git" not in path.parts) == untouched
    )
    assert (top / ".git/config").read_text() == configuration
    assert not list(tmp_path.rglob("x"))
    # No name of a file begins a line that the runner would obey.
    stopped = re.sub(
        r"^::stop-commands::(\w+)\n.*?^::\1::\n", "", outcome.log, flags=re.MULTILINE | re.DOTALL
    )
    for line in stopped.splitlines():
        assert re.match(r"^::(error|warning|notice) (file=|title=osreach::)", line), line


def test_a_scheduled_run_reports_everything(tmp_path: Path) -> None:
    top = repository(tmp_path / "workspace", {"a/main.tf": ROOT})
    outcome = run_action(
        top, tmp_path / "runner", "schedule", {}, {"fail-on": "critical", "upload-sarif": "true"}
    )
    found = json.loads(Path(outcome.outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert outcome.code == 0
    assert outcome.outputs["findings"] == str(len(found)) != "0"
    assert outcome.outputs["access-gained"] == "0"
    assert len(marked_lines(outcome)) == len(found)
    assert "Nothing is compared: the event `schedule` has no earlier commit." in outcome.summary
    assert "## Access" not in outcome.summary


def test_a_wrong_input_fails_the_job(tmp_path: Path) -> None:
    top = repository(tmp_path / "workspace", {"a/main.tf": ""})
    outcome = run_action(top, tmp_path / "runner", "push", {}, {"fail-on": "grave"})
    assert outcome.code == 2
    assert "::error title=osreach::the input `fail-on` must be one of" in outcome.log


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("INPUT_FINDINGS", "some", "the input `findings` must be one of `new`, `all`"),
        ("INPUT_REPOSITORY_PATH", "nowhere", "`nowhere`: no such file or directory"),
        ("GITHUB_EVENT_PATH", "/nowhere", "the event of the workflow cannot be read"),
    ],
)
def test_a_wrong_input_is_said(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["report"]) == 2
    assert message in capsys.readouterr().out


def test_what_osreach_cannot_do_fails_the_job(tmp_path: Path) -> None:
    top = repository(tmp_path / "workspace", {"a/main.tf": ROOT})
    outcome = run_action(top, tmp_path / "runner", "push", {}, {"paths": "nowhere", "fail-on": "never"})
    assert outcome.code == 2
    assert "`nowhere` does not exist" in outcome.log


def test_one_comment_is_kept_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    github = GitHub()
    person = {"id": 90, "user": {"type": "User"}, "body": ""}
    github.comments.append(person)
    event, text = tmp_path / "event.json", tmp_path / "summary.md"
    event.write_text(json.dumps(pull_request("1", "2")))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/search")
    monkeypatch.setenv("MARKDOWN", str(text))
    monkeypatch.setenv("INPUT_TOKEN", TOKEN)

    def step(said: str, *, quiet: bool = False, job: str = "access") -> list[str]:
        github.asked.clear()
        text.write_text(said)
        monkeypatch.setenv("QUIET", "true" if quiet else "false")
        monkeypatch.setenv("GITHUB_JOB", job)
        assert main(["comment"]) == 0
        return github.asked.copy()

    with served(github) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        assert step("nothing", quiet=True) == [f"GET {COMMENTS}"]
        assert step("first") == [f"GET {COMMENTS}", f"POST {COMMENTS}"]
        # A person may copy the text, and may then say something else.
        person["body"] = github.comments[1]["body"]
        assert step("first") == [f"GET {COMMENTS}"]
        assert step("second") == [f"GET {COMMENTS}", "PATCH /repos/owner/search/issues/comments/2"]
        assert step("other", job="other") == [f"GET {COMMENTS}", f"POST {COMMENTS}"]
        assert step("nothing", quiet=True) == [
            f"GET {COMMENTS}",
            "PATCH /repos/owner/search/issues/comments/2",
        ]
    texts = [one["body"].partition("\n")[2] for one in github.comments]
    nothing = "This change gives nobody access, takes none away, and brings no findings.\n"
    assert texts == ["first", nothing, "other"]
    assert github.tokens == {f"Bearer {TOKEN}"}


# --- the parts ------------------------------------------------------------------------------------------


@pytest.fixture
def two_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, str]:
    top = repository(tmp_path / "r", {"main.tf": "one"})
    first = git(top, "rev-parse", "HEAD").strip()
    write(top, {"main.tf": "two"})
    second = commit(top)
    monkeypatch.chdir(top)
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "RUNNER_TEMP"):
        monkeypatch.delenv(name, raising=False)
    return top, first, second


def test_each_event_has_its_base(two_commits: tuple[Path, str, str]) -> None:
    _, first, second = two_commits
    cases = [
        (Event("push", {"before": first}), first),
        (Event("push", {"before": "0" * 40}), ""),
        (Event("push", {"before": "--upload-pack=touch x"}), ""),
        (Event("push", {}), ""),
        (Event("merge_group", {"merge_group": {"base_sha": first}}), first),
        (Event("pull_request", pull_request(second, first)), first),
        (Event("pull_request_target", pull_request(second, first)), first),
        (Event("workflow_dispatch", {}), ""),
        (Event("schedule", {}), ""),
    ]
    for event, expected in cases:
        assert base_of(event, "").commit == expected, event
    assert base_of(Event("schedule", {}), "HEAD^").commit == "HEAD^"
    missing = base_of(Event("push", {"before": "1" * 40}), "")
    assert (missing.commit, missing.is_expected) == ("", False)
    assert "`1111111111` cannot be had" in missing.why
    assert base_of(Event("push", {}), "no-such-branch").is_expected is False


def test_a_pull_request_is_compared_with_what_it_is_merged_into(
    two_commits: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    top, first, second = two_commits
    git(top, "checkout", "-q", "-b", "other", first)
    write(top, {"other.tf": "other"})
    head = commit(top)
    git(top, "merge", "-q", "--no-ff", "-m", "the branch takes over main", second)
    merge = git(top, "rev-parse", "HEAD").strip()
    # GitHub's own merge, by its head or because this is what the run is about.
    assert base_of(Event("pull_request", pull_request(second, first)), "").commit == head
    monkeypatch.setenv("GITHUB_SHA", merge)
    assert base_of(Event("pull_request", pull_request("1" * 40, first)), "").commit == head
    # A branch whose last commit is a merge, checked out by itself.
    monkeypatch.setenv("GITHUB_SHA", "2" * 40)
    assert base_of(Event("pull_request", pull_request(merge, second)), "").commit == second


def test_a_clone_that_git_does_not_trust_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is no repository that git can read"):
        base_of(Event("push", {"before": "1" * 40}), "")


def test_a_folder_without_a_clone_is_compared_with_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert base_of(Event("push", {"before": "1" * 40}), "").commit == ""


@pytest.mark.parametrize(
    ("event", "is_from_fork", "may_write"),
    [
        (Event("push", {}), False, True),
        (Event("pull_request", pull_request("1", "2")), False, True),
        (Event("pull_request", pull_request("1", "2", fork=True)), True, False),
        (Event("pull_request_target", pull_request("1", "2", fork=True)), True, True),
        (Event("pull_request", {"pull_request": {"head": {"repo": None}}}), True, False),
        (
            Event("pull_request", {"pull_request": {**table, "user": {"login": "dependabot[bot]"}}})
            if isinstance(table := pull_request("1", "2")["pull_request"], dict)
            else Event("", {}),
            False,
            False,
        ),
    ],
)
def test_a_token_only_reads_for_forks_and_for_dependabot(
    event: Event, is_from_fork: bool, may_write: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    assert (event.is_from_fork, event.may_write) == (is_from_fork, may_write)


def test_a_value_cannot_set_another_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    set_output("one", "a\nend\nfindings=0\nx<<EOF")
    set_output("two", "")
    assert outputs_of((tmp_path / "output").read_text()) == {"one": "a\nend\nfindings=0\nx<<EOF", "two": ""}


def test_inputs_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPUT_COMMENT", " True ")
    assert is_on("INPUT_COMMENT")
    monkeypatch.setenv("INPUT_COMMENT", "yes")
    with pytest.raises(StepError, match="the input `comment` must be `true` or `false`"):
        is_on("INPUT_COMMENT")
    monkeypatch.setenv("INPUT_FAIL_ON_ACCESS", "")
    assert one_of("INPUT_FAIL_ON_ACCESS", "never", "high") == "never"


def test_a_long_text_is_cut_between_lines() -> None:
    text = "".join(f"line {number} \u00e4\n" for number in range(1000))
    cut = shortened(text, 500)
    assert len(cut.encode()) <= 500
    assert cut.endswith("\n\nThe rest is in the log of the job.\n")
    assert text.startswith(cut.partition("\n\n")[0])
    assert shortened("short", 500) == "short"


def test_quoted_text_cannot_end_its_own_quotation(capsys: pytest.CaptureFixture[str]) -> None:
    show("::error::x\r::stop-commands::y\n::y::")
    lines = capsys.readouterr().out.splitlines()
    end = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", end)
    assert lines == [f"::stop-commands::{end}", "::error::x", "::stop-commands::y", "::y::", f"::{end}::"]


def remote(name: str) -> str:
    return f'module "{name}" {{\n  source = "example/{name}/aws"\n}}\n'


PROVIDERS = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'


def test_remote_modules_are_fetched_in_the_root_modules_that_call_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called = 'module "inner" {\n  source = "../../modules/inner"\n}\n'
    write(
        tmp_path,
        {
            "work/envs/a; touch x/main.tf": remote("search"),
            "work/envs/b/main.tf": called + remote("search"),
            "work/envs/c/main.tf": PROVIDERS + called,
            "work/envs/broken/main.tf": remote("gone"),
            "work/modules/inner/main.tf": remote("label"),
            "work/only/main.tf": PROVIDERS + called.replace("../../modules/inner", "../modules/plain"),
            "work/modules/plain/main.tf": PROVIDERS,
            "work/json/main.tf.json": '{"module": {"search": {"source": "example/search/aws"}}}',
            "bin/terraform": f'#!/bin/sh\necho "$@" >>"{tmp_path}/calls"\nenv >>"{tmp_path}/environment"\n'
            'case "$1" in *broken) echo "::error::no such module" >&2; exit 1;; esac\n',
        },
    )
    (tmp_path / "bin/terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("INPUT_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path / "work")
    assert main(["modules"]) == 0
    top = tmp_path.resolve() / "work"
    roots = ("envs/a; touch x", "envs/b", "envs/c", "envs/broken", "json")
    expected = {f"-chdir={top}/{name} get -no-color" for name in roots}
    assert set((tmp_path / "calls").read_text().splitlines()) == expected
    environment = (tmp_path / "environment").read_text()
    assert TOKEN not in environment
    assert "GIT_ALLOW_PROTOCOL=https:http:ssh:git" in environment
    said = capsys.readouterr().out
    assert "::warning title=osreach::the remote modules of `envs/broken` are not fetched" in said
    assert said.index("::stop-commands::") < said.index("::error::no such module")

    monkeypatch.setenv("PATH", f"{tmp_path / 'nowhere'}:.")
    assert main(["modules"]) == 0
    assert "neither terraform nor tofu is installed" in capsys.readouterr().out
