"""Reports that a user can change or delete domains or collections with a password or key alone.

Users of IAM keep their credentials for long. Where they may delete clusters or
change who has access, the documentation asks for a second factor or a
condition on where they come from; a role with short sessions is better still.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.effective import Outcome
from osreach.evaluate.example import example_domain, example_resource
from osreach.evaluate.level import Requests
from osreach.iam.document import Term, Terms
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held, access_to, allows, first_covering, has_domains
from osreach_rules.references import SERVERLESS_IDENTITIES, SERVICE_AUTHORIZATION

_OF_COLLECTIONS = (
    "aoss:DeleteCollection",
    "aoss:UpdateCollection",
    "aoss:DeleteAccessPolicy",
    "aoss:UpdateAccessPolicy",
    "aoss:DeleteSecurityPolicy",
    "aoss:UpdateSecurityPolicy",
)
_OF_DOMAINS = (
    "es:UpdateDomainConfig",
    "es:UpdateElasticsearchDomainConfig",
    "es:DeleteDomain",
    "es:DeleteElasticsearchDomain",
)
_WITHOUT_FACTOR = Circumstances(given={"aws:multifactorauthpresent": ()})
_EMERGENCY = ("breakglass", "break-glass", "break_glass", "emergency")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of such an action to a user that holds without a second factor."""
    for held in allows(analysis):
        action = first_covering(held.statement.actions, (*_OF_DOMAINS, *_OF_COLLECTIONS))
        resources = held.statement.resources
        if action is None or resources is None or resources.negated:
            continue
        if is_everything(action.text) and not has_domains(analysis, held.policy):
            continue
        for user in _users(analysis, held):
            outcome = _outcome(analysis, user, held.statement.actions, resources.terms)
            of_domains = first_covering(held.statement.actions, _OF_DOMAINS) is not None
            what = "domains" if of_domains else "collections"
            possible = outcome is Outcome.UNKNOWN and not held.statement.conditions
            if outcome is Outcome.ALLOWED or possible:
                yield Match(
                    f"the user `{user.address}` can change or delete {what} without a second factor",
                    held.policy.name,
                    (Place(held.place(action), "this action"), Place(user.location, "the user")),
                    confidence=Confidence.POSSIBLE if possible else Confidence.CERTAIN,
                    principal=user.address,
                )


def _users(analysis: Analysis, held: Held) -> Iterator[Identity]:
    """The users that hold the statement, themselves or through a group; none for emergencies."""
    holders = {one.key for one in held.policy.holders}
    for one in analysis.model.identities.values():
        if one.kind is not IdentityKind.USER or any(word in one.name.lower() for word in _EMERGENCY):
            continue
        if one.key in holders or any(membership.group in holders for membership in one.groups):
            yield one


def _outcome(analysis: Analysis, user: Identity, actions: Terms, resources: tuple[Term, ...]) -> Outcome:
    """The best that the user gets of such actions without a second factor."""
    best = Outcome.DENIED
    for names in (_OF_DOMAINS, _OF_COLLECTIONS):
        if first_covering(actions, names) is None:
            continue
        for term in resources:
            target = (
                example_domain(term.text, user, analysis.model)
                if names is _OF_DOMAINS
                else example_resource(term.text, user, "aoss", "collection/example")
            )
            if target is not None:
                access = access_to(analysis, user, target, (Requests(names),), _WITHOUT_FACTOR)
                best = max(best, access.outcome, key=lambda outcome: outcome.rank)
    return best


RULE = Rule(
    "OSR422",
    "no-second-factor",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, SERVICE_AUTHORIZATION),
    remedy="use a role, or add a condition on `aws:MultiFactorAuthPresent`",
)
