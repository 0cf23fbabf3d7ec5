"""Domains of OpenSearch Service and Elasticsearch Service, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elasticsearch_domain
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchservice-domain.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from osreach.access.domain import (
    AttachedPolicy,
    Domain,
    Engine,
    EngineKind,
    FineGrainedAccess,
    LogPublishing,
)
from osreach.access.network import Exposure, GroupReference, SecurityGroup
from osreach.access.setting import Setting
from osreach.extract.attribute import boolean, boolean_of, find, text, with_holes
from osreach.extract.network import referenced
from osreach.extract.policy import read_policy
from osreach.iac.resource import Inputs, Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Unknown, unknowns_of


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the settings of a domain."""

    policy: str
    name: str
    engine: str
    fine_grained: str
    internal_users: str
    anonymous: str
    master_arn: str
    master_name: str
    https_only: str
    tls_policy: str
    encrypted_at_rest: str
    encryption_key: str
    encrypted_between_nodes: str
    network: str
    subnets: str
    security_groups: str
    options: str
    cognito: str
    https_without_setting: bool


_TERRAFORM = _Names(
    policy="access_policies",
    name="domain_name",
    engine="engine_version",
    fine_grained="advanced_security_options.enabled",
    internal_users="advanced_security_options.internal_user_database_enabled",
    anonymous="advanced_security_options.anonymous_auth_enabled",
    master_arn="advanced_security_options.master_user_options.master_user_arn",
    master_name="advanced_security_options.master_user_options.master_user_name",
    https_only="domain_endpoint_options.enforce_https",
    tls_policy="domain_endpoint_options.tls_security_policy",
    encrypted_at_rest="encrypt_at_rest.enabled",
    encryption_key="encrypt_at_rest.kms_key_id",
    encrypted_between_nodes="node_to_node_encryption.enabled",
    network="vpc_options",
    subnets="vpc_options.subnet_ids",
    security_groups="vpc_options.security_group_ids",
    options="advanced_options",
    cognito="cognito_options.enabled",
    # the provider sends true for a `domain_endpoint_options` block that does not say
    https_without_setting=True,
)

_CLOUDFORMATION = _Names(
    policy="AccessPolicies",
    name="DomainName",
    engine="EngineVersion",
    fine_grained="AdvancedSecurityOptions.Enabled",
    internal_users="AdvancedSecurityOptions.InternalUserDatabaseEnabled",
    anonymous="AdvancedSecurityOptions.AnonymousAuthEnabled",
    master_arn="AdvancedSecurityOptions.MasterUserOptions.MasterUserARN",
    master_name="AdvancedSecurityOptions.MasterUserOptions.MasterUserName",
    https_only="DomainEndpointOptions.EnforceHTTPS",
    tls_policy="DomainEndpointOptions.TLSSecurityPolicy",
    encrypted_at_rest="EncryptionAtRestOptions.Enabled",
    encryption_key="EncryptionAtRestOptions.KmsKeyId",
    encrypted_between_nodes="NodeToNodeEncryptionOptions.Enabled",
    network="VPCOptions",
    subnets="VPCOptions.SubnetIds",
    security_groups="VPCOptions.SecurityGroupIds",
    options="AdvancedOptions",
    cognito="CognitoOptions.Enabled",
    https_without_setting=False,
)

_OLD_ENGINE = {"engine_version": "elasticsearch_version", "EngineVersion": "ElasticsearchVersion"}

_DOMAINS: Mapping[str, tuple[EngineKind, _Names]] = {
    "aws_opensearch_domain": (EngineKind.OPENSEARCH, _TERRAFORM),
    "aws_elasticsearch_domain": (EngineKind.ELASTICSEARCH, _TERRAFORM),
    "AWS::OpenSearchService::Domain": (EngineKind.OPENSEARCH, _CLOUDFORMATION),
    "AWS::Elasticsearch::Domain": (EngineKind.ELASTICSEARCH, _CLOUDFORMATION),
}

_POLICIES: Mapping[str, _Names] = {
    "aws_opensearch_domain_policy": _TERRAFORM,
    "aws_elasticsearch_domain_policy": _TERRAFORM,
    # what the AWS CDK writes where a policy names its own domain
    "Custom::OpenSearchAccessPolicy": _CLOUDFORMATION,
}

_SAML = frozenset({"aws_opensearch_domain_saml_options", "aws_elasticsearch_domain_saml_options"})

TYPES = frozenset(_DOMAINS) | frozenset(_POLICIES) | _SAML
"""The resource types that this module reads."""

_ADDRESS = re.compile(r"(?P<module>.*\.)?[A-Za-z0-9_]+\.[A-Za-z0-9_-]+(?:\[.*\])?", re.DOTALL)

_EXPLICIT_INDEX = "rest.action.multi.allow_explicit_index"
_CLAUSE_LIMIT = "indices.query.bool.max_clause_count"

ACCOUNT = "data.aws_caller_identity.current.account_id"
REGION = "data.aws_region.current.name"
PARTITION = "data.aws_partition.current.partition"
"""What readers call the account, region and partition that nothing in the code tells."""

SHOWN = {ACCOUNT: "<account>", REGION: "<region>", PARTITION: "<partition>"}
"""How these are written for people, in whichever language the code is."""

_OF_THE_DEPLOYMENT = frozenset(SHOWN)


@dataclass(frozen=True, slots=True)
class DomainReading:
    """Domains, and what could not be read of their policies."""

    domains: tuple[Domain, ...]
    problems: tuple[Problem, ...] = ()


def read_domains(
    resources: Iterable[Resource],
    groups: Mapping[tuple[str, str], SecurityGroup],
    inputs: Inputs,
    holes: Holes,
) -> DomainReading:
    """Every domain with its policies, wherever they are attached.

    An empty text is no policy, as Terraform's provider takes it: modules write
    `join("", data.aws_iam_policy_document.access[*].json)`.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/opensearch/domain.go
    A separate policy belongs to the domain of its deployment whose name it
    carries, be it by reference or as text. One that belongs to no domain in the
    code is judged alone, as a domain of which nothing else is known.
    """
    listed = tuple(resources)
    problems: list[Problem] = []
    domains: list[Domain] = []
    attached = _separate_policies(listed, holes, problems)
    claimed: set[str] = set()
    saml = _saml_domains(listed, holes)
    addresses = {resource.address for resource in listed}
    ambiguous = _used_twice(listed, holes)
    for resource in listed:
        known = _DOMAINS.get(resource.type)
        if known is None or _is_data(resource):
            continue
        kind, names = known
        name = _name(resource, names, holes)
        policies: list[AttachedPolicy] = []
        inline = resource.get(names.policy)
        if inline is not None and inline.text != "":
            reading = read_policy(inline, PolicyKind.RESOURCE, resource.address, names.policy, holes)
            problems.extend(reading.problems)
            policies.append(reading.policy)
        for owner, deployment, target, reference, policy in attached:
            same = reference == resource.address if reference in addresses else target == name
            if same and name in ambiguous and _module(owner) != _module(resource.address):
                same = False  # two modules call their domains alike: each policy belongs to its own module's
            if deployment == resource.deployment and same:
                claimed.add(f"{deployment}\0{owner}")
                policies.append(policy)
        is_saml = (resource.deployment, name) in saml
        domains.append(_domain(resource, kind, names, name, policies, is_saml, groups, inputs, holes))
    for owner, deployment, target, _, policy in attached:
        if f"{deployment}\0{owner}" not in claimed:
            domains.append(_unseen_domain(owner, deployment, target, policy, inputs, holes))
    return DomainReading(tuple(domains), tuple(problems))


def unknowns_in(resource: Resource) -> Iterator[tuple[Unknown, Location]]:
    """What the files do not tell of a domain or its policy, where it could matter.

    The account, Region and partition stand for themselves, and of what AWS
    gives only at deployment (ids of subnets) only policies care.
    """
    attributes = resource.attributes.data
    for name, value in attributes.entries.items() if isinstance(attributes, Object) else ():
        in_policy = name in (_TERRAFORM.policy, _CLOUDFORMATION.policy)
        for unknown, location in unknowns_of(value):
            if unknown.expression not in _OF_THE_DEPLOYMENT and (in_policy or not unknown.resource):
                yield unknown, location


def _is_data(resource: Resource) -> bool:
    """Whether the code only looks the domain up."""
    return resource.address.startswith("data.") or ".data." in resource.address


def _used_twice(resources: Iterable[Resource], holes: Holes) -> frozenset[str]:
    """The names that several domains bear."""
    seen: set[str] = set()
    twice: set[str] = set()
    for resource in resources:
        if resource.type in _DOMAINS and not _is_data(resource):
            name = _name(resource, _DOMAINS[resource.type][1], holes)
            (twice if name in seen else seen).add(name)
    return frozenset(twice)


def _module(address: str) -> str:
    """The part of an address that names the module instance, empty for the root module."""
    found = _ADDRESS.fullmatch(address)
    return (found.group("module") or "") if found else ""


def _name(resource: Resource, names: _Names, holes: Holes) -> str:
    """The domain's name, a hole where AWS or an unknown gives it."""
    value, _ = find(resource, names.name)
    if value is None:
        return holes.hole(f"{resource.address}.{names.name}")
    return with_holes(value, holes)


def _separate_policies(
    resources: Iterable[Resource], holes: Holes, problems: list[Problem]
) -> tuple[tuple[str, str, str, str | None, AttachedPolicy], ...]:
    """Owner, deployment, domain name, referenced domain and policy of each policy resource."""
    found: list[tuple[str, str, str, str | None, AttachedPolicy]] = []
    for resource in resources:
        names = _POLICIES.get(resource.type)
        if names is None or _is_data(resource):
            continue
        body = resource.get(names.policy)
        target = resource.get(names.name)
        if body is None or target is None:
            continue
        reading = read_policy(body, PolicyKind.RESOURCE, resource.address, names.policy, holes)
        problems.extend(reading.problems)
        found.append(
            (
                resource.address,
                resource.deployment,
                with_holes(target, holes),
                referenced(target),
                reading.policy,
            )
        )
    return tuple(found)


def _saml_domains(resources: Iterable[Resource], holes: Holes) -> frozenset[tuple[str, str]]:
    """Deployment and name of each domain whose SAML options stand in a resource of their own."""
    found: set[tuple[str, str]] = set()
    for resource in resources:
        if resource.type in _SAML:
            target = resource.get("domain_name")
            enabled = boolean(resource, "saml_options.enabled", default=True)
            if target is not None and enabled.may_be(value=True):
                found.add((resource.deployment, with_holes(target, holes)))
    return frozenset(found)


def _domain(
    resource: Resource,
    kind: EngineKind,
    names: _Names,
    name: str,
    policies: list[AttachedPolicy],
    is_saml: bool,  # noqa: FBT001 - one fact of the domain among others
    groups: Mapping[tuple[str, str], SecurityGroup],
    inputs: Inputs,
    holes: Holes,
) -> Domain:
    exposure, network_location = _exposure(resource, names)
    partition, region, account = _place(inputs, holes, resource)
    endpoint_options, _ = find(resource, names.https_only.partition(".")[0])
    https_default = names.https_without_setting and endpoint_options is not None
    explicit, explicit_is_text = _explicit_index(resource, names)
    saml = Setting(is_saml, resource.location, written=is_saml)
    if names is _CLOUDFORMATION:
        saml = boolean(resource, "AdvancedSecurityOptions.SAMLOptions.Enabled", default=False)
    return Domain(
        address=resource.address,
        deployment=resource.deployment,
        name=name,
        partition=partition,
        region=region,
        account=account,
        location=resource.location,
        engine=_engine(resource, kind, names),
        exposure=exposure,
        network_location=network_location,
        security_groups=_groups(resource, names, groups),
        policies=tuple(policies),
        fine_grained=FineGrainedAccess(
            enabled=boolean(resource, names.fine_grained, default=False),
            internal_users=boolean(resource, names.internal_users, default=False),
            anonymous=boolean(resource, names.anonymous, default=False),
            master_arn=text(resource, names.master_arn, None, holes),
            master_name=text(resource, names.master_name, None, holes),
        ),
        encrypted_at_rest=boolean(resource, names.encrypted_at_rest, default=False),
        encryption_key=text(resource, names.encryption_key, None, holes),
        encrypted_between_nodes=boolean(resource, names.encrypted_between_nodes, default=False),
        https_only=boolean(resource, names.https_only, default=https_default),
        tls_policy=_plain(resource, names.tls_policy),
        explicit_index=explicit,
        explicit_index_is_text=explicit_is_text,
        cognito=boolean(resource, names.cognito, default=False),
        saml=saml,
        logs=_logs(resource),
        clause_limit=_clause_limit(resource, names, holes),
    )


def _place(inputs: Inputs, holes: Holes, resource: Resource) -> tuple[str, str, str]:
    """Partition, region and account of a resource, from its own exported ARN where the reader knows it."""
    arn = resource.get("arn")
    known = with_holes(arn, holes).split(":") if arn is not None else []
    whole_arn = 6
    if len(known) >= whole_arn and known[0] == "arn":
        return known[1], known[3], known[4]
    return (
        inputs.partition or holes.hole(PARTITION),
        inputs.region or holes.hole(REGION),
        inputs.account or holes.hole(ACCOUNT),
    )


def _exposure(resource: Resource, names: _Names) -> tuple[Exposure, Location]:
    """Public or in a VPC; the switch is whether subnets are given.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
    """
    options, location = find(resource, names.network)
    if options is None:
        return Exposure.PUBLIC, resource.location
    only = options.items[0] if options.items else options
    if isinstance(only.data, Unknown):
        return Exposure.UNKNOWN, location
    subnets, _ = find(resource, names.subnets)
    if subnets is None:
        unsure = isinstance(only.data, Object) and bool(only.data.rest)
        return (Exposure.UNKNOWN if unsure else Exposure.PUBLIC), location
    # subnets are written down; which ones they are does not matter
    return Exposure.VPC, location


def _groups(
    resource: Resource, names: _Names, groups: Mapping[tuple[str, str], SecurityGroup]
) -> tuple[GroupReference, ...]:
    value, _ = find(resource, names.security_groups)
    found: list[GroupReference] = []
    for item in value.items if value is not None else ():
        address = referenced(item)
        group = groups.get((resource.deployment, address)) if address else None
        if group is not None:
            found.append(group)
        elif isinstance(item.data, Unknown):
            found.append(item.data)
        else:
            found.append(Unknown(item.text or "security group", "it is not in the scanned files"))
    return tuple(found)


def _engine(resource: Resource, kind: EngineKind, names: _Names) -> Setting[Engine | None]:
    old = _OLD_ENGINE[names.engine]
    value, location = find(resource, names.engine)
    if value is None:
        value, location = find(resource, old)
    if value is None:
        return Setting(None, location, written=False)
    if isinstance(value.data, Unknown):
        return Setting(value.data, location)
    written = value.text if value.text is not None else str(value.data)
    parts = re.fullmatch(r"(?:(OpenSearch|Elasticsearch)_)?([0-9]+(?:\.[0-9]+)*)", written)
    if parts is None:
        return Setting(Unknown(written, "it is no engine version"), location)
    named = EngineKind(parts.group(1)) if parts.group(1) else kind
    version = tuple(int(number) for number in parts.group(2).split("."))
    return Setting(Engine(named, version), location)


def _explicit_index(resource: Resource, names: _Names) -> tuple[Setting[bool], bool]:
    """The advanced option that lets requests name indexes in their body, and whether it is text.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    options, location = find(resource, names.options)
    found = options.get(_EXPLICIT_INDEX) if options is not None else None
    if found is None or found.data is None:
        return Setting(value=True, location=location, written=False), True
    match found.data:
        case bool() as flag:
            # CloudFormation turns every option into text
            return Setting(flag, found.location), names is _CLOUDFORMATION
        case _:
            return Setting(boolean_of(found), found.location), True


def _clause_limit(resource: Resource, names: _Names, holes: Holes) -> Setting[str] | None:
    options, _ = find(resource, names.options)
    found = options.get(_CLAUSE_LIMIT) if options is not None else None
    if found is None or found.data is None:
        return None
    if isinstance(found.data, Unknown):
        return Setting(found.data, found.location)
    return Setting(with_holes(found, holes), found.location)


def _plain(resource: Resource, path: str) -> Setting[str]:
    """A text that is wholly known, or Unknown; empty where it is not written."""
    value, location = find(resource, path)
    if value is None:
        return Setting("", location, written=False)
    if value.text is not None:
        return Setting(value.text, location)
    unknown = value.data if isinstance(value.data, Unknown) else Unknown(path, "only a part of it is known")
    return Setting(unknown, location)


def _logs(resource: Resource) -> tuple[LogPublishing, ...]:
    found: list[LogPublishing] = []
    for block in resource.blocks("log_publishing_options"):
        kind = block.get("log_type")
        enabled = block.get("enabled")
        switch: Setting[bool] = Setting(value=True, location=block.location, written=False)
        if enabled is not None and enabled.data is not None:
            switch = Setting(boolean_of(enabled), enabled.location)
        name: str | Unknown = Unknown("log_type", "it is not known")
        if kind is not None:
            name = kind.text or (kind.data if isinstance(kind.data, Unknown) else name)
        found.append(LogPublishing(name, switch, block.location))
    found.extend(_logs_by_kind(resource))
    return tuple(found)


def _logs_by_kind(resource: Resource) -> Iterator[LogPublishing]:
    """CloudFormation's mapping from the kind of log to its options.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-opensearchservice-domain-logpublishingoption.html
    """
    options = resource.get("LogPublishingOptions")
    if options is None or not isinstance(options.data, Object):
        return
    for kind, option in options.data.entries.items():
        enabled = option.get("Enabled")
        unwritten = Unknown(
            f"{kind}.Enabled", "the documentation does not say what holds where it is not written"
        )
        switch: Setting[bool] = Setting(unwritten, option.location, written=False)
        if enabled is not None and enabled.data is not None:
            switch = boolean(resource, f"LogPublishingOptions.{kind}.Enabled", default=True)
        yield LogPublishing(kind, switch, option.location)


def _unseen_domain(
    owner: str, deployment: str, name: str, policy: AttachedPolicy, inputs: Inputs, holes: Holes
) -> Domain:
    """A domain that only its policy tells of."""
    unseen = Unknown(holes.fill(name), "the domain is not in the scanned files")
    location = policy.location
    switch: Setting[bool] = Setting(unseen, location, written=False)
    words: Setting[str | None] = Setting(unseen, location, written=False)
    return Domain(
        address=owner,
        deployment=deployment,
        name=name,
        partition=inputs.partition or holes.hole(PARTITION),
        region=inputs.region or holes.hole(REGION),
        account=inputs.account or holes.hole(ACCOUNT),
        location=location,
        engine=Setting(unseen, location, written=False),
        exposure=Exposure.UNKNOWN,
        network_location=location,
        security_groups=(),
        policies=(policy,),
        fine_grained=FineGrainedAccess(switch, switch, switch, words, words),
        encrypted_at_rest=switch,
        encryption_key=words,
        encrypted_between_nodes=switch,
        https_only=switch,
        tls_policy=Setting(unseen, location, written=False),
        explicit_index=switch,
        explicit_index_is_text=True,
        cognito=switch,
        saml=switch,
        logs=(),
    )
