"""Notes a domain without tags.

Policies that go by tags (`aws:ResourceTag`) cannot tell such a domain from
others, and nobody sees whose it is. Tags that a provider (`default_tags`) or a
stack adds to everything are not seen, so the finding is `possible` only.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SECURITY_HUB


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that certainly bears none."""
    for domain in analysis.upkeep:
        if domain.tagged.is_certainly(value=False):
            yield Match(
                f"`{domain.address}` bears no tag",
                domain.address,
                (Place(domain.tagged.location, "no tags are written"),),
                confidence=Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR723",
    "untagged-domain",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SECURITY_HUB,),
    remedy="tag the domain with its owner and what it is for",
)
