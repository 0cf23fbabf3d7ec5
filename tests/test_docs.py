from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest

from osreach.docs import document, examples_of, page, plain_list, plain_page, rule_object
from osreach.rule import Rule
from osreach_rules import RULES

ROOT = Path(__file__).parent.parent

MODULE = '''\
"""Reports a door that is open.

Anyone can come in | go out.
"""

from osreach.rule import Rule, Severity


def check(analysis):
    return ()


RULE = Rule(
    "OSR901",
    "open-door",
    Severity.HIGH,
    since="0.3",
    check=check,
    references=("https://example.com/doors",),
    remedy="close the door",
)
'''

BAD = 'resource "aws_door" "front" { # expect: open-door\n  open = true # why\n}\n'
GOOD = "Door:\n  Type: Door # a comment that stays\n"


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rule]:
    """A rule in a source tree of its own."""
    package = tmp_path / "rules" / "made_up_doors"
    (package / "doors").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "doors" / "__init__.py").touch()
    (package / "doors" / "open_door.py").write_text(MODULE)
    fixtures = tmp_path / "fixtures" / "rules" / "open-door"
    fixtures.mkdir(parents=True)
    (fixtures / "bad.tf").write_text(BAD)
    (fixtures / "good.yaml").write_text(GOOD)
    (fixtures / "near_miss.tf").write_text("no example")
    monkeypatch.syspath_prepend(tmp_path / "rules")
    invalidate_caches()
    found = import_module("made_up_doors.doors.open_door").RULE
    assert isinstance(found, Rule)
    yield found
    for name in [name for name in sys.modules if name.startswith("made_up_doors")]:
        del sys.modules[name]


PAGE = """\
# OSR901 open-door

**high**, since 0.3. Reports a door that is open.

Anyone can come in | go out.

**Remedy:** Close the door.

Reported (Terraform):

```hcl
resource "aws_door" "front" {
  open = true # why
}
```

Not reported (CloudFormation):

```yaml
Door:
  Type: Door # a comment that stays
```

References:

- <https://example.com/doors>
"""


def test_a_page_comes_from_docstring_fixtures_and_references(rule: Rule) -> None:
    assert page(rule) == PAGE


def test_a_page_for_a_terminal_says_the_same(rule: Rule) -> None:
    assert plain_page(rule) == (
        "OSR901 open-door (high, since 0.3)\n\n"
        "Reports a door that is open.\n\n"
        "Anyone can come in | go out.\n\n"
        "Remedy: Close the door.\n\n"
        'Reported (Terraform):\n\n    resource "aws_door" "front" {\n      open = true # why\n    }\n\n'
        "Not reported (CloudFormation):\n\n    Door:\n      Type: Door # a comment that stays\n\n"
        "References:\n  https://example.com/doors\n"
    )
    assert plain_list([rule]) == "OSR901  open-door  high  Reports a door that is open\n"


def test_the_list_of_rules_links_to_their_pages(rule: Rule) -> None:
    line = "| OSR901 | [open-door](rules/open-door.md) | high | Reports a door that is open |\n"
    assert document([rule]).endswith(f"| --- | --- | --- | --- |\n{line}")


def test_examples_that_are_shipped_with_the_package_come_first(rule: Rule, tmp_path: Path) -> None:
    shipped = tmp_path / "rules" / "made_up_doors" / "examples" / "open-door"
    shipped.mkdir(parents=True)
    (shipped / "good.tf").write_text("shipped ``` text\n")
    (example,) = examples_of(rule)
    assert (example.bad, example.language, example.text) == (False, "hcl", "shipped ``` text")
    assert "````hcl\nshipped ``` text\n````" in page(rule)


def test_a_rule_without_fixtures_has_a_page_all_the_same(rule: Rule, tmp_path: Path) -> None:
    (tmp_path / "fixtures").rename(tmp_path / "elsewhere")
    assert examples_of(rule) == ()
    assert page(rule) == PAGE.partition("Reported")[0] + "References:\n\n- <https://example.com/doors>\n"


def test_a_rule_as_json_has_every_part(rule: Rule) -> None:
    assert rule_object(rule) == {
        "code": "OSR901",
        "name": "open-door",
        "severity": "high",
        "since": "0.3",
        "summary": "Reports a door that is open",
        "explanation": "Anyone can come in | go out.",
        "remediation": "close the door",
        "references": ["https://example.com/doors"],
        "examples": [
            {"reported": True, "language": "hcl", "text": BAD.replace(" # expect: open-door", "").strip()},
            {"reported": False, "language": "yaml", "text": GOOD.strip()},
        ],
    }


def test_the_list_in_the_repository_is_fresh() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == document(RULES), "run `docs/refresh`"


def test_there_is_a_fresh_page_for_each_rule_and_no_other() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").iterdir()}
    stale = [rule.name for rule in RULES if pages.get(rule.name) != page(rule)]
    assert (stale, set(pages) - {rule.name for rule in RULES}) == ([], set()), "run `docs/refresh`"
