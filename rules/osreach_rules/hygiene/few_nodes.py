"""Notes a domain that does not survive the loss of a node or a zone.

Security Hub asks for three data nodes at least with zone awareness, and for
three dedicated master nodes. This is about availability, and fewer are usual
outside production.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.upkeep import Upkeep
from osreach.analysis import Analysis
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import SECURITY_HUB

_ENOUGH = 3


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that certainly has fewer, with all that it lacks."""
    for domain in analysis.upkeep:
        found = list(_lacks(domain))
        if found:
            yield Match(
                f"`{domain.address}` has {' and '.join(words for words, _ in found)}",
                domain.address,
                tuple(Place(location, words) for words, location in found),
            )


def _lacks(domain: Upkeep) -> Iterator[tuple[str, Location]]:
    nodes, masters = domain.nodes.value, domain.masters.value
    if not isinstance(nodes, Unknown) and nodes < _ENOUGH:
        yield f"{nodes} data node{'' if nodes == 1 else 's'}", domain.nodes.location
    if domain.zone_aware.is_certainly(value=False):
        yield "no zone awareness", domain.zone_aware.location
    if not isinstance(masters, Unknown) and masters < _ENOUGH:
        yield f"{masters or 'no'} dedicated master node{'' if masters == 1 else 's'}", domain.masters.location


RULE = Rule(
    "OSR722",
    "few-nodes",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SECURITY_HUB,),
    remedy="use three data nodes in several zones, and three dedicated master nodes",
)
