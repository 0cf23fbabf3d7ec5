"""Credentials that end up in resources which keep no text from whoever may look at them.

That is addresses of clusters with a password in them, and the secrets of access keys.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_access_key
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-accesskey.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osreach.access.secret import AddressWithCredentials, ExposedKey
from osreach.extract.attribute import with_holes
from osreach.extract.owner import is_data
from osreach.iac.resource import OUTPUT, Resource
from osreach.iam.hole import Holes, has_hole
from osreach.value import Json, Object, Text, Value, unknowns_of

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
        OUTPUT,
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


def read_exposed_keys(resources: Iterable[Resource]) -> tuple[ExposedKey, ...]:
    """Every place where the secret of an access key of the code ends up."""
    found: dict[ExposedKey, None] = {}
    for resource in resources:
        if resource.type not in TYPES or is_data(resource) or _is_hidden(resource):
            continue
        for unknown, location in unknowns_of(resource.attributes):
            if unknown.resource and unknown.expression in _secrets_of(unknown.resource):
                exposed = ExposedKey(unknown.resource, resource.address, resource.deployment, location)
                found.setdefault(exposed)
    return tuple(found)


def _secrets_of(key: str) -> tuple[str, str]:
    """What the secret of the access key `key` is called in each language."""
    return f"{key}.secret", f"{key}.SecretAccessKey"


def _is_hidden(resource: Resource) -> bool:
    """Whether Parameter Store keeps the text encrypted, or Terraform does not show an output."""
    sensitive = resource.get("sensitive")
    if resource.type == OUTPUT and sensitive is not None and sensitive.data is not False:
        return True
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
