from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from osreach.iac.resource import Inputs
from osreach.json_text import read_json
from templates import messages, plain, read, resource

P = "${data.aws_partition.current.partition}"
R = "${data.aws_region.current.name}"
A = "${data.aws_caller_identity.current.account_id}"

HEADER = """\
Transform: AWS::LanguageExtensions
Parameters:
  Name: {Type: String, Default: logs}
  Secret: {Type: String}
  Port: {Type: Number, Default: 443}
  Words: {Type: CommaDelimitedList, Default: "a, b,c"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Others: {Type: CommaDelimitedList}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x/y}
Mappings:
  Sizes:
    eu-west-1: {Small: t3, Large: [m5, m6]}
    "123": {Small: t4, Large: t5}
  Included:
    Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}
    fixed: {Small: t6}
Conditions:
  Always: !Equals [a, a]
  Never: !Not [!Condition Always]
Resources:
  Named:
    Type: AWS::OpenSearchService::Domain
    Properties: {DomainName: !Sub "${Name}-x"}
  Unnamed:
    Type: AWS::Elasticsearch::Domain
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: reader, Path: /team/}
  Anonymous:
    Type: AWS::IAM::Role
  Key:
    Type: AWS::KMS::Key
  Group:
    Type: AWS::EC2::SecurityGroup
  Function:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: !Sub "f-${Secret}"}
  Login:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: "https://login.example.com/app"}
  UnknownLogin:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: !Ref Secret}
  PartlyKnownLogin:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: !Sub "https://login.example.com/${Secret}"}
  Other:
    Type: AWS::Made::Up
  Subject:
    Type: AWS::Made::Up
    Properties:
      Value:
"""


def evaluated(folder: Path, expression: str, inputs: Inputs | None = None) -> tuple[Any, list[str]]:
    """The value of an expression and the messages of the problems."""
    body = "".join(f"        {line}\n" for line in expression.split("\n"))
    reading = read(folder, HEADER + body, inputs)
    problems = [message for _, message in messages(reading)]
    return plain(resource(reading, "Subject").get("Value")), problems


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Name", "logs"),
        ("!Ref Port", "443"),
        ("!Ref Secret", "${Secret}"),
        ("!Ref Words", ["a", "b", "c"]),
        ("!Ref Subnets", ["${Fn::Select 0 of Subnets}", "${Subnets}..."]),
        ("!Ref Others", ["${Others}..."]),
        ("!Ref Stored", "${Stored}"),
        ("!Ref AWS::AccountId", A),
        ("!Ref AWS::StackName", "${AWS::StackName}"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
        ("!Ref Named", "logs-x"),
        ("!Ref Unnamed", "${Unnamed.DomainName}"),
        ("!Ref Key", "${Key.KeyId}"),
        ("!Ref Group", "${Group.GroupId}"),
        ("!GetAtt Group.GroupId", "${Group.GroupId}"),
        ("!Ref Other", "${Other}"),
        ("!GetAtt Other.Thing.Part", "${Other.Thing.Part}"),
        ("!GetAtt Named.Arn", f"arn:{P}:es:{R}:{A}:domain/logs-x"),
        ("!GetAtt [Named, DomainArn]", f"arn:{P}:es:{R}:{A}:domain/logs-x"),
        ("!GetAtt Unnamed.Arn", f"arn:{P}:es:{R}:{A}:domain/${{Unnamed.DomainName}}"),
        ("!GetAtt Role.Arn", f"arn:{P}:iam::{A}:role/team/reader"),
        ("!GetAtt Anonymous.Arn", f"arn:{P}:iam::{A}:role/${{Anonymous.RoleName}}"),
        ("!Ref Login", f"arn:{P}:iam::{A}:oidc-provider/login.example.com/app"),
        ("!GetAtt UnknownLogin.Arn", f"arn:{P}:iam::{A}:oidc-provider/${{UnknownLogin.Url}}"),
        ("!GetAtt PartlyKnownLogin.Arn", f"arn:{P}:iam::{A}:oidc-provider/login.example.com/${{Secret}}"),
        ("!GetAtt Function.Arn", f"arn:{P}:lambda:{R}:{A}:function:f-${{Secret}}"),
        ("!Sub 'x-${Name}-${Secret}-${Named.Arn}'", f"x-logs-${{Secret}}-arn:{P}:es:{R}:{A}:domain/logs-x"),
        ("!Sub '${!Literal} ${ Name }'", "${Literal} logs"),
        ("!Sub ['${a}/${Name}', {a: !Ref Port}]", "443/logs"),
        ("!Sub ['${a}', {a: !GetAtt Role.Arn}]", f"arn:{P}:iam::{A}:role/team/reader"),
        ("Fn::Sub: '${Port}'", "443"),
        ("!Join ['-', [a, !Ref Name, !Ref Secret]]", "a-logs-${Secret}"),
        ("!Join ['', !Ref Words]", "abc"),
        ("!Join [',', [1, true]]", "1,true"),
        ("!Join [',', []]", ""),
        ("!Split [',', 'a,b,,c']", ["a", "b", "", "c"]),
        ("!Split ['-', !Sub 'a-${Secret}-b']", ["a", "${Fn::Split - of a-${Secret}-b}..."]),
        ("!Select [1, !Split ['/', !GetAtt Named.Arn]]", "logs-x"),
        ("!Select [4, !Split [':', !GetAtt Unnamed.Arn]]", A),
        (
            "!Select [1, !Split ['/', !Select [5, !Split [':', !GetAtt Unnamed.Arn]]]]",
            "${Unnamed.DomainName}",
        ),
        ("!Select ['2', !Ref Words]", "c"),
        ("!Select [1, !Ref Others]", "${Fn::Select 1 of Others}"),
        ("!Select [2, !Ref Subnets]", "${Fn::Select 1 of Subnets}"),
        ("!If [Always, a, b]", "a"),
        ("!If [Never, a, !Ref AWS::NoValue]", None),
        ("!FindInMap [Sizes, eu-west-1, Small]", "t3"),
        ("!Select [1, !FindInMap [Sizes, eu-west-1, Large]]", "m6"),
        ("!FindInMap [Sizes, 123, Small]", "t4"),
        ("!FindInMap [Sizes, nowhere, Small, {DefaultValue: !Ref Name}]", "logs"),
        ("!FindInMap [Sizes, !Ref AWS::Region, Small]", "${Fn::FindInMap [Sizes, ${AWS::Region}, Small]}"),
        ("!FindInMap [Included, fixed, Small]", "t6"),
        ("!FindInMap [Included, other, Small]", "${Fn::FindInMap Included other Small}"),
        ("!FindInMap [Included, other, Small, {DefaultValue: x}]", "${Fn::FindInMap Included other Small}"),
        ("!ImportValue there", "${Fn::ImportValue there}"),
        ("!ImportValue {Fn::Sub: '${Secret}-a'}", "${Fn::ImportValue ${Secret}-a}"),
        ("!Base64 abc", base64.b64encode(b"abc").decode()),
        ("!Cidr [10.0.0.0/22, 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
        ("Fn::Length: !Ref Words", 3),
        ("Fn::Length: !Ref Others", "${Fn::Length ${Others}}"),
        ("Fn::ToJsonString: {a: !Ref Name, b: [!Ref Secret]}", {"json": {"a": "logs", "b": ["${Secret}"]}}),
        (
            "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://x}}",
            "${Fn::Transform AWS::Include}",
        ),
        ("'x {{resolve:ssm:/a/b:1}} y'", "x ${{{resolve:ssm:/a/b:1}}} y"),
        ("!Sub '{{resolve:secretsmanager:${Name}}}'", "${{{resolve:secretsmanager:logs}}}"),
        ("!GetAZs ''", ["${Fn::GetAZs}..."]),
        ("Fn::ForEach::Loop: [v, [x, !Ref Name], {'k${v}': !Sub 'is ${v}', 'r&{v}': !Ref v}]", None),
    ],
)
def test_a_function_is_as_known_as_the_files_allow(tmp_path: Path, expression: str, expected: object) -> None:
    if "ForEach" in expression:
        expected = {"kx": "is x", "rx": "x", "klogs": "is logs", "rlogs": "logs"}
    assert evaluated(tmp_path, expression) == (expected, [])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!Ref Nothing", "`Nothing` is neither a parameter nor a resource of the template"),
        ("!GetAtt Nothing.Arn", "`Nothing` is no resource of the template"),
        ("!Sub '${Nothing.Arn}'", "`Nothing` is no resource of the template"),
        ("!Frobnicate x", "`Fn::Frobnicate` is no function that osreach knows"),
        ("!If [Maybe, a, b]", "the template has no condition `Maybe`"),
        ("!If [Always, a]", "`Fn::If` needs a condition and two values"),
        ("!Join x", "`Fn::Join` needs a delimiter and a list"),
        ("!Join ['', [[a]]]", "`Fn::Join` can join texts only"),
        ("!Select [3, [a, b]]", "`Fn::Select` asks for element 3 of 2"),
        ("!Select [x, [a]]", "`Fn::Select` needs an index and a list"),
        ("!Split [',']", "`Fn::Split` needs a delimiter and a text"),
        (
            "!FindInMap [Sizes, nowhere, Small]",
            "`Fn::FindInMap Sizes nowhere Small` finds nothing in `Mappings`",
        ),
        ("!Cidr [nonsense, 2]", "`Fn::Cidr` needs an address block that can be cut like this"),
        ("Fn::Length: text", "`Fn::Length` needs a list"),
        ("!Sub {a: b}", "`Fn::Sub` needs a text"),
        ("!Sub ['${a}', {a: {b: c}}]", "`a` is no text and cannot stand in `Fn::Sub`"),
    ],
)
def test_what_makes_no_sense_is_a_problem_and_unknown(tmp_path: Path, expression: str, message: str) -> None:
    value, problems = evaluated(tmp_path, expression)
    assert problems == [message]
    assert "${" in str(value)


def test_what_the_user_says_goes_before_defaults(tmp_path: Path) -> None:
    inputs = Inputs(
        parameters={"Secret": "s", "Subnets": "subnet-1,subnet-2"},
        account="123456789012",
        region="cn-north-1",
    )
    expression = "!Sub ['${Named.Arn} ${Secret} ${s} ${AWS::URLSuffix}', {s: !Join ['+', !Ref Subnets]}]"
    value, problems = evaluated(tmp_path, expression, inputs)
    expected = "arn:aws-cn:es:cn-north-1:123456789012:domain/logs-x s subnet-1+subnet-2 amazonaws.com.cn"
    assert (value, problems) == (expected, [])


def test_different_unknown_values_have_different_names(tmp_path: Path) -> None:
    expression = (
        "- !ImportValue {Fn::Sub: '${Secret}-a'}\n"
        "- !ImportValue {Fn::Sub: '${Secret}-b'}\n"
        "- !FindInMap [Sizes, !Ref AWS::Region, Small]\n"
        "- !FindInMap [Sizes, !Ref AWS::Region, Large]\n"
        "- !Select [0, !Split ['/', !Ref Secret]]\n"
        "- !Select [0, !Split ['-', !Ref Secret]]\n"
        "- !Select [1, !Split ['-', !Ref Secret]]\n"
        "- !Join ['-', !Split [',', !Ref Secret]]\n"
        "- !Join ['+', !Split [',', !Ref Secret]]"
    )
    value, problems = evaluated(tmp_path, expression)
    assert problems == []
    assert len(set(value)) == len(value)


def test_a_policy_in_a_text_keeps_its_places(tmp_path: Path) -> None:
    text = (
        HEADER
        + "        Fn::Sub: |\n"
        + '          {"Version": "2012-10-17",\n'
        + '           "Name": "${Named}",\n'
        + '           "Who": ["${Secret}", "*"]}\n'
    )
    reading = read(tmp_path, text)
    value = resource(reading, "Subject").get("Value")
    assert value is not None
    inner = read_json(value, "policy").value
    first_line = text[: text.index('{"Version')].count("\n") + 1
    version, name, who = (inner.get(key) for key in ("Version", "Name", "Who"))
    assert version is not None
    assert name is not None
    assert who is not None
    assert (version.location.line, version.location.column) == (first_line, 23)
    assert (name.text, name.location.line, name.location.column) == ("logs-x", first_line + 1, 20)
    assert [(each.location.line, each.location.column) for each in who.items] == [
        (first_line + 2, 20),
        (first_line + 2, 33),
    ]
    assert plain(inner) == {"Version": "2012-10-17", "Name": "logs-x", "Who": ["${Secret}", "*"]}


def test_json_made_by_joining_is_json(tmp_path: Path) -> None:
    expression = (
        """Fn::Join: ['', ['{"a":"', !GetAtt Anonymous.Arn, '/*","b":', {"Fn::ToJsonString": {c: d}}, '}']]"""
    )
    reading = read(tmp_path, HEADER + f"        {expression}\n")
    value = resource(reading, "Subject").get("Value")
    assert value is not None
    found = read_json(value, "text")
    assert found.problem is None
    assert plain(found.value) == {
        "a": f"arn:{P}:iam::{A}:role/${{Anonymous.RoleName}}/*",
        "b": {"c": "d"},
    }


def test_growing_texts_stay_bounded(tmp_path: Path) -> None:
    expression = "!Sub ['${a}${a}${a}${a}', {a: " * 24 + "x" * 40 + "}]" * 24
    value, problems = evaluated(tmp_path, expression)
    assert len(json.dumps(value)) < 10_000
    assert problems == []


@pytest.mark.parametrize(
    "properties",
    ["{DomainName: !Ref Loop}", "{DomainName: !Sub '${Loop.Arn}'}", "{DomainName: !Ref Other2}"],
)
def test_references_in_a_circle_are_a_problem(tmp_path: Path, properties: str) -> None:
    text = (
        "Resources:\n"
        f"  Loop:\n    Type: AWS::OpenSearchService::Domain\n    Properties: {properties}\n"
        "  Other2:\n    Type: AWS::Elasticsearch::Domain\n    Properties: {DomainName: !Ref Loop}\n"
    )
    reading = read(tmp_path, text)
    assert any("refers to itself in a circle" in message for _, message in messages(reading))
