"""What writes to clusters and reads from them, as it is read from both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_project import analysis_of, template, terraform
from osreach.access.integration import ClientKind, DestinationKind, Direction
from osreach.access.model import Model
from osreach.extract.integration.body import read_body
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.value import Object, Text, TextPart, Unknown, Value

ROLE = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
}
resource "aws_opensearchserverless_collection" "vectors" {
  name = "vectors"
}
resource "aws_iam_role" "writer" {
  name               = "writer"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
ROLE_TEMPLATE = """
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: logs
  Vectors:
    Type: AWS::OpenSearchServerless::Collection
    Properties:
      Name: vectors
  Writer:
    Type: AWS::IAM::Role
    Properties:
      RoleName: writer
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
"""
BODY = """version: "2"
log-pipeline:
  source:
    http:
      path: "/in"
  sink:
    - opensearch:
        hosts: ["https://${%s}"]
        index: logs
        username: admin
        password: "${%s}"
        aws:
          sts_role_arn: "${%s}"
    - opensearch:
        hosts: ["${%s}"]
        password: %s
        aws:
          serverless: true
"""


def pipeline(body: str, more: str = "") -> str:
    return (
        ROLE
        + 'resource "aws_osis_pipeline" "this" {\n  pipeline_name = "this"\n'
        + more
        + "  pipeline_configuration_body = <<-EOT\n"
        + indent(body, "    ")
        + "  EOT\n}\n"
    )


def reached(model: Model) -> list[tuple[ClientKind, Direction, DestinationKind, str, str, bool]]:
    writer = next(one for one in model.identities.values() if one.name == "writer")
    return [
        (
            one.kind,
            one.direction,
            one.destination.kind,
            one.destination.address.rpartition(".")[2].lower(),
            one.destination.index,
            one.role in (writer.arn, writer.name),
        )
        for one in model.integrations.clients
    ]


def test_the_body_of_a_pipeline_is_read_with_its_places(tmp_path: Path) -> None:
    body = BODY % (
        "aws_opensearch_domain.logs.endpoint",
        "var.password",
        "aws_iam_role.writer.arn",
        "aws_opensearchserverless_collection.vectors.collection_endpoint",
        "$${{aws_secrets:search:password}}",
    )
    text = pipeline(body, "  pipeline_role_arn = aws_iam_role.writer.arn\n")
    model = terraform(tmp_path, text)
    writes, domain, collection = Direction.WRITES, DestinationKind.DOMAIN, DestinationKind.COLLECTION
    assert reached(model) == [
        (ClientKind.PIPELINE, writes, domain, "logs", "logs", True),
        (ClientKind.PIPELINE, writes, collection, "vectors", "", True),
    ]
    (found,) = model.integrations.pipelines
    (credential,) = found.credentials
    lines = text.splitlines()
    assert credential.name == "password"
    assert "var.password" in lines[credential.location.line - 1]
    assert lines[credential.location.line - 1][credential.location.column - 1 :].startswith('"${var')
    (source,) = found.sources
    assert source.plugin == "http"
    assert lines[source.location.line - 1].strip() == "http:"
    assert not model.problems


def test_a_template_says_the_same(tmp_path: Path) -> None:
    body = BODY % (
        "Logs.DomainEndpoint",
        "Password",
        "Writer.Arn",
        "Vectors.CollectionEndpoint",
        '"${!{aws_secrets:search:password}}"',
    )
    text = (
        "Parameters:\n  Password:\n    Type: String\n"
        + ROLE_TEMPLATE
        + "  Pipeline:\n    Type: AWS::OSIS::Pipeline\n    Properties:\n      PipelineName: this\n"
        + "      PipelineRoleArn: !GetAtt Writer.Arn\n"
        + "      PipelineConfigurationBody: !Sub |\n"
        + indent(body, "        ")
    )
    model = template(tmp_path, text)
    writes, domain, collection = Direction.WRITES, DestinationKind.DOMAIN, DestinationKind.COLLECTION
    assert reached(model) == [
        (ClientKind.PIPELINE, writes, domain, "logs", "logs", True),
        (ClientKind.PIPELINE, writes, collection, "vectors", "", True),
    ]
    (found,) = model.integrations.pipelines
    assert [one.name for one in found.credentials] == ["password"]
    assert "${Password}" in text.splitlines()[found.credentials[0].location.line - 1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a: [b\nc: {\n", "is not valid YAML"),
        ("only text\n", "is not one YAML document of names and values"),
        ("- a\n- b\n", "is not one YAML document of names and values"),
    ],
)
def test_a_body_that_is_not_yaml_is_a_problem_in_the_body(tmp_path: Path, body: str, words: str) -> None:
    text = pipeline(body)
    model = terraform(tmp_path, text)
    (problem,) = model.problems
    first = next(number for number, line in enumerate(text.splitlines(), 1) if "<<-EOT" in line)
    assert words in problem.message
    assert problem.location.line > first or words.startswith("is not one")
    assert not model.integrations.pipelines[0].body_known


def test_a_body_that_an_unknown_part_may_make_yaml_is_no_problem(tmp_path: Path) -> None:
    model = terraform(tmp_path, pipeline("${var.head}\na: [b\n"))
    assert not model.problems
    assert not model.integrations.pipelines[0].body_known


CLIENTS = {
    "delivery to a domain": (
        """
resource "aws_kinesis_firehose_delivery_stream" "this" {
  opensearch_configuration {
    domain_arn = aws_opensearch_domain.logs.arn
    role_arn   = aws_iam_role.writer.arn
    index_name = "logs"
  }
}
""",
        """
  This:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      AmazonopensearchserviceDestinationConfiguration:
        DomainARN: !GetAtt Logs.Arn
        RoleARN: !GetAtt Writer.Arn
        IndexName: logs
""",
        (ClientKind.DELIVERY, Direction.WRITES, DestinationKind.DOMAIN, "logs", "logs", True),
    ),
    "delivery to a collection": (
        """
resource "aws_kinesis_firehose_delivery_stream" "this" {
  opensearchserverless_configuration {
    collection_endpoint = aws_opensearchserverless_collection.vectors.collection_endpoint
    role_arn            = aws_iam_role.writer.arn
    index_name          = "logs"
  }
}
""",
        """
  This:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      AmazonOpenSearchServerlessDestinationConfiguration:
        CollectionEndpoint: !GetAtt Vectors.CollectionEndpoint
        RoleARN: !GetAtt Writer.Arn
        IndexName: logs
""",
        (ClientKind.DELIVERY, Direction.WRITES, DestinationKind.COLLECTION, "vectors", "logs", True),
    ),
    "topic rule": (
        """
resource "aws_iot_topic_rule" "this" {
  elasticsearch {
    endpoint = "https://${aws_opensearch_domain.logs.endpoint}"
    index    = "logs"
    role_arn = aws_iam_role.writer.arn
  }
}
""",
        """
  This:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        Actions:
          - OpenSearch:
              Endpoint: !Sub https://${Logs.DomainEndpoint}
              Index: logs
              RoleArn: !GetAtt Writer.Arn
""",
        (ClientKind.TOPIC_RULE, Direction.WRITES, DestinationKind.DOMAIN, "logs", "logs", True),
    ),
    "function": (
        """
resource "aws_lambda_function" "this" {
  role = aws_iam_role.writer.arn
  environment {
    variables = {
      HOST  = aws_opensearch_domain.logs.endpoint
      TABLE = "orders"
      AGAIN = aws_opensearch_domain.logs.endpoint
    }
  }
}
""",
        """
  This:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Writer.Arn
      Environment:
        Variables:
          HOST: !GetAtt Logs.DomainEndpoint
          TABLE: orders
""",
        (ClientKind.FUNCTION, Direction.EITHER, DestinationKind.DOMAIN, "logs", "", True),
    ),
    "migration": (
        """
resource "aws_dms_endpoint" "this" {
  elasticsearch_settings {
    endpoint_uri            = aws_opensearch_domain.logs.endpoint
    service_access_role_arn = aws_iam_role.writer.arn
  }
}
""",
        """
  This:
    Type: AWS::DMS::Endpoint
    Properties:
      ElasticsearchSettings:
        EndpointUri: !GetAtt Logs.DomainEndpoint
        ServiceAccessRoleArn: !GetAtt Writer.Arn
""",
        (ClientKind.MIGRATION, Direction.WRITES, DestinationKind.DOMAIN, "logs", "", True),
    ),
    "resolver": (
        """
resource "aws_appsync_datasource" "this" {
  service_role_arn = aws_iam_role.writer.arn
  opensearchservice_config {
    endpoint = "https://${aws_opensearch_domain.logs.endpoint}"
  }
}
""",
        """
  This:
    Type: AWS::AppSync::DataSource
    Properties:
      ServiceRoleArn: !GetAtt Writer.Arn
      OpenSearchServiceConfig:
        Endpoint: !Sub https://${Logs.DomainEndpoint}
""",
        (ClientKind.RESOLVER, Direction.EITHER, DestinationKind.DOMAIN, "logs", "", True),
    ),
    "knowledge base": (
        """
resource "aws_bedrockagent_knowledge_base" "this" {
  role_arn = aws_iam_role.writer.arn
  storage_configuration {
    opensearch_serverless_configuration {
      collection_arn    = aws_opensearchserverless_collection.vectors.arn
      vector_index_name = "facts"
    }
  }
}
""",
        """
  This:
    Type: AWS::Bedrock::KnowledgeBase
    Properties:
      RoleArn: !GetAtt Writer.Arn
      StorageConfiguration:
        OpensearchServerlessConfiguration:
          CollectionArn: !GetAtt Vectors.Arn
          VectorIndexName: facts
""",
        (ClientKind.KNOWLEDGE_BASE, Direction.EITHER, DestinationKind.COLLECTION, "vectors", "facts", True),
    ),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_is_read_alike_in_both_languages(tmp_path: Path, name: str) -> None:
    code, twin, wanted = CLIENTS[name]
    assert reached(terraform(tmp_path / "code", ROLE + code)) == [wanted]
    assert reached(template(tmp_path / "twin", ROLE_TEMPLATE + twin)) == [wanted]


def test_a_client_is_a_workload_of_its_role(tmp_path: Path) -> None:
    model = terraform(tmp_path, ROLE + CLIENTS["topic rule"][0])
    assert [(one.address, one.service) for one in model.workloads] == [
        ("aws_iot_topic_rule.this", "iot.amazonaws.com")
    ]


@pytest.mark.parametrize(
    ("endpoint", "kind", "address"),
    [
        (
            "https://search-logs-0a1b2c3d4e5f.eu-west-1.es.amazonaws.com",
            "domain",
            "aws_opensearch_domain.logs",
        ),
        ("https://vpc-logs-0a1b2c3d4e5f.eu-west-1.es.amazonaws.com", "domain", "aws_opensearch_domain.logs"),
        ("https://vpc-other-0a1b2c3d4e5f.eu-west-1.es.amazonaws.com", "domain", ""),
        ("https://0a1b2c3d.eu-west-1.aoss.amazonaws.com", "collection", ""),
        ("https://search.example.com", "unknown", ""),
    ],
)
def test_an_endpoint_tells_what_is_reached(tmp_path: Path, endpoint: str, kind: str, address: str) -> None:
    code = ROLE + (
        'resource "aws_lambda_function" "this" {\n  role = aws_iam_role.writer.arn\n  environment {\n'
        f'    variables = {{ HOST = "{endpoint}" }}\n  }}\n}}\n'
    )
    found = [
        (one.destination.kind.value, one.destination.address)
        for one in terraform(tmp_path, code).integrations.clients
    ]
    assert found == ([] if kind == "unknown" else [(kind, address)])


def test_nothing_is_read_where_nothing_is_written(tmp_path: Path) -> None:
    assert analysis_of(tmp_path, {"main.tf": ROLE}).model.integrations.clients == ()


def test_a_policy_for_logs_is_read_from_the_call_that_the_cdk_writes(tmp_path: Path) -> None:
    code = """
Resources:
  Domain:
    Type: AWS::OpenSearchService::Domain
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: search
  Policy:
    Type: Custom::CloudwatchLogResourcePolicy
    Properties:
      ServiceToken: arn:aws:lambda:eu-west-1:123456789012:function:calls
      Create:
        Fn::Join:
          - ""
          - - '{"service":"CloudWatchLogs","action":"putResourcePolicy","parameters":{"policyName":"p",'
            - '"policyDocument":"{\\"Statement\\":[{\\"Action\\":\\"logs:PutLogEvents\\",\\"Effect\\":\\"Allow\\",'
            - '\\"Principal\\":{\\"Service\\":\\"es.amazonaws.com\\"},\\"Resource\\":\\"'
            - !GetAtt Group.Arn
            - '\\"}],\\"Version\\":\\"2012-10-17\\"}"}}'
"""
    model = template(tmp_path, code)
    (found,) = model.integrations.log_policies
    (statement,) = found.policy.document.statements
    assert [term.text for term in statement.actions.terms] == ["logs:PutLogEvents"]
    resources = statement.resources
    assert resources is not None
    assert resources.terms[0].text.endswith(":log-group:search:*")
    assert not model.problems


def test_policies_for_logs_of_other_services_are_none_of_ours(tmp_path: Path) -> None:
    code = """
resource "aws_opensearch_domain" "logs" { domain_name = "logs" }
resource "aws_cloudwatch_log_resource_policy" "queries" {
  policy_name     = "queries"
  policy_document = "{ this is no JSON"
}
"""
    model = terraform(tmp_path, code)
    assert model.integrations.log_policies == ()
    assert not model.problems


SHARING = """
resource "aws_opensearch_domain" "logs" { domain_name = "logs" }
resource "aws_opensearch_outbound_connection" "archive" {
  connection_alias = "archive"
  local_domain_info {
    owner_id    = "123456789012"
    region      = "eu-west-1"
    domain_name = "logs"
  }
  remote_domain_info {
    owner_id    = "210987654321"
    region      = "eu-west-1"
    domain_name = "archive"
  }
}
resource "aws_opensearch_inbound_connection_accepter" "archive" {
  connection_id = aws_opensearch_outbound_connection.archive.id
}
resource "aws_opensearch_vpc_endpoint" "logs" {
  domain_arn = aws_opensearch_domain.logs.arn
}
resource "aws_opensearch_package" "words" {
  package_name = "words"
  package_type = "TXT-DICTIONARY"
  package_source {
    s3_bucket_name = "company-words"
    s3_key         = "words.txt"
  }
}
resource "aws_opensearch_package_association" "words" {
  package_id  = aws_opensearch_package.words.id
  domain_name = aws_opensearch_domain.logs.domain_name
}
resource "aws_opensearch_application" "ui" {
  name = "ui"
  app_config {
    key   = "opensearchDashboards.dashboardAdmin.users"
    value = jsonencode(["ada", "*"])
  }
}
"""


def test_ways_between_accounts_and_clusters_are_read(tmp_path: Path) -> None:
    found = terraform(tmp_path, SHARING).integrations
    (connection,) = found.connections
    assert (connection.local, connection.remote) == (
        "123456789012/eu-west-1/logs",
        "210987654321/eu-west-1/archive",
    )
    assert [one.requested_by for one in found.accepted] == ["aws_opensearch_outbound_connection.archive"]
    assert [one.domain.rpartition("/")[2] for one in found.endpoints] == ["logs"]
    assert [one.bucket for one in found.packages] == ["company-words"]
    assert [one.domain for one in found.package_associations] == ["logs"]
    (application,) = found.applications
    assert [text for text, _ in application.settings[0].values] == ["ada", "*"]


@given(
    st.text(
        alphabet=st.sampled_from(list("ab:-[]{}\"'\n \t#&*!|>%@${}"))
        | st.characters(exclude_categories=["Cs"]),
        max_size=60,
    ),
    st.booleans(),
)
def test_no_body_makes_the_reader_fail(text: str, unknown: bool) -> None:
    here = Location("main.tf", 7, 5, 7, 6)
    parts: tuple[TextPart, ...] = (TextPart(text, here, verbatim=True, indent=4),)
    if unknown:
        parts = (*parts, TextPart(Unknown("var.tail", "no value"), here))
    found = read_body(Value(Text(parts), here), "pipeline_configuration_body", Holes())
    places = [problem.location for problem in found.problems] + list(_places(found.value))
    last = 7 + text.count("\n")
    assert all(place.path == "main.tf" and 7 <= place.line <= last for place in places)
    assert isinstance(found.value.data, Object | Unknown | tuple) or unknown


def _places(value: Value) -> Iterator[Location]:
    yield value.location
    match value.data:
        case Object(entries):
            for entry in entries.values():
                yield from _places(entry)
        case tuple() as items:
            for item in items:
                yield from _places(item)
        case _:
            return
