"""Reports a Deny of one of the two permissions for data that leaves the other.

`aoss:APIAccessAll` and `aoss:DashboardsAccessAll` work independently. Whoever is denied
the first reads the same data with the developer tools of Dashboards, and whoever
is denied the second reads it over the API. A Deny of one is in order where the other is
denied as well or not allowed, and where the one was never allowed anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.example import example_resource
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless import API, DASHBOARDS
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import of_collection
from osreach.iam.document import Effect, PolicyKind, Terms
from osreach.iam.glob_match import is_everything
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held, access_to, first_covering, written
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import collection_in
from osreach_rules.serverless.policies import own_collections

_KINDS = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL})
_OTHER = {API: DASHBOARDS, DASHBOARDS: API}
_THROUGH = {API: "the API", DASHBOARDS: "Dashboards"}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such Deny whose holders are allowed the other permission."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for held in written(analysis, _KINDS):
        if not held.denies or held.statement.actions.negated or _has_unknown(held.statement.actions):
            continue
        for denied, other in _OTHER.items():
            term = first_covering(held.statement.actions, (denied,))
            if term is None or _denies_too(held, other) or not _can_match(held, denied):
                continue
            places = (Place(held.place(term), "what is denied"),)
            if held.policy.kind is PolicyKind.SERVICE_CONTROL:
                yield Match(
                    f"`{denied}` is denied and `{other}` is not, so the data can be read through "
                    f"{_THROUGH[other]}",
                    held.policy.name,
                    places,
                    confidence=Confidence.POSSIBLE,
                )
                continue
            for holder in held.policy.holders:
                access = _allowed(analysis, holder, other)
                if access is not None and _takes_away(analysis, holder, denied):
                    yield Match(
                        f"`{holder.address}` is denied `{denied}` and allowed `{other}`, so it can read the "
                        f"data through {_THROUGH[other]}",
                        held.policy.name,
                        (*places, Place(holder.location, "who is allowed the other")),
                        witness=access.witness,
                        confidence=Confidence.POSSIBLE
                        if access.outcome is Outcome.UNKNOWN
                        else Confidence.CERTAIN,
                        principal=holder.address,
                    )


def _has_unknown(actions: Terms) -> bool:
    return any(has_hole(term.text) for term in actions.terms)


def _denies_too(held: Held, other: str) -> bool:
    """Whether a Deny of the same policy takes in the other permission, under whatever conditions."""
    return any(
        statement.effect is not Effect.ALLOW
        and (statement.actions.negated or first_covering(statement.actions, (other,)) is not None)
        for statement in held.policy.document.statements
    )


def _can_match(held: Held, denied: str) -> bool:
    """Whether the Deny has a resource on which the denied permission works."""
    resources = held.statement.resources
    if resources is None or resources.negated:
        return resources is not None
    if denied == API:
        return any(is_everything(term.text) or collection_in(term.text) for term in resources.terms)
    return any(is_everything(term.text) or ":dashboards/" in term.text for term in resources.terms)


def _takes_away(analysis: Analysis, holder: Identity, denied: str) -> bool:
    """Whether the holder would have the denied permission without the Deny."""
    return any(
        statement.effect is Effect.ALLOW
        and (statement.actions.negated or first_covering(statement.actions, (denied,)) is not None)
        for policy in standing_of(holder, analysis.model).policies
        for statement in policy.document.statements
    )


def _allowed(analysis: Analysis, holder: Identity, action: str) -> Access | None:
    """What the holder gets of the permission on a collection of the code, or on any other."""
    requests = (Requests((action,)),)
    example = "dashboards/default" if action == DASHBOARDS else "collection/example"
    targets = [example_resource("*", holder, "aoss", example)]
    if action == API:
        targets = [*map(of_collection, own_collections(analysis, holder.deployment)), *targets]
    found = [access_to(analysis, holder, target, requests) for target in targets]
    best = max(found, key=lambda access: access.outcome.rank)
    return best if best.outcome is not Outcome.DENIED else None


RULE = Rule(
    "OSR318",
    "half-denied-data",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="deny both `aoss:APIAccessAll` and `aoss:DashboardsAccessAll`",
)
