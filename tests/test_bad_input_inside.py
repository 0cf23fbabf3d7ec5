"""Bad input inside of clusters, policies of OpenSearch Serverless and pipelines: each told at its place.

Beside each case stands a domain that anyone can use; that finding has to be in
the report whatever stands beside it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osreach.cli.main import main
from test_bad_input import OPEN

CLUSTER = """
resource "aws_opensearch_domain" "logs" {
  domain_name    = "logs"
  engine_version = "OpenSearch_2.17"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
  }
}
"""
COLLECTION = 'resource "aws_opensearchserverless_collection" "logs" {\n  name = "logs"\n}\n'
DATA = """resource "aws_opensearchserverless_access_policy" "logs" {{
  name = "logs"
  type = "data"
  policy = {policy}
}}
"""
PIPELINE = """resource "aws_osis_pipeline" "logs" {{
  pipeline_name = "logs"
  min_units     = 1
  max_units     = 2
  pipeline_configuration_body = <<-YAML
{body}
  YAML
}}
"""
Scan = Callable[[Mapping[str, str | bytes]], dict[str, Any]]


def header(kind: str) -> str:
    """The header of a file of the Security plugin, three lines."""
    return f"_meta:\n  type: {kind}\n  config_version: 2\n"


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scan:
    """Scans files beside an open domain, which has to be found, and gives the report."""

    def run(files: Mapping[str, str | bytes]) -> dict[str, Any]:
        for name, content in {"open/main.tf": OPEN, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.chdir(tmp_path)
        assert main(["scan", "--format", "json", "--no-cache"]) == 1
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        found = {finding["resource"] for finding in report["findings"] if finding["rule"] == "open-domain"}
        assert "aws_opensearch_domain.open" in found
        return report

    return run


def seconds_of(run: Callable[[], object]) -> float:
    """The processor time that something takes; the machine may be busy with other things."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


# --- what is told as a problem --------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    name: str
    path: str
    content: str | bytes
    problem: tuple[int, int, str]


PROBLEMS = (
    Case(
        "roles that are no YAML",
        "roles.yml",
        header("roles") + "reader:\n  cluster_permissions: [read\n",
        (6, 1, "the file is not valid YAML"),
    ),
    Case(
        "roles in another encoding",
        "roles.yml",
        (header("roles") + "reader:\n  cluster_permissions: [read]\n").encode("utf-16"),
        (1, 1, "the file is not UTF-8"),
    ),
    Case(
        "roles that are too many to be read",
        "roles.yml",
        header("roles") + "#" * 10_000_000,
        (1, 1, "the file is larger than 10 MB and is not read"),
    ),
    Case(
        "roles of which there are two documents",
        "roles.yml",
        header("roles") + "reader:\n  cluster_permissions: [read]\n---\nother: {}\n",
        (1, 1, "the file is not one YAML document of names and values"),
    ),
    Case(
        "a role that is a list",
        "roles.yml",
        header("roles") + "reader:\n  - cluster_permissions: [read]\n",
        (4, 1, "`reader` does not hold names and values, and is not read"),
    ),
    Case(
        "permissions on indexes without names",
        "roles.yml",
        header("roles") + "reader:\n  index_permissions: [logs]\n",
        (5, 23, "`index_permissions` of `reader` holds something without names and values"),
    ),
    Case(
        "a role that is written twice",
        "roles.yml",
        header("roles") + "one:\n  cluster_permissions: [read]\none:\n  cluster_permissions: [write]\n",
        (6, 1, "`one` is written twice in one mapping; the last one counts"),
    ),
    Case(
        "roles that call a constructor of Python",
        "roles.yml",
        header("roles") + "one:\n  cluster_permissions: !!python/object/apply:os.system [exit]\nb: [*c]\n",
        (6, 5, "the alias `*c` has no anchor before it"),
    ),
    Case(
        "a policy that is no JSON",
        "policy.tf",
        COLLECTION + DATA.format(policy='<<-JSON\n[{"Rules": [}]\nJSON'),
        (8, 13, "`policy` is not valid JSON: expected a value, found `}`"),
    ),
    Case(
        "a body of a pipeline that is no YAML",
        "pipeline.tf",
        PIPELINE.format(body='    version: "2"\n    logs:\n      source: [http\n'),
        (10, 1, "`pipeline_configuration_body`: the text is not valid YAML"),
    ),
)


@pytest.mark.parametrize("case", PROBLEMS, ids=lambda case: case.name)
def test_what_cannot_be_read_is_a_problem_at_its_place(case: Case, scan: Scan) -> None:
    report = scan({"main.tf": CLUSTER, case.path: case.content})
    line, column, words = case.problem
    assert [(one["path"], one["line"], one["column"]) for one in report["problems"]] == [
        (case.path, line, column)
    ]
    assert words in report["problems"][0]["message"]


@pytest.mark.parametrize("case", PROBLEMS, ids=lambda case: case.name)
def test_a_strict_scan_fails(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = case.content
    (tmp_path / "main.tf").write_text(CLUSTER)
    (tmp_path / case.path).write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "--strict", "--format", "json", "--no-cache"]) == 2
    assert json.loads(capsys.readouterr().out)["problems"]


# --- what is told as a finding --------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    name: str
    files: Mapping[str, str]
    rule: str
    places: tuple[tuple[str, int], ...]


READER = header("roles") + "reader:\n  cluster_permissions: [cluster:monitor/main]\n"

FINDINGS = (
    Found(
        "an action group that nobody defines",
        {"roles.yml": header("roles") + "reader:\n  cluster_permissions:\n    - reed\n"},
        "broken-action-group",
        (("roles.yml", 6),),
    ),
    Found(
        "action groups that hold each other",
        {
            "roles.yml": READER,
            "action_groups.yml": header("actiongroups")
            + "one:\n  allowed_actions: [two]\ntwo:\n  allowed_actions: [one]\n",
        },
        "broken-action-group",
        (("action_groups.yml", 4),),
    ),
    Found(
        "a mapping to a role that nobody defines",
        {"roles.yml": READER, "roles_mapping.yml": header("rolesmapping") + "reeder:\n  users: [ann]\n"},
        "undefined-role",
        (("roles_mapping.yml", 4),),
    ),
    Found(
        "a document query that is no JSON",
        {
            "roles.yml": header("roles")
            + "reader:\n  index_permissions:\n    - index_patterns: [logs]\n"
            + "      dls: '{\"term\": '\n      allowed_actions: [read]\n"
        },
        "invalid-document-query",
        (("roles.yml", 6),),
    ),
    Found(
        "a rule with a misspelt key",
        {
            "policy.tf": COLLECTION
            + DATA.format(
                policy='jsonencode([{ Principal = ["arn:aws:iam::123456789012:role/etl"]\n'
                '    Rules = [{ ResourceTyp = "index", Resource = ["index/logs/*"]\n'
                '    Permission = ["aoss:ReadDocument"] }] }])'
            )
        },
        "malformed-serverless-policy",
        (("policy.tf", 8),),
    ),
    Found(
        "a data access policy that is too long",
        {
            "policy.tf": COLLECTION
            + DATA.format(
                policy='jsonencode([{ Principal = ["arn:aws:iam::123456789012:role/etl"]\n'
                f'    Description = "{"x" * 20_400}"\n'
                '    Rules = [{ ResourceType = "index", Resource = ["index/logs/*"]\n'
                '    Permission = ["aoss:ReadDocument"] }] }])'
            )
        },
        "refused-name-or-length",
        (("policy.tf", 7),),
    ),
    Found(
        "a collection whose name no policy can match",
        {"policy.tf": COLLECTION.replace('"logs"\n', '"Logs_1"\n')},
        "impossible-collection-pattern",
        (("policy.tf", 2),),
    ),
)


@pytest.mark.parametrize("case", FINDINGS, ids=lambda case: case.name)
def test_what_cannot_be_right_is_found_at_its_place(case: Found, scan: Scan) -> None:
    report = scan({"main.tf": CLUSTER, **case.files})
    assert report["problems"] == []
    found = [
        (one["locations"][0]["path"], one["locations"][0]["line"])
        for one in report["findings"]
        if one["rule"] == case.rule
    ]
    assert found == list(case.places)


# --- what is far too much -------------------------------------------------------------------------------


def roles(number: int, actions: str = "read") -> str:
    return header("roles") + "".join(
        f"role{one}:\n  index_permissions: [{{index_patterns: [logs-{one}], allowed_actions: [{actions}]}}]\n"
        for one in range(number)
    )


def test_many_roles_and_mappings_take_time_in_proportion(scan: Scan) -> None:
    mappings = header("rolesmapping") + "".join(f"role{one}:\n  users: [u{one}]\n" for one in range(8_000))
    files = {"main.tf": CLUSTER, "roles.yml": roles(4_000), "roles_mapping.yml": mappings}
    assert seconds_of(lambda: scan(files)) < 10


def test_groups_that_hold_thousands_of_groups_are_not_looked_through_for_each_role(scan: Scan) -> None:
    """Each of 2,000 roles may do all that 4,000 groups hold, which hold each other in a circle."""
    groups = header("actiongroups") + "".join(
        f'group{one}: {{allowed_actions: [group{(one + 1) % 4_000}, "indices:x{one}"]}}\n'
        for one in range(4_000)
    )
    files = {"main.tf": CLUSTER, "roles.yml": roles(2_000, "group0, group7"), "action_groups.yml": groups}
    begin = time.process_time()
    report = scan(files)
    assert time.process_time() - begin < 10
    assert [(one["path"], one["line"], one["message"]) for one in report["problems"]] == [
        (
            "action_groups.yml",
            4,
            "the action group `group0` holds too many actions to be looked through, as does one other",
        )
    ]
    circles = [one for one in report["findings"] if one["rule"] == "broken-action-group"]
    assert [len(one["message"]) < 300 for one in circles] == [True]


def test_groups_that_all_hold_each_other_are_told_in_part(scan: Scan) -> None:
    names = ", ".join(f"g{one}" for one in range(120))
    groups = header("actiongroups") + "".join(
        f"g{one}:\n  allowed_actions: [{names}]\n" for one in range(120)
    )
    assert seconds_of(lambda: scan({"main.tf": CLUSTER, "action_groups.yml": groups})) < 10


def test_many_mappings_in_terraform_take_time_in_proportion(scan: Scan) -> None:
    mappings = "".join(
        f'resource "opensearch_roles_mapping" "m{one}" {{\n  role_name = "q{one}"\n  users = ["u{one}"]\n}}\n'
        for one in range(1_500)
    )
    role = (
        'resource "opensearch_role" "reader" {\n  role_name = "reader"\n  cluster_permissions = ["read"]\n}\n'
    )
    assert seconds_of(lambda: scan({"main.tf": CLUSTER + role + mappings})) < 10


def test_many_merged_mappings_take_time_in_proportion(scan: Scan) -> None:
    anchors = "".join(f"b{one}: &b{one} {{k{one}: 1}}\n" for one in range(12_000))
    merged = f"all:\n  <<: [{', '.join(f'*b{one}' for one in range(12_000))}]\n"
    files = {"main.tf": CLUSTER, "roles.yml": header("roles") + anchors + merged}
    assert seconds_of(lambda: scan(files)) < 10


# --- files that are none --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["roles.yml", "roles_mapping.yml", "internal_users.yaml"])
def test_a_pipe_with_the_name_of_a_security_file_is_told(name: str, tmp_path: Path, scan: Scan) -> None:
    os.mkfifo(tmp_path / name)
    report = scan({"main.tf": CLUSTER, "roles.yml/notes.txt": ""} if name != "roles.yml" else {})
    assert [(one["path"], one["message"]) for one in report["problems"]] == [
        (name, "this is no regular file")
    ]


def test_a_security_file_outside_of_the_tree_is_told(
    tmp_path: Path, scan: Scan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "roles.yml"
    elsewhere.write_text(roles(1))
    (tmp_path / "roles.yml").symlink_to(elsewhere)
    report = scan({"main.tf": CLUSTER})
    assert [(one["path"], one["message"]) for one in report["problems"]] == [
        ("roles.yml", "the link leads out of the scanned folder and is not followed")
    ]


# --- names that would move the cursor -------------------------------------------------------------------

ESCAPES = "a\x1b[31m\u202e\n::error::x"


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("scan", "--format", "markdown"),
        ("can", "anonymous", "GET /", "aws_opensearch_domain.logs"),
        ("who", "aws_opensearch_domain.logs"),
        ("graph",),
        ("diff", ".", "."),
        ("scan", "--changed", f"../{ESCAPES}"),
    ],
    ids=" ".join,
)
def test_no_name_of_a_file_or_a_key_reaches_the_terminal_as_it_is(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = json.dumps(ESCAPES)
    (tmp_path / "main.tf").write_text(CLUSTER)
    (tmp_path / ESCAPES.replace("/", "")).mkdir()
    (tmp_path / ESCAPES / "roles.yml").write_text(
        header("roles") + f"{key}:\n  cluster_permissions: [{key}]\n{key}:\n  - {key}\n"
    )
    monkeypatch.chdir(tmp_path)
    main([*arguments, *(() if arguments[0] == "diff" else ("--no-cache",))])
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\n::error" not in text
    assert "\\u{1b}" in said.out + said.err
