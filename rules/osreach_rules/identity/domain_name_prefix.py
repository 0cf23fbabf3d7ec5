"""Reports requests that are allowed on every domain whose name begins alike.

A `*` matches `/` too: `domain/app*` is not one domain with its paths, but every
domain whose name begins with `app`, with all their data.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import Requests
from osreach.iam.document import Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import all_protected, allows, is_every_domain, reach
from osreach_rules.references import COGNITO, RESOURCE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of HTTP requests on a domain's name that ends in a wildcard."""
    for held in allows(analysis):
        verbs = tuple(sorted(http_actions(held.statement.actions)))
        resources = held.statement.resources
        if not verbs or held.statement.actions.negated or resources is None or resources.negated:
            continue
        for term in resources.terms:
            prefix = _prefix(term)
            if prefix is None:
                continue
            requests = (Requests(verbs, ("/*",), ("/movies/_search",)),)
            found = reach(analysis, held, term, requests, is_administrator)
            if found is not None:
                yield Match(
                    f"{found.who} can send requests to every domain whose name begins with "
                    f"`{analysis.words(prefix)}`",
                    held.policy.name,
                    (Place(held.place(term), "the wildcard also matches `/` and other names"),),
                    witness=found.witness,
                    confidence=found.confidence,
                    severity=Severity.LOW if all_protected(analysis, held.policy) else None,
                    principal=found.principal,
                )


def _prefix(term: Term) -> str | None:
    """What the names of the domains begin with; None where the name is whole, or every domain is meant."""
    parts = domain_resource(term.text)
    if parts is None or is_every_domain(term.text) or is_literal(parts.name):
        return None
    return parts.name.partition("*")[0].partition("?")[0] or None


RULE = Rule(
    "OSR407",
    "domain-name-prefix",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(RESOURCE, COGNITO),
    remedy="write the whole name of the domain, then `/*`",
)
