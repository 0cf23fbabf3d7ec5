"""Reports a long-term access key for a user that reaches the data of a domain.

An access key does not expire. Whoever finds it can read the data until somebody
notices; roles give credentials that end by themselves, and the service accepts
them everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.access.identity_policy import AccessKey
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.example import example_domain
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import Target, TargetKind, of_domain
from osreach.iam.document import Effect
from osreach.iam.glob_match import texts_equal
from osreach.iam.truth import Truth
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence, Witness
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.statements import access_to
from osreach_rules.references import SERVERLESS_IDENTITIES

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
        yield Match(
            f"this key does not expire, and its user `{user.address}` reaches the data of {name}",
            key.address,
            (Place(key.location, "the key"), Place(user.location, "its user")),
            witness=witness,
            confidence=confidence,
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
    """What the user reaches, for people, with a request that shows it."""
    possible: tuple[str, Witness | None, Confidence] | None = None
    for name, target in _targets(analysis, user):
        access = access_to(analysis, user, target, _REQUESTS)
        if access.outcome is Outcome.UNKNOWN:
            possible = possible or (name, None, Confidence.POSSIBLE)
        elif access.outcome is not Outcome.DENIED:
            return name, access.witness, Confidence.CERTAIN
    for domain in analysis.model.domains:
        master = domain.fine_grained.master_arn.value
        if isinstance(master, str) and texts_equal(master, user.arn) is Truth.TRUE:
            return f"`{domain.address}` as its master user", None, Confidence.CERTAIN
    return possible


def _targets(analysis: Analysis, user: Identity) -> Iterator[tuple[str, Target]]:
    """The domains of the code, then one for each resource on which the user's policies allow requests."""
    for domain in analysis.model.domains:
        if domain.deployment == user.deployment:
            yield f"`{domain.address}`", of_domain(domain, analysis.model)
    for policy in standing_of(user, analysis.model).policies:
        for statement in policy.document.statements:
            resources = statement.resources
            if statement.effect is Effect.DENY or resources is None or resources.negated:
                continue
            if statement.location is None or not http_actions(statement.actions):
                continue
            for term in resources.terms:
                target = example_domain(term.text, user, analysis.model)
                if target is not None and ":es:" in term.text:
                    yield f"`{analysis.words(term.text)}`", target


RULE = Rule(
    "OSR423",
    "long-term-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="let what needs the data assume a role",
)
