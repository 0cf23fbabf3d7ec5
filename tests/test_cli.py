from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from made_up import ANALYSIS, DUSTY, EMPTY, FULL, OPEN, REPORT, SOURCE, at, match, rule
from osreach import engine
from osreach.analysis import Analysis
from osreach.cli import main as command_line
from osreach.cli import modules, progress
from osreach.cli import scan as scan_command
from osreach.cli.main import main
from osreach.cli.modules import all_rules, without
from osreach.cli.output import wants_colour, width
from osreach.configuration import PROFILES, THRESHOLDS
from osreach.finding import Finding, Report
from osreach.iac.resource import Inputs, Reading
from osreach.problem import Problem
from osreach.report.view import FORMATS
from osreach.rule import Match, Rule, Severity
from osreach.usage import UsageError

SCRIPT = str(Path(sys.executable).parent / "osreach")


class Scan:
    """A scan with made-up rules; remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules: tuple[Rule, ...] = (OPEN, DUSTY)
        self.reading = Reading(files=1)
        self.asked: tuple[tuple[str, ...], Inputs, engine.Options] | None = None

    def read(self, paths: Sequence[str], inputs: Inputs, options: engine.Options, /) -> Reading:
        self.asked = (tuple(paths), inputs, options)
        return self.reading

    def analyse(self, reading: Reading, *_: object) -> Analysis:
        return replace(ANALYSIS, reading=reading)

    @property
    def inputs(self) -> Inputs:
        assert self.asked is not None
        return self.asked[1]

    @property
    def options(self) -> engine.Options:
        assert self.asked is not None
        return self.asked[2]


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    found = Scan(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "_reader", lambda: found.read)
    monkeypatch.setattr(engine, "_analysis", lambda: found.analyse)
    monkeypatch.setattr(modules, "all_rules", lambda *_: found.rules)
    (tmp_path / "main.tf").write_text(SOURCE)
    (tmp_path / ".git").mkdir()
    return found


Output = Callable[[], tuple[str, str]]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read


def test_a_scan_writes_text_and_fails_on_findings(scan: Scan, output: Output) -> None:
    assert main(["scan"]) == 1
    out, err = output()
    assert out.startswith("main.tf:4:7 critical, possible OSR901 open-door\n")
    assert out.endswith("2 findings (1 critical, 1 low) in 1 file, 0 resources (0 about access)\n")
    assert err == ""
    assert scan.asked is not None
    assert scan.asked[0] == (".",)


@pytest.mark.parametrize(
    ("severity", "threshold", "code"),
    [
        (Severity.CRITICAL, "critical", 1),
        (Severity.HIGH, "critical", 0),
        (Severity.HIGH, "high", 1),
        (Severity.MEDIUM, None, 1),
        (Severity.LOW, None, 0),
        (Severity.LOW, "info", 1),
        (Severity.CRITICAL, "never", 0),
    ],
)
def test_the_threshold_decides_the_exit_code(
    scan: Scan, severity: Severity, threshold: str | None, code: int
) -> None:
    scan.rules = (rule(severity=severity, matches=[match()]),)
    assert main(["scan", *(["--fail-on", threshold] if threshold else [])]) == code


@pytest.mark.parametrize(
    ("report", "strict", "code"),
    [
        (EMPTY, False, 0),
        (EMPTY, True, 0),
        (REPORT, False, 1),
        (REPORT, True, 2),
        (Report((), problems=(Problem(at("a.tf", 1), "unclosed"),)), False, 0),
        (Report((), problems=(Problem(at("a.tf", 1), "unclosed"),)), True, 2),
        (Report((), failures=(("open-door", "KeyError"),)), False, 2),
        (Report(REPORT.findings[1:]), False, 0),
    ],
)
def test_problems_fail_only_when_strict_and_crashes_always(report: Report, strict: bool, code: int) -> None:
    assert scan_command.exit_code(report, "info", strict=strict) == code


def test_a_crashed_rule_is_named_whatever_the_format(scan: Scan, output: Output) -> None:
    def check(_analysis: Analysis) -> Iterator[Match]:
        raise KeyError("x")

    scan.rules = (replace(OPEN, check=check), DUSTY)
    assert main(["scan", "--format", "json", "--write-baseline", "b.json"]) == 2
    out, err = output()
    assert [each["rule"] for each in json.loads(out)["findings"]] == ["dusty-floor"]
    assert err.startswith("osreach: the rule `open-door` crashed: KeyError: 'x' (test_cli.py:")
    assert "no baseline was written" in err
    assert not Path("b.json").exists()


def test_nothing_to_read_is_said(scan: Scan, output: Output) -> None:
    scan.reading = Reading()
    scan.rules = ()
    assert main(["scan"]) == 0
    assert output()[1] == "osreach: nothing about access was found to read in `.`\n"


def test_several_formats_go_to_several_places(scan: Scan, output: Output) -> None:
    arguments = [
        "--format",
        "sarif",
        "--output",
        "o.sarif",
        "--format",
        "json",
        "--output",
        "o.json",
        "--format",
        "github",
    ]
    assert main(["scan", *arguments, "main.tf"]) == 1
    assert output()[0].startswith("::error file=main.tf,line=4,")
    assert json.loads(Path("o.sarif").read_text())["version"] == "2.1.0"
    assert json.loads(Path("o.json").read_text())["version"] == 1
    assert scan.asked is not None
    assert scan.asked[0] == ("main.tf",)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ([], {"text": "-"}),
        ([("output", "o")], {"text": "o"}),
        ([("format", "json")], {"json": "-"}),
        ([("format", "json"), ("output", "o")], {"json": "o"}),
        ([("output", "o"), ("format", "json")], {"json": "o"}),
        ([("output", "o"), ("format", "json"), ("format", "text")], {"json": "o", "text": "-"}),
        ([("format", "json"), ("format", "text"), ("output", "o")], {"json": "-", "text": "o"}),
        (
            [("format", "json"), ("output", "o"), ("format", "text"), ("output", "-")],
            {"json": "o", "text": "-"},
        ),
        ([("format", "json"), ("format", "json")], "`--format json` is given twice"),
        ([("format", "json"), ("format", "text")], "several formats go to standard output"),
        (
            [("format", "json"), ("output", "o"), ("format", "text"), ("output", "o")],
            "several formats go to `o`: give each its own `--output`",
        ),
        ([("output", "o"), ("output", "p")], "`--output p` has no `--format` before it"),
        ([("format", "json"), ("output", "o"), ("output", "p")], "`--output p` has no `--format` before it"),
        ([("output", "o"), ("format", "json"), ("output", "p")], "`--output p` has no `--format` before it"),
    ],
)
def test_an_output_belongs_to_the_format_before_it(
    written: list[tuple[str, str]], found: dict[str, str] | str
) -> None:
    if isinstance(found, dict):
        assert scan_command.destinations_of(written) == found
    else:
        with pytest.raises(UsageError) as raised:
            scan_command.destinations_of(written)
        assert str(raised.value).startswith(found)


def test_the_user_says_what_the_code_does_not(scan: Scan) -> None:
    Path("prod.tfvars").touch()
    arguments = (
        "--var name=a=b --var x=[1] --var-file prod.tfvars --parameter Name=logs --account 012345678901 "
        "--region cn-north-1 --partition aws-cn --jobs 3 --no-cache --no-inline-ignores --profile strict "
        "--select open-door,OSR902 --select dusty-floor --ignore OSR902"
    )
    assert main(["scan", *arguments.split()]) == 1
    assert scan.inputs == Inputs(
        variables={"name": "a=b", "x": "[1]"},
        variable_files=("prod.tfvars",),
        parameters={"Name": "logs"},
        account="012345678901",
        region="cn-north-1",
        partition="aws-cn",
    )
    options = scan.options
    assert (options.inline_ignores, options.profile) == (False, "strict")
    assert (options.select, options.ignore) == (("open-door", "OSR902", "dusty-floor"), ("OSR902",))


CONFIGURATION = """\
fail-on = "never"
profile = "strict"
select = ["open-door"]
account = "111111111111"
region = "eu-west-1"
trusted-accounts = ["222222222222"]
exclude = ["old"]
[variables]
a = "1"
b = "2"
"""


def test_the_configuration_counts_and_the_command_line_wins(scan: Scan) -> None:
    Path("osreach.toml").write_text(CONFIGURATION)
    Path("infra").mkdir()
    assert main(["scan", "infra"]) == 0
    assert scan.inputs == Inputs(variables={"a": "1", "b": "2"}, account="111111111111", region="eu-west-1")
    assert scan.options.select == ("open-door",)
    assert scan.options.profile == "strict"
    assert scan.options.trusted_accounts == {"222222222222"}
    assert scan.options.exclude == ("old",)
    arguments = "--fail-on high --profile default --select dusty-floor,open-door --region us-east-1 --var b=3"
    assert main(["scan", *arguments.split()]) == 1
    assert scan.inputs == Inputs(variables={"a": "1", "b": "3"}, account="111111111111", region="us-east-1")
    won = scan.options
    assert (won.select, won.profile) == (("dusty-floor", "open-door"), "default")
    Path("other.toml").write_text("")
    assert main(["scan", "--config", "other.toml"]) == 1
    named = scan.options
    assert named.select == ()


def test_a_baseline_is_written_and_then_counts(scan: Scan, output: Output) -> None:
    assert main(["scan", "--write-baseline", "b.json", "--fail-on", "info"]) == 0
    assert "no findings, 2 suppressed" in output()[0]
    assert main(["scan", "--baseline", "b.json", "--fail-on", "info"]) == 0
    scan.rules = (rule(matches=[FULL, match("new.tf", 1)]), DUSTY)
    assert main(["scan", "--baseline", "b.json", "--format", "json"]) == 1
    findings = json.loads(output()[0].partition("\n{")[2].join(("{", "")))["findings"]
    assert [
        (each["locations"][0]["path"], each["suppressed"] and each["suppressed"]["kind"]) for each in findings
    ] == [
        ("main.tf", "baseline"),
        ("new.tf", None),
        ("other.tf", "baseline"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone"], "`gone` does not exist"),
        ([""], "`` does not exist"),
        (["--select", "open-dor"], "--select names the unknown rule `open-dor`, did you mean `open-door`?"),
        (["--baseline", "gone.json"], "cannot read `gone.json`: No such file or directory"),
        (["--baseline", "main.tf"], "`main.tf` is not a baseline: Expecting value: line 1 column 1 (char 0)"),
        (["--config", "gone.toml"], "cannot read `gone.toml`: No such file or directory"),
        (["--output", "gone/o"], "cannot write `gone/o`: the folder `gone` does not exist"),
        (["--output", ".git"], "cannot write `.git`: it is a folder"),
        (["--write-baseline", ".git"], "cannot write `.git`: it is a folder"),
        (["--var", "x"], "`--var x` is not of the form `NAME=VALUE`"),
        (["--parameter", "=x"], "`--parameter =x` is not of the form `NAME=VALUE`"),
        (["--var-file", "gone.tfvars"], "`gone.tfvars` does not exist"),
        (["--account", "123"], "`--account 123` is not an account id of 12 digits"),
        (["--region", "eu-west"], "`eu-west` is no region of AWS"),
        (["--partition", "aws-ch"], "`aws-ch` is no partition of AWS, did you mean `aws-cn`?"),
        (
            ["--region", "cn-north-1", "--partition", "aws"],
            "the region `cn-north-1` is in the partition `aws-cn`, not in `aws`",
        ),
        (["--jobs", "0"], "`--jobs 0` is less than one"),
    ],
)
def test_a_wrong_request_is_refused_in_one_sentence(
    scan: Scan, output: Output, arguments: list[str], message: str
) -> None:
    assert main(["scan", *arguments]) == 2
    assert output() == ("", f"osreach: {message}\n")
    assert scan.asked is None


@pytest.mark.parametrize(
    "arguments", [[], ["scna"], ["scan", "--format", "xml"], ["scan", "--sel", "x"], ["scan", "--jobs", "x"]]
)
def test_a_wrong_option_shows_the_usage(arguments: list[str], output: Output) -> None:
    assert main(arguments) == 2
    assert output()[1].startswith("usage: osreach")


def test_findings_count_though_nobody_reads_them(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    assert scan.asked is None
    with os.fdopen(write, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        assert main(["scan"]) == 1


def test_a_full_disk_is_a_clean_message(scan: Scan, output: Output) -> None:
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("this system has no /dev/full")
    assert main(["scan", "--output", "/dev/full"]) == 2
    assert output()[1] == "osreach: cannot write `/dev/full`: No space left on device\n"
    assert scan.asked is not None


def test_an_interrupt_is_a_clean_message(scan: Scan, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Reading:
        raise KeyboardInterrupt

    monkeypatch.setattr(scan, "read", interrupted)
    assert main(["scan"]) == 2
    assert output() == ("", "osreach: interrupted\n")


def test_a_defect_does_not_look_like_a_finding(
    scan: Scan, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Reading:
        raise ValueError("oh no")

    monkeypatch.setattr(scan, "read", broken)
    assert main(["scan"]) == 2
    out, err = output()
    assert out == ""
    assert "ValueError: oh no" in err
    assert err.endswith("osreach: this is a defect of osreach, please report it with the lines above\n")


def test_output_is_the_same_every_time(scan: Scan, output: Output) -> None:
    assert scan.folder
    seen = set()
    for _ in range(2):
        main(["scan", "--format", "sarif"])
        seen.add(output()[0])
    assert len(seen) == 1


def test_what_the_help_shows_is_what_the_parts_accept() -> None:
    assert scan_command.FORMATS == FORMATS
    assert scan_command.THRESHOLDS == THRESHOLDS == (*Severity, "never")
    assert scan_command.PROFILES == PROFILES


RULES_MODULE = """\
from osreach.rule import Rule, Severity
def check(analysis): return ()
RULES = (Rule("OSR999", "{name}", Severity.LOW, since="1", check=check, references=(), remedy=""),)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the search path, beside the folder that is scanned."""
    folder = tmp_path / "installed"
    scanned = tmp_path / "scanned"
    folder.mkdir()
    scanned.mkdir()
    monkeypatch.chdir(scanned)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.syspath_prepend(scanned)
    return folder


def test_further_rules_come_from_an_installed_module(installed: Path) -> None:
    (installed / "made_up_rules_a.py").write_text(RULES_MODULE.format(name="no-such-fault"))
    own = all_rules([], ["."])
    further = all_rules(["made_up_rules_a"], ["."])
    assert further[: len(own)] == own
    assert [each.name for each in further[len(own) :]] == ["no-such-fault"]


@pytest.mark.parametrize("scanned", ["scanned", "installed"])
def test_nothing_of_the_scanned_tree_is_imported(installed: Path, scanned: str) -> None:
    folder = installed.parent / scanned
    (folder / "made_up_rules_b.py").write_text("raise SystemExit('imported')")
    before = sys.path[:]
    with pytest.raises(UsageError) as raised:
        all_rules(["made_up_rules_b"], [str(folder)])
    assert str(raised.value).startswith("no installed module is called `made_up_rules_b`")
    assert sys.path == before


def test_a_module_that_cannot_serve_is_named(installed: Path) -> None:
    texts = {
        "made_up_rules_c": (
            "import no_such_thing_at_all",
            "needs `no_such_thing_at_all`, which is not installed",
        ),
        "made_up_rules_d": ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        "made_up_rules_e": ("RULES = []", "has no tuple `RULES` of rules"),
        "made_up_rules_f": ("x = 1", "has no tuple `RULES` of rules"),
    }
    for name, (text, message) in texts.items():
        (installed / f"{name}.py").write_text(text)
        with pytest.raises(UsageError) as raised:
            all_rules([name], ["."])
        assert str(raised.value) == f"the module `{name}` {message}"


def test_two_rules_of_one_name_are_refused(installed: Path) -> None:
    (installed / "made_up_rules_g.py").write_text(RULES_MODULE.format(name="open-domain"))
    with pytest.raises(UsageError, match="two rules are called `open-domain`"):
        all_rules(["made_up_rules_g"], ["."])


def test_installed_packages_inside_the_scanned_tree_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / ".venv" / "site-packages"
    environment.mkdir(parents=True)
    monkeypatch.setattr(modules, "_installed_folders", lambda: [str(environment)])
    monkeypatch.setattr(
        sys, "path", ["", str(environment), str(tmp_path), str(tmp_path / "lib"), "/elsewhere"]
    )
    with without([str(tmp_path)]):
        assert sys.path == [str(environment), "/elsewhere"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(
    environment: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(Terminal()) is colour
    assert wants_colour(io.StringIO()) is False


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    assert width(Terminal()) == 77
    assert width(io.StringIO()) == 100


def test_a_bar_appears_on_a_terminal_after_a_while_and_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_FIRST_AFTER", 0.01)
    monkeypatch.setattr(progress, "_EVERY", 0.01)
    with progress.shown_progress() as report:
        report("judging", 1, 2)
        deadline = time.monotonic() + 5
        while "judging 1/2" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "[============            ] judging 1/2" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_fast_scan_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.shown_progress() as report:
        report("judging", 1, 2)
    assert terminal.getvalue() == ""


def test_without_a_terminal_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.shown_progress() as report:
        assert report is engine.no_progress


def process(*arguments: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=60, check=False, **options
    )


@pytest.mark.parametrize("command", [[SCRIPT], [sys.executable, "-I", "-m", "osreach"]])
def test_a_hostile_folder_is_not_run(command: list[str], tmp_path: Path) -> None:
    for name in ("osreach", "osreach_rules", "argparse", "json", "sitecustomize", "dataclasses"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    for name in ("osreach", "osreach_rules"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')")
    found = process(*command, "rules", "open-domain", folder=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("OSR101 open-domain (critical, ")


def test_help_imports_no_more_than_it_shows(tmp_path: Path) -> None:
    text = (
        "import sys, osreach.cli.main as m; m.parser().format_help();"
        "print(*sorted(n for n in sys.modules if n.startswith('osreach')));"
        "print(*sorted(n for n in ('dataclasses','inspect','json','hcl2','lark','networkx','yaml') if n in sys.modules))"
    )
    found = process(sys.executable, "-I", "-c", text, folder=tmp_path)
    modules_line, heavy = found.stdout.split("\n")[:2]
    assert modules_line.split() == [
        "osreach",
        "osreach.cli",
        "osreach.cli.access",
        "osreach.cli.can",
        "osreach.cli.compare",
        "osreach.cli.diagnose",
        "osreach.cli.diff",
        "osreach.cli.graph",
        "osreach.cli.inputs",
        "osreach.cli.main",
        "osreach.cli.rules",
        "osreach.cli.scan",
        "osreach.cli.simulate",
        "osreach.cli.who",
    ]
    assert heavy == ""


def test_the_version_is_that_of_the_project(tmp_path: Path) -> None:
    found = process(SCRIPT, "--version", folder=tmp_path)
    written = (Path(__file__).parent.parent / "pyproject.toml").read_text()
    assert found.stdout.startswith("osreach ")
    assert f'version = "{found.stdout.split()[1]}"' in written


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    found = subprocess.run(
        [SCRIPT, "rules", "--format", "markdown"],
        cwd=tmp_path,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (found.returncode, found.stderr) == (0, b"")


def test_a_terminal_of_another_encoding_is_no_error(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    (tmp_path / "latin.py").write_text(
        "import sys; from osreach.cli.output import write; write('caf\\u00e9 \\udc80\\n', '-')"
    )
    found = process(sys.executable, "latin.py", folder=tmp_path, env=environment)
    assert (found.returncode, found.stdout) == (0, "caf\\xe9 \\udc80\n")


DOMAIN = """\
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{ # osreach: ignore[open-domain] until=2999-12-31 a demo
      Effect    = "Allow"
      Principal = "*"
      Action    = "es:ESHttp*"
      Resource  = "arn:aws:es:eu-west-1:123456789012:domain/logs/*"
    }]
  })
}
"""


def test_a_real_scan_of_a_hostile_folder_answers_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN)
    for name in ("conftest", "osreach", "osreach_rules", "hcl2", "sitecustomize", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    found = process(SCRIPT, "scan", "--format", "json", "--select", "open-domain", folder=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    (finding,) = json.loads(found.stdout)["findings"]
    assert (finding["locations"][0]["path"], finding["locations"][0]["line"]) == ("main.tf", 6)
    assert finding["suppressed"] == {"kind": "comment", "reason": "a demo", "path": "main.tf", "line": 6}
    arguments = ["--no-inline-ignores", "--fail-on", "critical"]
    for form in FORMATS[1:]:
        arguments += ["--format", form, "--output", f"o.{form}"]
    arguments += ["--format", "text"]
    found = process(sys.executable, "-I", "-m", "osreach", "scan", *arguments, folder=tmp_path)
    assert (found.returncode, found.stderr) == (1, "")
    assert "main.tf:6:18 critical OSR101 open-domain\n" in found.stdout
    assert all((tmp_path / f"o.{form}").stat().st_size for form in FORMATS[1:])


def test_every_command_is_a_module_of_its_own() -> None:
    names = {Path(str(each.__file__)).stem for each in command_line.COMMANDS}
    assert names == {"scan", "can", "who", "diff", "diagnose", "graph", "simulate", "compare", "rules"}


def test_rules_are_listed_and_explained(output: Output) -> None:
    assert main(["rules"]) == 0
    listed = output()[0]
    assert main(["rules", "--format", "json"]) == 0
    rules = json.loads(output()[0])
    assert [line.split()[:2] for line in listed.splitlines()] == [
        [each["code"], each["name"]] for each in rules
    ]
    assert main(["rules", rules[0]["code"], "--format", "json"]) == 0
    assert json.loads(output()[0]) == rules[0]
    assert main(["rules", rules[0]["name"], "--format", "markdown"]) == 0
    assert output()[0].startswith(f"# {rules[0]['code']} {rules[0]['name']}\n")
    assert main(["rules", "no-such-rule"]) == 2


def test_suppressed_findings_never_count() -> None:
    suppressed = Finding(OPEN, FULL, REPORT.findings[1].suppressed)
    assert scan_command.exit_code(Report((suppressed,)), "info", strict=True) == 0
