"""Addresses of clusters that carry credentials, in whatever resource they stand.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osreach.access.secret import AddressWithCredentials
from osreach.extract.attribute import with_holes
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes, has_hole
from osreach.value import Json, Object, Text, Value

TYPES = frozenset(
    {
        "aws_apprunner_service",
        "aws_batch_job_definition",
        "aws_codebuild_project",
        "aws_dms_endpoint",
        "aws_ecs_task_definition",
        "aws_elastic_beanstalk_environment",
        "aws_glue_connection",
        "aws_glue_job",
        "aws_instance",
        "aws_lambda_function",
        "aws_launch_configuration",
        "aws_launch_template",
        "aws_ssm_parameter",
        "helm_release",
        "kubernetes_config_map",
        "kubernetes_config_map_v1",
        "kubernetes_deployment",
        "kubernetes_deployment_v1",
        "provider.elasticsearch",
        "provider.opensearch",
        "AWS::AppRunner::Service",
        "AWS::Batch::JobDefinition",
        "AWS::CodeBuild::Project",
        "AWS::DMS::Endpoint",
        "AWS::EC2::Instance",
        "AWS::EC2::LaunchTemplate",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticBeanstalk::Environment",
        "AWS::Glue::Connection",
        "AWS::Glue::Job",
        "AWS::Lambda::Function",
        "AWS::SSM::Parameter",
        "AWS::Serverless::Function",
    }
)
"""The resource types in which addresses are looked for: none of them keeps a text from whoever may look at it."""

_ADDRESS = re.compile(r"""https?://[^\s/:@"'<>]*:(?P<password>[^\s/@"'<>]+)@(?P<host>[^\s/:"'<>\\,;]+)""")
_OF_SEARCH = re.compile(r"\.(?:es|aoss|aos)\.(?:amazonaws\.com|on\.aws)")
_ENDPOINT = re.compile(r"(?:opensearch|elasticsearch).*endpoint|DomainEndpoint", re.IGNORECASE | re.DOTALL)
_HIDDEN_TYPE = "SecureString"
_LOOKED_UP = "{{resolve:"


def read_addresses(resources: Iterable[Resource], holes: Holes) -> tuple[AddressWithCredentials, ...]:
    """Every address of a cluster with credentials in it."""
    found: dict[AddressWithCredentials, None] = {}
    for resource in resources:
        if resource.type not in TYPES or is_data(resource) or _is_hidden(resource):
            continue
        for leaf in _leaves(resource.attributes):
            for one in _ADDRESS.finditer(with_holes(leaf, holes)):
                host, password = one["host"], one["password"]
                if _is_cluster(holes.fill(host)):
                    written = not has_hole(password) and not password.startswith(_LOOKED_UP)
                    found.setdefault(
                        AddressWithCredentials(
                            resource.address, resource.deployment, host, written, leaf.location
                        )
                    )
    return tuple(found)


def _is_hidden(resource: Resource) -> bool:
    """Whether Parameter Store keeps the text encrypted."""
    kind = resource.get("type") or resource.get("Type")
    return kind is not None and kind.text == _HIDDEN_TYPE


def _is_cluster(host: str) -> bool:
    return _OF_SEARCH.search(host) is not None or _ENDPOINT.search(host) is not None


def _leaves(value: Value) -> Iterator[Value]:
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _leaves(item)
        case Object(entries):
            for entry in entries.values():
                yield from _leaves(entry)
        case Json(inner):
            yield from _leaves(inner)
        case str() | Text():
            yield value
        case _:
            return
