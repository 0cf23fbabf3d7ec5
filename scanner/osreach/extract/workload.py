"""Workloads and the roles they run as, in every language that describes them.

Sources: the pages of the types in `_ROLES` at
https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from osreach.access.workload import Workload
from osreach.extract.attribute import with_holes
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Json, Object, Value

_LAMBDA, _TASKS, _EC2 = "lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "ec2.amazonaws.com"
_FIREHOSE, _OSIS = "firehose.amazonaws.com", "osis-pipelines.amazonaws.com"
_GLUE, _STATES, _PODS = "glue.amazonaws.com", "states.amazonaws.com", "pods.eks.amazonaws.com"
_COGNITO = "cognito-identity.amazonaws.com"

_ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_lambda_function": (_LAMBDA, ("role",)),
    "AWS::Lambda::Function": (_LAMBDA, ("Role",)),
    "AWS::Serverless::Function": (_LAMBDA, ("Role",)),
    "aws_ecs_task_definition": (_TASKS, ("task_role_arn", "execution_role_arn")),
    "AWS::ECS::TaskDefinition": (_TASKS, ("TaskRoleArn", "ExecutionRoleArn")),
    "aws_osis_pipeline": (_OSIS, ("pipeline_role_arn",)),
    "AWS::OSIS::Pipeline": (_OSIS, ("PipelineRoleArn",)),
    "aws_glue_job": (_GLUE, ("role_arn",)),
    "AWS::Glue::Job": (_GLUE, ("Role",)),
    "aws_sfn_state_machine": (_STATES, ("role_arn",)),
    "AWS::StepFunctions::StateMachine": (_STATES, ("RoleArn",)),
    "AWS::Serverless::StateMachine": (_STATES, ("Role",)),
    "aws_eks_pod_identity_association": (_PODS, ("role_arn",)),
    "AWS::EKS::PodIdentityAssociation": (_PODS, ("RoleArn",)),
    "aws_cognito_identity_pool_roles_attachment": (_COGNITO, ("roles",)),
    "AWS::Cognito::IdentityPoolRoleAttachment": (_COGNITO, ("Roles",)),
}
_DELIVERIES = frozenset({"aws_kinesis_firehose_delivery_stream", "AWS::KinesisFirehose::DeliveryStream"})
_ROLE_OF_DELIVERY = frozenset({"role_arn", "RoleARN"})
_INSTANCES: Mapping[str, str] = {
    "aws_instance": "iam_instance_profile",
    "aws_launch_template": "iam_instance_profile",
    "aws_launch_configuration": "iam_instance_profile",
    "AWS::EC2::Instance": "IamInstanceProfile",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData",
}
_PROFILES: Mapping[str, str] = {"aws_iam_instance_profile": "role", "AWS::IAM::InstanceProfile": "Roles"}
_PIPELINE_ROLE = re.compile(r"sts_role_arn[\"']?\s*:\s*[\"']?(arn:[^\s\"',}]+)")

TYPES = frozenset(_ROLES) | _DELIVERIES | frozenset(_INSTANCES) | frozenset(_PROFILES)
"""The resource types that this module reads."""


def read_workloads(resources: Iterable[Resource], holes: Holes) -> tuple[Workload, ...]:
    """Everything that runs as a role, once for each role that it names."""
    listed = [resource for resource in resources if not is_data(resource)]
    profiles = dict(_profiles(listed, holes))
    found: dict[Workload, None] = {}
    for resource in listed:
        for service, role in _roles(resource, profiles, holes):
            workload = Workload(resource.address, resource.deployment, service, role, resource.location)
            found.setdefault(workload)
    return tuple(found)


def _profiles(
    resources: Iterable[Resource], holes: Holes
) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Deployment and each text that means an instance profile, with the roles in it."""
    for resource in resources:
        name = _PROFILES.get(resource.type)
        if name is None:
            continue
        roles = tuple(with_holes(item, holes) for item in resource.blocks(name))
        arn = resource.get("arn")
        if arn is not None:
            text = with_holes(arn, holes)
            yield (resource.deployment, text), roles
            yield (resource.deployment, text.rpartition("/")[2]), roles


def _roles(
    resource: Resource, profiles: Mapping[tuple[str, str], tuple[str, ...]], holes: Holes
) -> Iterator[tuple[str, str]]:
    known = _ROLES.get(resource.type)
    if known is not None:
        service, names = known
        for name in names:
            value = resource.get(name)
            for item in _leaves(value) if value is not None else ():
                yield service, with_holes(item, holes)
    body = resource.get("pipeline_configuration_body") or resource.get("PipelineConfigurationBody")
    if body is not None and resource.type in _ROLES:
        for role in _PIPELINE_ROLE.findall(with_holes(body, holes)):
            yield _OSIS, role
    if resource.type in _DELIVERIES:
        for item in _named(resource.attributes, _ROLE_OF_DELIVERY):
            yield _FIREHOSE, with_holes(item, holes)
    name = _INSTANCES.get(resource.type, "")
    profile = resource.get(name) if name else None
    if profile is not None:
        for item in _leaves(profile):
            for role in profiles.get((resource.deployment, with_holes(item, holes)), ()):
                yield _EC2, role


def _leaves(value: Value) -> Iterator[Value]:
    """The texts in a value, wherever in it they stand."""
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _leaves(item)
        case Object(entries):
            for entry in entries.values():
                yield from _leaves(entry)
        case None | Json():
            return
        case _:
            yield value


def _named(value: Value, names: frozenset[str]) -> Iterator[Value]:
    """The values under one of `names`, at any depth."""
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _named(item, names)
        case Object(entries):
            for name, entry in entries.items():
                if name in names and entry.data is not None:
                    yield entry
                else:
                    yield from _named(entry, names)
        case _:
            return
