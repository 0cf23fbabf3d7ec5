"""Reports a wildcard in the name of a domain.

A `*` also matches `/` and everything behind it, so `domain/logs*` means every
domain whose name begins with `logs`, with all their paths. The policy acts on
one domain; the pattern says more than is meant, and copied elsewhere it does
more.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.references import ACCESS_CONTROL, RESOURCE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource with a wildcard before the first `/` behind `domain/`."""
    for found in analysis.statements:
        for term in found.statement.resources.terms if found.statement.resources else ():
            parts = domain_resource(term.text)
            if parts is not None and not is_literal(parts.name):
                yield Match(
                    f"`domain/{analysis.words(parts.name)}` matches other domains too, with all their paths",
                    found.domain.address,
                    (
                        Place(term.location or found.location, "the resource"),
                        analysis.domain_place(found.domain),
                    ),
                )


RULE = Rule(
    "OSR115",
    "domain-name-wildcard",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(RESOURCE, ACCESS_CONTROL),
    remedy="write the whole name of the domain, then `/*`",
)
