"""Plans and states of Terraform: what they know, what they do not know yet, and where it stands.

The files in fixtures/plans are what the real terraform printed.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import WANTED, analyse
from osreach.cli.main import main
from osreach.file_kind import looks_like_plan
from osreach.iac.plan.load import MAXIMUM_VALUES, Plan, load_plan
from osreach.iac.plan.read import PlanReading, read_plan
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs, Reading, Resource
from osreach.iac.terraform.read import read_terraform
from osreach.iac.terraform.rendering import expression_text
from osreach.json_text import read_json
from osreach.problem import Problem
from osreach.source import MAXIMUM_BYTES, MAXIMUM_PLAN_BYTES, discover
from osreach.value import Object, Text, Unknown, Value, unknowns_of

PLANS = Path(__file__).parent.parent / "fixtures" / "plans"
ACCOUNT = "${data.aws_caller_identity.current.account_id}"


def plan(name: str, inputs: Inputs | None = None) -> PlanReading:
    loaded = load_plan(name, (PLANS / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, Plan)
    return read_plan(loaded, inputs or Inputs(), WANTED.__contains__)


def resources(reading: PlanReading) -> dict[str, Resource]:
    return {one.resource.address: one.resource for one in reading.resources}


def shown(resource: Resource, name: str) -> str:
    value = resource.get(name)
    return "absent" if value is None else expression_text(value)


def made(
    values: Mapping[str, Any],
    unknown: Mapping[str, Any] | None = None,
    written: Mapping[str, Any] | None = None,
) -> Resource:
    """The one domain of a plan with these values, unknown values and expressions."""
    block = {
        "address": "aws_opensearch_domain.a",
        "mode": "managed",
        "type": "aws_opensearch_domain",
        "name": "a",
    }
    text = json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {"resources": [{**block, "values": values}]}},
            "resource_changes": [{**block, "change": {"after_unknown": unknown or {}}}],
            "configuration": {"root_module": {"resources": [{**block, "expressions": written or {}}]}},
        }
    )
    loaded = load_plan("plan.json", text)
    assert isinstance(loaded, Plan)
    return read_plan(loaded, Inputs(), WANTED.__contains__).resources[0].resource


# What a plan says


def test_a_plan_says_which_resources_there_will_be() -> None:
    search = ("aws_opensearch_domain.this[0]", "aws_opensearch_domain_policy.this")
    assert {address for address in resources(plan("new/plan.json")) if "iam" not in address} == {
        "aws_opensearch_domain.open",
        "aws_opensearch_domain.partly",
        "aws_security_group.search",
        *(f'module.search["{key}"].{name}' for key in ("one", "two words") for name in search),
    }


def test_a_known_policy_is_known() -> None:
    found = resources(plan("new/plan.json"))["aws_opensearch_domain.open"]
    policy = found.get("access_policies")
    assert policy is not None
    assert policy.text is not None
    assert json.loads(policy.text)["Statement"][0]["Sid"] == "Anyone"


def test_what_nobody_writes_and_nobody_knows_is_not_set() -> None:
    found = resources(plan("new/plan.json"))['module.search["one"].aws_opensearch_domain.this[0]']
    assert shown(found, "access_policies") == "absent"
    assert shown(found, "encrypt_at_rest") == '[{"enabled" = true}]'


def test_a_policy_that_is_known_after_apply_says_what_it_is_made_of() -> None:
    found = resources(plan("new/plan.json"))["aws_opensearch_domain.partly"].get("access_policies")
    assert found is not None
    assert found.data == Unknown(
        "aws_opensearch_domain.partly.access_policies",
        "known after apply, made of `aws_iam_role.reader.arn`",
    )


def test_a_policy_document_of_the_plan_is_partly_known() -> None:
    address = 'module.search["two words"].aws_opensearch_domain_policy.this'
    hidden = 'module.search["two words"].data.aws_iam_policy_document.access.statement[0].resources[0]'
    assert shown(resources(plan("new/plan.json"))[address], "access_policies") == (
        'jsonencode({"Version" = "2012-10-17", "Statement" = [{"Sid" = "Readers", "Effect" = "Allow",'
        ' "Principal" = {"AWS" = "arn:aws:iam::123456789012:role/reader"}, "Action" = "es:ESHttpGet",'
        f' "Resource" = {hidden}}}, {{"Effect" = "Allow", "Principal" = "*", "Action" = "es:ESHttp*",'
        ' "Resource" = "*", "Condition" = {"IpAddress" = {"aws:SourceIp" = "198.51.100.0/24"}}}]})'
    )


def test_a_document_among_the_data_sources_has_its_text() -> None:
    loaded = load_plan("plan.json", (PLANS / "new" / "plan.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, Plan)
    found = resources(read_plan(loaded, Inputs(), {"aws_iam_policy_document"}.__contains__))
    assert set(found) == {
        f'module.search["{key}"].data.aws_iam_policy_document.access' for key in ("one", "two words")
    }
    address = 'module.search["one"].data.aws_iam_policy_document.access'
    policy = resources(plan("new/plan.json"))['module.search["one"].aws_opensearch_domain_policy.this']
    assert shown(found[address], "json") == shown(policy, "access_policies")


@pytest.mark.parametrize(
    ("name", "address", "group"),
    [
        ("new/plan.json", "aws_opensearch_domain.partly", "aws_security_group.search"),
        ("existing/plan.json", "aws_opensearch_domain.west", "module.group.aws_security_group.this[0]"),
    ],
)
def test_the_id_of_a_new_group_is_known_as_its_id(name: str, address: str, group: str) -> None:
    options = resources(plan(name))[address].blocks("vpc_options")[0]
    groups = options.get("security_group_ids")
    assert groups is not None
    assert groups.data == Unknown(f"{group}.id", "known after apply", group)


def test_a_list_of_ids_holds_what_is_known_of_it() -> None:
    listed = ["aws_opensearch_domain.a.id", "aws_opensearch_domain.a", "var.others"]
    written = {"vpc_options": [{"security_group_ids": {"references": listed}}]}
    values = {"vpc_options": [{"subnet_ids": ["subnet-1"]}]}
    unknown = {"vpc_options": [{"security_group_ids": True, "subnet_ids": [False]}]}
    groups = made(values, unknown, written).blocks("vpc_options")[0].get("security_group_ids")
    assert groups is not None
    assert [item.data for item in groups.items] == [
        Unknown("aws_opensearch_domain.a.id", "known after apply", "aws_opensearch_domain.a"),
        Unknown(
            "aws_opensearch_domain.a.vpc_options[0].security_group_ids",
            "known after apply, made of `aws_opensearch_domain.a.id`, `var.others`",
            many=True,
        ),
    ]


def test_an_arn_is_known_as_far_as_the_provider_is() -> None:
    found = resources(plan("existing/plan.json"))
    west = f"arn:aws:es:us-west-2:{ACCOUNT}:domain/west"
    assert shown(found["aws_opensearch_domain.west"], "arn") == f'"{west}"'
    known = "arn:aws:es:eu-west-1:123456789012:domain/existing"
    assert shown(found["aws_opensearch_domain.existing"], "arn") == f'"{known}"'
    # the region stands in a variable
    new = resources(plan("new/plan.json"))["aws_opensearch_domain.open"]
    assert shown(new, "arn") == f'"arn:aws:es:eu-west-1:{ACCOUNT}:domain/open"'
    mine = resources(plan("new/plan.json", Inputs(account="210987654321")))["aws_opensearch_domain.open"]
    assert shown(mine, "arn") == '"arn:aws:es:eu-west-1:210987654321:domain/open"'


@pytest.mark.parametrize("name", ["existing/plan.json", "existing/state.json"])
def test_the_policy_of_another_resource_is_not_the_domains_own(name: str) -> None:
    found = resources(plan(name))
    assert shown(found["aws_opensearch_domain.existing"], "access_policies") == "absent"
    assert '\\"AWS\\":\\"*\\"' in shown(found["aws_opensearch_domain_policy.existing"], "access_policies")


def test_a_state_says_what_there_is() -> None:
    domain = resources(plan("existing/state.json"))["aws_opensearch_domain.existing"]
    assert shown(domain, "encrypt_at_rest") == '[{"enabled" = false}]'
    assert shown(domain, "arn") == '"arn:aws:es:eu-west-1:123456789012:domain/existing"'


def test_data_sources_that_were_read_tell_the_account() -> None:
    data = json.loads((PLANS / "new" / "plan.json").read_text(encoding="utf-8"))
    identity = {
        "address": "data.aws_caller_identity.me",
        "mode": "data",
        "type": "aws_caller_identity",
        "values": {"account_id": "123456789012"},
    }
    data["prior_state"] = {"values": {"root_module": {"resources": [identity]}}}
    loaded = load_plan("plan.json", json.dumps(data))
    assert isinstance(loaded, Plan)
    found = resources(read_plan(loaded, Inputs(), WANTED.__contains__))
    assert found["aws_opensearch_domain.open"].account == "123456789012"


@pytest.mark.parametrize(
    ("values", "unknown", "written", "expected"),
    [
        # computed and unset, written and unknown, written and known
        ({}, {"access_policies": True}, {}, "absent"),
        (
            {},
            {"access_policies": True},
            {"access_policies": {"references": ["local.policy"]}},
            "aws_opensearch_domain.a.access_policies",
        ),
        ({}, {"access_policies": True}, {"access_policies": {}}, "aws_opensearch_domain.a.access_policies"),
        ({"access_policies": "{}"}, {}, {"access_policies": {}}, '"{}"'),
        # what a provider keeps for a text that is not set
        ({"access_policies": ""}, {}, {}, "absent"),
        ({"access_policies": None}, {}, {}, "absent"),
    ],
)
def test_unset_is_told_from_unknown(
    values: Mapping[str, Any], unknown: Mapping[str, Any], written: Mapping[str, Any], expected: str
) -> None:
    assert shown(made(values, unknown, written), "access_policies") == expected


def test_what_generated_blocks_leave_open_is_unknown() -> None:
    values = {"encrypt_at_rest": [{"enabled": True}]}
    unknown = {"encrypt_at_rest": [{"kms_key_id": True}]}
    written = {"encrypt_at_rest": [{"enabled": {"constant_value": True}}]}
    assert shown(made(values, unknown, written), "encrypt_at_rest") == '[{"enabled" = true}]'
    assert shown(made(values, unknown, {}), "encrypt_at_rest") == (
        '[{"enabled" = true, "kms_key_id" = aws_opensearch_domain.a.encrypt_at_rest[0].kms_key_id}]'
    )


# Places


def test_places_are_those_in_an_indented_plan() -> None:
    found = resources(plan("new/plan.json"))["aws_opensearch_domain.open"]
    lines = (PLANS / "new" / "plan.json").read_text(encoding="utf-8").splitlines()
    assert '"address": "aws_opensearch_domain.open"' in lines[found.location.line - 1]
    policy = found.get("access_policies")
    assert policy is not None
    assert lines[policy.location.line - 1].strip().startswith('"access_policies"')
    assert policy.location.line > found.location.line


def test_places_in_a_plan_of_one_line_differ_by_column() -> None:
    data = json.loads((PLANS / "new" / "plan.json").read_text(encoding="utf-8"))
    text = json.dumps(data)
    loaded = load_plan("plan.json", text)
    assert isinstance(loaded, Plan)
    for one in read_plan(loaded, Inputs(), WANTED.__contains__).resources:
        place = one.resource.location
        assert place.line == 1
        assert json.loads(text[place.column - 1 : place.end_column - 1]) == one.resource.address


# With the code


def scan(folder: Path, *paths: str) -> Reading:
    return read_code([str(folder / path) for path in paths or (".",)], Inputs(), WANTED)


def by_address(reading: Reading) -> dict[str, Resource]:
    found = {one.address: one for one in reading.resources}
    assert len(found) == len(reading.resources)
    return found


def test_a_plan_beside_its_code_is_one_deployment_with_the_places_of_the_code() -> None:
    found = by_address(scan(PLANS / "new"))
    assert {Path(one.location.path).name for one in found.values()} == {"main.tf"}
    assert len({one.deployment for one in found.values()}) == 1
    assert 'module.search["two words"].aws_opensearch_domain.this[0]' in found


def test_the_code_tells_what_the_plan_does_not_know() -> None:
    found = by_address(scan(PLANS / "new"))
    policy = shown(found["aws_opensearch_domain.partly"], "access_policies")
    assert f'"arn:aws:iam::{ACCOUNT}:role/reader"' in policy
    policy = shown(found['module.search["one"].aws_opensearch_domain_policy.this'], "access_policies")
    assert f'"Resource" = "arn:aws:es:eu-west-1:{ACCOUNT}:domain/in-one/*"' in policy


def test_a_statement_keeps_its_line_of_the_code() -> None:
    analysis = analyse(scan(PLANS / "new"))
    lines = (PLANS / "new" / "main.tf").read_text(encoding="utf-8").splitlines()
    statement = next(one for one in analysis.statements if one.statement.sid == "Anyone")
    assert lines[statement.location.line].strip() == '"Sid": "Anyone",'


def test_generated_blocks_are_taken_from_the_code() -> None:
    found = by_address(scan(PLANS / "existing", "main.tf", "group/main.tf", "plan.json"))
    options = found["aws_opensearch_domain.west"].blocks("advanced_security_options")[0]
    master = options.get("master_user_options")
    assert master is not None
    given = master.items[0].get("master_user_arn")
    assert given is not None
    assert expression_text(given) == f'"arn:aws:iam::{ACCOUNT}:role/administrator"'


def plain(value: Value) -> object:
    """A value as plain data, JSON text as what it says; unknown parts are an Unknown."""
    data = read_json(value, "text").value.data if (value.text or "{").lstrip().startswith("{") else value.data
    match data:
        case Object(known):
            return {name: plain(one) for name, one in known.items() if one.data not in (None, ())}
        case tuple() as items:
            return [plain(one) for one in items]
        case Text():
            return value.text
        case known_or_not:
            return known_or_not


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "new",
            {
                ("aws_opensearch_domain.open", "access_policies"),
                ("aws_security_group.search", "ingress"),
                ('module.search["two words"].aws_opensearch_domain.this[0]', "domain_name"),
                ('module.search["two words"].aws_opensearch_domain_policy.this', "domain_name"),
            },
        ),
        (
            "existing",
            {
                ("aws_opensearch_domain_policy.existing", "access_policies"),
                ("module.group.aws_vpc_security_group_ingress_rule.all", "cidr_ipv4"),
            },
        ),
    ],
)
def test_what_the_code_says_is_what_terraform_plans(name: str, expected: set[tuple[str, str]]) -> None:
    code = {one.address: one for one in read_terraform(discover([str(PLANS / name)]), None, WANTED).resources}
    compared = set()
    for address, planned in resources(plan(f"{name}/plan.json")).items():
        for attribute in ("domain_name", "access_policies", "engine_version", "ingress", "cidr_ipv4", "arn"):
            own, other = code[address].get(attribute), planned.get(attribute)
            if own is None or other is None or any(True for _ in unknowns_of(other)):
                continue
            compared.add((address, attribute))
            if attribute == "ingress":
                own, other = (one.items[0].get("cidr_blocks") for one in (own, other))
            assert own is not None
            assert other is not None
            if not any(True for _ in unknowns_of(own)):
                assert plain(own) == plain(other)
    assert compared >= expected


def test_a_plan_knows_better_than_the_code(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_opensearch_domain" "a" {\n  domain_name = "a-${terraform.workspace}"\n}\n',
        encoding="utf-8",
    )
    resource = {
        "address": "aws_opensearch_domain.a",
        "mode": "managed",
        "type": "aws_opensearch_domain",
        "values": {"domain_name": "known"},
    }
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [resource]}},
    }
    (tmp_path / "any-name.json").write_text(json.dumps(document), encoding="utf-8")
    found = by_address(scan(tmp_path))["aws_opensearch_domain.a"]
    name = found.get("domain_name")
    assert name is not None
    assert (name.text, name.location.line, Path(name.location.path).name) == ("known", 2, "main.tf")


def test_several_plans_of_one_code_are_several_deployments(tmp_path: Path) -> None:
    shutil.copytree(PLANS / "new", tmp_path / "new")
    shutil.copy(tmp_path / "new" / "plan.json", tmp_path / "new" / "other.json")
    reading = scan(tmp_path)
    domains = [one for one in reading.resources if one.address == "aws_opensearch_domain.open"]
    assert sorted(Path(one.deployment).name for one in domains) == ["other.json", "plan.json"]
    assert {Path(one.location.path).name for one in domains} == {"main.tf"}


def test_a_plan_of_other_code_stays_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        text = 'resource "aws_opensearch_domain" "open" {\n  domain_name = "x"\n}\n'
        (tmp_path / name / "main.tf").write_text(text, encoding="utf-8")
    shutil.copy(PLANS / "new" / "plan.json", tmp_path / "plan.json")
    reading = scan(tmp_path)
    places = [Path(one.location.path).name for one in reading.resources if one.address.endswith(".open")]
    assert sorted(places) == ["main.tf", "main.tf", "plan.json"]


def test_a_plan_shows_the_modules_that_are_not_in_the_code(tmp_path: Path) -> None:
    call = 'module "search" {\n  source = "acme/opensearch/aws"\n}\n'
    for name in ("planned", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(call, encoding="utf-8")
    shutil.copy(PLANS / "new" / "plan.json", tmp_path / "planned" / "plan.json")
    missing = [
        (unknown.expression, Path(place.path).parent.name) for unknown, place in scan(tmp_path).missing
    ]
    assert missing == [("module.search", "other")]


# What is no plan


@pytest.mark.parametrize(
    ("text", "is_plan"),
    [
        ('{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}}', True),
        ('{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}', True),
        ('{"format_version":"1.0","provider_schemas":{}}', False),
        ('{"version":4,"terraform_version":"1.11.4","resources":[]}', False),
    ],
)
def test_a_plan_is_told_by_its_content(text: str, is_plan: bool) -> None:
    assert looks_like_plan(text.encode()) is is_plan


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the plan is not valid JSON: expecting property name enclosed in double quotes"),
        ("[]", "this is neither a plan nor a state as `terraform show -json` prints them"),
        (
            '{"planned_values": [1]}',
            "this is neither a plan nor a state as `terraform show -json` prints them",
        ),
        ("[" * 200_000, "the plan is nested too deeply to be read"),
        ("[" + "1," * MAXIMUM_VALUES, f"the plan holds more than {MAXIMUM_VALUES:,} values and is not read"),
    ],
)
def test_what_cannot_be_read_is_a_problem(text: str, message: str) -> None:
    found = load_plan("plan.json", text)
    assert isinstance(found, Problem)
    assert found.message == message


@pytest.mark.parametrize(
    ("name", "value", "messages"),
    [
        ("errored", True, ["the plan failed, so resources may be missing from it"]),
        (
            "complete",
            False,
            ["the plan is not complete, because it was made for some resources only or defers others"],
        ),
        ("complete", True, []),
    ],
)
def test_a_plan_with_gaps_says_so(name: str, value: object, messages: list[str]) -> None:
    data = json.loads((PLANS / "new" / "plan.json").read_text(encoding="utf-8"))
    loaded = load_plan("plan.json", json.dumps({**data, name: value}))
    assert isinstance(loaded, Plan)
    found = read_plan(loaded, Inputs(), WANTED.__contains__)
    assert [problem.message for problem in found.problems] == messages
    assert len(found.resources) == len(plan("new/plan.json").resources)


@pytest.mark.parametrize(
    "planned",
    [
        {"root_module": 1},
        {"root_module": {"resources": [1, {}, {"address": 1}, {"address": "a.b"}], "child_modules": [1]}},
        {"root_module": {"resources": [{"address": "a.b", "type": "aws_opensearch_domain", "values": [1]}]}},
        {"root_module": {"resources": [{"address": "module.", "type": "aws_opensearch_domain"}]}},
    ],
)
def test_a_plan_of_an_odd_shape_is_read_as_far_as_it_goes(planned: Mapping[str, Any]) -> None:
    for configuration in (None, 1, {"root_module": {"resources": [1, {"address": 1}], "module_calls": 1}}):
        data = {"planned_values": planned, "configuration": configuration, "resource_changes": [1, {}]}
        loaded = load_plan("plan.json", json.dumps(data))
        assert isinstance(loaded, Plan)
        found = resources(read_plan(loaded, Inputs(), WANTED.__contains__))
        assert set(found) <= {"a.b", "module."}


def test_modules_whose_outputs_name_each_other_end_somewhere() -> None:
    block = {"address": "aws_opensearch_domain.a", "mode": "managed", "type": "aws_opensearch_domain"}
    output = {"id": {"expression": {"references": ["module.a.id", "module.a"]}}}
    inner = {"outputs": output, "module_calls": {"a": {"module": {"outputs": output}}}}
    data = {
        "planned_values": {"root_module": {"resources": [{**block, "values": {}}]}},
        "resource_changes": [{**block, "change": {"after_unknown": {"kms_key_id": True}}}],
        "configuration": {
            "root_module": {
                "resources": [{**block, "expressions": {"kms_key_id": {"references": ["module.a.id"]}}}],
                "module_calls": {"a": {"module": inner}},
            }
        },
    }
    loaded = load_plan("plan.json", json.dumps(data))
    assert isinstance(loaded, Plan)
    domain = read_plan(loaded, Inputs(), WANTED.__contains__).resources[0].resource
    assert shown(domain, "kms_key_id") == "aws_opensearch_domain.a.kms_key_id"


def test_only_plans_that_speak_of_search_are_read(tmp_path: Path) -> None:
    text = '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}}'
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (tmp_path / "b.json").write_text(text.replace("1.2", "opensearch"), encoding="utf-8")
    sources = discover([str(tmp_path)], str(tmp_path))
    assert ([file.path for file in sources.plans], sources.files) == (["b.json"], 2)


def test_a_plan_may_be_larger_than_other_files_but_not_boundless(tmp_path: Path) -> None:
    head = '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}, "x": "opensearch'
    (tmp_path / "large.json").write_text(head + " " * MAXIMUM_BYTES + '"}', encoding="utf-8")
    with (tmp_path / "huge.json").open("w", encoding="utf-8") as file:
        file.write(head)
        file.truncate(MAXIMUM_PLAN_BYTES + 1)
    sources = discover([str(tmp_path)], str(tmp_path))
    assert [file.path for file in sources.plans] == ["large.json"]
    assert [(one.location.path, one.message) for one in sources.problems] == [
        ("huge.json", "the file is larger than 50 MB and is not read")
    ]


def test_a_report_shows_nothing_that_stands_beside_a_place_in_a_plan_of_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads((PLANS / "new" / "plan.json").read_text(encoding="utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(data), encoding="utf-8")
    assert main(["scan", str(tmp_path), "--fail-on", "never"]) == 0
    shown_lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  1 | ")]
    assert '  1 | "ingress":' in shown_lines
    assert not [line for line in shown_lines if "provider_name" in line or "..." in line]
