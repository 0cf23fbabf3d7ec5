"""Reports a role for Amazon Cognito that the service cannot take.

The service sets up the pools for Dashboards with a role that trusts
`opensearchservice.amazonaws.com`. Without that the domain cannot be changed to
log users in with Amazon Cognito.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.iam.document import Effect, PrincipalKind
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.pools import role_behind, with_cognito
from osreach_rules.references import COGNITO

_SERVICE = "opensearchservice.amazonaws.com"
_SERVICES = frozenset({_SERVICE, "es.amazonaws.com"})
"""The service, and its older name, which deployed domains are set up with as well."""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role of the code for Amazon Cognito whose trust policy leaves the service out."""
    for _, domain, options in with_cognito(analysis):
        role = role_behind(analysis, domain, options.role.value)
        if role is None or not role.trust or any(one.unknown is not None for one in role.trust):
            continue
        trusted = _services(role)
        if trusted is None or trusted & _SERVICES:
            continue
        yield Match(
            f"the service cannot take `{role.address}`, the role with which `{domain.address}` sets up Cognito",
            role.address,
            (
                Place(role.trust[0].location, f"it does not trust `{_SERVICE}`"),
                Place(options.role.location, "the role for Amazon Cognito"),
            ),
            principal=domain.address,
        )


def _services(role: Identity) -> frozenset[str] | None:
    """Every service that may assume the role; None where that is not known."""
    found: set[str] = set()
    for trust in role.trust:
        if trust.document.unknown:
            return None
        for statement in trust.document.statements:
            principals = statement.principals
            if statement.effect is not Effect.ALLOW or principals is None or principals.negated:
                continue
            for term in principals.terms:
                if term.kind in (PrincipalKind.UNKNOWN, PrincipalKind.ANYONE) or has_hole(term.text):
                    return None
                if term.kind is PrincipalKind.SERVICE:
                    found.add(term.text)
    return frozenset(found)


RULE = Rule(
    "OSR239",
    "cognito-role-trust",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(COGNITO,),
    remedy="let `opensearchservice.amazonaws.com` assume the role",
)
