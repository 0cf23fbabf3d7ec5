"""How a domain is sized and labelled."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.setting import Setting
from osreach.location import Location


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The nodes and tags of a domain.

    `nodes` are its data nodes, `masters` its dedicated master nodes, 0 where it
    has none. `tagged` says whether it bears any tag.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ClusterConfig.html
    """

    address: str
    deployment: str
    nodes: Setting[int]
    zone_aware: Setting[bool]
    masters: Setting[int]
    tagged: Setting[bool]
    location: Location
