"""Reports a federated role whose callers choose their own backend roles.

With IAM federation a cluster takes user name and backend roles from the tags of
the session. An identity provider vouches for the tags that it passes; a role or
user who may tag the session with anything picks its roles itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.target import of_domain
from osreach.iam.action import names_match
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm, Statement
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.identity.statements import access_to
from osreach_rules.references import FEDERATION

_TAG = "sts:TagSession"
_LIMITS = ("aws:requesttag/", "aws:tagkeys")
_REQUESTS = (Requests(HTTP_ACTIONS, ("/*",), ("/movies/_search",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each principal of a trust policy that may tag sessions freely, of a role that reaches the domain."""
    for content in analysis.clusters:
        options, domain = content.options.federation, content.domain
        if domain is None or options is None or not options.enabled.is_certainly(value=True):
            continue
        for role in analysis.model.identities.values():
            free = _free(role) if role.deployment == domain.deployment else None
            if free is None or not _reaches(analysis, role, domain):
                continue
            statement, term = free
            yield Match(
                f"whoever assumes `{role.address}` chooses the backend roles in `{domain.address}`",
                role.address,
                (
                    Place(
                        term.location or statement.location or role.location,
                        "may tag the session with anything",
                    ),
                    Place(options.enabled.location, "the cluster takes roles from tags"),
                ),
                principal=domain.address,
            )


def _free(role: Identity) -> tuple[Statement, PrincipalTerm] | None:
    """The first statement and principal, no identity provider, that may tag sessions of the role as it likes."""
    if role.kind is not IdentityKind.ROLE or not role.defined:
        return None
    for trust in role.trust:
        for statement in trust.document.statements:
            principals = statement.principals
            if statement.effect is not Effect.ALLOW or principals is None or principals.negated:
                continue
            if statement.conditions_unknown or statement.actions.negated or _is_limited(statement):
                continue
            if not any(names_match(term.text, _TAG) is Truth.TRUE for term in statement.actions.terms):
                continue
            for term in principals.terms:
                if term.kind in (PrincipalKind.AWS, PrincipalKind.ANYONE):
                    return statement, term
    return None


def _is_limited(statement: Statement) -> bool:
    return any(condition.key.lower().startswith(_LIMITS) for condition in statement.conditions)


def _reaches(analysis: Analysis, role: Identity, domain: Domain) -> bool:
    access = access_to(analysis, role, of_domain(domain, analysis.model), _REQUESTS)
    return access.outcome in (Outcome.ALLOWED, Outcome.CONDITIONAL)


RULE = Rule(
    "OSR240",
    "caller-chosen-tags",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FEDERATION,),
    remedy="limit the tags with `aws:RequestTag/...` and `aws:TagKeys`, or let identity providers only assume the role",
)
