from __future__ import annotations

import json
from pathlib import Path

import pytest

from osreach.cli.main import main

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
LAYERS = [
    "network",
    "organization",
    "identity_policy",
    "permissions_boundary",
    "resource_policy",
    "key_policy",
    "fine_grained_access",
    "dependency",
]


def can(project: str, *arguments: str) -> int:
    principal, action, resource, *others = arguments
    return main(["can", principal, action, resource, str(PROJECTS / project), *others])


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ("aws_iam_user.dana", "GET /app-1/_search", "aws_opensearch_domain.logs")),
        (1, ("aws_iam_user.nobody", "GET /app-1/_search", "aws_opensearch_domain.logs")),
        (1, ("aws_iam_user.dana", "GET /app-secret/_search", "aws_opensearch_domain.logs")),
        (3, ("aws_iam_user.nobody", "GET /status/x", "aws_opensearch_domain.logs")),
        (2, ("aws_iam_user.nobody", "FETCH /status/x", "aws_opensearch_domain.logs")),
    ],
)
def test_the_exit_code_is_the_answer(code: int, arguments: tuple[str, ...]) -> None:
    assert can("logging-platform", *arguments) == code


def test_json_names_every_layer_with_its_statement(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("aws_iam_user.dana", "GET /app-1/_search", "aws_opensearch_domain.logs")
    assert can("logging-platform", *arguments, "--format", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["decision"] == "allowed"
    assert shown["depends_on"] == []
    assert [layer["layer"] for layer in shown["layers"]] == LAYERS
    identity = shown["layers"][2]
    assert identity["decision"] == "allowed"
    (because,) = identity["because"]
    assert (because["policy"], because["sid"]) == ("aws_iam_group_policy.developers", "Search")
    lines = (PROJECTS / "logging-platform" / "people.tf").read_text().splitlines()
    assert '"Search"' in lines[because["location"]["line"]]
    assert shown["restrictions"] == {
        "documents": [],
        "fields_included": [],
        "fields_excluded": [],
        "fields_masked": [],
    }


def test_what_must_be_known_is_named_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("aws_iam_user.nobody", "GET /status/x", "aws_opensearch_domain.logs")
    assert can("logging-platform", *arguments, "--format", "json") == 3
    shown = json.loads(capsys.readouterr().out)
    (needed,) = shown["depends_on"]
    assert needed["expression"] == "aws:sourceip"
    assert needed["path"].endswith("main.tf")


def test_the_story_of_the_encrypted_bucket_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert can("encrypted-bucket", "aws_iam_user.kai", "s3:GetObject", "aws_s3_bucket.reports/2026.csv") == 1
    text = capsys.readouterr().out
    assert text.startswith("denied because nothing allows it: `aws_iam_user.kai` `s3:GetObject`")
    assert "`AmazonS3FullAccess` allows `s3:GetObject`" in text
    assert (
        "objects are encrypted with `aws_kms_key.reports`, so it needs `kms:Decrypt` there too: "
        "the caller does not have it, because the key policy of `aws_kms_key.reports` neither names "
        "the caller nor leaves the decision to the account, so no identity policy counts"
    ) in text


def test_an_action_without_a_path_is_asked_where_it_is_easiest(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("aws_iam_role.analyst", "es:ESHttpGet", "aws_opensearch_domain.logs")
    assert can("logging-platform", *arguments, "--format", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    resource = shown["request"]["resource"]
    assert resource.startswith("arn:aws:es:eu-west-1:111122223333:domain/logs/app-")
    assert resource.endswith("/_search")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("aws_iam_user.dann", "es:ESHttpGet", "aws_opensearch_domain.logs"),
            "no file defines the caller `aws_iam_user.dann`; did you mean `aws_iam_user.dana`",
        ),
        (
            ("aws_iam_group.developers", "es:ESHttpGet", "aws_opensearch_domain.logs"),
            "`aws_iam_group.developers` is a group, which sends no requests; name one of its users",
        ),
        (
            ("arn:aws:iam::1", "es:ESHttpGet", "aws_opensearch_domain.logs"),
            "`arn:aws:iam::1` is not the ARN of a caller",
        ),
        (
            ("anonymous", "es:ESHttpGet", "aws_opensearch_domain.log"),
            "no file defines the resource `aws_opensearch_domain.log`; did you mean `aws_opensearch_domain.logs`",
        ),
        (
            ("anonymous", "GET /x", "aws_s3_bucket.plain"),
            "a request line goes to a domain or a collection, and `aws_s3_bucket.plain` is neither",
        ),
        (
            ("anonymous", "GET /x", "aws_opensearch_domain.logs/y"),
            "the path stands in the request line already: `/y`",
        ),
        (
            ("anonymous", "OPTIONS /x", "aws_opensearch_domain.logs"),
            "it is not documented which action `OPTIONS` needs",
        ),
        (
            ("anonymous", "GET /x", "aws_opensearch_domain.logs", "--source-ip", "here"),
            "`--source-ip here` is no address",
        ),
        (
            ("anonymous", "GET /x", "aws_opensearch_domain.logs", "--context", "key"),
            "`--context key` is not of the form `KEY=VALUE`",
        ),
    ],
)
def test_a_question_that_means_nothing_is_named(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert can("logging-platform", *arguments) == 2
    assert message in capsys.readouterr().err


def test_an_address_of_two_deployments_is_not_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('resource "aws_iam_user" "u" {\n  name = "u"\n}\n')
    assert main(["can", "aws_iam_user.u", "s3:GetObject", "arn:aws:s3:::b/k", str(tmp_path)]) == 2
    assert "`aws_iam_user.u` stands in several deployments: " in capsys.readouterr().err


def test_what_is_broken_is_said_and_everything_else_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
        'resource "aws_iam_user_policy" "p" {\n  user = aws_iam_user.u.name\n  policy = "{"\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    )
    assert main(["can", "aws_iam_user.u", "s3:GetObject", "aws_s3_bucket.b/k", str(tmp_path)]) == 3
    told = capsys.readouterr()
    assert "main.tf:6:" in told.err
    assert told.out.startswith("not knowable from these files: ")


def test_a_resource_that_no_file_defines_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
        'resource "aws_iam_user_policy_attachment" "p" {\n  user = aws_iam_user.u.name\n'
        '  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"\n}\n'
    )
    folder = str(tmp_path)
    assert main(["can", "aws_iam_user.u", "s3:GetObject", "arn:aws:s3:::elsewhere/k", folder]) == 3
    assert main(["can", "aws_iam_user.u", "s3:GetObject", "arn:aws:s3", folder]) == 2
