"""What IAM and the network leave of the ways into a collection of OpenSearch Serverless.

Every way is one of the two endpoints, the collection's own or that of Dashboards,
asked for from one source. Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.effective import DENIED, Access, EffectiveAccess, Outcome
from osreach.evaluate.layer import Answer, LayerAnswer, said
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless import API, DASHBOARDS
from osreach.evaluate.serverless_bearing import is_outside_iam
from osreach.evaluate.serverless_guide import OUTSIDE
from osreach.evaluate.serverless_network import (
    Doors,
    doors_of,
    endpoint_policies,
    network_from,
    network_layer,
    ways_in,
    with_network_keys,
)
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.iam.document import PolicyKind
from osreach.iam.facts import facts_of
from osreach.iam.request import Anonymous
from osreach.serverless.network import Source
from osreach.serverless.pattern import equal
from osreach.truth import Truth

DATA_ACTIONS = (API, DASHBOARDS)
"""What IAM is asked about data: one permission for each endpoint."""

_OUTCOMES = {
    Answer.ALLOWED: Outcome.ALLOWED,
    Answer.UNKNOWN: Outcome.UNKNOWN,
    Answer.NOT_APPLICABLE: Outcome.ALLOWED,
}
_DEPLOYER = "it runs the deployment, and its own policies allow it"
_LET_THROUGH = "the policy of the VPC endpoint lets it through"


@dataclass(frozen=True, slots=True)
class Way:
    """One endpoint from one source: what IAM is asked on which ARN, and what the network says.

    `source` is None where requests may come from anywhere that reaches the endpoint.
    """

    action: str
    arn: str
    source: Source | None
    network: LayerAnswer
    circumstances: Circumstances


def edge(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    collection: Collection,
    actions: AbstractSet[str],
) -> Access:
    """What IAM and the network leave of the best way in; only of those that `actions` name, where they do."""
    best = DENIED
    for way in _ways(doors_of(collection, effective.model), collection, standing, effective.model):
        if actions <= _LOWERED and way.action.lower() not in actions:
            continue
        found = through(effective, standing, target, way)
        if found.outcome.rank > best.outcome.rank:
            best = found
    return best


_LOWERED = frozenset(action.lower() for action in DATA_ACTIONS)


def _ways(doors: Doors, collection: Collection, standing: Standing, model: Model) -> Iterator[Way]:
    sources = ways_in(doors)
    for action in DATA_ACTIONS:
        for source in sources:
            way = way_from(source, action, doors, standing, model)
            if way.network.answer is not Answer.IMPLICIT_DENY:
                yield way
        if not sources:
            dashboards = action == DASHBOARDS
            network, _ = network_layer(doors, standing, DIRECT, model, dashboards=dashboards)
            if network.answer is not Answer.IMPLICIT_DENY:
                yield Way(action, _arn(action, collection), None, network, DIRECT)


def way_from(source: Source, action: str, doors: Doors, standing: Standing, model: Model) -> Way:
    """The way in from `source` by the endpoint that `action` is about."""
    network = network_from(doors, source, standing, model, dashboards=action == DASHBOARDS)
    ids = (source.endpoint,) if source.endpoint else ()
    documents = tuple(policy.document for policy in endpoint_policies(ids, model))
    circumstances = Circumstances(with_network_keys(DIRECT, ids, (source,)), endpoint=documents)
    return Way(action, _arn(action, doors.collection), source, network, circumstances)


def _arn(action: str, collection: Collection) -> str:
    return collection.dashboards_arn if action == DASHBOARDS else collection.arn


def through(effective: EffectiveAccess, standing: Standing, target: Target, way: Way) -> Access:
    """What IAM and the network leave of one way in."""
    outcome = _OUTCOMES.get(way.network.answer, Outcome.DENIED)
    places = tuple(one.location for one in way.network.because if one.location is not None)
    conditions = (way.network.reason,) if outcome is Outcome.UNKNOWN else ()
    network = Access(outcome, conditions=conditions, places=places)
    if outcome is Outcome.DENIED:
        return DENIED
    if is_outside_iam(standing):
        return lesser(Access(Outcome.UNKNOWN, conditions=(OUTSIDE,)), network)
    if isinstance(standing.principal, Anonymous):
        words = (_DEPLOYER, _LET_THROUGH) if way.circumstances.endpoint else (_DEPLOYER,)
        return lesser(Access(Outcome.CONDITIONAL, conditions=words), network)
    if standing.assumed:
        # A data access policy names somebody whose own policies nobody knows.
        own = equal(standing.account, target.account)
        outcome = Outcome.CONDITIONAL if own is Truth.TRUE else Outcome.UNKNOWN
        assumed = Access(outcome, conditions=(standing.assumed,))
        return lesser(
            lesser(assumed, _let_through(standing, asked_on(target, way), way, effective.model)), network
        )
    return lesser(
        effective.of(standing, asked_on(target, way), (Requests((way.action,)),), way.circumstances), network
    )


def asked_on(target: Target, way: Way) -> Target:
    """The collection as IAM is asked about it on a way in."""
    asked = replace(target, arn=way.arn)
    return renamed(asked, "Dashboards") if way.action == DASHBOARDS else asked


def _let_through(standing: Standing, target: Target, way: Way, model: Model) -> Access:
    """What the policy of the VPC endpoint says to a caller whose own policies nobody knows."""
    if way.source is None or not way.circumstances.endpoint:
        return Access(Outcome.ALLOWED)
    keys = keys_of(way.circumstances.endpoint)
    domains = key_domains(keys, standing.principal, target, way.circumstances)
    request = request_of(standing.principal, way.action, way.arn, target, domains)
    policies = endpoint_policies((way.source.endpoint,), model)
    match said(policies, PolicyKind.RESOURCE, facts_of(request)).answer:
        case Answer.ALLOWED:
            return Access(Outcome.ALLOWED)
        case Answer.UNKNOWN:
            return Access(Outcome.CONDITIONAL, conditions=(_LET_THROUGH,))
        case _:
            return DENIED


def renamed(target: Target, word: str) -> Target:
    """The same resource under a key of its own, so that answers about both are kept apart."""
    return replace(target, address=f"{target.address} ({word})")


def lesser(one: Access, other: Access) -> Access:
    """What is left where both are needed, with the conditions and places of both."""
    least = min(one, other, key=lambda access: access.outcome.rank)
    if least.outcome is Outcome.DENIED:
        return DENIED
    return Access(
        least.outcome,
        one.witness or other.witness,
        tuple(dict.fromkeys((*one.conditions, *other.conditions))),
        (*one.because, *other.because),
        (*one.depends_on, *other.depends_on),
        one.reason or other.reason,
        tuple(dict.fromkeys((*one.places, *other.places))),
        tuple(dict.fromkeys((*one.indexes, *other.indexes))),
    )
