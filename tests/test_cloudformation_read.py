from __future__ import annotations

import contextlib
import json
import resource as limits
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osreach.iac.resource import Inputs
from osreach.json_text import read_json
from osreach.location import Location
from osreach.source import discover
from templates import messages, plain, read, resource

DOMAIN = "Resources:\n  Domain:\n    Type: AWS::OpenSearchService::Domain\n"


def addresses(folder: Path, files: dict[str, str]) -> list[str]:
    return [each.address for each in read(folder, files).resources]


def test_a_resource_is_its_logical_id_with_type_properties_and_place(tmp_path: Path) -> None:
    text = f"{DOMAIN}    Properties: {{DomainName: logs}}\n    DeletionPolicy: Retain\n"
    found = resource(read(tmp_path, text), "Domain")
    assert found.type == "AWS::OpenSearchService::Domain"
    assert found.location == Location("template.yaml", 2, 3, 2, 9)
    assert found.deployment == "template.yaml"
    assert found.circumstance is None
    assert plain(found.get("DomainName")) == "logs"
    assert plain(found.get("arn")) == (
        "arn:${data.aws_partition.current.partition}:es:${data.aws_region.current.name}"
        ":${data.aws_caller_identity.current.account_id}:domain/logs"
    )


def test_a_template_is_told_by_its_content(tmp_path: Path) -> None:
    files = {
        "a.yaml": DOMAIN,
        "b.json": '{"Resources": {"Domain": {"Type": "AWS::OpenSearchService::Domain"}}}',
        "c.template": DOMAIN,
        "values.yaml": "opensearch:\n  Resources: {cpu: AWS::Nothing}\n",
        "two.yaml": DOMAIN + "---\n" + DOMAIN,
        "tree.json": '{"tree": "AWS::OpenSearchService::Domain, Resources"' + "x" * 100,
        "package.json": '{"name": "opensearch", "Resources": "AWS::"}',
        "list.yaml": "- opensearch\n- Resources: [AWS::X]\n",
    }
    reading = read(tmp_path, files)
    assert sorted(each.location.path for each in reading.resources) == ["a.yaml", "b.json", "c.template"]
    assert reading.problems == ()


def test_templates_without_a_search_service_are_not_read(tmp_path: Path) -> None:
    read(tmp_path, {"a.yaml": "Resources: {B: {Type: AWS::S3::Bucket}}\n", "b.yaml": DOMAIN})
    sources = discover([str(tmp_path)], str(tmp_path))
    assert [file.path for file in sources.templates] == ["b.yaml"]
    assert [file.path for file in sources.other_templates] == ["a.yaml"]


def test_a_named_file_that_is_no_template_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    sources = discover([str(tmp_path / "x.yaml")], str(tmp_path))
    assert [problem.message for problem in sources.problems] == [
        "this is neither a file or plan of Terraform nor a CloudFormation template"
    ]


PARENT = """\
Parameters: {{Stage: {{Type: String, Default: dev}}}}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
  Search:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: {url}
      Parameters: {{Name: !Sub "logs-${{Stage}}", Group: !GetAtt Group.GroupId}}
  Reader:
    Type: AWS::Made::Up
    Properties: {{Arn: !GetAtt Search.Outputs.Arn, Gone: !GetAtt Search.Outputs.Gone}}
"""
CHILD = f"""\
Parameters: {{Name: {{Type: String}}, Group: {{Type: String}}, Free: {{Type: String}}}}
{DOMAIN}    Properties:
      DomainName: !Ref Name
      VPCOptions: {{SecurityGroupIds: [!Ref Group]}}
      Free: !Ref Free
Outputs:
  Arn: {{Value: !Sub "${{Domain.Arn}}/*"}}
"""


@pytest.mark.parametrize(
    "url",
    [
        "child/search.yaml",
        "./child/search.yaml",
        "https://bucket.s3.amazonaws.com/any/search.yaml?x=1",
        "!Sub https://${Stage}.s3.amazonaws.com/search.yaml",
        "!Sub '${Stage}/search.yaml'",
        "!Join ['', [!Ref Stage, /search.yaml]]",
        "!Join ['/', [!Ref Stage, search.yaml]]",
    ],
)
def test_a_nested_stack_is_read_where_it_is_used(tmp_path: Path, url: str) -> None:
    reading = read(tmp_path, {"parent.yaml": PARENT.format(url=url), "child/search.yaml": CHILD})
    assert messages(reading) == []
    domain = resource(reading, "Search.Domain")
    assert domain.location.path == "child/search.yaml"
    assert domain.deployment == "parent.yaml"
    assert plain(domain.get("DomainName")) == "logs-dev"
    assert plain(domain.get("VPCOptions")) == {"SecurityGroupIds": ["${Group.GroupId}"]}
    assert plain(domain.get("Free")) == "${Search.Free}"
    reader = resource(reading, "Reader")
    assert str(plain(reader.get("Arn"))).endswith(":domain/logs-dev/*")
    assert plain(reader.get("Gone")) == "${Search.Outputs.Gone}"
    assert not [each for each in reading.resources if each.address == "Domain"]


def test_a_nested_stack_that_is_not_here_leaves_its_outputs_unknown(tmp_path: Path) -> None:
    reading = read(tmp_path, {"parent.yaml": PARENT.format(url="gone.yaml") + DOMAIN.partition("\n")[2]})
    assert messages(reading) == []
    assert plain(resource(reading, "Reader").get("Arn")) == "${Search.Outputs.Arn}"


def test_parameters_of_the_user_are_not_those_of_nested_stacks(tmp_path: Path) -> None:
    files = {"parent.yaml": PARENT.format(url="child/search.yaml"), "child/search.yaml": CHILD}
    reading = read(tmp_path, files, Inputs(parameters={"Stage": "prod", "Name": "other", "Free": "x"}))
    domain = resource(reading, "Search.Domain")
    assert (plain(domain.get("DomainName")), plain(domain.get("Free"))) == ("logs-prod", "${Search.Free}")


def test_conditions_around_a_nested_stack_are_followed_into_it(tmp_path: Path) -> None:
    parent = (
        "Parameters: {Public: {Type: String, Default: 'no', AllowedValues: ['yes', 'no']}}\n"
        "Conditions: {IsPublic: !Equals [!Ref Public, 'yes']}\n"
        "Resources:\n  Search:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: child.yaml\n      Parameters: {Name: !If [IsPublic, open, closed], Group: g, Free: f}\n"
    )
    reading = read(tmp_path, {"parent.yaml": parent, "child.yaml": CHILD})
    assert {each.address: plain(each.get("DomainName")) for each in reading.resources} == {
        "Search.Domain": "closed",
        "Search.Domain (if IsPublic)": "open",
    }


def test_stacks_that_nest_each_other_in_a_circle_are_a_problem(tmp_path: Path) -> None:
    def stack(url: str) -> str:
        return (
            DOMAIN + "  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            f"      TemplateURL: {url}\n      Parameters: {{A: !GetAtt Inner.Outputs.X}}\n"
        )

    reading = read(tmp_path, {"a.yaml": stack("b.yaml"), "b.yaml": stack("./a.yaml")})
    assert sorted(each.address for each in reading.resources) == ["Domain", "Inner.Domain"]
    assert messages(reading) == [(4, "the nested stack `Inner` leads back to `a.yaml` in a circle")]


def test_imports_are_known_where_one_scanned_template_exports_them(tmp_path: Path) -> None:
    exporter = (
        "Parameters: {Env: {Type: String, Default: dev}}\n"
        "Resources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: reader}}}\n"
        "Outputs: {Role: {Value: !GetAtt Role.Arn, Export: {Name: !Sub '${Env}-role'}}}\n"
    )
    importer = DOMAIN + "    Properties: {Role: !ImportValue dev-role, Other: !ImportValue other-role}\n"
    found = resource(read(tmp_path, {"a.yaml": exporter, "b.yaml": importer}), "Domain")
    assert str(plain(found.get("Role"))).endswith(":role/reader")
    assert plain(found.get("Other")) == "${Fn::ImportValue other-role}"
    twice = read(tmp_path, {"c.yaml": exporter})
    assert plain(resource(twice, "Domain").get("Role")) == "${Fn::ImportValue dev-role}"


def test_loops_write_resources_out(tmp_path: Path) -> None:
    text = (
        "Transform: AWS::LanguageExtensions\n"
        "Parameters: {Names: {Type: CommaDelimitedList, Default: 'a-b,c'}}\n"
        "Resources:\n  Fn::ForEach::Domains:\n    - Name\n    - !Ref Names\n"
        "    - Domain&{Name}:\n        Type: AWS::OpenSearchService::Domain\n"
        "        Properties:\n          DomainName: !Sub '${Name}-logs'\n"
        "          Fn::ForEach::Options: [Key, [x, y], {'${Key}': !Ref Name}]\n"
        "Outputs:\n  Fn::ForEach::Arns: [Name, !Ref Names, {'Arn${Name}': {Value: !GetAtt 'Domain&{Name}.Arn'}}]\n"
    )
    reading = read(tmp_path, text)
    assert messages(reading) == []
    assert {
        each.address: (plain(each.get("DomainName")), plain(each.get("x")), plain(each.get("y")))
        for each in reading.resources
    } == {"Domainab": ("a-b-logs", "a-b", "a-b"), "Domainc": ("c-logs", "c", "c")}


def test_a_function_of_sam_has_the_role_that_is_made_for_it(tmp_path: Path) -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\n"
        "Globals: {Function: {Timeout: 5, Environment: {Variables: {A: '1'}}, Layers: [x]}}\n"
        "Resources:\n"
        "  Domain:\n    Type: AWS::OpenSearchService::Domain\n"
        "    Properties: {Who: !GetAtt IndexerRole.Arn, Own: !GetAtt Own.Arn}\n"
        "  Indexer:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      Environment: {Variables: {B: '2'}}\n      Layers: [y]\n"
        "      Policies:\n"
        "        - AmazonESFullAccess\n        - arn:aws:iam::123456789012:policy/mine\n"
        "        - ElasticsearchHttpPostPolicy: {DomainName: !Ref Domain}\n"
        "        - Version: 2012-10-17\n          Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]\n"
        "        - SomeOtherPolicy: {X: y}\n"
        "  Own:\n    Type: AWS::Serverless::Function\n    Properties: {Role: arn:aws:iam::123456789012:role/x}\n"
    )
    reading = read(tmp_path, text)
    assert messages(reading) == []
    function = resource(reading, "Indexer")
    assert plain(function.get("Timeout")) == 5
    assert plain(function.get("Environment")) == {"Variables": {"A": "1", "B": "2"}}
    assert plain(function.get("Layers")) == ["x", "y"]
    role = resource(reading, "IndexerRole")
    managed = plain(role.get("ManagedPolicyArns"))
    assert [str(each).rpartition("policy/")[2] for each in managed] == [
        "service-role/AWSLambdaBasicExecutionRole",
        "AmazonESFullAccess",
        "mine",
    ]
    documents = [plain(each.get("PolicyDocument")) for each in role.blocks("Policies")]
    assert documents[0]["Statement"][0]["Action"] == ["es:ESHttpPost", "es:ESHttpPut"]
    assert documents[0]["Statement"][0]["Resource"][0].endswith(":domain/${Domain.DomainName}/*")
    assert documents[1]["Statement"] == [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
    assert documents[2] == "${SomeOtherPolicy}"
    assert not [each for each in reading.resources if each.address == "OwnRole"]
    assert str(plain(resource(reading, "Domain").get("Who"))).endswith(":role/${IndexerRole.RoleName}")


def test_what_sam_makes_besides_is_unknown_and_no_fault(tmp_path: Path) -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n  F: {Type: AWS::Serverless::Function}\n"
        "  Domain:\n    Type: AWS::OpenSearchService::Domain\n"
        "    Properties: {A: !Ref ServerlessRestApi, B: !Ref F.Version, C: !GetAtt FAlias.Arn, D: !Ref Gone}\n"
    )
    reading = read(tmp_path, text)
    assert messages(reading) == [(6, "`Gone` is neither a parameter nor a resource of the template")]
    domain = resource(reading, "Domain")
    assert plain(domain.get("A")) == "${ServerlessRestApi}"
    assert plain(domain.get("C")) == "${FAlias.Arn}"


def test_a_custom_resource_that_sets_the_policy_is_read_as_one(tmp_path: Path) -> None:
    text = DOMAIN + (
        "    Metadata: {aws:cdk:path: Stack/Logs/Resource}\n"
        "  Access:\n    Type: Custom::AWS\n    Properties:\n      ServiceToken: x\n      Update:\n"
        "        Fn::Join:\n          - ''\n"
        '          - - \'{"service":"OpenSearch","action":"updateDomainConfig","parameters":'
        '{"DomainName":"\'\n'
        "            - !Ref Domain\n"
        '            - \'","AccessPolicies":"{\\"Statement\\":[{\\"Resource\\":\\"\'\n'
        "            - !GetAtt Domain.Arn\n"
        "            - '/*\\\"}]}\"}}'\n"
        '  Unrelated:\n    Type: Custom::AWS\n    Properties: {Create: \'{"action":"putObject"}\'}\n'
    )
    reading = read(tmp_path, text)
    assert messages(reading) == []
    assert resource(reading, "Domain").construct == "Stack/Logs/Resource"
    access = resource(reading, "Access")
    assert access.type == "Custom::OpenSearchAccessPolicy"
    assert plain(access.get("DomainName")) == "${Domain.DomainName}"
    policy = access.get("AccessPolicies")
    assert policy is not None
    (statement,) = plain(read_json(policy, "policy").value)["Statement"]
    assert statement["Resource"].endswith(":domain/${Domain.DomainName}/*")
    assert "Unrelated" not in [each.address for each in reading.resources]


def test_an_asset_of_the_construct_library_is_found_beside_its_template(tmp_path: Path) -> None:
    parent = (
        "Resources:\n  Nested:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: !Join ['', ['https://s3.', !Ref AWS::URLSuffix, /0123abcd.json]]}\n"
        "    Metadata: {aws:asset:path: Inner0123.nested.template.json}\n"
    )
    child = '{"Resources": {"Domain": {"Type": "AWS::OpenSearchService::Domain"}}}'
    files = {"cdk.out/Outer.template.json": parent, "cdk.out/Inner0123.nested.template.json": child}
    assert addresses(tmp_path, files) == ["Nested.Domain"]


def test_macros_are_told_as_unknown(tmp_path: Path) -> None:
    reading = read(tmp_path, "Transform: [MyMacro]\n" + DOMAIN + "    Properties: {X: !Ref Added}\n")
    assert messages(reading) == []
    assert [(each.expression, place.line) for each, place in reading.unknowns] == [("Transform MyMacro", 1)]


D = "AWSTemplateFormatVersion: '2010-09-09'\n" + DOMAIN


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (D + "    Properties: [1,\n", 6, "the file is not valid YAML: did not find expected node content"),
        (
            D.replace("    T", "\tT"),
            4,
            "the file is not valid YAML: found character that cannot start any token",
        ),
        ("- " + D.replace("\n", "\n  "), 1, "a template is a mapping of sections, and this file is a list"),
        (D + "    Properties: text\n", 5, "`Properties` of `Domain` is no mapping and is not read"),
        (D + "  X: AWS::text\n", 5, "the resource `X` is no mapping"),
        (D + "  X: {Typ: AWS::X}\n", 5, "the resource `X` has no `Type`"),
        (D + "Parameters: [a]\n", 5, "`Parameters` of the template is no mapping and is not read"),
        (D + "Parameters: {A: x}\n", 5, "the parameter `A` is no mapping"),
        (D + "    Fn::ForEach::X: y\nTransform: AWS::LanguageExtensions\n", None, ""),
        (
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::X: [a, AWS::OpenSearch]\n",
            3,
            "`Fn::ForEach::X` needs a name, a list and a mapping",
        ),
    ],
)
def test_bad_templates_are_problems_with_a_place(
    tmp_path: Path, text: str, line: int | None, message: str
) -> None:
    found = messages(read(tmp_path, text))
    assert found == ([(line, message)] if line is not None else [])


def hostile() -> dict[str, str]:
    numbers = ", ".join(map(str, range(300)))
    return {
        "loops": (
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - a\n"
            f"    - [{numbers}]\n    - Fn::ForEach::B:\n        - b\n        - [{numbers}]\n"
            "        - 'D${a}x${b}': {Type: AWS::OpenSearchService::Domain}\n"
        ),
        "conditions": (
            "Parameters:\n"
            + "".join(f"  P{i}: {{Type: String, AllowedValues: [a, b, c, d]}}\n" for i in range(40))
            + "Conditions:\n"
            + "".join(f"  C{i}: !Equals [!Ref P{i}, a]\n" for i in range(40))
            + DOMAIN
            + "    Properties:\n"
            + "".join(f"      K{i}: !If [C{i}, 1, 2]\n" for i in range(40))
        ),
        "chain": (
            "Resources:\n"
            + "".join(
                f"  D{i}: {{Type: AWS::OpenSearchService::Domain, Properties: {{DomainName: !Ref D{i + 1}}}}}\n"
                for i in range(400)
            )
            + "  D400: {Type: AWS::OpenSearchService::Domain}\n"
        ),
        "depth": DOMAIN
        + "    Properties:\n      DomainName: "
        + "!Select [!Ref AWS::StackName, [" * 45
        + "x"
        + "]]" * 45
        + "\n      Other: "
        + "!If [C, a, !Sub ['${x}', {x: " * 22
        + "x"
        + "}]]" * 22
        + "\nConditions: {C: !Equals [!Ref AWS::StackName, !Ref AWS::StackId]}\n",
        "fan": (
            "Resources:\n"
            + "".join(
                f"  D{i}:\n    Type: AWS::OpenSearchService::Domain\n    Properties:\n"
                f"      DomainName: !Sub '${{D{i + 1}}}${{D{i + 1}}}'\n"
                for i in range(40)
            )
            + "  D40: {Type: AWS::OpenSearchService::Domain}\n"
        ),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_templates_cost_little(tmp_path: Path, name: str) -> None:
    reading = read(tmp_path, hostile()[name])
    assert limits.getrusage(limits.RUSAGE_SELF).ru_maxrss < 500_000
    assert reading.problems != () or name in ("fan", "depth")
    assert reading.resources != ()


WHOLE: Any = {
    "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
    "Parameters": {"P": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}, "L": {"Type": "List<X>"}},
    "Mappings": {"M": {"a": {"b": "c"}}},
    "Conditions": {"C": {"Fn::And": [{"Fn::Equals": [{"Ref": "P"}, "a"]}, {"Fn::Not": [{"Condition": "E"}]}]},
                   "E": {"Fn::Or": [{"Fn::Equals": ["x", {"Ref": "AWS::Region"}]}]}},
    "Globals": {"Function": {"Policies": ["a"]}},
    "Resources": {
        "Domain": {"Type": "AWS::OpenSearchService::Domain", "Condition": "C", "Metadata": {"aws:cdk:path": "x"},
                   "Properties": {"DomainName": {"Fn::Sub": ["${P}-${Q}", {"Q": {"Ref": "Group"}}]},
                                  "AccessPolicies": {"Fn::If": ["E", {"Fn::FindInMap": ["M", "a", "b"]}, "x"]},
                                  "A": {"Fn::Select": [0, {"Fn::Split": [",", {"Fn::Join": [",", {"Ref": "L"}]}]}]},
                                  "B": {"Fn::Cidr": ["10.0.0.0/8", 2, 8]}, "D": {"Fn::Length": ["a"]}}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"Tags": {"Fn::GetAtt": ["Domain", "Arn"]}}},
        "Access": {"Type": "Custom::AWS", "Properties": {"Create": '{"action":"updateDomainConfig"}'}},
        "Fn::ForEach::X": ["I", ["a"], {"R${I}": {"Type": "AWS::OSIS::Pipeline"}}],
        "F": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [{"S3ReadPolicy": {"BucketName": "x"}}]}},
        "N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "b.json", "Parameters": {"P": "b"}}},
    },
    "Outputs": {"O": {"Value": {"Fn::GetAtt": "N.Outputs.O"}, "Export": {"Name": "n"}}},
}  # fmt: skip

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 5, "", "text", [], {}, ["a"], {"Ref": "Domain"}, {"Ref": []}, {"Fn::Sub": "${Domain}${x.y}"},
     {"Fn::GetAtt": ["Domain", "Arn"]}, {"Fn::If": ["C", "a"]}, {"Fn::ImportValue": "n"}, {"Fn::Transform": 1},
     {"Fn::ForEach::Y": ["I", {"Ref": "L"}, {"${I}": 1}]}, {"Condition": "C"}, "{{resolve:ssm:x}}", {"Type": []}]
)  # fmt: skip


def paths(value: Any, *before: str | int) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [before]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, *before, key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += paths(inner, *before, number)
    return found


def with_junk(value: Any, path: tuple[str | int, ...], junk: Any) -> Any:
    if not path:
        return junk
    step, *rest = path
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = with_junk(value[step], tuple(rest), junk)
    return copy


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(paths(WHOLE)), JUNK), max_size=3))
def test_no_template_whatsoever_makes_the_reader_fail(
    tmp_path: Path, changes: list[tuple[tuple[str | int, ...], Any]]
) -> None:
    broken = WHOLE
    for path, junk in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            broken = with_junk(broken, path, junk)
    reading = read(tmp_path, {"a.json": json.dumps(broken), "b.json": json.dumps(WHOLE)})
    for problem in reading.problems:
        assert problem.location.path in {"a.json", "b.json"}
    if not changes:
        # nothing is wrong with the template itself, but `b.json` nests itself
        assert [each.partition(" leads")[0] for _, each in messages(reading)] == ["the nested stack `N`"]
