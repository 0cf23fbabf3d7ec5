"""The configurations that the documentation recommends, as `osreach scan` judges them.

https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-recommendations
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.rule import Severity
from osreach_rules import RULES

RECOMMENDED = Path(__file__).parent.parent / "fixtures" / "projects" / "recommended"

# The endpoint of the second one is public by design: its clients bring passwords, not signatures.
EXPECTED = {
    "cognito-dashboards": set[str](),
    "internal-users": {"public-endpoint"},
    "no-dashboards": set[str](),
    "saml-dashboards": set[str](),
}

PRINCIPALS = {
    # The documentation has shown both over time.
    "everyone": ("*", "*"),
    "account": ("arn:aws:iam::111122223333:root", "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root"),
}


@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("language", ["main.tf", "template.yaml"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_recommended_configuration_has_no_grave_finding(
    name: str, language: str, principal: str, tmp_path: Path
) -> None:
    for path in (RECOMMENDED / name).iterdir():
        if path.name == language or path.suffix not in (".tf", ".yaml"):
            text = path.read_text(encoding="utf-8")
            if principal == "account":
                terraform, template = PRINCIPALS["account"]
                text = text.replace('AWS = "*"', f'AWS = "{terraform}"')
                text = text.replace('AWS: "*"', f"AWS: {template}")
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    report = scan([str(tmp_path)], RULES, Inputs(), Options(today=date(2026, 1, 1)))
    assert report.problems == ()
    worst = {one.rule.name: one.severity for one in report.findings}
    assert {name for name, severity in worst.items() if severity.rank <= Severity.MEDIUM.rank} == EXPECTED[
        name
    ]
    assert not {Severity.CRITICAL, Severity.HIGH} & set(worst.values())
