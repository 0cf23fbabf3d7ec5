"""Reports the resource `*` in the access policy of a domain.

It means everything below this domain, as `domain/<name>/*` does, but says so
nowhere, and the same statement in an identity policy would mean every domain.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource that is `*`."""
    for found in analysis.statements:
        for term in found.statement.resources.terms if found.statement.resources else ():
            if term.text == "*":
                yield Match(
                    "the resource `*` does not say which domain the statement is about",
                    found.domain.address,
                    (Place(term.location or found.location, "the resource"),),
                )


RULE = Rule(
    "OSR116",
    "any-resource",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="write the ARN of the domain with `/*`",
)
