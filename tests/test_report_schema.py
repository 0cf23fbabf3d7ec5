"""What the commands write as JSON is what the published schema says, no more and no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from made_up import EMPTY, HOSTILE_REPORT, REPORT
from osreach.cli.main import main
from osreach.finding import Report
from osreach.report.view import View, render

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "report-schema.json").read_text())
COMMANDS = ("scan", "can", "who", "diff", "diagnose", "compare", "simulate", "graph", "rule", "rules")
OLD = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}}
NEW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*"}}


def strict(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and "type" in schema else {}
    return {**closed, **{key: strict(value) for key, value in schema.items()}}


def misfits(output: object, command: str) -> list[str]:
    wanted = strict({**SCHEMA, "$ref": f"#/$defs/{command}"})
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(wanted).iter_errors(output)
    ]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(COMMANDS) <= set(SCHEMA["$defs"])


def named(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from named(each)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix("#/$defs/")
        for each in schema.values():
            yield from named(each)


def test_every_part_of_the_schema_is_used() -> None:
    assert set(named(SCHEMA)) | set(COMMANDS) == set(SCHEMA["$defs"])


@pytest.mark.parametrize("report", [EMPTY, REPORT, HOSTILE_REPORT])
def test_every_report_fits(report: Report) -> None:
    assert misfits(json.loads(render("json", report, View())), "scan") == []


def test_what_is_missing_or_not_named_does_not_fit() -> None:
    output = json.loads(render("json", REPORT, View()))
    output["findings"][0]["surprise"] = 1
    del output["findings"][0]["rule"]
    assert sorted(misfits(output, "scan")) == [
        "$.findings[0]: 'rule' is a required property",
        "$.findings[0]: Additional properties are not allowed ('surprise' was unexpected)",
    ]


@pytest.mark.parametrize(
    ("schema", "command"),
    [
        ("scan", ["scan", "fixtures/projects/logging-platform"]),
        (
            "can",
            [
                "can",
                "aws_iam_role.support",
                "GET /invoices/_search",
                "aws_opensearch_domain.orders",
                "fixtures/projects/search",
            ],
        ),
        (
            "can",
            [
                "can",
                "anonymous",
                "es:ESHttpGet",
                "aws_opensearch_domain.logs",
                "fixtures/projects/logging-platform",
            ],
        ),
        ("who", ["who", "aws_opensearch_domain.orders", "fixtures/projects/multi-account"]),
        ("who", ["who", "aws_s3_bucket.snapshots", "fixtures/projects/logging-platform"]),
        ("who", ["who", "aws_opensearch_domain.orders", "fixtures/projects/multi-tenant"]),
        ("diff", ["diff", "fixtures/projects/search", "fixtures/projects/logging-platform"]),
        ("diff", ["diff", "fixtures/projects/logging-platform", "fixtures/projects/search"]),
        ("diagnose", ["diagnose", "fixtures/events/download.csv", "fixtures/projects/encrypted-download"]),
        ("diagnose", ["diagnose", "fixtures/events/download.json", "fixtures/projects/search"]),
        ("graph", ["graph", "fixtures/projects/logging-platform"]),
        ("rule", ["rules", "open-domain"]),
        ("rules", ["rules"]),
    ],
)
def test_real_outputs_fit(
    schema: str, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([*command, "--format", "json"]) in {0, 1, 3}
    assert misfits(json.loads(capsys.readouterr().out), schema) == []


def test_answers_about_documents_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.json").write_text(json.dumps(OLD))
    Path("new.json").write_text(json.dumps(NEW))
    for command in (["compare", "old.json", "new.json"], ["compare", "new.json", "old.json"]):
        main([*command, "--format", "json"])
        assert misfits(json.loads(capsys.readouterr().out), "compare") == []
    request = {
        "id": 7,
        "principal": "arn:aws:iam::123456789012:role/r",
        "action": "es:ESHttpGet",
        "resource": "*",
    }
    Path("batch").write_text(
        "\n".join(json.dumps(each) for each in ({**request, "identityPolicies": [OLD]}, {"id": "x"}))
    )
    main(["simulate", "--batch", "batch"])
    lines = capsys.readouterr().out.splitlines()
    assert [misfits(json.loads(line), "simulate") for line in lines] == [[], []]
