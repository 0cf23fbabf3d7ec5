"""Policies of log groups, and lifecycle rules that move the objects of buckets into an archive.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_lifecycle_configuration
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.integration import Archiving, LogPolicy
from osreach.extract.attached import read_attached
from osreach.extract.integration.named import entry, setting, words
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind, PrincipalKind
from osreach.iam.hole import Holes
from osreach.problem import Problem
from osreach.value import Value

_CONSTRUCT = "Custom::CloudwatchLogResourcePolicy"
"""What the AWS CDK writes for a domain that publishes logs."""

LOG_POLICIES = frozenset(
    {
        "aws_cloudwatch_log_resource_policy",
        "awscc_logs_resource_policy",
        "AWS::Logs::ResourcePolicy",
        _CONSTRUCT,
    }
)
"""The types that say who may write to log groups."""

LIFECYCLES = frozenset({"aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket", "AWS::S3::Bucket"})
"""The types that say what becomes of objects."""

SEARCH_SERVICES = frozenset({"es.amazonaws.com", "opensearchservice.amazonaws.com"})
"""The principals that publish the logs of a domain."""

_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_RULES = ("rule", "lifecyclerule", "lifecycleconfiguration.rules")
_TRANSITIONS = ("transition", "transitions")


def read_log_policy(resource: Resource, holes: Holes, problems: list[Problem]) -> LogPolicy | None:
    """The policy where it lets the search services in; None for those of other services."""
    written = setting(resource, "policydocument")
    if written is None:
        return None
    own: list[Problem] = []
    policy = read_attached(written, PolicyKind.RESOURCE, resource, "policy_document", holes, own)
    if not any(
        term.kind is PrincipalKind.SERVICE and term.text in SEARCH_SERVICES
        for statement in policy.document.statements
        for term in (statement.principals.terms if statement.principals else ())
    ):
        return None
    problems.extend(own)
    return LogPolicy(resource.address, resource.deployment, policy, resource.location)


def read_archiving(resource: Resource, holes: Holes) -> Iterator[Archiving]:
    """Each rule that is on and moves objects to an archive that snapshots cannot be restored from."""
    rules = [found for path in _RULES if (found := setting(resource, path)) is not None]
    if not rules:
        return
    arn = setting(resource, "arn")
    name = words(arn, holes).rpartition(":::")[2] if arn is not None else ""
    name = name or words(setting(resource, "bucket"), holes) or words(setting(resource, "bucketname"), holes)
    for rule in (one for found in rules for one in found.items):
        status, enabled = entry(rule, "status"), entry(rule, "enabled")
        if (status is not None and status.text == "Disabled") or (
            enabled is not None and enabled.data is False
        ):
            continue
        for transition in _transitions(rule):
            storage = entry(transition, "storageclass")
            if storage is not None and storage.text in _ARCHIVES:
                yield Archiving(
                    resource.address, resource.deployment, name, storage.text or "", storage.location
                )


def _transitions(rule: Value) -> Iterator[Value]:
    for path in _TRANSITIONS:
        found = entry(rule, path)
        yield from found.items if found is not None else ()
