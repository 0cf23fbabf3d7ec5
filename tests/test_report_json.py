from __future__ import annotations

import json

from made_up import EMPTY, FULL, HOSTILE, HOSTILE_REPORT, REPORT
from osreach.finding import Report
from osreach.iam.request import (
    Anonymous,
    FederatedUser,
    Principal,
    Request,
    RoleSession,
    RootUser,
    Service,
    User,
    WebIdentity,
)
from osreach.report.view import View, render
from osreach.report.witness import principal_text, witness_object, witness_sentence
from osreach.witness import Witness


def test_the_json_is_what_the_command_line_promises() -> None:
    fingerprints = [finding.fingerprint for finding in REPORT.findings]
    assert json.loads(render("json", REPORT, View())) == {
        "version": 1,
        "findings": [
            {
                "code": "OSR901",
                "rule": "open-door",
                "severity": "critical",
                "confidence": "possible",
                "message": '`aws_door.front["a"]` can be opened by anyone',
                "resource": 'aws_door.front["a"]',
                "locations": [
                    {
                        "path": "main.tf",
                        "line": 4,
                        "column": 7,
                        "end_line": 4,
                        "end_column": 22,
                        "note": "anyone",
                    },
                    {
                        "path": "main.tf",
                        "line": 1,
                        "column": 1,
                        "end_line": 1,
                        "end_column": 28,
                        "note": "the door",
                    },
                    {
                        "path": "sub dir/net#work.tf",
                        "line": 3,
                        "column": 5,
                        "end_line": 5,
                        "end_column": 6,
                        "note": "it leads to the street",
                    },
                ],
                "witness": {
                    "principal": "anonymous",
                    "action": "es:ESHttpGet",
                    "resource": "arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search",
                    "context": {"aws:SourceIp": "203.0.113.7"},
                    "http": "GET /x/_search",
                },
                "remediation": "name who may open it",
                "references": ["https://example.com/doors"],
                "fingerprint": fingerprints[0],
                "suppressed": None,
            },
            {
                "code": "OSR902",
                "rule": "dusty-floor",
                "severity": "low",
                "confidence": "certain",
                "message": "the floor of `hall` is dusty",
                "resource": "aws_floor.hall",
                "locations": [
                    {"path": "other.tf", "line": 2, "column": 1, "end_line": 2, "end_column": 2, "note": ""}
                ],
                "witness": None,
                "remediation": "close the door",
                "references": ["https://example.com/doors"],
                "fingerprint": fingerprints[1],
                "suppressed": {
                    "kind": "comment",
                    "reason": "dust is harmless",
                    "path": "other.tf",
                    "line": 2,
                },
            },
        ],
        "problems": [
            {
                "path": "broken.tf",
                "line": 7,
                "column": 3,
                "message": "the brace of `resource` is never closed",
            }
        ],
        "coverage": {
            "files": 3,
            "resources": 41,
            "access_resources": 9,
            "unknowns": [
                {
                    "path": "main.tf",
                    "line": line,
                    "column": 2,
                    "expression": "var.principals",
                    "reason": "no default and no value given",
                }
                for line in (5, 4)
            ],
        },
    }


def test_a_clean_report_has_every_key() -> None:
    assert json.loads(render("json", EMPTY, View())) == {
        "version": 1,
        "findings": [],
        "problems": [],
        "coverage": {"files": 0, "resources": 0, "access_resources": 0, "unknowns": []},
    }


def test_a_crashed_rule_is_named() -> None:
    report = Report((), failures=(("open-door", "KeyError: 'x'"),))
    assert json.loads(render("json", report, View()))["failures"] == [
        {"rule": "open-door", "error": "KeyError: 'x'"}
    ]


def test_any_name_survives() -> None:
    (finding,) = json.loads(render("json", HOSTILE_REPORT, View()))["findings"]
    assert finding["resource"] == HOSTILE
    assert finding["locations"][0]["path"] == f"a/{HOSTILE}.tf"


def test_principals_are_written_as_the_command_line_takes_them() -> None:
    principals: dict[Principal, str] = {
        Anonymous(): "anonymous",
        RootUser("123456789012", "aws-cn"): "arn:aws-cn:iam::123456789012:root",
        User("arn:aws:iam::123456789012:user/ann"): "arn:aws:iam::123456789012:user/ann",
        RoleSession("arn:aws:iam::123456789012:role/etl", "x"): "arn:aws:iam::123456789012:role/etl",
        FederatedUser(
            "arn:aws:sts::123456789012:federated-user/f"
        ): "arn:aws:sts::123456789012:federated-user/f",
        Service("es.amazonaws.com"): "service:es.amazonaws.com",
        WebIdentity("accounts.google.com"): "federated:accounts.google.com",
    }
    assert {principal: principal_text(principal) for principal in principals} == principals


def test_a_key_with_several_values_holds_a_list() -> None:
    request = Request(Anonymous(), "es:ESHttpGet", "*", {"b": ("1", "2"), "a": (), "c": ("3",)})
    assert witness_object(Witness(request))["context"] == {"a": [], "b": ["1", "2"], "c": "3"}
    assert (
        witness_sentence(Witness(request))
        == "anonymous: es:ESHttpGet on * with a = nothing, b = 1 and 2, c = 3"
    )


def test_a_witness_fits_in_one_sentence() -> None:
    assert FULL.witness is not None
    assert witness_sentence(FULL.witness) == (
        "anonymous: GET /x/_search (es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search)"
        " with aws:SourceIp = 203.0.113.7"
    )
