"""Reports a mapping by host name or address for a cluster in a VPC.

The service does not look at `hosts` where the domain stands in a VPC, so nobody
holds the role by it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import entry_place, identities_in
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping with hosts for a domain in a VPC, less bad where it has identities too."""
    for content in analysis.clusters:
        if content.domain is None or not content.cluster.in_vpc:
            continue
        for declared in content.mappings:
            mapping = declared.content
            if mapping.hosts:
                yield Match(
                    f"`{declared.address}` maps `{analysis.words(mapping.role)}` by host, "
                    f"which does nothing as `{content.name}` stands in a VPC",
                    declared.address,
                    (
                        entry_place(analysis, declared, mapping.hosts[0], "the host"),
                        Place(content.domain.network_location, "the domain stands in a VPC"),
                    ),
                    severity=Severity.LOW if identities_in(mapping) else None,
                )


RULE = Rule(
    "OSR217",
    "hosts-in-vpc",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map users or backend roles, and limit addresses with security groups",
)
