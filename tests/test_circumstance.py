from __future__ import annotations

import pytest

from made_up import at, rule
from osreach.circumstance import settle_circumstances
from osreach.finding import Finding
from osreach.iac.resource import Circumstance, Resource
from osreach.location import Place
from osreach.rule import Match, Severity
from osreach.value import Object, Value
from osreach.witness import Confidence

RULE = rule(severity=Severity.HIGH)
HEADER = at("t.yaml", 9, 3, 9)
CONDITION = at("t.yaml", 2, 3, 20)
EVERY = (("A", "B"), ("A", "not B"), ("not A", "B"), ("not A", "not B"))


def under(*outcomes: str, usual: bool = False) -> Circumstance:
    return Circumstance(outcomes, EVERY, usual, CONDITION)


def door(circumstance: Circumstance | None, construct: str = "") -> Resource:
    address = f"Door{circumstance.suffix if circumstance else ''}"
    return Resource(address, "AWS::Door", Value(Object(), HEADER), HEADER, "t.yaml", circumstance, construct)


def found(resource: Resource, severity: Severity | None = None) -> Finding:
    message = f"`{resource.address}` is open"
    match = Match(message, resource.address, (Place(HEADER, "here"),), severity=severity)
    return Finding(RULE, match)


def settled(*holding: Circumstance, absent: tuple[Circumstance, ...] = ()) -> list[Match]:
    resources = [door(each) for each in (*holding, *absent)]
    findings = [found(door(each)) for each in holding]
    return [each.match for each in settle_circumstances(findings, resources)]


def test_what_holds_under_every_combination_is_told_once_and_plainly() -> None:
    (match,) = settled(*(under(*outcomes) for outcomes in EVERY))
    assert (match.message, match.resource) == ("`Door` is open", "Door")
    assert match.places == (Place(HEADER, "here"),)
    assert match.confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("holding", "phrase", "others"),
    [
        ([("A", "B"), ("A", "not B")], "A", ""),
        ([("A", "not B"), ("not A", "not B")], "not B", ""),
        ([("A", "B")], "A and B", ""),
        ([("A", "B"), ("not A", "not B")], "A and B", ", or not A and not B"),
        ([("A", "B"), ("A", "not B"), ("not A", "B")], "A and B", ", or A and not B, or not A and B"),
    ],
)
def test_what_holds_under_some_names_the_fewest_conditions_that_say_where(
    holding: list[tuple[str, ...]], phrase: str, others: str
) -> None:
    (match,) = settled(*(under(*outcomes) for outcomes in holding))
    assert match.message == f"`Door (if {phrase})` is open"
    assert match.resource == f"Door (if {phrase})"
    assert match.places[-1] == Place(CONDITION, f"only if {phrase}{others}")
    assert match.confidence is Confidence.POSSIBLE


def test_what_holds_by_default_names_the_conditions_in_its_trail_only() -> None:
    (match,) = settled(under("A", "B", usual=True))
    assert (match.message, match.resource) == ("`Door` is open", "Door")
    assert match.places[-1] == Place(CONDITION, "only if A and B")
    assert match.confidence is Confidence.CERTAIN


def test_what_other_conditions_make_worse_is_told_for_those_too() -> None:
    usual, other = under("not A", "not B", usual=True), under("A", "not B")
    findings = [found(door(usual), Severity.LOW), found(door(other), Severity.CRITICAL)]
    first, second = settle_circumstances(findings, [door(usual), door(other)])
    assert (first.match.resource, first.severity) == ("Door", Severity.LOW)
    assert (second.match.resource, second.severity) == ("Door (if A and not B)", Severity.CRITICAL)


def test_what_other_conditions_make_better_is_told_once() -> None:
    usual, other = under("not A", "not B", usual=True), under("A", "not B")
    findings = [found(door(usual), Severity.CRITICAL), found(door(other), Severity.LOW)]
    (only,) = settle_circumstances(findings, [door(usual), door(other)])
    assert only.severity is Severity.CRITICAL


def test_findings_without_circumstances_stay_as_they_are() -> None:
    findings = [found(door(None)), found(door(None))]
    assert settle_circumstances(findings, [door(None)]) == tuple(findings)


def test_the_construct_ends_the_trail() -> None:
    resource = door(None, "App/Stack/Door")
    (only,) = settle_circumstances([found(resource)], [resource])
    assert only.match.places[-1] == Place(HEADER, "made by the construct `App/Stack/Door`")
