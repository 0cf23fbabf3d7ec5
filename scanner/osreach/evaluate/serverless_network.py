"""From where a request comes to a collection, and whether network policies let it in.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.access.serverless import Collection, VpcEndpoint
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName
from osreach.evaluate.serverless_bearing import Same, network
from osreach.evaluate.standing import Standing
from osreach.iam.document import Effect, PrincipalKind
from osreach.iam.hole import has_hole
from osreach.iam.request import Service
from osreach.serverless.check import BEDROCK
from osreach.serverless.network import Openness, Source, decide_network, openness
from osreach.serverless.pattern import equal
from osreach.serverless.permission import ResourceType
from osreach.truth import Truth

_SERVICE_KEYS = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename")
_ENDPOINT, _VPC, _ADDRESS, _INNER = (
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:vpcsourceip",
)


@dataclass(frozen=True, slots=True)
class Doors:
    """The network side of one collection: its endpoint and that of its Dashboards."""

    collection: Collection
    api: Openness
    dashboards: Openness


def doors_of(collection: Collection, model: Model) -> Doors:
    """From where the collection and its Dashboards are reached."""
    return _doors_of(Same(collection), Same(model))


@lru_cache(maxsize=256)
def _doors_of(one: Same[Collection], whole: Same[Model]) -> Doors:
    collection, model = one.value, whole.value
    policies = network(collection, model)
    return Doors(
        collection,
        openness(policies, collection.name),
        openness(policies, collection.name, ResourceType.DASHBOARD),
    )


def endpoint_named(text: str, model: Model) -> VpcEndpoint | None:
    """The VPC endpoint with this id or address."""
    return next((one for one in model.serverless.endpoints if text in {one.id, one.address}), None)


def sources_of(standing: Standing, circumstances: Circumstances, model: Model) -> tuple[Source, ...]:
    """Where the request may come from, as far as the user says; empty where nothing is said."""
    given = circumstances.given
    if isinstance(standing.principal, Service):
        return (Source(service=standing.principal.name),)
    for key in _SERVICE_KEYS:
        for name in given.get(key, ()):
            if "." in name:
                return (Source(service=name),)
    found: list[Source] = []
    for name in given.get(_ENDPOINT, ()):
        known = endpoint_named(name, model)
        found.append(Source(endpoint=known.id if known is not None else name))
    if found:
        return tuple(found)
    for vpc in given.get(_VPC, ()):
        found.extend(
            Source(endpoint=one.id)
            for one in model.serverless.endpoints
            if isinstance(one.vpc.value, str) and equal(one.vpc.value, vpc) is not Truth.FALSE
        )
        found.append(Source(endpoint=model.holes.hole(f"the VPC endpoint in {vpc}")))
    if found:
        return tuple(found)
    return (Source(internet=True),) if given.get(_ADDRESS) else ()


_MOST_ENDPOINTS = 8
"""Of more VPC endpoints than these it is not told through which one a request comes."""


def ways_in(doors: Doors) -> tuple[Source, ...]:
    """The sources of which every request comes from one; empty where it may come from anywhere, or from many."""
    opened = doors.api
    if not opened.is_private or opened.partial or not 0 < len(opened.endpoints) <= _MOST_ENDPOINTS:
        return ()
    endpoints = dict.fromkeys(Source(endpoint=written.text) for written, _ in opened.endpoints)
    services = dict.fromkeys(Source(service=written.text) for written, _ in opened.services)
    return (*endpoints, *services)


def network_from(
    doors: Doors, source: Source, standing: Standing, model: Model, *, dashboards: bool
) -> LayerAnswer:
    """What the network policies say to the caller's requests from one source."""
    truth = _reaches(doors, source, dashboards=dashboards)
    if source.service:
        truth = min(truth, _serves(source.service, standing))
    found = source if truth is not Truth.FALSE else None
    return _answer(doors, (truth, found), (), standing, model, dashboards=dashboards)


def endpoint_policies(through: tuple[str, ...], model: Model) -> tuple[Attachment, ...]:
    """The policies of the VPC endpoint that every request passes; none where it may be one of several."""
    if len(through) != 1:
        return ()
    known = endpoint_named(through[0], model)
    return known.policies if known is not None else ()


def network_layer(
    doors: Doors, standing: Standing, circumstances: Circumstances, model: Model, *, dashboards: bool
) -> tuple[LayerAnswer, tuple[str, ...]]:
    """What the network policies say, and the ids of the VPC endpoints that the request must come through.

    Dashboards work only where the collection is reached from the same source.
    """
    asked = sources_of(standing, circumstances, model)
    candidates = asked or tuple(_possible(doors, standing))
    best: tuple[Truth, Source | None] = (Truth.FALSE, None)
    for source in candidates:
        truth = _reaches(doors, source, dashboards=dashboards)
        if truth > best[0]:
            best = truth, source
    if (
        best[0] is Truth.FALSE
        and not asked
        and (doors.api.partial or (dashboards and doors.dashboards.partial))
    ):
        best = Truth.UNKNOWN, None
    return _answer(doors, best, asked, standing, model, dashboards=dashboards), _through(doors, asked)


def _through(doors: Doors, asked: tuple[Source, ...]) -> tuple[str, ...]:
    """The VPC endpoints of which the request comes through one, empty where it may come another way."""
    if asked:
        return tuple(source.endpoint for source in asked) if all(one.endpoint for one in asked) else ()
    if doors.api.is_private and not doors.api.services and not doors.api.partial:
        return tuple(dict.fromkeys(written.text for written, _ in doors.api.endpoints))
    return ()


def _possible(doors: Doors, standing: Standing) -> Iterator[Source]:
    """Every source from which requests of the caller may come, the internet first."""
    yield Source(internet=True)
    for opened in (doors.api, doors.dashboards):
        for written, _ in opened.endpoints:
            yield Source(endpoint=written.text)
    if _serves(BEDROCK, standing) is not Truth.FALSE:
        yield Source(service=BEDROCK)


def _serves(service: str, standing: Standing) -> Truth:
    """Whether the service can act as the caller: the role's trust policy names it."""
    identity = standing.identity
    if identity is None:
        return Truth.UNKNOWN if standing.assumed else Truth.FALSE
    found = Truth.FALSE
    for attachment in identity.trust:
        if attachment.document.unknown:
            found = max(found, Truth.UNKNOWN)
        for statement in attachment.document.statements:
            if statement.effect is Effect.DENY or statement.principals is None:
                continue
            for term in statement.principals.terms:
                if term.kind is PrincipalKind.SERVICE and term.text == service:
                    return Truth.TRUE
                if term.kind is PrincipalKind.UNKNOWN or (
                    term.kind is PrincipalKind.SERVICE and has_hole(term.text)
                ):
                    found = Truth.UNKNOWN
    return found if identity.trust else Truth.UNKNOWN if not identity.defined else Truth.FALSE


def _reaches(doors: Doors, source: Source, *, dashboards: bool) -> Truth:
    truth = decide_network(doors.api, source).truth
    if dashboards:
        truth = min(truth, decide_network(doors.dashboards, source).truth)
    return truth


def _because(opened: Openness, source: Source | None) -> tuple[Because, ...]:
    decision = decide_network(opened, source or Source())
    found: list[Because] = []
    for one in decision.openings or opened.openings:
        if one.entry is None:
            found.append(Because(one.source, "", None))
            continue
        place = one.entry.public.location if one.entry.public.value is Truth.TRUE else one.entry.location
        if one.entry.public.value is not Truth.TRUE and source is not None:
            wanted = source.endpoint or source.service
            listed = (*one.entry.endpoints, *one.entry.services)
            place = next((each.location for each in listed if each.text == wanted), place)
        found.append(Because(one.source, one.entry.description, place))
    return tuple(dict.fromkeys(found))


def _answer(
    doors: Doors,
    best: tuple[Truth, Source | None],
    asked: tuple[Source, ...],
    standing: Standing,
    model: Model,
    *,
    dashboards: bool,
) -> LayerAnswer:
    layer = LayerName.SERVERLESS_NETWORK
    truth, source = best
    opened = doors.dashboards if dashboards else doors.api
    what = "Dashboards" if dashboards else "the collection"
    because = _because(opened, source)
    here = (Because(doors.collection.address, "", doors.collection.location),)
    if truth is Truth.TRUE and source is not None:
        if opened.public is Truth.TRUE:
            return LayerAnswer(layer, Answer.ALLOWED, f"{what} can be reached from the internet", because)
        if source.service:
            service = _serves(source.service, standing) if not asked else Truth.TRUE
            reason = f"{what} is open to requests of `{source.service}`"
            if service is Truth.UNKNOWN:
                reason = f"{reason}, and whether the caller is one that it acts as is not known"
                return LayerAnswer(layer, Answer.UNKNOWN, reason, because)
            return LayerAnswer(layer, Answer.ALLOWED, reason, because)
        return LayerAnswer(
            layer, Answer.ALLOWED, f"{what} can be reached {source_words(source, model)}", because
        )
    if truth is Truth.UNKNOWN:
        reason = f"whether {what} can be reached {source_words(source, model)} is not known".replace(
            "  ", " "
        )
        return LayerAnswer(layer, Answer.UNKNOWN, reason, because or here)
    if not opened.openings:
        reason = f"no network policy in the files covers {what}, so no request reaches it"
        return LayerAnswer(layer, Answer.IMPLICIT_DENY, reason, here)
    if dashboards and not doors.api.openings:
        reason = "no network policy covers the collection, without which Dashboards cannot be used"
        return LayerAnswer(layer, Answer.IMPLICIT_DENY, reason, here)
    wanted = source_words(asked[0], model) if asked else "from where the caller could send requests"
    closed = opened
    if dashboards and asked and decide_network(opened, asked[0]).truth is not Truth.FALSE:
        closed, what = doors.api, "the collection, without which Dashboards cannot be used,"
    elif dashboards and not asked:
        reason = "no source can reach both Dashboards and the collection, without which they cannot be used"
        return LayerAnswer(layer, Answer.IMPLICIT_DENY, reason, because or here)
    reason = f"no network policy lets requests to {what} in {wanted}"
    return LayerAnswer(layer, Answer.IMPLICIT_DENY, reason, _because(closed, None) or here)


def source_words(source: Source | None, model: Model) -> str:
    """From where requests come, for people; empty where nothing is known of it."""
    if source is None:
        return ""
    if source.endpoint:
        known = endpoint_named(source.endpoint, model)
        return f"through the VPC endpoint `{known.address if known is not None else source.endpoint}`"
    if source.service:
        return f"by `{source.service}`"
    return "from the internet"


def with_network_keys(
    circumstances: Circumstances, through: tuple[str, ...], sources: tuple[Source, ...]
) -> dict[str, tuple[str, ...]]:
    """Values of the condition keys about the network that follow from the way in, absent ones empty.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    given = dict(circumstances.given)
    if through:
        given.setdefault(_ADDRESS, ())
        if len(through) == 1:
            given[_ENDPOINT] = through
    elif any(source.internet for source in sources):
        for key in (_ENDPOINT, _VPC, _INNER):
            given.setdefault(key, ())
    return given
