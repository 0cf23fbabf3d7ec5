"""Reading OpenSearch Serverless out of code: values, places, faults, and who reaches a collection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from access_project import analysis_of, template, terraform
from osreach.access.serverless import EndpointKind, Serverless
from osreach.analysis import Analysis
from osreach.cli.can import answer, given_keys
from osreach.cli.login import Login
from osreach.cli.who import answer as who
from osreach.evaluate.level import Level
from osreach.iac.resource import Inputs
from osreach.serverless.fault import Fault, FaultKind
from osreach.serverless.policy import AccessContent, NetworkContent

COLLECTION = """
resource "aws_opensearchserverless_collection" "c" {
  name = "logs"
  type = "SEARCH"
}
"""


def policy(kind: str, text: str, type_: str = "data", name: str = "p") -> str:
    return f'resource "aws_opensearchserverless_{kind}_policy" "{name}" {{\n  name = "one"\n  type = "{type_}"\n  policy = {text}\n}}\n'


def faults(model: Serverless) -> list[tuple[FaultKind, int]]:
    found: list[Fault] = [fault for one in model.policies for fault in one.faults]
    found += [fault for one in model.collections for fault in one.faults]
    return [(fault.kind, fault.location.line) for fault in found]


DATA = """[{"Rules": [{"ResourceType": "index", "Resource": ["index/logs/app-*"], "Permission": ["aoss:ReadDocument"]}],
  "Principal": ["arn:aws:iam::111122223333:role/reader"]}]"""


@pytest.mark.parametrize(
    "text",
    [
        f"<<-EOT\n{DATA}\nEOT",
        json.dumps(DATA.replace("\n", "")),
        """jsonencode([{
    Rules = [{ ResourceType = "index", Resource = ["index/logs/app-*"], Permission = ["aoss:ReadDocument"] }]
    Principal = ["arn:aws:iam::111122223333:role/reader"]
  }])""",
    ],
)
def test_a_policy_is_the_same_however_terraform_writes_it(tmp_path: Path, text: str) -> None:
    found = terraform(tmp_path, policy("access", text))
    (one,) = found.serverless.data_access
    content = one.content
    assert (found.problems, one.faults) == ((), ())
    assert isinstance(content, AccessContent)
    (entry,) = content.entries
    (rule,) = entry.rules
    assert [term.text for term in entry.principals] == ["arn:aws:iam::111122223333:role/reader"]
    assert [pattern.text for pattern in rule.resources] == ["index/logs/app-*"]
    assert [term.text for term in rule.permissions] == ["aoss:ReadDocument"]


@pytest.mark.parametrize(
    "text",
    [
        f"'{DATA}'",
        "!Sub |\n        " + DATA.replace("\n", "\n        ").replace("111122223333", "${AWS::AccountId}"),
        """
        Fn::ToJsonString:
          - Rules:
              - {ResourceType: index, Resource: [index/logs/app-*], Permission: ["aoss:ReadDocument"]}
            Principal: [arn:aws:iam::111122223333:role/reader]""",
    ],
)
def test_a_policy_is_the_same_however_a_template_writes_it(tmp_path: Path, text: str) -> None:
    written = f"""
Resources:
  Data:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Name: one
      Type: data
      Policy: {text}
"""
    found = template(tmp_path, written, Inputs(account="111122223333"))
    (one,) = found.serverless.data_access
    assert (found.problems, one.faults) == ((), ())
    assert isinstance(one.content, AccessContent)
    (entry,) = one.content.entries
    (principal,) = entry.principals
    assert found.holes.fill(principal.text).endswith(":role/reader")
    assert [pattern.text for pattern in entry.rules[0].resources] == ["index/logs/app-*"]


def test_every_part_of_a_heredoc_has_its_place(tmp_path: Path) -> None:
    found = terraform(tmp_path, policy("access", f"<<-EOT\n{DATA}\nEOT"))
    content = found.serverless.data_access[0].content
    assert isinstance(content, AccessContent)
    entry = content.entries[0]
    rule = entry.rules[0]
    assert rule.resource_type is not None
    places = [
        rule.resource_type.location,
        rule.resources[0].location,
        rule.permissions[0].location,
        entry.principals[0].location,
    ]
    assert [(place.line, place.column) for place in places] == [(5, 30), (5, 52), (5, 88), (6, 17)]


@pytest.mark.parametrize(
    ("kind", "type_", "text", "expected"),
    [
        ("access", "data", "jsonencode({Rules = []})", [(FaultKind.SHAPE, 4)]),
        ("security", "encryption", "jsonencode([{Rules = []}])", [(FaultKind.SHAPE, 4)]),
        ("security", "network", "jsonencode({Rules = [], AllowFromPublic = true})", [(FaultKind.SHAPE, 4)]),
        (
            "security",
            "network",
            (
                'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/logs"]}],\n'
                '    SourceVpces = ["vpce-1"]}])'
            ),
            [(FaultKind.UNKNOWN_KEY, 5)],
        ),
        (
            "security",
            "encryption",
            'jsonencode({Rules = [{ResourceType = "collection", Resource = ["collection/logs"]}], KmsArn = "k"})',
            [(FaultKind.UNKNOWN_KEY, 4), (FaultKind.MISSING_KEY, 4)],
        ),
        (
            "security",
            "network",
            (
                'jsonencode([{Rules = [{ResourceType = "dashboards", Resource = ["collection/logs"]}],\n'
                "    AllowFromPublic = true}])"
            ),
            [(FaultKind.UNKNOWN_RESOURCE_TYPE, 4)],
        ),
        (
            "security",
            "network",
            (
                'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/logs"]}],\n'
                '    SourceServices = ["lambda.amazonaws.com"]}])'
            ),
            [(FaultKind.UNKNOWN_SERVICE, 5)],
        ),
        (
            "access",
            "data",
            (
                'jsonencode([{Rules = [{ResourceType = "index", Resource = ["index/Logs/*"],\n'
                '    Permission = ["aoss:ReadDocuments"]}], Principal = ["*"]}])'
            ),
            [
                (FaultKind.IMPOSSIBLE_PATTERN, 4),
                (FaultKind.UNKNOWN_PERMISSION, 5),
                (FaultKind.IMPOSSIBLE_PRINCIPAL, 5),
            ],
        ),
        (
            "access",
            "data",
            (
                'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/logs"],\n'
                '    Permission = ["aoss:ReadDocument"]}], Principal = ["arn:aws:iam::111122223333:role/r"]}])'
            ),
            [(FaultKind.WRONG_PERMISSION, 5)],
        ),
        (
            "access",
            "data",
            (
                'jsonencode([{Rules = [{ResourceTypes = "index", Resource = ["index/logs/a*b"], '
                'Permission = ["aoss:*"]}],\n    Principals = []}])'
            ),
            [
                (FaultKind.UNKNOWN_KEY, 5),
                (FaultKind.UNKNOWN_KEY, 4),
                (FaultKind.MISSING_KEY, 4),
                (FaultKind.IMPOSSIBLE_PATTERN, 4),
                (FaultKind.MISSING_KEY, 4),
            ],
        ),
    ],
)
def test_what_aws_refuses_at_deployment_is_a_fault_at_its_place(
    tmp_path: Path, kind: str, type_: str, text: str, expected: list[tuple[FaultKind, int]]
) -> None:
    found = terraform(tmp_path, policy(kind, text, type_))
    assert found.problems == ()
    assert faults(found.serverless) == expected


def test_a_misspelt_key_is_answered_with_the_right_one(tmp_path: Path) -> None:
    text = 'jsonencode([{Rules = [], SourceVpces = ["vpce-1"], AlowFromPublic = true}])'
    found = terraform(tmp_path, policy("security", text, "network"))
    assert [fault.message for fault in found.serverless.network[0].faults] == [
        "`SourceVpces` is no key of an element of a network policy; did you mean `SourceVPCEs`?",
        "`AlowFromPublic` is no key of an element of a network policy; did you mean `AllowFromPublic`?",
    ]


def test_a_policy_that_is_no_json_is_a_problem_and_hides_nothing_else(tmp_path: Path) -> None:
    broken = policy("access", '"[{\\"Rules\\": [}]"', name="broken")
    found = terraform(tmp_path, COLLECTION + broken + policy("access", json.dumps(DATA.replace("\n", ""))))
    (problem,) = found.problems
    assert problem.location.line == 9
    assert problem.message.startswith("`policy` is not valid JSON")
    first, second = found.serverless.data_access
    assert first.unknown is not None
    assert first.content == AccessContent(partial=True)
    assert second.content.entries != ()
    assert len(found.serverless.collections) == 1


def test_a_policy_that_is_too_long_says_so_and_still_counts(tmp_path: Path) -> None:
    names = ", ".join(f'"index/logs/application-{number:05d}-*"' for number in range(800))
    text = f'jsonencode([{{Rules = [{{ResourceType = "index", Resource = [{names}], Permission = ["aoss:*"]}}],\n Principal = ["arn:aws:iam::111122223333:role/r"]}}])'
    found = terraform(tmp_path, policy("access", text))
    (one,) = found.serverless.data_access
    assert one.length is not None
    assert one.length > 20_480
    assert [fault.kind for fault in one.faults] == [FaultKind.TOO_LONG]
    assert isinstance(one.content, AccessContent)
    assert len(one.content.entries[0].rules[0].resources) == 800


@pytest.mark.parametrize("name", ["Logs", "my_logs", "ab", "1logs", "l" * 65])
def test_a_name_that_no_policy_could_match_is_a_fault(tmp_path: Path, name: str) -> None:
    found = terraform(tmp_path, COLLECTION.replace('"logs"', f'"{name}"'))
    assert faults(found.serverless) == [(FaultKind.WRONG_NAME, 3)]


def test_a_collection_that_is_named_by_its_id_matches_nothing(tmp_path: Path) -> None:
    text = 'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/${aws_opensearchserverless_collection.c.id}"]}], AllowFromPublic = true}])'
    analysis = analysis_of(tmp_path, {"main.tf": COLLECTION + policy("security", text, "network")})
    assert faults(analysis.serverless) == [(FaultKind.IMPOSSIBLE_PATTERN, 9)]
    assert decided(analysis, "arn:aws:iam::111122223333:role/r", "aoss:APIAccessAll") == (
        "implicit_deny",
        "serverless_network_policy",
    )


def decided(analysis: Analysis, principal: str, action: str, *context: str) -> tuple[str, str]:
    address = "aws_opensearchserverless_collection.c"
    found = answer(principal, action, address, "session", given_keys(list(context), None), analysis)
    return found.answer.value, found.deciding.value


def test_everything_around_a_collection_is_read(tmp_path: Path) -> None:
    text = """
resource "awscc_opensearchserverless_collection" "c" {
  name = "logs"
  type = "VECTORSEARCH"
  tags = [{ key = "Team", value = "search" }]
  encryption_config = { kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1" }
}
resource "aws_opensearchserverless_security_config" "okta" {
  name = "okta"
  type = "saml"
  saml_options {
    metadata        = "<xml/>"
    group_attribute = "groups"
    session_timeout = 90
  }
}
resource "aws_vpc_endpoint" "aoss" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-east-1.aoss"
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-east-1.s3"
}
resource "aws_opensearchserverless_collection_group" "shared" {
  name             = "shared"
  standby_replicas = "DISABLED"
}
data "aws_opensearchserverless_collection" "other" {
  name = "other"
}
"""
    found = terraform(tmp_path, text).serverless
    first, other = found.collections
    assert (first.kind.value, dict(first.tags), first.encryption_key.value) == (
        "VECTORSEARCH",
        {"Team": "search"},
        "arn:aws:kms:us-east-1:111122223333:key/1",
    )
    assert (other.name, other.defined) == ("other", False)
    (configuration,) = found.configurations
    assert (configuration.group_attribute.value, configuration.session_minutes.value) == ("groups", 90)
    assert configuration.id.startswith("saml/")
    assert [(one.address, one.kind) for one in found.endpoints] == [
        ("aws_vpc_endpoint.aoss", EndpointKind.INTERFACE)
    ]
    assert [one.standby_replicas.value for one in found.groups] == ["DISABLED"]


def test_code_without_serverless_reads_no_model_for_it(tmp_path: Path) -> None:
    analysis = analysis_of(
        tmp_path, {"main.tf": 'resource "aws_opensearch_domain" "d" {\n  domain_name = "d"\n}\n'}
    )
    assert analysis.serverless == Serverless()
    assert analysis._later.model is None


PUBLIC = policy(
    "security",
    'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/logs"]}], AllowFromPublic = true}])',
    "network",
    "net",
)


def test_whoever_deploys_is_none_of_the_roles_of_the_code(tmp_path: Path) -> None:
    text = (
        COLLECTION
        + PUBLIC
        + policy(
            "access",
            'jsonencode([{Rules = [{ResourceType = "index", Resource = ["index/logs/*"], Permission = ["aoss:*"]}],\n'
            "    Principal = [data.aws_caller_identity.current.arn]}])",
        )
        + """
data "aws_caller_identity" "current" {}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Principal = {Service = "ec2.amazonaws.com"}}]})
}
resource "aws_iam_role_policy" "r" {
  role = aws_iam_role.r.name
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "aoss:APIAccessAll", Resource = "*"}]})
}
"""
    )
    analysis = analysis_of(tmp_path, {"main.tf": text})
    assert decided(analysis, "aws_iam_role.r", "aoss:ReadDocument") == (
        "implicit_deny",
        "serverless_data_access_policy",
    )
    _, found = who("aws_opensearchserverless_collection.c", None, analysis)
    assert [analysis.words(reach.caller.name) for reach in found] == [
        "${data.aws_caller_identity.current.arn}"
    ]
    assert found[0].levels[Level.READ].outcome.value == "conditional"


def test_who_tells_levels_for_each_pattern_of_indexes_and_names_those_elsewhere(tmp_path: Path) -> None:
    rules = [
        {"ResourceType": "index", "Resource": ["index/logs/app-*"], "Permission": ["aoss:ReadDocument"]},
        {"ResourceType": "index", "Resource": ["index/logs/own"], "Permission": ["aoss:*"]},
    ]
    principals = ["arn:aws:iam::111122223333:role/elsewhere", "saml/111122223333/okta/group/ops"]
    text = json.dumps(json.dumps([{"Rules": rules, "Principal": principals}]))
    analysis = analysis_of(tmp_path, {"main.tf": COLLECTION + PUBLIC + policy("access", text)})
    _, found = who("aws_opensearchserverless_collection.c", None, analysis)
    told = {
        reach.caller.name: {
            one.pattern: {level.value: access.outcome.value for level, access in one.levels.items()}
            for one in reach.indexes
        }
        for reach in found
    }
    reads = {"read": "unknown", "write": "denied", "delete": "denied"}
    everything = {"read": "unknown", "write": "unknown", "delete": "unknown"}
    assert told == {name: {"app-*": reads, "own": everything} for name in principals}


def test_an_endpoint_can_be_named_by_its_address(tmp_path: Path) -> None:
    network = policy(
        "security",
        'jsonencode([{Rules = [{ResourceType = "collection", Resource = ["collection/logs"]}],\n'
        "    SourceVPCEs = [aws_opensearchserverless_vpc_endpoint.e.id]}])",
        "network",
        "net",
    )
    text = (
        COLLECTION
        + network
        + policy("access", json.dumps(DATA.replace("\n", "")))
        + """
resource "aws_opensearchserverless_vpc_endpoint" "e" {
  name       = "own"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-1"]
}
resource "aws_iam_role" "reader" {
  name = "reader"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Principal = {Service = "ec2.amazonaws.com"}}]})
}
resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.name
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "aoss:APIAccessAll", Resource = "*"}]})
}
"""
    )
    analysis = analysis_of(tmp_path, {"main.tf": text}, Inputs(account="111122223333", partition="aws"))
    by_address = "aws:SourceVpce=aws_opensearchserverless_vpc_endpoint.e"
    asked = ("aws_iam_role.reader", "GET /app-1/_search")
    assert decided(analysis, *asked, by_address) == ("allowed", "identity_policy")
    assert decided(analysis, *asked, "aws:SourceVpc=vpc-1")[0] == "allowed"
    assert decided(analysis, *asked, "aws:SourceVpce=vpce-1") == ("unknown", "serverless_network_policy")
    assert decided(analysis, *asked, "aws:SourceIp=203.0.113.7") == (
        "implicit_deny",
        "serverless_network_policy",
    )


def test_policies_of_another_deployment_count_where_it_may_be_the_same_account(tmp_path: Path) -> None:
    files = {
        "one/main.tf": COLLECTION + PUBLIC,
        "two/main.tf": policy("access", json.dumps(DATA.replace("\n", ""))),
    }
    analysis = analysis_of(tmp_path, files)
    assert decided(analysis, "arn:aws:iam::111122223333:role/reader", "aoss:ReadDocument")[0] == "unknown"
    assert decided(analysis, "arn:aws:iam::111122223333:role/writer", "aoss:ReadDocument") == (
        "implicit_deny",
        "serverless_data_access_policy",
    )


def test_of_a_collection_that_is_only_looked_up_nothing_is_denied(tmp_path: Path) -> None:
    analysis = analysis_of(
        tmp_path, {"main.tf": 'data "aws_opensearchserverless_collection" "c" {\n  name = "logs"\n}\n'}
    )
    address = "data.aws_opensearchserverless_collection.c"
    found = answer("arn:aws:iam::111122223333:role/r", "aoss:ReadDocument", address, "session", {}, analysis)
    assert found.answer.value == "unknown"


def test_conditions_of_a_template_make_policies_of_their_own(tmp_path: Path) -> None:
    text = """
Parameters:
  Open: {Type: String, Default: "no", AllowedValues: ["no", "yes"]}
Conditions:
  IsOpen: !Equals [!Ref Open, "yes"]
Resources:
  C:
    Type: AWS::OpenSearchServerless::Collection
    Properties: {Name: logs}
  Net:
    Type: AWS::OpenSearchServerless::SecurityPolicy
    Condition: IsOpen
    Properties:
      Name: net
      Type: network
      Policy: '[{"Rules":[{"ResourceType":"collection","Resource":["collection/logs"]}],"AllowFromPublic":true}]'
"""
    found = template(tmp_path, text).serverless
    assert [one.address for one in found.network] == ["Net (if IsOpen)"]
    assert all(isinstance(one.content, NetworkContent) for one in found.network)


def test_a_policy_written_as_an_object_is_a_fault_in_a_template(tmp_path: Path) -> None:
    text = """
Resources:
  Net:
    Type: AWS::OpenSearchServerless::SecurityPolicy
    Properties:
      Name: net
      Type: network
      Policy:
        - Rules: [{ResourceType: collection, Resource: [collection/logs]}]
          AllowFromPublic: true
"""
    found = template(tmp_path, text).serverless
    assert [fault.kind for fault in found.network[0].faults] == [FaultKind.SHAPE]
    assert found.network[0].content.entries != ()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [((), "unknown"), (("ops",), "unknown"), (("shop",), "implicit_deny")],
)
def test_the_groups_of_a_saml_login_decide(tmp_path: Path, groups: tuple[str, ...], expected: str) -> None:
    rules = [{"ResourceType": "index", "Resource": ["index/logs/*"], "Permission": ["aoss:ReadDocument"]}]
    text = json.dumps(json.dumps([{"Rules": rules, "Principal": ["saml/111122223333/okta/group/ops"]}]))
    analysis = analysis_of(tmp_path, {"main.tf": COLLECTION + PUBLIC + policy("access", text)})
    login = Login(backend_roles=groups)
    address = "aws_opensearchserverless_collection.c"
    found = answer("saml:ann", "aoss:ReadDocument", address, login, {}, analysis)
    assert found.answer.value == expected


def test_a_collection_that_no_file_defines_leaves_its_layers_open(tmp_path: Path) -> None:
    analysis = analysis_of(tmp_path, {"main.tf": COLLECTION})
    arn = "arn:aws:aoss:us-east-1:111122223333:collection/abcdefgh12345678"
    found = answer("arn:aws:iam::111122223333:role/r", "aoss:APIAccessAll", arn, "session", {}, analysis)
    open_ones = {one.layer.value for one in found.layers if one.answer.value == "unknown"}
    assert {"serverless_network_policy", "serverless_data_access_policy"} <= open_ones


def test_a_plan_gives_the_same_policies(tmp_path: Path) -> None:
    values = {
        "aws_opensearchserverless_collection": {"name": "logs", "type": "SEARCH"},
        "aws_opensearchserverless_access_policy": {
            "name": "one",
            "type": "data",
            "policy": DATA.replace("\n", ""),
        },
    }
    resources = [
        {
            "address": f"{kind}.x",
            "mode": "managed",
            "type": kind,
            "name": "x",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "schema_version": 0,
            "values": attributes,
        }
        for kind, attributes in values.items()
    ]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {}},
    }
    found = analysis_of(tmp_path, {"plan.json": json.dumps(plan)}).serverless
    assert [(one.name, one.kind.value) for one in found.collections] == [("logs", "SEARCH")]
    (one,) = found.data_access
    assert isinstance(one.content, AccessContent)
    assert [pattern.text for pattern in one.content.entries[0].rules[0].resources] == ["index/logs/app-*"]
