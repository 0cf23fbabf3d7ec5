"""Reports a long-term access key for a user that reaches the data of a domain or collection.

An access key does not expire. Whoever finds it can read the data until somebody
notices; roles give credentials that end by themselves, and the service accepts
them everywhere. A secret in user data, an environment variable or a parameter
is found by everyone who may look at these.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.access.identity_policy import AccessKey
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.example import example_domain, example_resource
from osreach.evaluate.exposure import Reach
from osreach.evaluate.level import LEVELS, Level, Requests
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import Target, TargetKind, of_domain
from osreach.iam.document import Effect, Statement
from osreach.iam.glob_match import is_everything, texts_equal
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence, Witness
from osreach_rules.identity.statements import access_to, first_covering
from osreach_rules.references import SERVERLESS_IDENTITIES

_OF_COLLECTIONS = ("aoss:APIAccessAll", "aoss:DashboardsAccessAll")
_REQUESTS = (
    *LEVELS[TargetKind.DOMAIN][Level.READ],
    *LEVELS[TargetKind.DOMAIN][Level.WRITE],
    *LEVELS[TargetKind.DOMAIN][Level.DELETE],
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each access key whose user can send requests to a domain, or is a domain's master user."""
    for key in analysis.access_keys:
        user = _user(analysis, key)
        if user is None:
            continue
        found = _reached(analysis, user)
        if found is None:
            continue
        name, witness, confidence = found
        shown = [
            one for one in analysis.exposed_keys if (one.deployment, one.key) == (key.deployment, key.address)
        ]
        also = f", `{shown[0].owner}` shows its secret" if shown else ""
        yield Match(
            f"this key does not expire{also}, and its user `{user.address}` reaches the data of {name}",
            key.address,
            (
                Place(key.location, "the key"),
                Place(user.location, "its user"),
                *(Place(one.location, f"its secret ends up in `{one.owner}`") for one in shown),
            ),
            witness=witness,
            confidence=confidence,
            severity=Severity.HIGH if shown else None,
            principal=user.address,
        )


def _user(analysis: Analysis, key: AccessKey) -> Identity | None:
    return next(
        (
            one
            for one in analysis.model.identities.values()
            if one.kind is IdentityKind.USER and one.deployment == key.deployment and one.name == key.user
        ),
        None,
    )


def _reached(analysis: Analysis, user: Identity) -> tuple[str, Witness | None, Confidence] | None:
    """What the user reaches by its own rights, for people, with a request that shows it."""
    for domain in analysis.model.domains:
        if domain.deployment != user.deployment or analysis.unsigned(domain).reach is not Reach.NOBODY:
            continue
        access = access_to(analysis, user, of_domain(domain, analysis.model), _REQUESTS)
        if access.outcome in (Outcome.ALLOWED, Outcome.CONDITIONAL):
            return f"`{domain.address}`", access.witness, Confidence.CERTAIN
    for domain in analysis.model.domains:
        master = domain.fine_grained.master_arn.value
        if isinstance(master, str) and texts_equal(master, user.arn) is Truth.TRUE:
            return f"`{domain.address}` as its master user", None, Confidence.CERTAIN
    possible: tuple[str, Witness | None, Confidence] | None = None
    for name, target, requests in _granted(analysis, user):
        access = access_to(analysis, user, target, requests)
        if access.outcome is Outcome.UNKNOWN:
            possible = possible or (name, None, Confidence.POSSIBLE)
        elif access.outcome is not Outcome.DENIED:
            return name, access.witness, Confidence.CERTAIN
    return possible


def _granted(analysis: Analysis, user: Identity) -> Iterator[tuple[str, Target, tuple[Requests, ...]]]:
    """One domain or collection for each resource on which the user's policies allow requests."""
    for policy in standing_of(user, analysis.model).policies:
        for statement in policy.document.statements:
            resources = statement.resources
            if statement.effect is Effect.DENY or statement.location is None:
                continue
            if resources is None or resources.negated or statement.actions.negated:
                continue
            for term in resources.terms:
                shown = f"`{analysis.words(term.text)}`"
                domain = example_domain(term.text, user, analysis.model)
                if domain is not None and _names(statement, "es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"):
                    yield shown, domain, _REQUESTS
                if _names(statement, *_OF_COLLECTIONS):
                    collection = example_resource(term.text, user, "aoss", "collection/example")
                    yield shown, collection, (Requests(_OF_COLLECTIONS),)


def _names(statement: Statement, *actions: str) -> bool:
    """Whether a term about the service itself, not about all services, takes in one of the actions."""
    term = first_covering(statement.actions, actions)
    return term is not None and not is_everything(term.text)


RULE = Rule(
    "OSR423",
    "long-term-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="let what needs the data assume a role",
)
