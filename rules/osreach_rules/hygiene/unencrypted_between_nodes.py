"""Reports a domain that does not encrypt the traffic between its nodes.

Whoever can read the network of the cluster reads documents on their way.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import NODE_TO_NODE, SECURITY_HUB


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the setting off."""
    for domain in analysis.domains:
        setting = domain.encrypted_between_nodes
        if setting.is_certainly(value=False):
            yield Match(
                f"traffic between the nodes of `{domain.address}` is not encrypted",
                domain.address,
                (Place(setting.location, "it is off" if setting.written else "it is not turned on"),),
            )


RULE = Rule(
    "OSR702",
    "unencrypted-between-nodes",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(NODE_TO_NODE, SECURITY_HUB),
    remedy="turn on encryption between the nodes",
)
