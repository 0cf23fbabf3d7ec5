"""How bad it is that the role of a snapshot repository is mapped in place of its caller."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.rule import Severity
from osreach_rules.fine_grained.unmapped_repository_caller import RULE

FIXTURE = Path(__file__).parent.parent / "fixtures" / "rules" / "unmapped-repository-caller" / "bad.tf"
CALLER = '"arn:aws:iam::123456789012:role/backup"'


@pytest.mark.parametrize(
    ("caller", "severity"),
    [
        (CALLER, Severity.MEDIUM),
        ('"arn:aws:iam::123456789012:role/search-admin"', Severity.LOW),
        ("var.caller", Severity.LOW),
        ("null", Severity.LOW),
    ],
)
def test_an_administrator_registers_a_repository_without_the_mapping(
    caller: str, severity: Severity, tmp_path: Path
) -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    assert text.count(CALLER) == 1
    (tmp_path / "main.tf").write_text('variable "caller" {}\n' + text.replace(CALLER, caller))
    found = scan([str(tmp_path)], (RULE,), Inputs(), Options(today=date(2026, 1, 1))).findings
    assert [one.severity for one in found] == [severity]
