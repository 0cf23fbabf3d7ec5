"""The size and the tags of domains, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchservice-domain.html
"""

from __future__ import annotations

from collections.abc import Iterable

from osreach.access.setting import Setting
from osreach.access.upkeep import Upkeep
from osreach.extract.attribute import boolean, find
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.value import Object, Unknown

_DOMAINS = {
    "aws_opensearch_domain": "cluster_config",
    "aws_elasticsearch_domain": "cluster_config",
    "AWS::OpenSearchService::Domain": "ClusterConfig",
    "AWS::Elasticsearch::Domain": "ElasticsearchClusterConfig",
}
_TERRAFORM = (
    "instance_count",
    "zone_awareness_enabled",
    "dedicated_master_enabled",
    "dedicated_master_count",
)
_CLOUDFORMATION = ("InstanceCount", "ZoneAwarenessEnabled", "DedicatedMasterEnabled", "DedicatedMasterCount")


def read_upkeep(resources: Iterable[Resource]) -> tuple[Upkeep, ...]:
    """Of every domain, one where nothing is written counting as the services take it: one node, no masters."""
    return tuple(
        _upkeep(resource, _DOMAINS[resource.type])
        for resource in resources
        if resource.type in _DOMAINS and not is_data(resource)
    )


def _upkeep(resource: Resource, block: str) -> Upkeep:
    terraform = resource.type.startswith("aws_")
    nodes, aware, masters, count = _TERRAFORM if terraform else _CLOUDFORMATION
    mastered = boolean(resource, f"{block}.{masters}", default=False)
    number = _number(resource, f"{block}.{count}", 0)
    if isinstance(mastered.value, Unknown):
        number = Setting(mastered.value, mastered.location)
    elif not mastered.value:
        number = Setting(0, mastered.location, written=mastered.written)
    return Upkeep(
        resource.address,
        resource.deployment,
        _number(resource, f"{block}.{nodes}", 1),
        boolean(resource, f"{block}.{aware}", default=False),
        number,
        _tagged(resource, "tags" if terraform else "Tags"),
        resource.location,
    )


def _number(resource: Resource, path: str, default: int) -> Setting[int]:
    value, location = find(resource, path)
    if value is None:
        return Setting(default, location, written=False)
    if isinstance(value.data, int | float):
        return Setting(int(value.data), location)
    if value.text is not None and value.text.isdigit():
        return Setting(int(value.text), location)
    unknown = value.data if isinstance(value.data, Unknown) else Unknown(path, "it is no number")
    return Setting(unknown, location)


def _tagged(resource: Resource, name: str) -> Setting[bool]:
    """Whether it bears a tag. The provider's own `default_tags` stand in another place and are not seen here."""
    found = resource.get(name)
    if found is None:
        return Setting(value=False, location=resource.location, written=False)
    match found.data:
        case Unknown() as unknown:
            return Setting(unknown, found.location)
        case Object(entries, rest) if not entries and rest:
            return Setting(rest[0], found.location)
        case Object(entries):
            return Setting(bool(entries), found.location)
        case tuple() as items:
            return Setting(bool(items), found.location)
        case _:
            return Setting(Unknown(name, "it is no list of tags"), found.location)
