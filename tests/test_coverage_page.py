from __future__ import annotations

from pathlib import Path

import pytest

from osreach.cli.main import main
from osreach.opensearch.roles_page import roles_page
from osreach_rules import RULES
from osreach_rules.documented import Documented, coverage, documented

ROOT = Path(__file__).parent.parent


def test_the_page_is_fresh() -> None:
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == coverage(documented())


@pytest.mark.parametrize(
    ("option", "page"), [("--coverage", coverage(documented())), ("--cluster-roles", roles_page())]
)
def test_the_command_writes_the_page(
    option: str, page: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["rules", option]) == 0
    assert capsys.readouterr().out == page
    written = tmp_path / "page.md"
    assert main(["rules", option, "--output", str(written)]) == 0
    assert written.read_text(encoding="utf-8") == page


@pytest.mark.parametrize("one", documented(), ids=lambda one: one.says[:60])
def test_each_statement_has_an_answer_and_a_source(one: Documented) -> None:
    assert bool(one.rules) != bool(one.reason)
    assert one.sources
    assert all(url.startswith("https://") for url in one.sources)
    assert set(one.rules) <= {rule.name for rule in RULES}


def test_each_rule_watches_something_that_is_documented() -> None:
    watching = {name for one in documented() for name in one.rules}
    assert {rule.name for rule in RULES} - watching == set()


def test_no_statement_stands_twice() -> None:
    said = [(one.subject, one.says) for one in documented()]
    assert len(said) == len(set(said))


def test_a_statement_without_a_rule_says_why() -> None:
    one = Documented(
        "Doors", "Close the door | window", ("https://example.com/doors",), reason="doors are not code"
    )
    assert (
        "| Close the door \\| window | none: doors are not code | [1](https://example.com/doors) |"
        in coverage([one])
    )
