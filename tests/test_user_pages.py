"""What the pages for users tell people to write works as written."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest

from osreach.configuration import read_configuration
from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.rule import Rule
from osreach_rules import RULES

DOCS = Path(__file__).parent.parent / "docs"


def block(page: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rule:
    (tmp_path / "written_by_the_page.py").write_text(block("writing-a-rule.md", "python"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    found = import_module("written_by_the_page").RULE
    assert isinstance(found, Rule)
    return found


def test_the_rule_of_the_page_reports_what_it_says(rule: Rule, tmp_path: Path) -> None:
    code = 'resource "aws_opensearch_domain" "this" {\n  domain_name = "logs-copy"\n}\n'
    (tmp_path / "main.tf").write_text(code, encoding="utf-8")
    report = scan([str(tmp_path / "main.tf")], (rule,), Inputs(), Options(today=date(2026, 1, 1)))
    assert [(one.rule.name, one.location.line) for one in report.findings] == [("copied-domain", 1)]


def test_the_configuration_of_the_page_is_one(tmp_path: Path) -> None:
    path = tmp_path / "osreach.toml"
    path.write_text(block("getting-started.md", "toml"), encoding="utf-8")
    found = read_configuration(path)
    assert (found.fail_on, found.profile) == ("high", "strict")
    assert set(found.severity) == set(tomllib.loads(path.read_text(encoding="utf-8"))["severity"])
    assert [one.until for one in found.ignores] == [date(2026, 12, 31)]


def test_the_ignore_of_the_page_silences_the_finding(tmp_path: Path) -> None:
    comment = block("reading-a-finding.md", "hcl").strip().replace("wide-ingress", "public-endpoint")
    code = f'{comment}\nresource "aws_opensearch_domain" "this" {{\n  domain_name = "logs"\n}}\n'
    (tmp_path / "main.tf").write_text(code, encoding="utf-8")
    report = scan(
        [str(tmp_path)], RULES, Inputs(), Options(today=date(2026, 1, 1), select=("public-endpoint",))
    )
    assert [one.suppressed.reason for one in report.findings if one.suppressed] == ["only test data"]
