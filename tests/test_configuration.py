from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from osreach.configuration import KEYS, Configuration, find_configuration, read_configuration
from osreach.ignore import ConfiguredIgnore
from osreach.location import Location
from osreach.rule import Severity
from osreach.usage import UsageError

FULL = """\
fail-on = "high"
profile = "strict"
select = ["open-door"]
ignore = ["OSR902"]
account = "012345678901"
region = "eu-west-1"
partition = "aws"
trusted-accounts = ["111111111111", "222222222222"]
exclude = ["old", "x/*.tf"]
variable-files = ["prod.tfvars"]

[severity]
dusty-floor = "info"

[variables]
name = "logs"
count = 3
public = true
ports = [1, 2]
tags = { owner = "${x}" }

[parameters]
Name = "logs"

[[ignores]]
rule = "open-door"
resource = "aws_door.*"
reason = "the front door"
until = 2027-01-31

[[ignores]]
rule = "OSR902"
resource = "aws_floor.hall"
reason = "dust"
until = "2027-02-01"
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, name: str = "osreach.toml") -> Configuration:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return read_configuration(path)


def test_every_key_is_read() -> None:
    assert read(FULL, "infra/osreach.toml") == Configuration(
        path="infra/osreach.toml",
        fail_on="high",
        profile="strict",
        select=("open-door",),
        ignore=("OSR902",),
        severity={"dusty-floor": Severity.INFO},
        ignores=(
            ConfiguredIgnore(
                "open-door",
                "aws_door.*",
                "the front door",
                date(2027, 1, 31),
                Location("infra/osreach.toml", 25, 1, 25, 1),
            ),
            ConfiguredIgnore(
                "OSR902",
                "aws_floor.hall",
                "dust",
                date(2027, 2, 1),
                Location("infra/osreach.toml", 31, 1, 31, 1),
            ),
        ),
        variables={
            "name": "logs",
            "count": "3",
            "public": "true",
            "ports": "[1, 2]",
            "tags": '{"owner": "$${x}"}',
        },
        variable_files=("infra/prod.tfvars",),
        parameters={"Name": "logs"},
        account="012345678901",
        region="eu-west-1",
        partition="aws",
        trusted_accounts=frozenset({"111111111111", "222222222222"}),
        exclude=("infra/old", "infra/x/*.tf"),
    )


def test_the_full_example_uses_every_key() -> None:
    import tomllib  # noqa: PLC0415 - only here

    assert sorted(tomllib.loads(FULL)) == sorted(KEYS)


def test_the_same_is_read_from_a_shared_file() -> None:
    text = '[tool.other]\nx = 1\n[tool.osreach]\nfail-on = "low"\n[[tool.osreach.ignores]]\n'
    text += 'rule = "a"\nresource = "b"\nreason = "c"\n'
    found = read(text, "pyproject.toml")
    assert found.fail_on == "low"
    assert found.ignores == (ConfiguredIgnore("a", "b", "c", None, Location("pyproject.toml", 5, 1, 5, 1)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fial-on = 'low'", "unknown key `fial-on`, did you mean `fail-on`?"),
        ("fail-on = 'lo'", "`fail-on` must be one of `critical`, `high`, `medium`, `low`, `info`, `never`"),
        ("fail-on = 3", "`fail-on` must be one of `critical`, `high`, `medium`, `low`, `info`, `never`"),
        ("profile = 'lax'", "`profile` must be one of `default`, `strict`"),
        ("select = 'open-door'", "`select` must be a list of texts"),
        ("select = [1]", "`select` must be a list of texts"),
        ("exclude = ['']", "`exclude` must be a list of texts"),
        ("severity = 'low'", "`severity` must be a table"),
        (
            "severity.x = 'bad'",
            "`severity.x` must be one of `critical`, `high`, `medium`, `low`, `info`",
        ),
        ("account = 123456789012", "`account` must be a text of 12 digits"),
        ("trusted-accounts = ['1']", "`trusted-accounts` must be a text of 12 digits"),
        ("region = ''", "`region` must be a text"),
        (
            "variables.x = 2027-01-01",
            "`variables.x` must be a text, a number, a truth value, a list or a table of these",
        ),
        ("ignores = {}", "`ignores` must be a list of tables"),
        ("ignores = [1]", "`ignores[0]` must be a table"),
        ("[[ignores]]\nrule = 'x'\nresource = 'y'", "`ignores[0].reason` must be given"),
        ("[[ignores]]\nrule = 'x'\nresource = 'y'\nreason = ' '", "`ignores[0].reason` must be given"),
        ("[[ignores]]\nrules = 'x'", "unknown key `ignores[0].rules`, did you mean `rule`?"),
        (
            "[[ignores]]\nrule = 'x'\nresource = 'y'\nreason = 'z'\nuntil = 'soon'",
            "`ignores[0].until` must be a date such as 2027-01-31",
        ),
        (
            "[[ignores]]\nrule = 'x'\nresource = 'y'\nreason = 'z'\nuntil = 2027-01-31T00:00:00",
            "`ignores[0].until` must be a date such as 2027-01-31",
        ),
    ],
)
def test_a_mistake_names_the_file_and_the_key(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert str(raised.value) == f"`osreach.toml`: {message}"


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UsageError, match=r"^cannot read `gone\.toml`: No such file"):
        read_configuration(Path("gone.toml"))
    with pytest.raises(UsageError, match=r"^`osreach\.toml` is not TOML: .*line 1"):
        read("= 3")
    Path("latin.toml").write_bytes(b"region = '\xe9'")
    with pytest.raises(UsageError, match=r"^`latin\.toml` is not UTF-8"):
        read_configuration(Path("latin.toml"))


def tree(*files: str) -> None:
    for file in files:
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.endswith("/.git/HEAD"):
            path.write_text("ref")
        elif path.name == "pyproject.toml":
            path.write_text("[tool.osreach]\n" if "with" in file else "[tool.other]\nosreach = 1\n")
        else:
            path.touch()


@pytest.mark.parametrize(
    ("files", "start", "found"),
    [
        (["r/.git/HEAD", "r/osreach.toml", "r/a/b/main.tf"], "r/a/b", "r/osreach.toml"),
        (["r/.git/HEAD", "r/osreach.toml", "r/a/b/main.tf"], "r/a/b/main.tf", "r/osreach.toml"),
        (["r/.git/HEAD", "r/osreach.toml", "r/a/osreach.toml"], "r/a", "r/a/osreach.toml"),
        (["osreach.toml", "r/.git/HEAD", "r/a/main.tf"], "r/a", None),
        (["osreach.toml", "r/.git/HEAD"], "r", None),
        (["r/osreach.toml", "r/a/main.tf"], "r/a", None),
        (["r/osreach.toml"], "r", "r/osreach.toml"),
        (["with/.git/HEAD", "with/pyproject.toml", "with/a/main.tf"], "with/a", "with/pyproject.toml"),
        (["with/.git/HEAD", "with/pyproject.toml", "with/osreach.toml"], "with", "with/osreach.toml"),
        (["r/.git/HEAD", "r/osreach.toml", "r/a/pyproject.toml"], "r/a", "r/osreach.toml"),
        (["r/.git/HEAD", "r/a/pyproject.toml"], "r/a", None),
    ],
)
def test_the_file_is_looked_for_upwards_within_the_repository(
    files: list[str], start: str, found: str | None
) -> None:
    tree(*files)
    expected = Path(found).resolve() if found else None
    assert find_configuration(Path(start)) == expected


def test_a_broken_file_of_others_is_passed_over() -> None:
    Path("pyproject.toml").write_text("osreach = ")
    assert find_configuration(Path()) is None


def test_paths_are_shown_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("osreach.toml").write_text(FULL)
    Path("infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    found = read_configuration(tmp_path / "osreach.toml")
    assert found.path == "../osreach.toml"
    assert found.exclude == ("../old", "../x/*.tf")
    assert found.variable_files == ("../prod.tfvars",)
