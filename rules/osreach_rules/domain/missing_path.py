"""Reports a statement whose resource is the domain itself, without `/*`.

Requests go to paths below the domain: indexes, documents, APIs. A resource that
ends at the domain's name matches none of them, so the statement does nothing.
For a Deny that means that what it seems to forbid is possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.references import ACCESS_CONTROL

_BARE_DOMAIN = re.compile(r"arn:[^:]*:es:[^:]*:[^:]*:domain/[^/*?]+")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement about HTTP requests in which every resource ends at a domain's name."""
    for found in analysis.statements:
        resources = found.statement.resources
        if resources is None or resources.negated or not resources.terms:
            continue
        if not http_actions(found.statement.actions):
            continue
        if not all(_BARE_DOMAIN.fullmatch(term.text) for term in resources.terms):
            continue
        denies = found.statement.effect is Effect.DENY
        first = resources.terms[0]
        message = "this Deny forbids nothing" if denies else "this statement allows nothing"
        yield Match(
            f"{message}: `{analysis.words(first.text)}` has no path behind the domain's name",
            found.domain.address,
            (
                Place(first.location or found.location, "the resource ends at the domain"),
                analysis.domain_place(found.domain),
            ),
            severity=Severity.HIGH if denies else None,
        )


RULE = Rule(
    "OSR113",
    "missing-path",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="append `/*` to the ARN of the domain",
)
