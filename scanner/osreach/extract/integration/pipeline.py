"""Pipelines of OpenSearch Ingestion: their body, what they take data from and where they send it.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-config-reference.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-security-overview.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/osis_pipeline
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-osis-pipeline.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.integration import (
    ClientKind,
    Credential,
    DestinationKind,
    Direction,
    Pipeline,
    PipelineSource,
    SearchClient,
)
from osreach.access.setting import Setting
from osreach.extract.attached import read_attached
from osreach.extract.attribute import boolean_of, with_holes
from osreach.extract.integration.body import read_body
from osreach.extract.integration.destination import Named, destination
from osreach.extract.integration.named import entry, setting, words
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Text, Unknown, Value

TYPES = frozenset({"aws_osis_pipeline", "awscc_osis_pipeline", "AWS::OSIS::Pipeline"})
"""The types that are pipelines."""

SERVICE = "osis-pipelines.amazonaws.com"
"""The service that assumes a pipeline's role."""

_NO_PIPELINE = frozenset({"version", "extension", "pipeline_configurations", "circuit_breakers"})
_SECRETS = re.compile(
    r"(?:.*_)?(?:password|passphrase|secret_key|secret_access_key|access_key_id|access_key|aws_access_key"
    r"|api_key|client_secret|api_token|access_token|refresh_token)"
)
_REFERENCE = re.compile(r"\$?\{\{aws_(?:secrets|parameters?)[:_]")
_HIDDEN = "*"


def read_pipeline(
    resource: Resource, known: Named, holes: Holes, problems: list[Problem]
) -> tuple[Pipeline, tuple[SearchClient, ...]]:
    """The pipeline with every cluster that it writes to or reads from."""
    written = setting(resource, "pipelineconfigurationbody")
    inner: Value | None = None
    if written is not None:
        body = read_body(written, "pipeline_configuration_body", holes)
        problems.extend(body.problems)
        inner = body.value
    own = setting(resource, "pipelinerolearn")
    parts = tuple(_parts(inner)) if inner is not None else ()
    clients = tuple(_clients(resource, parts, own, known, holes))
    roles: dict[str, Location] = {}
    if own is not None:
        roles[with_holes(own, holes)] = own.location
    for part in parts:
        for role in _entries(part, "sts_role_arn"):
            roles.setdefault(with_holes(role, holes), role.location)
    policy = setting(resource, "resourcepolicy.policy")
    attached = None
    if policy is not None:
        attached = read_attached(policy, PolicyKind.RESOURCE, resource, "ResourcePolicy", holes, problems)
    name = setting(resource, "pipelinename")
    pipeline = Pipeline(
        address=resource.address,
        deployment=resource.deployment,
        name=words(name, holes) or holes.hole(f"{resource.address}.pipeline_name"),
        in_vpc=_in_vpc(resource),
        roles=tuple(roles.items()),
        sources=tuple(_sources(parts)),
        credentials=tuple(_credentials(inner)) if inner is not None else (),
        policy=attached,
        body_known=inner is not None and isinstance(inner.data, Object),
        location=resource.location,
    )
    return pipeline, clients


def _in_vpc(resource: Resource) -> Setting[bool]:
    options = setting(resource, "vpcoptions")
    if options is None:
        return Setting(value=False, location=resource.location, written=False)
    subnets = entry(options, "subnetids")
    if isinstance(options.data, Unknown):
        return Setting(options.data, options.location)
    return Setting(subnets is not None, options.location)


def _parts(body: Value) -> Iterator[Value]:
    """The pipelines of a body; a body of version 2 may be one itself."""
    if not isinstance(body.data, Object):
        return
    if "sink" in body.data.entries or "source" in body.data.entries:
        yield body
        return
    for name, part in body.data.entries.items():
        if name not in _NO_PIPELINE and isinstance(part.data, Object):
            yield part


def _sources(parts: tuple[Value, ...]) -> Iterator[PipelineSource]:
    for part in parts:
        source = part.get("source")
        match source.data if source is not None else None:
            case Object(entries):
                for name, plugin in entries.items():
                    yield PipelineSource(name, plugin.location)
            case str() as name if source is not None:
                yield PipelineSource(name, source.location)
            case _:
                continue


def _plugins(part: Value) -> Iterator[tuple[Direction, Value]]:
    """The settings of each OpenSearch plugin of a pipeline, and which way data goes."""
    source = part.get("source")
    reading = source.get("opensearch") if source is not None else None
    if reading is not None and isinstance(reading.data, Object):
        yield Direction.READS, reading
    sink = part.get("sink")
    for one in sink.items if sink is not None else ():
        writing = one.get("opensearch")
        if writing is not None and isinstance(writing.data, Object):
            yield Direction.WRITES, writing


def _clients(
    resource: Resource, parts: tuple[Value, ...], own: Value | None, known: Named, holes: Holes
) -> Iterator[SearchClient]:
    for part in parts:
        for direction, plugin in _plugins(part):
            aws = plugin.get("aws")
            hosts = plugin.get("hosts")
            first = hosts.items[0] if hosts is not None and hosts.items else None
            serverless = entry(aws, "serverless") if aws is not None else None
            kind = DestinationKind.DOMAIN
            if serverless is not None:
                told = boolean_of(serverless)
                kind = DestinationKind.COLLECTION if told is True else kind
                kind = DestinationKind.UNKNOWN if isinstance(told, Unknown) else kind
            role = aws.get("sts_role_arn") if aws is not None else None
            role = role if role is not None and role.data is not None else own
            index = plugin.get("index")
            yield SearchClient(
                address=resource.address,
                deployment=resource.deployment,
                kind=ClientKind.PIPELINE,
                service=SERVICE,
                direction=direction,
                role=words(role, holes),
                role_location=role.location if role is not None else resource.location,
                destination=destination(
                    first,
                    resource,
                    known,
                    holes,
                    kind=kind,
                    index=words(index, holes) if index is not None else "",
                    place=plugin.location,
                ),
                location=resource.location,
            )


def _entries(value: Value, name: str) -> Iterator[Value]:
    """The values of every entry `name`, at any depth."""
    match value.data:
        case Object(entries):
            for key, inner in entries.items():
                if key == name and inner.data is not None:
                    yield inner
                else:
                    yield from _entries(inner, name)
        case tuple() as items:
            for item in items:
                yield from _entries(item, name)
        case _:
            return


def _credentials(value: Value) -> Iterator[Credential]:
    match value.data:
        case Object(entries):
            for name, inner in entries.items():
                if _SECRETS.fullmatch(name.lower()) and isinstance(inner.data, str | Text | Unknown | int):
                    yield from _credential(name, inner)
                else:
                    yield from _credentials(inner)
        case tuple() as items:
            for item in items:
                yield from _credentials(item)
        case _:
            return


def _credential(name: str, value: Value) -> Iterator[Credential]:
    """The value of a secret, unless it names one that is kept elsewhere."""
    known = "".join(
        part.text if isinstance(part.text, str) else ""
        for part in (value.data.parts if isinstance(value.data, Text) else ())
    )
    text = value.data if isinstance(value.data, str) else known
    if _REFERENCE.match(text.strip()) or value.data == "" or (text and not text.strip(_HIDDEN)):
        return
    unknown = value.data if isinstance(value.data, Unknown) else None
    if isinstance(value.data, Text) and value.data.unknowns:
        unknown = value.data.unknowns[0]
    yield Credential(name, unknown, value.location)
