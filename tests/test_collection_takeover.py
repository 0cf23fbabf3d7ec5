"""Where the finding about policies of OpenSearch Serverless points."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach_rules.serverless.collection_takeover import RULE

FIXTURE = Path(__file__).parent.parent / "fixtures" / "rules" / "collection-takeover" / "bad.tf"


def test_the_resource_is_shown_and_not_the_whole_statement(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FIXTURE.read_text(encoding="utf-8"))
    lines = (tmp_path / "main.tf").read_text(encoding="utf-8").splitlines()
    found = scan([str(tmp_path)], (RULE,), Inputs(), Options(today=date(2026, 1, 1))).findings
    places = [one.match.places[1] for one in found]
    assert {place.note for place in places} == {"on every collection"}
    shown = {
        lines[place.location.line - 1][place.location.column - 1 : place.location.end_column - 1]
        for place in places
    }
    assert shown == {'"*"'}
