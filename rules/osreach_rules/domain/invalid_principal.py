"""Reports a principal that a domain's policy cannot name.

Groups are no principals, a wildcard is only understood as the whole value, and
identity providers are principals of role trust policies only. The service
refuses such a policy, or the statement applies to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import PrincipalKind, PrincipalTerm
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import PRINCIPAL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each principal that names nobody."""
    for found in analysis.statements:
        for term in found.statement.principals.terms if found.statement.principals else ():
            fault = _fault(term)
            if fault is not None:
                yield Match(
                    f"`{analysis.words(term.text)}` {fault}",
                    found.domain.address,
                    (Place(term.location or found.location, "the principal"),),
                )


def _fault(term: PrincipalTerm) -> str | None:
    match term.kind:
        case PrincipalKind.FEDERATED | PrincipalKind.CANONICAL_USER:
            return f"is a `{term.kind}` principal, which a domain's policy does not know"
        case PrincipalKind.AWS if ":group/" in term.text:
            return "is a group, and groups are no principals"
        case PrincipalKind.AWS if ":saml-provider/" in term.text or ":oidc-provider/" in term.text:
            return "is an identity provider, which only a role trust policy can name"
        case PrincipalKind.AWS if "*" in term.text or "?" in term.text:
            return "holds a wildcard, which a principal understands only as the whole value"
        case _:
            return None


RULE = Rule(
    "OSR121",
    "invalid-principal",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(PRINCIPAL,),
    remedy="name users or roles, or use `*` with a condition on `aws:PrincipalArn`",
)
