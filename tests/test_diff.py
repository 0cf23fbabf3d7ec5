from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from git_repository import commit, git, repository, write
from osreach.cli import diff
from osreach.cli.main import main
from osreach.configuration import THRESHOLDS
from osreach.evaluate.content import Contents
from osreach.report.change_view import FORMATS

BEFORE = (Path(__file__).parent.parent / "fixtures/projects/change-search/before/main.tf").read_text()
AFTER = (Path(__file__).parent.parent / "fixtures/projects/change-search/after/main.tf").read_text()
ETL = "aws_iam_role.etl"
READER = "aws_iam_role.reader"
PROD = "aws_opensearch_domain.prod"

Change = Callable[..., dict[str, Any]]


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Change:
    """What `osreach diff` says of the change from some files to others, committed and not committed."""

    def compared(old: Mapping[str, str], new: Mapping[str, str], *options: str) -> dict[str, Any]:
        top = repository(tmp_path / "repository", old)
        for name in old:
            if name not in new:
                (top / name).unlink()
        write(top, new)
        monkeypatch.chdir(top)
        before = git(top, "status", "--porcelain")
        code = main(["diff", "--format", "json", *options])
        assert git(top, "status", "--porcelain") == before
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        found["code"] = code
        return found

    return compared


def told(found: Mapping[str, Any], direction: str = "gained") -> list[tuple[str, str, str]]:
    return [(one["principal"], one["resource"], one["level"]) for one in found[direction]]


def places(found: Mapping[str, Any]) -> list[str]:
    return [f"{one['locations'][0]['path']}:{one['locations'][0]['line']}" for one in found["gained"]]


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def quiet(found: Mapping[str, Any]) -> bool:
    return not (found["gained"] or found["lost"] or found["unknown"]) and found["code"] == 0


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_widening_one_policy_is_one_gain_on_the_line_that_did_it(change: Change) -> None:
    after = edited(BEFORE, ('"es:ESHttpPut"]', '"es:ESHttpPut",\n          "es:ESHttpDelete"]'))
    found = change({"main.tf": BEFORE}, {"main.tf": after})
    assert told(found) == [(ETL, PROD, "delete")]
    assert places(found) == [f"main.tf:{line_of(after, 'es:ESHttpDelete')}"]
    assert (found["lost"], found["unknown"], found["code"]) == ([], [], 1)
    witness = found["gained"][0]["witness"]
    assert (witness["action"], witness["http"]) == ("es:ESHttpDelete", "DELETE /movies")


def test_more_indexes_at_the_same_level_are_a_gain(change: Change) -> None:
    after = edited(BEFORE, ("/movies/*", "/*"))
    found = change({"main.tf": BEFORE}, {"main.tf": after})
    assert told(found) == [(READER, PROD, "read")]
    assert places(found) == [f"main.tf:{line_of(BEFORE, '/movies/*')}"]
    witness = found["gained"][0]["witness"]["resource"]
    assert not re.fullmatch(r".*:domain/prod/movies/.*", witness)
    # Reading within the account is of low severity.
    assert found["code"] == 0
    assert found["gained"][0]["severity"] == "low"


def test_fewer_indexes_are_a_loss(change: Change) -> None:
    found = change({"main.tf": edited(BEFORE, ("/movies/*", "/*"))}, {"main.tf": BEFORE})
    assert told(found) == []
    assert told(found, "lost") == [(READER, PROD, "read")]


CONDITION = (
    'Action    = "es:ESHttpGet"',
    'Action    = "es:ESHttpGet"\n        Condition = { IpAddress = { "aws:SourceIp" = ["10.0.0.0/9", "10.128.0.0/9"] } }',
)
SAME_CONDITION = (
    'Action    = "es:ESHttpGet"',
    'Action    = "es:ESHttpGet"\n        Condition = { IpAddress = { "aws:SourceIp" = "10.0.0.0/8" } }',
)
WIDER_CONDITION = (
    'Action    = "es:ESHttpGet"',
    'Action    = "es:ESHttpGet"\n        Condition = { IpAddress = { "aws:SourceIp" = "10.0.0.0/7" } }',
)


def test_a_condition_that_goes_is_a_gain(change: Change) -> None:
    found = change({"main.tf": edited(BEFORE, CONDITION)}, {"main.tf": BEFORE})
    assert told(found) == [(READER, PROD, "read")]
    assert places(found) == [f"main.tf:{line_of(BEFORE, 'Read') - 1}"]


def test_a_condition_in_other_words_is_no_change(change: Change) -> None:
    assert quiet(change({"main.tf": edited(BEFORE, CONDITION)}, {"main.tf": edited(BEFORE, SAME_CONDITION)}))


def test_a_wider_condition_is_a_gain_with_an_address_that_was_not_let_in(change: Change) -> None:
    found = change({"main.tf": edited(BEFORE, CONDITION)}, {"main.tf": edited(BEFORE, WIDER_CONDITION)})
    assert told(found) == [(READER, PROD, "read")]
    assert found["gained"][0]["witness"]["context"]["aws:SourceIp"].startswith("11.")
    assert found["gained"][0]["conditions"] == ["aws:SourceIp in 10.0.0.0/7"]


def test_the_same_access_in_other_words_is_no_change(change: Change) -> None:
    after = edited(
        BEFORE,
        ('["es:ESHttpGet", "es:ESHttpPut"]', '["es:ESHttpPut", "es:ESHttpGet"]'),
        ('"es:ESHttpGet"\n', '["es:ESHttpGe?"]\n'),
    )
    assert quiet(change({"main.tf": BEFORE}, {"main.tf": after}))


def test_a_file_that_is_renamed_is_no_change(change: Change) -> None:
    assert quiet(change({"main.tf": BEFORE}, {"search.tf": f"# moved\n\n{BEFORE}"}))


def test_a_folder_that_is_renamed_is_no_change(change: Change) -> None:
    assert quiet(change({"old/main.tf": BEFORE}, {"new/main.tf": BEFORE}))


def test_code_that_moves_into_a_module_is_no_change(change: Change) -> None:
    after = {"main.tf": 'module "search" {\n  source = "./search"\n}\n', "search/main.tf": BEFORE}
    assert quiet(change({"main.tf": BEFORE}, after))


def test_addresses_that_change_are_no_change(change: Change) -> None:
    after = edited(
        BEFORE,
        ('"aws_iam_role" "etl"', '"aws_iam_role" "loader"'),
        ("aws_iam_role.etl.", "aws_iam_role.loader."),
    )
    assert quiet(change({"main.tf": BEFORE}, {"main.tf": after}))


UNNAMED = edited(BEFORE, ('name               = "etl"', 'name_prefix        = "etl-"'))
RENAMED = edited(
    UNNAMED,
    ('"aws_iam_role" "etl"', '"aws_iam_role" "loader"'),
    ("aws_iam_role.etl.", "aws_iam_role.loader."),
)


def test_addresses_that_change_without_a_name_are_no_change_where_the_content_is_the_same(
    change: Change,
) -> None:
    assert quiet(change({"main.tf": UNNAMED}, {"main.tf": RENAMED}))


def test_a_moved_block_tells_who_is_who(change: Change) -> None:
    moved = "moved {\n  from = aws_iam_role.etl\n  to   = aws_iam_role.loader\n}\n"
    after = edited(RENAMED, ('name_prefix        = "etl-"', 'name_prefix        = "loader-"')) + moved
    assert quiet(change({"main.tf": UNNAMED}, {"main.tf": after}))


def test_statements_that_change_places_are_no_change(change: Change) -> None:
    first, second = (
        BEFORE.index('      {\n        Sid       = "Load"'),
        BEFORE.index('      {\n        Sid       = "Read"'),
    )
    end = BEFORE.index("    ]\n")
    after = BEFORE[:first] + BEFORE[second:end] + BEFORE[first:second] + BEFORE[end:]
    assert quiet(change({"main.tf": BEFORE}, {"main.tf": after}))


def test_another_order_of_the_same_statements_in_a_separate_policy_is_no_change(change: Change) -> None:
    policy = BEFORE[BEFORE.index("jsonencode(") : BEFORE.index('resource "aws_iam_role" "etl"')]
    assert quiet(
        change(
            {"main.tf": BEFORE},
            {"main.tf": edited(BEFORE, (policy, "local.policy\n}\n")) + f"locals {{\n  policy = {policy}"},
        )
    )


def test_a_name_that_is_taken_over_from_another_role_is_a_gain(change: Change) -> None:
    """A role that takes a name which a policy writes out gets what the policy gives."""
    before = edited(
        BEFORE,
        (
            "aws_iam_role.reader.arn",
            '"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/trusted"',
        ),
    )
    found = change({"main.tf": before}, {"main.tf": edited(before, ('"reader"\n', '"trusted"\n'))})
    assert (READER, PROD, "read") in told(found)


def test_everyone_on_the_internet_is_critical_and_said_once(change: Change) -> None:
    after = edited(BEFORE, ("{ AWS = aws_iam_role.reader.arn }", '"*"'))
    found = change({"main.tf": BEFORE}, {"main.tf": after}, "--fail-on", "critical")
    assert told(found) == [("anonymous", PROD, "read")]
    assert found["gained"][0]["severity"] == "critical"
    quoted = 'Principal = "*"'
    assert places(found) == [f"main.tf:{line_of(after, quoted)}"]
    assert found["code"] == 1


def test_another_account_is_of_high_severity(change: Change) -> None:
    before = (
        edited(BEFORE, ("data.aws_caller_identity.current.account_id", '"111122223333"'))
        if "current.account_id" in BEFORE
        else BEFORE
    )
    after = edited(
        before,
        ("aws_iam_role.reader.arn", '[aws_iam_role.reader.arn, "arn:aws:iam::444455556666:role/partner"]'),
    )
    found = change({"main.tf": before}, {"main.tf": after}, "--account", "111122223333")
    assert told(found) == [("arn:aws:iam::444455556666:role/partner", PROD, "read")]
    assert found["gained"][0]["severity"] == "high"


def test_the_own_account_is_no_other_account(change: Change) -> None:
    after = edited(
        BEFORE,
        (
            "aws_iam_role.reader.arn",
            '"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/elsewhere"',
        ),
    )
    found = change({"main.tf": BEFORE}, {"main.tf": after})
    assert [(one["level"], one["severity"]) for one in found["gained"]] == [("read", "low")]


def test_an_endpoint_that_leaves_its_vpc_opens_an_open_policy(change: Change) -> None:
    opened = edited(BEFORE, ("{ AWS = aws_iam_role.reader.arn }", '"*"'))
    vpc = '  domain_name = "prod"\n\n  vpc_options {\n    subnet_ids = ["subnet-1"]\n  }\n'
    inside = edited(opened, ('  domain_name = "prod"\n', vpc))
    found = change({"main.tf": inside}, {"main.tf": opened})
    assert [one[0] for one in told(found)] == ["anonymous"]
    assert found["gained"][0]["severity"] == "critical"


def test_a_deny_that_goes_is_a_gain(change: Change) -> None:
    deny = """      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "es:ESHttpPut"
        Resource  = "${aws_opensearch_domain.prod.arn}/secret*"
      },
    ]
"""
    found = change({"main.tf": edited(BEFORE, ("    ]\n", deny))}, {"main.tf": BEFORE})
    assert set(told(found)) <= {(ETL, PROD, "write"), (ETL, PROD, "delete")}
    assert all("/secret" in one["witness"]["resource"] for one in found["gained"])
    assert found["gained"]


TRUST = """
resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_user_policy" "ann" {
  user   = aws_iam_user.ann.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }] })
}
"""


def test_a_trust_policy_that_names_one_more_is_a_gain_through_the_role(change: Change) -> None:
    identifiers = '      identifiers = ["lambda.amazonaws.com"]\n    }\n'
    more = (
        identifiers
        + '    principals {\n      type        = "AWS"\n      identifiers = [aws_iam_user.ann.arn]\n    }\n'
    )
    before = BEFORE + TRUST
    after = edited(before, (identifiers, more))
    found = change({"main.tf": before}, {"main.tf": after})
    ways = {(one["principal"], one["level"], tuple(one["path"])) for one in found["gained"]}
    assert ways >= {
        ("aws_iam_user.ann", "read", ("aws_iam_user.ann", ETL, PROD)),
        ("aws_iam_user.ann", "write", ("aws_iam_user.ann", ETL, PROD)),
    }
    assert {one[0] for one in told(found)} == {"aws_iam_user.ann"}
    assert {one["witness"]["action"] for one in found["gained"]} == {"sts:AssumeRole"}


def test_what_a_role_gains_is_not_told_of_all_who_may_assume_it(change: Change) -> None:
    trust = '      type        = "AWS"\n      identifiers = [aws_iam_user.ann.arn]\n'
    before = edited(
        BEFORE + TRUST,
        ('      type        = "Service"\n      identifiers = ["lambda.amazonaws.com"]\n', trust),
    )
    after = edited(before, ('"es:ESHttpPut"]', '"es:ESHttpPut", "es:ESHttpDelete"]'))
    assert told(change({"main.tf": before}, {"main.tf": after})) == [(ETL, PROD, "delete")]


def test_a_role_that_anyone_may_assume_is_critical(change: Change) -> None:
    after = edited(
        BEFORE,
        (
            '      type        = "Service"\n      identifiers = ["lambda.amazonaws.com"]\n',
            '      type        = "AWS"\n      identifiers = ["*"]\n',
        ),
    )
    found = change({"main.tf": BEFORE}, {"main.tf": after})
    assert {one["principal"] for one in found["gained"]} == {"anyone with an AWS account"}
    assert {one["severity"] for one in found["gained"]} == {"critical"}


def test_a_managed_policy_that_is_newly_attached_is_shown_where_it_is_attached(change: Change) -> None:
    policy = """
resource "aws_iam_policy" "admin" {
  name   = "admin"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "es:ESHttpDelete", Resource = "*" }] })
}
"""
    attach = """
resource "aws_iam_role_policy_attachment" "etl" {
  role       = aws_iam_role.etl.name
  policy_arn = aws_iam_policy.admin.arn
}
"""
    other = edited(attach, ('"etl"', '"other"'), ("aws_iam_role.etl.name", '"other"'))
    before = BEFORE + policy + other
    found = change({"main.tf": before}, {"main.tf": before + attach})
    assert told(found) == [(ETL, PROD, "delete")]
    attached = line_of(before + attach, 'resource "aws_iam_role_policy_attachment" "etl"')
    path, line = places(found)[0].split(":")
    assert path == "main.tf"
    assert attached <= int(line) <= attached + 3


def test_what_cannot_be_known_is_said_to_be_unknown(change: Change) -> None:
    after = (
        edited(BEFORE, ("aws_iam_role.reader.arn", "var.reader"))
        + 'variable "reader" {\n  type = string\n}\n'
    )
    found = change({"main.tf": BEFORE}, {"main.tf": after})
    assert told(found) == []
    assert {(one["resource"], one["level"]) for one in found["unknown"]} >= {(PROD, "read")}
    assert all(one["reason"] for one in found["unknown"])


def test_an_unknown_that_stays_is_no_change(change: Change) -> None:
    text = (
        edited(BEFORE, ("aws_iam_role.reader.arn", "var.reader"))
        + 'variable "reader" {\n  type = string\n}\n'
    )
    assert quiet(change({"main.tf": text}, {"main.tf": edited(text, ('"Read"', '"ReadAll"'))}))


def test_an_unknown_that_stays_is_no_change_where_something_else_of_the_domain_changes(
    change: Change,
) -> None:
    text = (
        edited(BEFORE, ("aws_iam_role.reader.arn", "var.reader"))
        + 'variable "reader" {\n  type = string\n}\n'
    )
    node = '  domain_name = "prod"\n\n  node_to_node_encryption {\n    enabled = true\n  }\n'
    assert quiet(change({"main.tf": text}, {"main.tf": edited(text, ('  domain_name = "prod"\n', node))}))


PROJECTS = sorted(
    path.name for path in (Path(__file__).parent.parent / "fixtures/projects").iterdir() if path.is_dir()
)


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_is_no_more_than_itself_however_closely_it_is_looked_at(
    project: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = count()
    monkeypatch.setattr(Contents, "target", lambda *_: next(numbers))
    folder = str(Path(__file__).parent.parent / "fixtures/projects" / project)
    assert main(["diff", folder, folder]) == 0
    assert capsys.readouterr().out == "access does not change\n"


def test_what_fine_grained_access_decides_is_unknown(change: Change) -> None:
    guarded = edited(
        BEFORE,
        (
            '  domain_name = "prod"\n',
            '  domain_name = "prod"\n\n  advanced_security_options {\n    enabled = true\n  }\n',
        ),
    )
    found = change({"main.tf": guarded}, {"main.tf": edited(guarded, ("/movies/*", "/*"))})
    assert told(found) == []
    assert [(*one[:3],) for one in told(found, "unknown")] == [(READER, PROD, "read")]
    assert "inside the cluster" in found["unknown"][0]["reason"]


def test_fine_grained_access_that_is_turned_off_is_a_gain_where_it_is_turned_off(change: Change) -> None:
    text = edited(
        BEFORE,
        (
            '  domain_name = "prod"\n',
            '  domain_name = "prod"\n\n  advanced_security_options {\n    enabled = true\n  }\n',
        ),
    )
    after = edited(text, ("enabled = true", "enabled = false"))
    found = change({"main.tf": text}, {"main.tf": after})
    assert (READER, PROD, "read") in told(found)
    assert set(places(found)) == {f"main.tf:{line_of(after, 'enabled = false')}"}


def test_a_wider_trust_in_a_provider_is_a_gain_through_the_role(change: Change) -> None:
    lambda_trust = """    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
"""
    trust = """    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:example/search:ref:refs/heads/main"]
    }
"""
    before = edited(
        BEFORE, (lambda_trust, trust), ('["sts:AssumeRole"]', '["sts:AssumeRoleWithWebIdentity"]')
    )
    after = edited(before, ("repo:example/search:ref:refs/heads/main", "repo:example/*"))
    found = change({"main.tf": before}, {"main.tf": after})
    assert {(one["path"][1], one["level"]) for one in found["gained"]} >= {(ETL, "write"), (READER, "read")}
    subjects = {
        one["witness"]["context"]["token.actions.githubusercontent.com:sub"] for one in found["gained"]
    }
    assert all(
        subject.startswith("repo:example/") and subject != "repo:example/search:ref:refs/heads/main"
        for subject in subjects
    )


def test_another_folder_of_work_and_a_subfolder_are_compared(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change({"a/main.tf": BEFORE}, {"a/main.tf": BEFORE})
    top = tmp_path / "repository"
    git(top, "worktree", "add", "-q", str(tmp_path / "other"))
    write(tmp_path / "other", {"a/main.tf": AFTER})
    monkeypatch.chdir(tmp_path / "other/a")
    gained = [(ETL, PROD, "delete"), (READER, PROD, "read")]
    assert main(["diff", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (told(found), {one.split(":")[0] for one in places(found)}) == (gained, {"main.tf"})
    monkeypatch.chdir(tmp_path)
    assert main(["diff", "--base", "HEAD", "other/a", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (told(found), {one.split(":")[0] for one in places(found)}) == (gained, {"other/a/main.tf"})
    assert (found["lost"], found["unknown"]) == ([], [])


def test_a_domain_that_is_gone_is_a_loss(change: Change) -> None:
    found = change({"main.tf": BEFORE, "b.tf": ""}, {"b.tf": ""})
    assert told(found) == []
    assert {(ETL, PROD, "read"), (READER, PROD, "read")} <= set(told(found, "lost"))


TEMPLATE = """
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: logs
      AccessPolicies:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:role/etl"}
            Action: es:ESHttpGet
            Resource: "arn:aws:es:eu-west-1:111122223333:domain/logs/*"
"""


def test_templates_are_compared_too(change: Change) -> None:
    after = edited(TEMPLATE, ("Action: es:ESHttpGet", "Action: [es:ESHttpGet, es:ESHttpDelete]"))
    found = change({"stack.yaml": TEMPLATE}, {"stack.yaml": after})
    assert told(found) == [("arn:aws:iam::111122223333:role/etl", "Logs", "delete")]
    assert places(found) == [f"stack.yaml:{line_of(after, 'es:ESHttpDelete')}"]


def test_two_folders_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"old/a/main.tf": BEFORE, "new/a/main.tf": AFTER})
    monkeypatch.chdir(tmp_path)
    assert main(["diff", "old", "new", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert told(found) == [(ETL, PROD, "delete"), (READER, PROD, "read")]
    assert {one.split(":")[0] for one in places(found)} == {"new/a/main.tf"}
    assert main(["diff", "old/a/main.tf", "new/a/main.tf", "--format", "json"]) == 1
    assert told(json.loads(capsys.readouterr().out)) == [(ETL, PROD, "delete"), (READER, PROD, "read")]


def test_the_text_is_what_a_reviewer_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"old/main.tf": BEFORE, "new/main.tf": AFTER})
    monkeypatch.chdir(tmp_path)
    assert main(["diff", "old", "new", "--account", "111122223333"]) == 1
    assert capsys.readouterr().out == (
        "new/main.tf:22:54 high this lets `role/etl` delete any index of `aws_opensearch_domain.prod`\n"
        "  = because: new/main.tf:18:7\n"
        "  = request: arn:aws:iam::111122223333:role/etl: DELETE /movies "
        "(es:ESHttpDelete on arn:aws:es:eu-west-1:111122223333:domain/prod/movies)\n"
        "\n"
        "new/main.tf:30:21 low this lets `role/reader` read any index of `aws_opensearch_domain.prod`\n"
        "  = because: new/main.tf:25:7\n"
        "  = request: arn:aws:iam::111122223333:role/reader: GET /movies "
        "(es:ESHttpGet on arn:aws:es:eu-west-1:111122223333:domain/prod/movies)\n"
        "\n"
        "2 gains of access, 0 losses, 0 not known\n"
    )
    assert main(["diff", "old", "old"]) == 0
    assert capsys.readouterr().out == "access does not change\n"
    assert main(["diff", "new", "old", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == (
        "## Access\n\nThis change gives nobody access.\n\n<details>\n<summary>Taken away: 2</summary>\n\n"
        "- `role/etl` can in fewer cases delete data of `aws_opensearch_domain.prod` (`new/main.tf:18`)\n"
        "- `role/reader` can in fewer cases read data of `aws_opensearch_domain.prod` (`new/main.tf:25`)\n"
        "\n</details>\n"
    )


def test_names_of_strangers_are_escaped_in_markdown(
    change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    after = edited(BEFORE, ("aws_iam_role.reader.arn", '"arn:aws:iam::444455556666:role/a|b`<img>@x"'))
    change({"main.tf": BEFORE}, {"main.tf": after})
    main(["diff", "--format", "markdown"])
    row = next(line for line in capsys.readouterr().out.splitlines() if "444455556666" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "a.tf"], "`a.tf` is compared with nothing"),
        (["diff", "a.tf", "a.tf", "a.tf"], "more than two paths"),
        (["diff", "--base=--help"], "cannot be the name of a revision"),
        (["diff", "--base", "nowhere"], "is no commit of the repository"),
        (["diff", "--base", "HEAD", "/"], "is in no working tree of git"),
        (["diff", "a.tf", "missing"], "`missing` does not exist"),
    ],
)
def test_wrong_usage_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(repository(tmp_path, {"a.tf": ""}))
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_branch_is_compared_with_a_name(
    change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change({"a/main.tf": BEFORE}, {"a/main.tf": AFTER})
    top = tmp_path / "repository"
    git(top, "checkout", "-q", "-b", "feature/x")
    commit(top)
    assert main(["diff"]) == 0
    capsys.readouterr()
    assert main(["diff", "--base", "main", "a", "--format", "json"]) == 1
    assert told(json.loads(capsys.readouterr().out)) == [(ETL, PROD, "delete"), (READER, PROD, "read")]


def test_the_options_are_those_of_the_scan() -> None:
    assert diff.THRESHOLDS == THRESHOLDS
    assert diff.FORMATS == FORMATS


def test_a_gain_is_annotated_at_the_line_that_gives_it(
    change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change({"a/main.tf": BEFORE}, {"a/main.tf": AFTER})
    main(["diff", "--format", "github"])
    shown = capsys.readouterr().out
    line = next(number for number, text in enumerate(AFTER.split("\n"), 1) if "ESHttpDelete" in text)
    assert f"::error file=a/main.tf,line={line},endLine={line}," in shown
    assert "title=osreach%3A access gained (high)::this lets `role/etl` delete any index of" in shown


def test_several_formats_are_written_in_one_run(
    change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change({"a/main.tf": BEFORE}, {"a/main.tf": AFTER})
    places = [str(tmp_path / "found.json"), str(tmp_path / "found.md")]
    main(["diff", "--format", "json", "--output", places[0], "--format", "markdown", "--output", places[1]])
    assert capsys.readouterr().out == ""
    assert told(json.loads(Path(places[0]).read_text())) == [(ETL, PROD, "delete"), (READER, PROD, "read")]
    assert Path(places[1]).read_text().startswith("## Access\n\n| Severity |")


def test_a_push_is_compared_with_what_the_remote_has(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change({"a/main.tf": BEFORE}, {"a/main.tf": AFTER})
    commit(tmp_path / "repository")
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)
    assert main(["diff", "--pre-push"]) == 0
    assert "the remote has nothing yet" in capsys.readouterr().err
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD^")
    assert main(["diff", "--pre-push", "--format", "json"]) == 1
    assert told(json.loads(capsys.readouterr().out)) == [(ETL, PROD, "delete"), (READER, PROD, "read")]
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "--output=x")
    assert main(["diff", "--pre-push"]) == 2
