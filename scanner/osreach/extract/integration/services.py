"""Services that name a role and an endpoint: IoT rules, DMS, AppSync, QuickSight and Bedrock.

Sources:
https://docs.aws.amazon.com/iot/latest/developerguide/opensearch-rule-action.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Elasticsearch.html
https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-elasticsearch-resolvers.html
https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html
https://docs.aws.amazon.com/quicksight/latest/user/opensearch.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from osreach.access.integration import ClientKind, DestinationKind, Direction, SearchClient
from osreach.extract.integration.destination import Named, destination
from osreach.extract.integration.named import entry, setting, words
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Object, Value


@dataclass(frozen=True, slots=True)
class _Way:
    """Where one type of resource says what it reaches.

    `block` is the path of the settings (all elements of a list), `target` the
    first of which is written. `role` stands in the block, `outer_role` in the
    resource.
    """

    block: str
    target: tuple[str, ...]
    kind: DestinationKind = DestinationKind.DOMAIN
    role: str = ""
    outer_role: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True)
class _Service:
    kind: ClientKind
    principal: str
    direction: Direction
    ways: tuple[_Way, ...]


_TOPIC_RULE = _Service(
    ClientKind.TOPIC_RULE,
    "iot.amazonaws.com",
    Direction.WRITES,
    tuple(
        _Way(block, ("endpoint",), role="rolearn", index="index")
        for block in (
            "elasticsearch",
            "opensearch",
            "topicrulepayload.actions.elasticsearch",
            "topicrulepayload.actions.opensearch",
        )
    ),
)
_MIGRATION = _Service(
    ClientKind.MIGRATION,
    "dms.amazonaws.com",
    Direction.WRITES,
    (_Way("elasticsearchsettings", ("endpointuri",), role="serviceaccessrolearn"),),
)
_RESOLVER = _Service(
    ClientKind.RESOLVER,
    "appsync.amazonaws.com",
    Direction.EITHER,
    tuple(
        _Way(block, ("endpoint",), outer_role="servicerolearn")
        for block in ("opensearchserviceconfig", "elasticsearchconfig")
    ),
)
_DASHBOARD = _Service(
    ClientKind.DASHBOARD,
    "quicksight.amazonaws.com",
    Direction.READS,
    tuple(
        _Way(block, ("domain",))
        for block in (
            "parameters.amazonelasticsearch",
            "datasourceparameters.amazonelasticsearchparameters",
            "datasourceparameters.amazonopensearchparameters",
        )
    ),
)
_KNOWLEDGE_BASE = _Service(
    ClientKind.KNOWLEDGE_BASE,
    "bedrock.amazonaws.com",
    Direction.EITHER,
    (
        _Way(
            "storageconfiguration.opensearchserverlessconfiguration",
            ("collectionarn",),
            DestinationKind.COLLECTION,
            outer_role="rolearn",
            index="vectorindexname",
        ),
        _Way(
            "storageconfiguration.opensearchmanagedclusterconfiguration",
            ("domainarn", "domainendpoint"),
            outer_role="rolearn",
            index="vectorindexname",
        ),
    ),
)
_SERVICES: Mapping[str, _Service] = {
    "aws_iot_topic_rule": _TOPIC_RULE,
    "awscc_iot_topic_rule": _TOPIC_RULE,
    "AWS::IoT::TopicRule": _TOPIC_RULE,
    "aws_dms_endpoint": _MIGRATION,
    "awscc_dms_endpoint": _MIGRATION,
    "AWS::DMS::Endpoint": _MIGRATION,
    "aws_appsync_datasource": _RESOLVER,
    "awscc_appsync_data_source": _RESOLVER,
    "AWS::AppSync::DataSource": _RESOLVER,
    "aws_quicksight_data_source": _DASHBOARD,
    "awscc_quicksight_data_source": _DASHBOARD,
    "AWS::QuickSight::DataSource": _DASHBOARD,
    "aws_bedrockagent_knowledge_base": _KNOWLEDGE_BASE,
    "awscc_bedrock_knowledge_base": _KNOWLEDGE_BASE,
    "AWS::Bedrock::KnowledgeBase": _KNOWLEDGE_BASE,
}

TYPES = frozenset(_SERVICES)
"""The types of resources that this module reads."""


def read_service(resource: Resource, known: Named, holes: Holes) -> Iterator[SearchClient]:
    """Each cluster that the resource reaches."""
    service = _SERVICES[resource.type]
    for way in service.ways:
        for block in _blocks(resource.attributes, way.block.split(".")):
            role = entry(block, way.role) if way.role else None
            role = role if role is not None or not way.outer_role else setting(resource, way.outer_role)
            target = next((found for name in way.target if (found := entry(block, name)) is not None), None)
            index = words(entry(block, way.index), holes) if way.index else ""
            yield SearchClient(
                address=resource.address,
                deployment=resource.deployment,
                kind=service.kind,
                service=service.principal,
                direction=service.direction,
                role=words(role, holes),
                role_location=role.location if role is not None else resource.location,
                destination=destination(
                    target, resource, known, holes, kind=way.kind, index=index, place=block.location
                ),
                location=resource.location,
            )


def _blocks(value: Value, names: list[str]) -> Iterator[Value]:
    """The objects at a path, every element of the lists on the way."""
    for item in value.items:
        if not isinstance(item.data, Object):
            continue
        if not names:
            yield item
            continue
        inner = entry(Value(item.data, item.location), names[0])
        if inner is not None:
            yield from _blocks(inner, names[1:])
