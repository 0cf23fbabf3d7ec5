"""Reports a caller and an address that are asked for in two statements instead of one.

Statements are alternatives. Where one lets a principal in and another lets in a
list of addresses, the principal may come from anywhere, and whoever has such an
address needs no signature. The documentation asks for both in one statement.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis, DomainStatement, statements_of
from osreach.evaluate.caller import is_anyone
from osreach.evaluate.exposure import Protection, is_public, protection
from osreach.iam.document import Effect, PrincipalKind
from osreach.iam.glob_match import globs_intersect, widened
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.opening import address_conditions, allows_anyone
from osreach_rules.references import ACCESS_CONTROL, CONDITION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for addresses beside an Allow for principals on the same resources."""
    for domain in analysis.domains:
        if not is_public(domain) or protection(domain) is not Protection.OFF:
            continue
        statements = tuple(statements_of(domain))
        named = [one for one in statements if names_principals(one)]
        for found in statements:
            if not allows_anyone(found) or not address_conditions(found):
                continue
            other = next((one for one in named if _overlap(one, found)), None)
            if other is not None:
                yield Match(
                    "these addresses need no signature, and the principals of the other statement no address",
                    domain.address,
                    (
                        Place(found.location, "the statement for addresses"),
                        Place(other.location, "the statement for principals"),
                    ),
                )


def names_principals(found: DomainStatement) -> bool:
    """Whether it lets in users, roles or accounts by name, whatever their address."""
    statement = found.statement
    return (
        statement.effect is Effect.ALLOW
        and statement.principals is not None
        and not statement.principals.negated
        and bool(http_actions(statement.actions))
        and not statement.conditions
        and not statement.conditions_unknown
        and any(term.kind is PrincipalKind.AWS for term in statement.principals.terms)
        and not any(is_anyone(term) for term in statement.principals.terms)
    )


def _overlap(one: DomainStatement, other: DomainStatement) -> bool:
    first, second = one.statement.resources, other.statement.resources
    if first is None or second is None or first.negated or second.negated:
        return True
    return any(globs_intersect(widened(a.text), widened(b.text)) for a in first.terms for b in second.terms)


RULE = Rule(
    "OSR134",
    "split-address-and-principal",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, CONDITION),
    remedy="put the principals and the condition on their addresses into one statement",
)
