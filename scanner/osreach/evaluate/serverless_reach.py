"""Levels of access to a collection of OpenSearch Serverless, and who data access policies name.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.candidates import Candidates
from osreach.evaluate.cluster_level import IndexAccess
from osreach.evaluate.effective import DENIED, Access, EffectiveAccess, Outcome
from osreach.evaluate.level import LEVELS, Level, Requests
from osreach.evaluate.restriction import Restriction
from osreach.evaluate.serverless import API, DASHBOARDS
from osreach.evaluate.serverless_bearing import (
    data_access,
    data_access_about,
    is_deployer,
    subject_of,
)
from osreach.evaluate.serverless_edge import DATA_ACTIONS, edge, lesser, renamed
from osreach.evaluate.serverless_other import for_collection
from osreach.evaluate.standing import Standing, outside, standing_of
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.hole import has_hole
from osreach.iam.request import Anonymous, RoleSession, User
from osreach.location import Location
from osreach.serverless.access import AccessDecision, Bearing, decide_access, granted, indexes_of
from osreach.serverless.operation import Need, need_of, need_of_permission
from osreach.serverless.pattern import name_matches
from osreach.serverless.permission import spelled
from osreach.serverless.principal import PrincipalKind, Subject, named
from osreach.truth import Truth

PERMISSIONS: Mapping[Level, tuple[str, ...]] = {
    Level.READ: ("aoss:ReadDocument",),
    Level.WRITE: ("aoss:WriteDocument", "aoss:CreateIndex", "aoss:UpdateIndex"),
    # documents are deleted with the permission that writes them
    Level.DELETE: ("aoss:DeleteIndex", "aoss:WriteDocument"),
}
"""What data access policies grant of each level, any one of it."""

DATA = frozenset(PERMISSIONS)
"""The levels that data access policies decide."""


def collection_level(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    level: Level,
    requests: tuple[Requests, ...],
    index: str = "",
) -> Access:
    """The access of the caller to the collection at `level`, to one pattern of its indexes where it is given."""
    collection = target.subject
    if not isinstance(collection, Collection):
        raise TypeError("not a collection")
    standing = for_collection(standing, collection, effective.model)
    needs = _needs(requests, level, index or _index_in(requests))
    if needs is None:
        return effective.of(standing, asked_of_service(target, level, requests), requests)
    data = _data(collection, standing, needs, effective.model)
    if data.outcome is Outcome.DENIED:
        return DENIED
    actions = {action.lower() for one in requests for action in one.actions}
    return lesser(edge(effective, standing, target, collection, actions), data)


def asked_of_service(target: Target, level: Level, requests: tuple[Requests, ...]) -> Target:
    """The collection as IAM is asked about it in operations of the service's own API."""
    own = level is not Level.ADMINISTER and any(
        action.lower() in {"aoss:updatecollection", "aoss:deletecollection"}
        for one in requests
        for action in one.actions
    )
    asked = replace(target, kind=TargetKind.OTHER, arn=target.arn if own else "*")
    return renamed(asked, "api" if own else "policies")


def _index_in(requests: tuple[Requests, ...]) -> str:
    path = next((one.paths[0] for one in requests if one.paths != ("",)), "")
    return path.removeprefix("/")


def _needs(requests: tuple[Requests, ...], level: Level, index: str) -> tuple[Need, ...] | None:
    """What data access policies must grant, any one of it; None for operations of the service's own API."""
    actions = [action for one in requests for action in one.actions]
    if not {action.lower() for action in actions} - {API.lower(), DASHBOARDS.lower()}:
        return tuple(need_of_permission(name, index) for name in PERMISSIONS.get(level, ()))
    found: list[Need] = []
    for one in requests:
        for action in one.actions:
            verb = action.lower().partition("es:eshttp")[2].upper()
            permission = spelled(action)
            if verb:
                found.append(need_of(verb, one.paths[0]))
            elif permission is not None:
                found.append(need_of_permission(permission, index))
    return tuple(found) or None


def _data(collection: Collection, standing: Standing, needs: tuple[Need, ...], model: Model) -> Access:
    subject = subject_at(standing, model, collection)
    return _decided(collection, subject, data_access_about(collection, model, subject), needs)


def _decided(
    collection: Collection, subject: Subject, policies: tuple[Bearing, ...], needs: tuple[Need, ...]
) -> Access:
    """The best that the policies give of what is needed."""
    best = AccessDecision(Truth.FALSE)
    for need in needs:
        found = (
            decide_access(policies, subject, collection.account, collection.name, need)
            if not need.dashboards
            else granted(policies, subject, collection.account, collection.name)
        )
        if found.truth > best.truth:
            best = found
        if best.truth is Truth.TRUE:
            break
    if best.truth is Truth.FALSE:
        return DENIED
    outcome = Outcome.ALLOWED if best.truth is Truth.TRUE else Outcome.UNKNOWN
    notes = tuple(note.value for note in best.notes) if best.truth is Truth.UNKNOWN else ()
    patterns = _patterns(best) if outcome is Outcome.ALLOWED else ()
    return Access(outcome, conditions=notes, places=_places(best), indexes=patterns)


def subject_at(standing: Standing, model: Model, collection: Collection) -> Subject:
    """The caller as the data access policies of the collection may name it."""
    if len(standing.name) == 1 and has_hole(standing.name):
        return Subject(names=(standing.name,))
    return subject_of(standing, model, collection.deployment)


def _patterns(decision: AccessDecision) -> tuple[str, ...]:
    """The patterns of indexes that it is limited to, none where it is every index."""
    names = [grant.pattern.index for grant in decision.grants if grant.pattern is not None]
    known = tuple(dict.fromkeys(name for name in names if name is not None))
    return () if "*" in known else known


def _places(decision: AccessDecision) -> tuple[Location, ...]:
    found: list[Location] = []
    for grant in decision.grants:
        place = grant.pattern.location if grant.pattern is not None else None
        if place is not None:
            found.append(place)
    return tuple(dict.fromkeys(found))


def collection_indexes(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    wanted: Mapping[Level, tuple[Requests, ...]],
) -> tuple[IndexAccess, ...]:
    """The levels of each pattern of indexes that data access policies write for the collection."""
    collection = target.subject
    if not isinstance(collection, Collection) or not DATA.issubset(wanted):
        return ()
    found: list[IndexAccess] = []
    own = for_collection(standing, collection, effective.model)
    edges = {
        level: edge(
            effective, own, target, collection, {a.lower() for one in wanted[level] for a in one.actions}
        )
        for level in DATA
    }
    subject = subject_at(own, effective.model, collection)
    about = data_access_about(collection, effective.model, subject)
    for pattern in indexes_of(about, collection.name):
        levels = {
            level: lesser(edges[level], _decided(collection, subject, about, needs))
            for level in wanted
            if level in DATA and (needs := _needs(wanted[level], level, pattern)) is not None
        }
        if any(access.outcome is not Outcome.DENIED for access in levels.values()):
            found.append(IndexAccess(pattern, levels, Restriction(pattern)))
    return tuple(found)


def collection_callers(
    target: Target, effective: EffectiveAccess, candidates: Candidates
) -> tuple[Standing, ...]:
    """Everyone of the code who may have access, then those whom data access policies name and no file defines."""
    collection = target.subject
    if not isinstance(collection, Collection):
        raise TypeError("not a collection")
    found: dict[str, Standing] = {}
    actions = tuple(
        action for groups in LEVELS[target.kind].values() for one in groups for action in one.actions
    )
    for arn in (collection.arn, collection.dashboards_arn):
        for standing in candidates.allowed(actions, arn):
            found.setdefault(standing.key, standing)
    for text in _principals(data_access(collection, effective.model), collection):
        for named_one in _callers(text, effective.model, candidates):
            found.setdefault(named_one.key, named_one)
    order = {standing.key: number for number, standing in enumerate(candidates.standings)}
    return tuple(sorted(found.values(), key=lambda one: order.get(one.key, len(order))))


def _principals(policies: tuple[Bearing, ...], collection: Collection) -> Iterator[str]:
    for policy in policies:
        for entry in policy.content.entries:
            patterns = [pattern for rule in entry.rules for pattern in rule.resources]
            if entry.partial or any(
                not one.impossible and name_matches(one.collection, collection.name) is not Truth.FALSE
                for one in patterns
            ):
                for principal in entry.principals:
                    yield principal.text


def _callers(text: str, model: Model, candidates: Candidates) -> Iterator[Standing]:
    """The callers that a principal of a data access policy means."""
    known = candidates.by_arn.get(text)
    if known is not None:
        yield from (candidates.standings[number] for number in known)
        return
    who = named(text)
    match who.kind:
        case PrincipalKind.SESSIONS | PrincipalKind.SESSION:
            role = text.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]
            numbers = candidates.by_arn.get(role, ())
            for number in numbers:
                identity = candidates.standings[number].identity
                if who.kind is PrincipalKind.SESSION and identity is not None:
                    yield standing_of(identity, model, who.session, text)
                else:
                    yield candidates.standings[number]
            if not numbers:
                yield outside(RoleSession(role, who.session or "session"), text, model)
        case PrincipalKind.ROLE:
            yield outside(RoleSession(text), text, model)
        case PrincipalKind.USER:
            yield outside(User(text), text, model)
        case (
            PrincipalKind.SAML_USER
            | PrincipalKind.SAML_GROUP
            | PrincipalKind.CENTER_USER
            | PrincipalKind.CENTER_GROUP
            | PrincipalKind.FEDERATION
        ):
            yield Standing(text, Anonymous())
        case _ if is_deployer(text, model.holes):
            yield Standing(text, Anonymous())
        case _:
            return


def collection_wanted(action: str | None, path: str) -> Mapping[Level, tuple[Requests, ...]]:
    """The requests that a question about a collection means: one action or request line, an index, or everything."""
    if action is None:
        data = Requests(DATA_ACTIONS, (path,), (path,)) if path else Requests(DATA_ACTIONS)
        levels = dict.fromkeys((Level.READ, Level.WRITE, Level.DELETE), (data,))
        return levels if path else {**LEVELS[TargetKind.COLLECTION], **levels}
    permission = spelled(action)
    if action.lower().startswith("es:eshttp"):
        verb = action.lower().removeprefix("es:eshttp").upper()
        permission = need_of(verb, path).permission
    known = [level for level, names in PERMISSIONS.items() if permission in names]
    level = known[0] if known else Level.READ if permission is not None else Level.CONFIGURE
    if action.lower() in {API.lower(), DASHBOARDS.lower()}:
        level = Level.READ
    asked = Requests((action,), (path,), (path,)) if path else Requests((action,))
    return {level: (asked,)}
