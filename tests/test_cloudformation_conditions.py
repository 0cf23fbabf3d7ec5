from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iac.cloudformation.conditions import combinations
from osreach.iac.cloudformation.intrinsics import evaluate
from osreach.iac.cloudformation.load import load
from osreach.iac.cloudformation.parameters import read_parameters
from osreach.iac.cloudformation.pseudo import pseudo_parameters
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.template import read_sections
from osreach.iac.resource import Inputs
from osreach.value import Unknown
from templates import messages, plain, read

RESOURCES = "Resources:\n  Domain: {Type: AWS::OpenSearchService::Domain}\n"


def outcomes(
    text: str, names: list[str], inputs: Inputs | None = None
) -> tuple[list[tuple[bool | str, ...]], list[bool], bool]:
    """The outcomes of these conditions in each combination, which of them are usual, and whether these are all."""
    loaded = load(text + RESOURCES, "t.yaml").value
    assert loaded is not None
    template, problems = read_sections(loaded, "t.yaml")
    assert template is not None
    assert problems == ()
    told = inputs or Inputs()
    parameters = read_parameters(template.parameters, told.parameters, None, [])
    scope = Scope(
        template,
        pseudo_parameters(told),
        {name: parameter.value for name, parameter in parameters.items()},
        conditions=template.conditions,
    )
    found, complete = combinations(scope, names, parameters)
    rows = [
        tuple(value.reason if isinstance(value := each.outcomes[name], Unknown) else value for name in names)
        for each in found
    ]
    return rows, [each.usual for each in found], complete


TWO = (
    "Parameters:\n"
    "  Access: {Type: String, Default: private, AllowedValues: [private, public, partner]}\n"
    "  Vpc: {Type: String, Default: ''}\n"
    "Conditions:\n"
    "  IsPublic: !Equals [!Ref Access, public]\n"
    "  InVpc: !Not [!Equals [!Ref Vpc, '']]\n"
    "  Open: !And [!Condition IsPublic, !Not [!Condition InVpc]]\n"
)


def test_every_satisfiable_combination_is_found_with_the_usual_one_first() -> None:
    rows, usual, complete = outcomes(TWO, ["IsPublic", "InVpc", "Open"])
    assert rows[0] == (False, False, False)
    assert set(rows) == {
        (False, False, False),
        (True, False, True),
        (False, True, False),
        (True, True, False),
    }
    assert usual == [True, False, False, False]
    assert complete


def test_conditions_that_exclude_each_other_are_never_true_together() -> None:
    text = (
        "Parameters:\n  Stage: {Type: String, AllowedValues: [dev, test, prod]}\n"
        "Conditions:\n  IsDev: !Equals [!Ref Stage, dev]\n  IsProd: !Equals [prod, !Ref Stage]\n"
    )
    rows, usual, _ = outcomes(text, ["IsDev", "IsProd"])
    assert sorted(rows) == [(False, False), (False, True), (True, False)]
    assert usual == [False, False, False]


def test_a_value_that_the_user_gives_decides() -> None:
    rows, usual, _ = outcomes(TWO, ["IsPublic", "InVpc"], Inputs(parameters={"Access": "public", "Vpc": "v"}))
    assert (rows, usual) == ([(True, True)], [True])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!Equals [!Ref AWS::Region, eu-west-1]", {(False,), (True,)}),
        ("!Equals [!Ref Free, x]", {(False,), (True,)}),
        ("!Equals [!Ref Free, !Ref Free]", {(True,)}),
        ("!Equals [!Join ['-', [!Ref Kind, x]], a-x]", {(True,), (False,)}),
        ("!Equals [!Ref Port, 443]", {(True,), (False,)}),
        ("!Equals [!Ref Free, !Ref Kind]", {(False,), (True,)}),
        ("!Equals [!Select [0, !Split ['.', !Ref Free]], t2]", {(False,), (True,)}),
        ("!Or [!Equals [!Ref Kind, a], !Equals [!Ref Kind, b]]", {(True,)}),
        ("!Equals ['true', true]", {(True,)}),
        ("!Equals [A, a]", {(False,)}),
    ],
)
def test_a_comparison_takes_the_outcomes_that_a_deployment_can_bring_about(
    condition: str, expected: set[tuple[bool]]
) -> None:
    text = (
        "Parameters:\n  Free: {Type: String}\n  Kind: {Type: String, AllowedValues: [a, b]}\n"
        f"  Port: {{Type: Number, Default: 443}}\nConditions:\n  C: {condition}\n"
    )
    rows, _, complete = outcomes(text, ["C"])
    assert set(rows) == expected
    assert complete


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_combinations_are_those_of_trying_every_value(data: st.DataObject) -> None:
    values = ["a", "b", "c"]
    parameters = ["P", "Q"]
    expressions = st.recursive(
        st.tuples(st.sampled_from(parameters), st.sampled_from([*values, "z"])),
        lambda inner: (
            st.tuples(st.sampled_from(["And", "Or"]), inner, inner) | st.tuples(st.just("Not"), inner)
        ),
        max_leaves=4,
    )

    def written(tree: tuple[object, ...]) -> str:
        match tree:
            case ("Not", inner):
                return f"!Not [{written(inner)}]"  # type: ignore[arg-type]  # the tree is made above
            case ("And" | "Or" as name, left, right):
                return f"!{name} [{written(left)}, {written(right)}]"  # type: ignore[arg-type]  # likewise
            case (name, value):
                return f"!Equals [!Ref {name}, {value}]"
        raise AssertionError(tree)

    def holds(tree: tuple[object, ...], world: dict[str, str]) -> bool:
        match tree:
            case ("Not", inner):
                return not holds(inner, world)  # type: ignore[arg-type]  # the tree is made above
            case ("And", left, right):
                return holds(left, world) and holds(right, world)  # type: ignore[arg-type]  # likewise
            case ("Or", left, right):
                return holds(left, world) or holds(right, world)  # type: ignore[arg-type]  # likewise
            case (str() as name, value):
                return world[name] == value
        raise AssertionError(tree)

    trees = data.draw(st.lists(expressions, min_size=1, max_size=3))
    names = [f"C{number}" for number in range(len(trees))]
    text = "Parameters:\n"
    text += "".join(f"  {name}: {{Type: String, AllowedValues: [a, b, c]}}\n" for name in parameters)
    text += "Conditions:\n" + "".join(
        f"  {name}: {written(tree)}\n" for name, tree in zip(names, trees, strict=True)
    )
    rows, _, complete = outcomes(text, names)
    worlds = (dict(zip(parameters, choice, strict=True)) for choice in product(values, repeat=2))
    assert complete
    assert set(rows) == {tuple(holds(tree, world) for tree in trees) for world in worlds}
    assert len(rows) == len(set(rows))


def test_too_many_combinations_are_a_problem(tmp_path: Path) -> None:
    text = "Parameters:\n" + "".join(f"  P{i}: {{Type: String, AllowedValues: [a, b]}}\n" for i in range(9))
    text += "Conditions:\n" + "".join(f"  C{i}: !Equals [!Ref P{i}, a]\n" for i in range(9))
    text += RESOURCES.rstrip("}\n") + ", Properties: {"
    text += ", ".join(f"K{i}: !If [C{i}, 1, 2]" for i in range(9)) + "}}\n"
    reading = read(tmp_path, text)
    assert messages(reading) == [
        (1, "the conditions of the template have too many combinations; 16 of them are judged")
    ]
    assert len(reading.resources) == 16
    assert len({each.address for each in reading.resources}) == 16


def test_conditions_about_sizes_do_not_multiply_the_reading(tmp_path: Path) -> None:
    text = (
        "Parameters: {P: {Type: String, AllowedValues: [a, b]}}\nConditions: {C: !Equals [!Ref P, a]}\n"
        "Resources:\n  Domain:\n    Type: AWS::OpenSearchService::Domain\n"
        "    Properties: {ClusterConfig: {InstanceCount: !If [C, 1, 2]}, Tags: !If [C, [], !Ref AWS::NoValue]}\n"
        "  Topic: {Type: AWS::SNS::Topic, Condition: C}\n"
    )
    reading = read(tmp_path, text)
    assert [each.address for each in reading.resources if "Domain" in each.address] == ["Domain"]


def test_identities_whose_permissions_to_search_depend_on_conditions_are_read_under_each(
    tmp_path: Path,
) -> None:
    text = (
        "Parameters: {P: {Type: String, Default: a, AllowedValues: [a, b]}}\nConditions: {C: !Equals [!Ref P, b]}\n"
        "Resources:\n  Role: {Type: AWS::IAM::Role}\n  Other: {Type: AWS::IAM::Role}\n"
        "  Policy:\n    Type: AWS::IAM::Policy\n    Properties:\n      Roles: [!Ref Role]\n"
        "      PolicyDocument:\n        Statement:\n"
        "          - {Effect: Allow, Action: 'es:*', Resource: !If [C, '*', 'arn:aws:es:*:*:domain/x/*']}\n"
    )
    reading = read(tmp_path, text)
    assert [each.address for each in reading.resources] == [
        "Role", "Other", "Policy", "Role (if C)", "Policy (if C)"
    ]  # fmt: skip
    documents = [plain(each.get("PolicyDocument")) for each in reading.resources if "Policy" in each.address]
    assert [each["Statement"][0]["Resource"] for each in documents] == ["arn:aws:es:*:*:domain/x/*", "*"]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (
            "{A: !Not [!Condition B], B: !Or [!Condition A, !Condition A]}",
            "the condition `A` depends on itself",
        ),
        ("{A: !Not [!Condition B]}", "the template has no condition `B`"),
        ("{A: text}", "a condition must be one condition function"),
        ("{A: !Equals [x]}", "`Fn::Equals` is no condition function, or its arguments are wrong"),
        ("{A: !Sub x}", "`Fn::Sub` is no condition function, or its arguments are wrong"),
    ],
)
def test_conditions_that_make_no_sense_are_problems(tmp_path: Path, conditions: str, message: str) -> None:
    text = (
        f"Conditions: {conditions}\nResources:\n  D: {{Type: AWS::OpenSearchService::Domain, Condition: A}}\n"
    )
    reading = read(tmp_path, text)
    assert message in [found for _, found in messages(reading)]
    assert [each.address for each in reading.resources] == ["D"]


def test_resources_carry_the_circumstances_they_were_read_under(tmp_path: Path) -> None:
    text = TWO + (
        "Resources:\n  Domain:\n    Type: AWS::OpenSearchService::Domain\n    Condition: IsPublic\n"
        "    Properties: {DomainName: !If [InVpc, inside, outside], Kind: !Ref Access}\n"
    )
    reading = read(tmp_path, text)
    found = {each.address: plain(each.get("DomainName")) for each in reading.resources}
    assert found == {
        "Domain (if not InVpc and IsPublic)": "outside",
        "Domain (if InVpc and IsPublic)": "inside",
    }
    assert {plain(each.get("Kind")) for each in reading.resources} == {"public"}
    assert len({each.deployment for each in reading.resources}) == 2
    for each in reading.resources:
        assert each.circumstance is not None
        assert len(each.circumstance.every) == 4
        assert each.circumstance.location.line == 6


def test_evaluation_outside_of_combinations_keeps_an_open_condition_unknown() -> None:
    loaded = load(
        "Conditions: {C: !Equals [!Ref P, a]}\nParameters: {P: {Type: String}}\n" + RESOURCES, "t"
    ).value
    assert loaded is not None
    template, _ = read_sections(loaded, "t")
    assert template is not None
    scope = Scope(
        template,
        pseudo_parameters(Inputs()),
        {name: each.value for name, each in read_parameters(template.parameters, {}, None, []).items()},
        conditions=template.conditions,
    )
    value = load("!If [C, x, y]", "t").value
    assert value is not None
    found = evaluate(value, scope)
    assert isinstance(found.data, Unknown)
    assert found.data.expression == "Fn::If [C, x, y]"
    same = load("!If [C, x, x]", "t").value
    assert same is not None
    assert evaluate(same, scope).data == "x"
