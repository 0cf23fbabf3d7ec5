"""Reports a role that two mappings, or two definitions, of one cluster fight over.

Each mapping holds everyone who has the role: writing it replaces what was there.
Of two for the same role the one that is applied last counts, and the other shows
a difference with every plan. The same goes for two definitions of one role.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osreach.access.cluster import ClusterContent, Declared, Origin
from osreach.analysis import Analysis
from osreach.extract.owner import module_of
from osreach.location import Place
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.role import Role
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED, ROLE_MAPPING_RESOURCE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield the second of each two resources of one cluster that write the same."""
    # One of two may be made where the other is not: what is not known about that stands at the header.
    unsure = {location for _, location in analysis.reading.unknowns}
    for content in analysis.clusters:
        if content.origins == {Origin.PROVIDER}:
            mappings = [(one.content.role, one) for one in content.mappings if one.location not in unsure]
            roles = [(one.content.name, one) for one in content.roles if one.location not in unsure]
            yield from _twice(content, mappings, "maps")
            yield from _twice(content, roles, "defines")


def _twice(
    content: ClusterContent, named: Sequence[tuple[str, Declared[Mapping] | Declared[Role]]], does: str
) -> Iterator[Match]:
    first: dict[str, Declared[Mapping] | Declared[Role]] = {}
    for name, declared in named:
        other = first.setdefault(name, declared)
        if other is declared or has_hole(name):
            continue
        yield Match(
            f"`{declared.address}` {does} the role `{name}`, as `{other.address}` does",
            declared.address,
            (Place(declared.location, "each replaces the other"), Place(other.location, "the other one")),
            confidence=Confidence.CERTAIN if _is_sure(content, declared, other) else Confidence.POSSIBLE,
            principal=name,
        )


def _is_sure(
    content: ClusterContent,
    one: Declared[Mapping] | Declared[Role],
    other: Declared[Mapping] | Declared[Role],
) -> bool:
    """Whether both are certainly made, in one cluster: modules may be called for one or the other."""
    return content.domain is not None and module_of(one.address) == module_of(other.address)


RULE = Rule(
    "OSR214",
    "overwritten-mapping",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, ROLE_MAPPING_RESOURCE),
    remedy="write one mapping with everyone who holds the role",
)
