"""Reports a grant of everything with some paths taken out.

The documentation calls it the safest to grant only what is needed: denied paths
are walked around more easily than missing grants.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis, DomainStatement, statements_of
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.iam.document import Effect
from osreach.iam.glob_match import texts_equal
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.indexes import IndexStatement, index_statements, unguarded_domains
from osreach_rules.domain.resources import domain_resource
from osreach_rules.references import ACCESS_CONTROL

_NEARLY_ALL_VERBS = len(HTTP_ACTIONS) - 1


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny of an index beside an Allow of everything for the same principals."""
    for domain in unguarded_domains(analysis):
        grants = [found for found in statements_of(domain) if _allows_everything(found)]
        for denial in index_statements(domain, Effect.DENY):
            for grant in grants:
                if _same_principals(grant, denial):
                    yield Match(
                        f"everything on `{domain.address}` is allowed except what is denied here",
                        domain.address,
                        (
                            Place(denial.found.location, "the Deny"),
                            Place(grant.location, "everything is allowed here"),
                        ),
                    )
                    break


def _allows_everything(found: DomainStatement) -> bool:
    statement = found.statement
    if statement.effect is not Effect.ALLOW or statement.resources is None:
        return False
    if len(http_actions(statement.actions)) < _NEARLY_ALL_VERBS:
        return False
    for term in statement.resources.terms:
        parts = domain_resource(term.text)
        if term.text == "*" or (parts is not None and (parts.path == "/*" or parts.name.endswith("*"))):
            return True
    return False


def _same_principals(grant: DomainStatement, denial: IndexStatement) -> bool:
    allowed, denied = grant.statement.principals, denial.found.statement.principals
    if allowed is None or denied is None or allowed.negated or denied.negated:
        return False
    return any(
        "*" in (one.text, other.text) or texts_equal(one.text, other.text) is not Truth.FALSE
        for one in allowed.terms
        for other in denied.terms
    )


RULE = Rule(
    "OSR131",
    "broad-allow-with-denies",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow the indexes and verbs that are needed, and nothing else",
)
