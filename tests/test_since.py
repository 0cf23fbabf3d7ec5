from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from git_repository import repository, write
from made_up import OPEN, match
from osreach.cli.main import main
from osreach.finding import Finding, Report, Suppression
from osreach.since import only_new


def finding(path: str, resource: str, *, suppressed: bool = False) -> Finding:
    made = match(path, message=f"`{resource}` is open", resource=resource)
    return Finding(OPEN, made, Suppression("comment", "known") if suppressed else None)


def new_ones(before: list[Finding], after: list[Finding]) -> list[tuple[str, str]]:
    report = only_new(Report(tuple(after)), Report(tuple(before)), "main")
    return [(one.location.path, one.match.resource) for one in report.findings if one.suppressed is None]


def test_what_was_there_is_not_new() -> None:
    assert new_ones([finding("a.tf", "x")], [finding("a.tf", "x"), finding("a.tf", "y")]) == [("a.tf", "y")]


def test_a_renamed_file_brings_nothing_new() -> None:
    assert new_ones([finding("a.tf", "x")], [finding("b.tf", "x")]) == []


def test_code_that_moves_into_a_module_brings_nothing_new() -> None:
    assert new_ones([finding("a.tf", "aws_x.y")], [finding("m/a.tf", 'module.m["k"].aws_x.y')]) == []


def test_a_copied_file_brings_its_findings_again() -> None:
    assert new_ones([finding("a.tf", "x")], [finding("a.tf", "x"), finding("b.tf", "x")]) == [("b.tf", "x")]


def test_a_second_finding_of_the_same_words_is_new() -> None:
    assert new_ones([finding("a.tf", "x")], [finding("a.tf", "x"), finding("a.tf", "x")]) == [("a.tf", "x")]


def test_what_was_suppressed_is_new_where_it_no_longer_is() -> None:
    assert new_ones([finding("a.tf", "x", suppressed=True)], [finding("a.tf", "x")]) == [("a.tf", "x")]


DOMAIN = """
resource "aws_opensearch_domain" "%s" {
  domain_name = "%s"
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "es:*"
      Resource  = "arn:aws:es:eu-west-1:111122223333:domain/%s/*"
    }]
  })
}
"""


def scanned(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[tuple[str, str]]]:
    code = main(["scan", "--select", "open-domain", "--since", "HEAD", "--format", "json", *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    shown = [one for one in found["findings"] if one["suppressed"] is None]
    return code, [(one["locations"][0]["path"], one["resource"]) for one in shown]


def test_only_what_the_change_brings_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (DOMAIN.replace("%s", name) for name in ("old", "new"))
    top = repository(tmp_path, {"main.tf": old})
    monkeypatch.chdir(top)
    assert scanned(capsys) == (0, [])
    write(top, {"main.tf": "\n\n# moved down\n" + old})
    assert scanned(capsys) == (0, [])
    (top / "main.tf").rename(top / "other.tf")
    assert scanned(capsys) == (0, [])
    write(top, {"more/new.tf": new})
    assert scanned(capsys) == (1, [("more/new.tf", "aws_opensearch_domain.new")])
    assert scanned(capsys, "more") == (1, [("more/new.tf", "aws_opensearch_domain.new")])
    assert main(["scan", "--since", "nowhere"]) == 2
    assert "`nowhere` is no commit" in capsys.readouterr().err


def test_an_ignore_that_goes_brings_its_finding_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    domain = DOMAIN.replace("%s", "logs")
    ignored = domain.replace(
        "    Statement = [{", "    # osreach: ignore[open-domain] it is public data\n    Statement = [{"
    )
    monkeypatch.chdir(repository(tmp_path, {"main.tf": ignored}))
    assert scanned(capsys) == (0, [])
    write(tmp_path, {"main.tf": domain})
    assert scanned(capsys) == (1, [("main.tf", "aws_opensearch_domain.logs")])
