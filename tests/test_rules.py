"""The marks in `fixtures/rules` are the specification of the rules.

A comment `# expect: rule-name` (several with commas) stands on the line on which
a finding belongs; `# expect+2: rule-name` means two lines further down, for
places in which no comment can stand. Each file is scanned alone with all rules
on, and the places are compared as sets.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.rule import Rule, Severity
from osreach_rules import RULES

FIXTURES = Path(__file__).parent.parent / "fixtures" / "rules"
RULE_FILES = Path(__file__).parent.parent / "rules" / "osreach_rules"
FILES = sorted(path for path in FIXTURES.glob("*/*") if path.is_file())
MARK = re.compile(r"(?:#|//)\s*expect(?:\+([0-9]+))?:\s*([a-z0-9, -]+)")

INSIDE = "CloudFormation makes no roles, mappings and users inside a cluster"

NO_TWIN = {
    "broad-administrators": INSIDE,
    "broken-action-group": INSIDE,
    "dashboards-without-login": INSIDE,
    "default-role": INSIDE,
    "hidden-read-all": INSIDE,
    "hosts-in-vpc": INSIDE,
    "ingestion-can-delete": INSIDE,
    "invalid-document-query": INSIDE,
    "limit-not-lifted": INSIDE,
    "master-left-out": INSIDE,
    "overwritten-mapping": INSIDE,
    "role-for-everyone": INSIDE,
    "security-administration": INSIDE,
    "security-manager-alone": INSIDE,
    "snapshot-of-everything": INSIDE,
    "undefined-role": INSIDE,
    "unlimited-role": INSIDE,
    "unmapped-role": INSIDE,
    "unmatched-mapping-entry": INSIDE,
    "unusable-internal-user": INSIDE,
    "write-past-limits": INSIDE,
    "mixed-fields": INSIDE,
    "subfield-not-excluded": INSIDE,
    "query-on-analysed-text": INSIDE,
    "shared-tenant-write": INSIDE,
    "tenant-template-changed": INSIDE,
    "system-index-in-role": INSIDE,
    "absent-role-mapped": INSIDE,
    "anonymous-mapped": INSIDE,
    "unmapped-repository-caller": INSIDE,
    "unmapped-writer": INSIDE,
    "no-dashboards-role": INSIDE,
    "provider-credentials": "templates configure no clients of a cluster",
    "unverified-certificate": "templates configure no clients of a cluster",
    "alias-not-denied": "CloudFormation makes no indexes on domains",
    "foreign-connection": "CloudFormation makes no connections between clusters",
    "foreign-vpc-endpoint": "CloudFormation authorizes no accounts for VPC endpoints",
    "snapshot-repository": INSIDE,
    "query-results-for-everyone": INSIDE,
    "random-mask": INSIDE,
    "unmapped-data-source": INSIDE,
    "explicit-index-not-text": "a template's deployment turns every advanced option into text",
    "one-sided-cross-account": "a template is deployed in one account",
    "password-in-state": "CloudFormation keeps no state of its own",
}

OF_PLANS = frozenset(
    {
        "changed-collection-key",
        "changed-domain-key",
        "fine-grained-access-turned-off",
        "internal-users-left-behind",
        "old-master-user-kept",
    }
)
"""Rules about what a plan changes, which no code tells; their examples are plans."""

NO_TERRAFORM = {"search-policy-template": "Terraform has no policy templates"}

FREQUENT = frozenset(
    {
        "aws-owned-key",
        "dashboards-not-blocked",
        "deletable-collection",
        "few-nodes",
        "no-access-policy",
        "no-audit-log",
        "no-data-access-policy",
        "no-error-logs",
        "untagged-domain",
    }
)
"""Rules that most domains of the examples break on purpose: they count in their own examples only."""


def marks(text: str) -> set[tuple[int, str]]:
    found = set()
    for number, line in enumerate(text.splitlines(), 1):
        for mark in MARK.finditer(line):
            for name in mark.group(2).split(","):
                found.add((number + int(mark.group(1) or 0), name.strip()))
    return found


def places(path: Path, name: str) -> set[tuple[int, str]]:
    rules = [rule for rule in RULES if rule.name not in FREQUENT or rule.name == name]
    report = scan([str(path)], rules, Inputs(), Options(today=date(2026, 1, 1), profile="strict"))
    assert not report.failures
    assert not report.problems
    return {(finding.location.line, finding.rule.name) for finding in report.findings}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_findings_stand_where_the_marks_say(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    assert places(copy, path.parent.name) == marks(path.read_text())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_an_example_of_bad_and_good(rule: Rule) -> None:
    folder = FIXTURES / rule.name
    ending = "yaml" if rule.name in NO_TERRAFORM else "json" if rule.name in OF_PLANS else "tf"
    bad = {name for _, name in marks((folder / f"bad.{ending}").read_text())}
    good = {name for _, name in marks((folder / f"good.{ending}").read_text())}
    assert rule.name in bad
    assert rule.name not in good


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.iterdir()))
def test_both_languages_agree(name: str) -> None:
    folder = FIXTURES / name
    if name in NO_TWIN:
        assert not list(folder.glob("bad*.yaml")), NO_TWIN[name]
        return
    if name in OF_PLANS:
        assert {path.suffix for path in folder.iterdir()} == {".json"}
        return
    if name in NO_TERRAFORM:
        assert not list(folder.glob("*.tf")), NO_TERRAFORM[name]
        return
    for kind in ("bad", "good"):
        terraform = {rule for _, rule in marks((folder / f"{kind}.tf").read_text())}
        template = {rule for _, rule in marks((folder / f"{kind}.yaml").read_text())}
        assert terraform == template


def test_no_rule_file_is_forgotten() -> None:
    written = {
        path.stem.replace("_", "-")
        for path in RULE_FILES.glob("*/*.py")
        if "RULE = Rule(" in path.read_text()
    }
    assert {rule.name for rule in RULES} == written


def test_fixtures_belong_to_rules() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {rule.name for rule in RULES}


def test_codes_are_used_once_and_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_it_stands_on(rule: Rule) -> None:
    assert rule.documentation.count("\n\n") >= 1
    assert all(link.startswith("https://") for link in rule.references)
    assert rule.references
    assert not rule.remedy.endswith(".")
    assert rule.severity in Severity
