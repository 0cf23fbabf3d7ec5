"""What a plan changes: the same resource before and after, and nothing for whatever does not tell of a change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import WANTED, analyse, told_apart
from osreach.docs import examples_of
from osreach.engine import leave_out
from osreach.extract.attribute import find
from osreach.iac.plain import decode, encode
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs, Reading
from osreach.value import Unknown
from osreach_rules import RULES as SHIPPED

RULES = Path(__file__).parent.parent / "fixtures" / "rules"
RENAMED = RULES / "old-master-user-kept" / "bad.json"
REPLACED = RULES / "fine-grained-access-turned-off" / "bad.json"
NAME = "advanced_security_options.master_user_options.master_user_name"
PASSWORD = "advanced_security_options.master_user_options.master_user_password"  # noqa: S105 - a path

CODE = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {
      master_user_name     = var.name
      master_user_password = var.password
    }
  }
}
"""


def read(folder: Path, plan: Mapping[str, Any]) -> Reading:
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return read_code(["."], Inputs(), WANTED, root=str(folder))


def loaded(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def changed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The one change that a plan lists."""
    (change,) = plan["resource_changes"]
    assert isinstance(change, dict)
    return change


def shown(reading: Reading, path: str) -> list[tuple[object, object, bool]]:
    """What the attribute at `path` is before and after each change, and whether the resource is replaced."""
    found: list[tuple[object, object, bool]] = []
    for change in reading.changes:
        before, after = (find(one, path)[0] for one in (change.before, change.after))
        found.append((before and before.data, after and after.data, change.replaced))
    return found


def test_a_change_has_both_values(tmp_path: Path) -> None:
    assert shown(read(tmp_path, loaded(RENAMED)), NAME) == [("search-admin", "operations", False)]


def test_a_domain_that_is_made_anew_is_replaced(tmp_path: Path) -> None:
    enabled = "advanced_security_options.enabled"
    assert shown(read(tmp_path, loaded(REPLACED)), enabled) == [(True, False, True)]


@pytest.mark.parametrize("actions", [["delete", "create"], ["create", "delete"]])
def test_the_order_of_a_replacement_does_not_matter(tmp_path: Path, actions: list[str]) -> None:
    plan = loaded(REPLACED)
    changed(plan)["change"]["actions"] = actions
    assert [change.replaced for change in read(tmp_path, plan).changes] == [True]


@pytest.mark.parametrize(
    "difference",
    [
        {"change": {"actions": ["no-op"], "before": {"domain_name": "logs"}}},
        {"change": {"actions": ["create"], "before": None}},
        {"change": {"actions": ["update"], "before": None}},
        {"change": {"actions": ["update"]}},
        {"change": {"actions": "update", "before": []}},
        {"change": None},
        {"deposed": "00000000"},
        {"address": "aws_opensearch_domain.other"},
        {"type": "aws_iam_role"},
        {"mode": "data"},
    ],
)
def test_what_is_no_change_of_a_domain_is_none(tmp_path: Path, difference: Mapping[str, Any]) -> None:
    plan = loaded(RENAMED)
    changed(plan).update(difference)
    assert read(tmp_path, plan).changes == ()


def test_a_state_changes_nothing(tmp_path: Path) -> None:
    plan = loaded(RENAMED)
    state = {name: plan[name] for name in ("format_version", "terraform_version")}
    reading = read(tmp_path, {**state, "values": plan["planned_values"]})
    assert [resource.address for resource in reading.resources] == ["aws_opensearch_domain.logs"]
    assert reading.changes == ()


def test_no_password_of_the_state_is_kept(tmp_path: Path) -> None:
    plan = loaded(RENAMED)
    options = changed(plan)["change"]["before"]["advanced_security_options"][0]["master_user_options"][0]
    options["master_user_password"] = "Old-password-1"  # noqa: S105 - no secret
    ((before, _, _),) = shown(read(tmp_path, plan), PASSWORD)
    assert isinstance(before, Unknown)
    assert "Old-password-1" not in repr(encode(read(tmp_path, plan)))


def test_with_the_code_a_change_stands_where_the_code_is(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CODE, encoding="utf-8")
    (change,) = told_apart(analyse(read(tmp_path, loaded(RENAMED)))).changed_domains
    names = (change.before.fine_grained.master_name, change.after.fine_grained.master_name)
    assert [name.value for name in names] == ["search-admin", "operations"]
    location = change.after.fine_grained.master_name.location
    assert (location.path, location.line) == (
        "main.tf",
        CODE.splitlines().index("      master_user_name     = var.name") + 1,
    )


def test_two_plans_of_one_code_are_two_changes(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CODE, encoding="utf-8")
    (tmp_path / "other.json").write_text(RENAMED.read_text(encoding="utf-8"), encoding="utf-8")
    analysis = told_apart(analyse(read(tmp_path, loaded(RENAMED))))
    assert {change.after.address for change in analysis.changed_domains} == {
        f"aws_opensearch_domain.logs (in {name})" for name in ("plan.json", "other.json")
    }


def test_a_kept_reading_has_its_changes(tmp_path: Path) -> None:
    reading = read(tmp_path, loaded(RENAMED))
    kept = decode(encode(reading))
    assert kept == reading
    assert [change.after for change in kept.changes] == [kept.resources[0]]


def test_what_is_excluded_changes_nothing(tmp_path: Path) -> None:
    reading = read(tmp_path, loaded(RENAMED))
    assert leave_out(reading, ["plan.json"]).changes == ()
    assert leave_out(reading, ["other"]).changes == reading.changes


def test_the_examples_in_the_documentation_are_plans_without_marks() -> None:
    texts = [
        example.text
        for rule in SHIPPED
        for example in examples_of(rule)
        if example.title == "Plan" and example.bad
    ]
    assert texts
    assert [json.loads(text)["format_version"] for text in texts] == ["1.2"] * len(texts)
    assert not [text for text in texts if "expect" in text]
