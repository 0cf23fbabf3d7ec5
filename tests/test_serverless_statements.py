"""What rules read from statements about OpenSearch Serverless, and findings too large for an example."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.iam.document import Condition, Effect, Quantifier, Statement, Term, Terms
from osreach_rules.serverless import refused_name_or_length
from osreach_rules.serverless.spoken import (
    holds_when_absent,
    is_about_data,
    listed_actions,
    named,
    takes_everything,
)


@pytest.mark.parametrize(
    ("operator", "quantifier", "if_exists", "expected"),
    [
        ("StringEquals", Quantifier.NONE, False, False),
        ("StringLike", Quantifier.NONE, False, False),
        ("IpAddress", Quantifier.NONE, False, False),
        ("StringEquals", Quantifier.NONE, True, True),
        ("StringNotEquals", Quantifier.NONE, False, True),
        ("NotIpAddress", Quantifier.NONE, False, True),
        ("StringEquals", Quantifier.FOR_ALL_VALUES, False, True),
        ("StringEquals", Quantifier.FOR_ANY_VALUE, False, False),
        ("StringNotEquals", Quantifier.FOR_ANY_VALUE, False, False),
    ],
)
def test_a_condition_without_its_key_holds_as_the_guide_of_iam_says(
    operator: str, quantifier: Quantifier, *, if_exists: bool, expected: bool
) -> None:
    condition = Condition(operator, "aoss:index", (Term("logs/*"),), quantifier, if_exists)
    assert holds_when_absent(condition) is expected


def statement(*actions: str, resource: str = "*") -> Statement:
    return Statement(Effect.ALLOW, Terms(tuple(map(Term, actions))), Terms((Term(resource),)))


@pytest.mark.parametrize(
    ("actions", "listed", "about_data"),
    [
        (("aoss:APIAccessAll",), ["aoss:APIAccessAll"], True),
        (
            ("AOSS:apiaccessall", "aoss:DashboardsAccessAll"),
            ["AOSS:apiaccessall", "aoss:DashboardsAccessAll"],
            True,
        ),
        (("aoss:APIAccessAll", "aoss:ListCollections"), ["aoss:APIAccessAll", "aoss:ListCollections"], False),
        (("aoss:APIAccessAll", "bedrock:InvokeModel"), ["aoss:APIAccessAll"], False),
        (("aoss:*",), ["aoss:*"], False),
        (("aoss:ReadDocument",), [], False),
        (("*",), [], False),
        (("es:ESHttpGet",), [], False),
    ],
)
def test_only_known_actions_of_the_service_are_listed(
    actions: tuple[str, ...], listed: list[str], *, about_data: bool
) -> None:
    found = statement(*actions)
    assert [one.term.text for one in listed_actions(found)] == listed
    assert is_about_data(found) is about_data


def test_not_action_lists_nothing() -> None:
    negated = Statement(
        Effect.DENY, Terms((Term("aoss:ListCollections"),), negated=True), Terms((Term("*"),))
    )
    assert listed_actions(negated) == ()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("*", True), ("**", True), ("arn:aws:aoss:eu-west-1:123456789012:*", False), ("collection/*", False)],
)
def test_only_a_star_is_every_resource(resource: str, *, expected: bool) -> None:
    assert takes_everything(statement("aoss:CreateAccessPolicy", resource=resource)) is expected


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (("aoss:ListCollections",), "`aoss:ListCollections`"),
        (("aoss:ListCollections", "aoss:GetIndex"), "`aoss:ListCollections` and `aoss:GetIndex`"),
        (("aoss:ListCollections", "aoss:GetIndex", "aoss:List*"), "`aoss:ListCollections` and 2 others"),
    ],
)
def test_names_are_short(actions: tuple[str, ...], words: str) -> None:
    assert named(listed_actions(statement(*actions))) == words


@pytest.mark.parametrize(("longer", "found"), [(0, 0), (1, 1)])
def test_a_policy_may_have_20480_characters(tmp_path: Path, longer: int, found: int) -> None:
    rules = [{"ResourceType": "collection", "Resource": ["collection/logs"]}]
    entry = {"Description": "", "Rules": rules, "AllowFromPublic": True}
    short = len(json.dumps([entry]))
    entry["Description"] = "x" * (20_480 - short + longer)
    properties = {"Name": "logs", "Type": "network", "Policy": json.dumps([entry])}
    resource = {"Type": "AWS::OpenSearchServerless::SecurityPolicy", "Properties": properties}
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"Network": resource}}))
    report = scan([str(path)], [refused_name_or_length.RULE], Inputs(), Options(today=date(2026, 1, 1)))
    assert not report.failures
    assert [finding.rule.name for finding in report.findings] == ["refused-name-or-length"] * found
