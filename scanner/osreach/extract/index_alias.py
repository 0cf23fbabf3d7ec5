"""Indexes that the code makes, with their aliases.

Sources:
https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs/resources/index
https://registry.terraform.io/providers/phillbaker/elasticsearch/latest/docs/resources/index
"""

from __future__ import annotations

from collections.abc import Iterable

from osreach.access.index_alias import IndexAlias
from osreach.extract.attribute import with_holes
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes, has_hole
from osreach.json_text import read_json
from osreach.value import Object

TYPES = frozenset({"opensearch_index", "elasticsearch_index"})
"""The resource types that this module reads."""


def read_index_aliases(resources: Iterable[Resource], holes: Holes) -> tuple[IndexAlias, ...]:
    """Every alias of an index whose name is known."""
    found: list[IndexAlias] = []
    for resource in resources:
        name, aliases = resource.get("name"), resource.get("aliases")
        if resource.type not in TYPES or is_data(resource) or name is None or aliases is None:
            continue
        index = with_holes(name, holes)
        body = read_json(aliases, "aliases").value.data
        if has_hole(index) or not isinstance(body, Object):
            continue
        found.extend(
            IndexAlias(index, alias, resource.address, resource.deployment, aliases.location)
            for alias in body.entries
        )
    return tuple(found)
