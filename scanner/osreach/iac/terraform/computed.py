"""The attributes that resources export, as far as they follow from what is written.

An ARN is a pattern of partition, region, account and a name; whatever of these
is not known stays unknown, the rest is known. Source: the "Attribute Reference"
of each resource, https://registry.terraform.io/providers/hashicorp/aws/latest/docs,
and https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from osreach.iac.terraform.provider import ACCOUNT, Facts
from osreach.iac.terraform.rendering import joined, text_parts
from osreach.location import Location
from osreach.value import Data, Json, Object, Text, TextPart, Unknown, Value


class Exporter(Protocol):
    """The instance of a resource or data source whose attributes are asked for."""

    @property
    def address(self) -> str:
        """The full address."""

    @property
    def facts(self) -> Facts:
        """Where it lives."""

    def written(self, name: str) -> Value | None:
        """The argument `name`, None where it is not written or null."""


# `{name}` is an argument, or an unknown where it is not written; `{name|text}`
# is `text` where it is not written; `{!name}` is never known before the plan.
_DOMAIN = {
    "arn": "arn:{partition}:es:{region}:{account}:domain/{domain_name}",
    "id": "arn:{partition}:es:{region}:{account}:domain/{domain_name}",
    "domain_id": "{account}/{domain_name}",
    "endpoint": "{!endpoint}",
    "dashboard_endpoint": "{!endpoint}/_dashboards",
    "kibana_endpoint": "{!endpoint}/_plugin/kibana/",
}
_DOMAIN_PART = {"id": "esd-policy-{domain_name}"}
_BUCKET = {
    "arn": "arn:{partition}:s3:::{bucket}",
    "id": "{bucket}",
    "bucket_domain_name": "{bucket}.s3.amazonaws.com",
}
_KEY = {
    "arn": "arn:{partition}:kms:{region}:{account}:key/{!key_id}",
    "key_arn": "arn:{partition}:kms:{region}:{account}:key/{!key_id}",
    "id": "{!key_id}",
    "key_id": "{!key_id}",
}

_COLLECTION = {
    "arn": "arn:{partition}:aoss:{region}:{account}:collection/{!id}",
    "collection_endpoint": "https://{!id}.{region}.aoss.amazonaws.com",
    "dashboard_endpoint": "https://{!id}.{region}.aoss.amazonaws.com/_dashboards",
}

_RESOURCES: Mapping[str, Mapping[str, str]] = {
    "aws_opensearch_domain": _DOMAIN,
    "aws_elasticsearch_domain": _DOMAIN,
    "aws_opensearch_domain_policy": _DOMAIN_PART,
    "aws_elasticsearch_domain_policy": _DOMAIN_PART,
    "aws_iam_role": {
        "arn": "arn:{partition}:iam::{account}:role{path|/}{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_iam_user": {
        "arn": "arn:{partition}:iam::{account}:user{path|/}{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_iam_group": {
        "arn": "arn:{partition}:iam::{account}:group{path|/}{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_iam_policy": {
        "arn": "arn:{partition}:iam::{account}:policy{path|/}{name}",
        "id": "arn:{partition}:iam::{account}:policy{path|/}{name}",
        "name": "{name}",
    },
    "aws_iam_instance_profile": {
        "arn": "arn:{partition}:iam::{account}:instance-profile{path|/}{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_iam_saml_provider": {
        "arn": "arn:{partition}:iam::{account}:saml-provider/{name}",
        "id": "arn:{partition}:iam::{account}:saml-provider/{name}",
    },
    "aws_kms_key": _KEY,
    "aws_kms_replica_key": _KEY,
    "aws_kms_external_key": _KEY,
    "aws_kms_alias": {
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_s3_bucket": {**_BUCKET, "bucket": "{bucket}"},
    "aws_lambda_function": {
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
        "id": "{function_name}",
    },
    "aws_sns_topic": {
        "arn": "arn:{partition}:sns:{region}:{account}:{name}",
        "id": "arn:{partition}:sns:{region}:{account}:{name}",
        "name": "{name}",
    },
    "aws_sqs_queue": {
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
        "id": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "name": "{name}",
    },
    "aws_cloudwatch_log_group": {
        "arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
        "id": "{name}",
        "name": "{name}",
    },
    "aws_kinesis_firehose_delivery_stream": {
        "arn": "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
        "id": "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
    },
    "aws_kinesis_stream": {
        "arn": "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
        "id": "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
    },
    "aws_dynamodb_table": {
        "arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
        "id": "{name}",
    },
    "aws_osis_pipeline": {
        "pipeline_arn": "arn:{partition}:osis:{region}:{account}:pipeline/{pipeline_name}",
        "id": "{pipeline_name}",
    },
    "aws_opensearchserverless_collection": _COLLECTION,
    "awscc_opensearchserverless_collection": _COLLECTION,
    "aws_opensearchserverless_security_config": {"id": "{type}/{account}/{name}"},
    "awscc_opensearchserverless_security_config": {
        "id": "{type}/{account}/{name}",
        "security_config_id": "{type}/{account}/{name}",
    },
    "aws_cognito_user_pool": {
        "arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{!id}",
        "endpoint": "cognito-idp.{region}.amazonaws.com/{!id}",
    },
    "aws_cognito_identity_pool": {
        "arn": "arn:{partition}:cognito-identity:{region}:{account}:identitypool/{!id}",
    },
    "aws_security_group": {"arn": "arn:{partition}:ec2:{region}:{account}:security-group/{!id}"},
    "aws_vpc": {"arn": "arn:{partition}:ec2:{region}:{account}:vpc/{!id}"},
    "aws_subnet": {"arn": "arn:{partition}:ec2:{region}:{account}:subnet/{!id}"},
    "aws_vpc_endpoint": {"arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{!id}"},
    "aws_sfn_state_machine": {"arn": "arn:{partition}:states:{region}:{account}:stateMachine:{name}"},
    "aws_eks_cluster": {
        "arn": "arn:{partition}:eks:{region}:{account}:cluster/{name}",
        "id": "{name}",
    },
    "terraform_data": {"output": "{input}"},
    # What is made inside a cluster is known by its name, see the `id` of each resource in
    # https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs and
    # https://registry.terraform.io/providers/phillbaker/elasticsearch/latest/docs
    **{
        f"{provider}_{kind}": {"id": f"{{{name}}}"}
        for provider in ("opensearch", "elasticsearch_opensearch", "elasticsearch_opendistro")
        for kind, name in (
            ("role", "role_name"),
            ("roles_mapping", "role_name"),
            ("user", "username"),
            ("dashboard_tenant", "tenant_name"),
            ("kibana_tenant", "tenant_name"),
        )
    },
    **{
        f"{provider}_{kind}": {"id": "{name}"}
        for provider in ("opensearch", "elasticsearch")
        for kind in ("index", "snapshot_repository", "index_template", "composable_index_template")
    },
}

_DATA: Mapping[str, Mapping[str, str]] = {
    "aws_caller_identity": {"account_id": "{account}", "id": "{account}"},
    "aws_region": {"name": "{region}", "id": "{region}", "region": "{region}"},
    "aws_partition": {"partition": "{partition}", "id": "{partition}", "dns_suffix": "{dns_suffix}"},
    "aws_iam_role": {
        "arn": "arn:{partition}:iam::{account}:role{!path}{name}",
        "id": "{name}",
    },
    "aws_iam_user": {
        "arn": "arn:{partition}:iam::{account}:user{!path}{user_name}",
        "id": "{!user_id}",
    },
    "aws_iam_policy": {"arn": "{arn}", "id": "{arn}"},
    "aws_iam_instance_profile": {
        "arn": "arn:{partition}:iam::{account}:instance-profile{!path}{name}",
    },
    "aws_opensearch_domain": _DOMAIN,
    "aws_elasticsearch_domain": _DOMAIN,
    "aws_opensearchserverless_collection": {
        "arn": "arn:{partition}:aoss:{region}:{account}:collection/{id}",
        "collection_endpoint": "https://{id}.{region}.aoss.amazonaws.com",
        "dashboard_endpoint": "https://{id}.{region}.aoss.amazonaws.com/_dashboards",
    },
    "aws_kms_alias": {
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "id": "arn:{partition}:kms:{region}:{account}:{name}",
        "target_key_arn": "arn:{partition}:kms:{region}:{account}:key/{!target_key_id}",
    },
    "aws_s3_bucket": _BUCKET,
    "aws_lambda_function": {
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
    },
    "aws_sns_topic": {"arn": "arn:{partition}:sns:{region}:{account}:{name}"},
    "aws_sqs_queue": {"arn": "arn:{partition}:sqs:{region}:{account}:{name}"},
    "aws_cloudwatch_log_group": {"arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"},
    "aws_security_group": {"arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}"},
}

_FIELD = re.compile(r"\{(?P<never>!?)(?P<name>\w+)(?:\|(?P<default>[^}]*))?\}")
_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
}


def after_apply(exporter: Exporter, name: str) -> Unknown:
    """The unknown that stands for an attribute nobody can know before the plan is applied."""
    address = exporter.address
    last = address.rsplit(".data.", 1)[-1]
    if address.startswith("data.") or last != address:
        return Unknown(f"{address}.{name}", "read when Terraform runs", address)
    return Unknown(f"{address}.{name}", "known after apply", address)


def _suffix(facts: Facts) -> str | Unknown:
    if isinstance(facts.partition, Unknown):
        return Unknown("data.aws_partition.current.dns_suffix", facts.partition.reason)
    return _SUFFIXES.get(facts.partition) or Unknown(
        "data.aws_partition.current.dns_suffix", "the partition is not known to osreach"
    )


def _field(found: re.Match[str], exporter: Exporter, location: Location) -> Iterator[TextPart]:
    name = found["name"]
    facts = exporter.facts
    standing = {
        "account": facts.account,
        "region": facts.region,
        "partition": facts.partition,
        "dns_suffix": _suffix(facts),
    }.get(name)
    if standing is not None:
        yield TextPart(standing, location)
        return
    written = None if found["never"] else exporter.written(name)
    if written is not None and isinstance(written.data, tuple | Object):
        written = None  # no name at all; whoever reads the resource will say so
    if written is not None:
        yield from text_parts(written, location)
        return
    if found["default"] is not None:
        yield TextPart(found["default"], location)
        return
    prefix = None if found["never"] else exporter.written(f"{name}_prefix")
    if prefix is not None:
        yield from text_parts(prefix, location)
    yield TextPart(after_apply(exporter, name), location)


def exported(kind: str, name: str, exporter: Exporter, location: Location, *, data: bool) -> Data:
    """The attribute `name` that an instance of the type `kind` exports, known as far as it can be.

    `location` is where it is asked for. Arguments that are written are not
    looked at here, apart from what the attribute is made of.
    """
    if kind == "aws_iam_openid_connect_provider" and not data and name in {"arn", "id"}:
        return _oidc(exporter, location)
    if data and kind == "aws_caller_identity" and name in {"arn", "user_id"}:
        account = exporter.facts.account
        if isinstance(account, Unknown) and account != ACCOUNT:
            return Unknown(account.expression.removesuffix("account_id") + name, account.reason)
        return Unknown(f"data.aws_caller_identity.current.{name}", "who runs Terraform is not known")
    if data and kind == "aws_iam_policy" and name in {"arn", "id"} and exporter.written("arn") is None:
        return after_apply(exporter, "arn")
    if kind == "terraform_data" and name == "output":
        given = exporter.written("input")
        return after_apply(exporter, name) if given is None else given.data
    pattern = (_DATA if data else _RESOURCES).get(kind, {}).get(name)
    if pattern is None:
        return after_apply(exporter, name)
    parts: list[TextPart] = []
    position = 0
    for found in _FIELD.finditer(pattern):
        parts.append(TextPart(pattern[position : found.start()], location))
        parts += _field(found, exporter, location)
        position = found.end()
    parts.append(TextPart(pattern[position:], location))
    return joined(parts)


def _oidc(exporter: Exporter, location: Location) -> Data:
    url = exporter.written("url")
    parts = [
        TextPart("arn:", location),
        TextPart(exporter.facts.partition, location),
        TextPart(":iam::", location),
        TextPart(exporter.facts.account, location),
        TextPart(":oidc-provider/", location),
    ]
    match None if url is None else url.data:
        case str() as text:
            parts.append(TextPart(text.removeprefix("https://"), location))
        case Text((first, *others)) if isinstance(first.text, str) and first.text.startswith("https://"):
            parts.append(TextPart(first.text.removeprefix("https://"), location))
            parts += others
        case Json() | None:
            parts.append(TextPart(after_apply(exporter, "url"), location))
        case _:
            parts.append(TextPart(Unknown(f"{exporter.address}.host", "known after apply"), location))
    return joined(parts)


def names_of(kind: str, *, data: bool) -> tuple[str, ...]:
    """The exported attributes of a type that are known at least in part."""
    return tuple((_DATA if data else _RESOURCES).get(kind, {}))
