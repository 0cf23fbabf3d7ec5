"""A question about OpenSearch Serverless: what IAM is asked for it, and what the other policies say.

Every request for data needs a permission of IAM, a network policy that lets it
in and a data access policy that grants it; none of them implies another.
Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_opensearchserverless.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.cluster import Sent
from osreach.evaluate.layer import Answer, LayerAnswer, LayerName
from osreach.evaluate.serverless_bearing import data_access, is_outside_iam, subject_of
from osreach.evaluate.serverless_data import any_layer, data_layer, type_layer
from osreach.evaluate.serverless_guide import ALSO_AN_ACTION, INDEX_RULES, OUTSIDE, guided
from osreach.evaluate.serverless_keys import COLLECTION_KEY, ID_KEY
from osreach.evaluate.serverless_network import (
    doors_of,
    endpoint_policies,
    network_layer,
    sources_of,
    with_network_keys,
)
from osreach.evaluate.serverless_other import for_collection
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.document import Document
from osreach.serverless.operation import Need, need_of, need_of_permission
from osreach.serverless.permission import spelled

API, DASHBOARDS = "aoss:APIAccessAll", "aoss:DashboardsAccessAll"
"""The two permissions of IAM for data; neither implies the other."""

_ON_COLLECTION = frozenset({"aoss:deletecollection", "aoss:updatecollection", API.lower()})
_BOTH = frozenset({"aoss:CreateIndex", "aoss:UpdateIndex", "aoss:DeleteIndex"})
_CREATE = "aoss:createcollection"
_NO_KEY = LayerAnswer(
    LayerName.KEY,
    Answer.NOT_APPLICABLE,
    "OpenSearch Serverless decrypts for everyone whom data access policies let in, whatever they may do with the key",
)
"""Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html"""
_ABOUT_POLICIES = ("accesspolicy", "securitypolicy", "lifecyclepolicy", "batchgetcollection")


@dataclass(frozen=True, slots=True)
class ServerlessQuestion:
    """What becomes of a question.

    IAM is asked whether `standing` may do `action` to `target` in the given
    circumstances. `layers` say what else decides. `endpoint_policies` are those
    of the VPC endpoint that the request comes through. `outside_iam` tells
    callers who have no policies of IAM. `dependency` and `key` are what these
    layers say where it is known already. `creates` is the collection that the
    request makes, which needs its key.
    """

    standing: Standing
    target: Target
    action: str
    circumstances: Circumstances
    layers: tuple[LayerAnswer, ...] = ()
    endpoint_policies: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    outside_iam: bool = False
    dependency: LayerAnswer | None = None
    key: LayerAnswer | None = None
    creates: Collection | None = None

    @property
    def endpoint(self) -> tuple[Document, ...]:
        """The documents of these policies."""
        return tuple(policy.document for policy in self.endpoint_policies)


def serverless_question(
    standing: Standing,
    target: Target,
    action: str,
    path: str,
    sent: Sent | None,
    circumstances: Circumstances,
    model: Model,
) -> ServerlessQuestion | None:
    """What IAM is asked and what else decides; None where the question is not about OpenSearch Serverless."""
    collection = target.subject if target.kind is TargetKind.COLLECTION else None
    if not isinstance(collection, Collection):
        if not action.lower().startswith("aoss:"):
            return None
        told, notes = guided(standing, action, circumstances.given)
        return ServerlessQuestion(told, target, action, circumstances, notes=notes) if notes else None
    if sent is not None:
        return _data(standing, target, collection, need_of(sent.method, sent.path), circumstances, model)
    permission = spelled(action)
    index = path.removeprefix("/")
    if permission is not None:
        need = need_of_permission(permission, index)
        found = _data(standing, target, collection, need, circumstances, model)
        both = (ALSO_AN_ACTION.format(permission),) if permission in _BOTH else ()
        return replace(found, notes=(*found.notes, *both))
    match action.lower():
        case "aoss:apiaccessall":
            return _data(standing, target, collection, None, circumstances, model, index=index)
        case "aoss:dashboardsaccessall":
            need = Need(None, None, dashboards=True)
            return _data(standing, target, collection, need, circumstances, model, index=index)
        case _:
            own = for_collection(standing, collection, model)
            return _control(own, target, collection, action, index, circumstances)


def _data(
    standing: Standing,
    target: Target,
    collection: Collection,
    need: Need | None,
    circumstances: Circumstances,
    model: Model,
    *,
    index: str = "",
) -> ServerlessQuestion:
    """A request for data; `need` is None for any request to the endpoint of the collection."""
    standing = for_collection(standing, collection, model)
    dashboards = need is not None and need.dashboards
    doors = doors_of(collection, model)
    network, through = network_layer(doors, standing, circumstances, model, dashboards=dashboards)
    policies = data_access(collection, model)
    subject = subject_of(standing, model, collection.deployment)
    name = standing.name
    if need is None or dashboards:
        data, notes = any_layer(collection, policies, subject, name, index)
    else:
        data, notes = data_layer(collection, policies, subject, name, need)
    given = with_network_keys(circumstances, through, sources_of(standing, circumstances, model))
    given.setdefault(COLLECTION_KEY, (collection.name,))
    given.setdefault(ID_KEY, (collection.id,))
    outside = is_outside_iam(standing)
    asked = target
    if dashboards:
        asked = replace(target, arn=collection.dashboards_arn)
    return ServerlessQuestion(
        standing,
        asked,
        DASHBOARDS if dashboards else API,
        replace(circumstances, given=given),
        (network, data),
        endpoint_policies(through, model),
        (*notes, *((OUTSIDE,) if outside else ())),
        outside,
        type_layer(collection, need) if need is not None else None,
        _NO_KEY,
    )


def _control(
    standing: Standing,
    target: Target,
    collection: Collection,
    action: str,
    index: str,
    circumstances: Circumstances,
) -> ServerlessQuestion:
    """An operation of the service's own API, which IAM alone decides."""
    given = dict(circumstances.given)
    notes: tuple[str, ...] = ()
    own = action.lower() in _ON_COLLECTION
    asked = replace(target, kind=TargetKind.OTHER, arn=target.arn if own else "*")
    if action.lower().endswith(_ABOUT_POLICIES):
        if not index:
            given.setdefault(COLLECTION_KEY, (collection.name,))
        elif COLLECTION_KEY not in given:
            notes = (INDEX_RULES,)
    else:
        given.setdefault(COLLECTION_KEY, ())
        given.setdefault(ID_KEY, ())
    told, disagreements = guided(standing, action, given)
    reason = "the service's own API is not reached through the endpoint of the collection"
    layers = (
        LayerAnswer(LayerName.SERVERLESS_NETWORK, Answer.NOT_APPLICABLE, reason),
        LayerAnswer(
            LayerName.SERVERLESS_DATA,
            Answer.NOT_APPLICABLE,
            "data access policies do not govern the service's own API",
        ),
    )
    return ServerlessQuestion(
        told,
        asked,
        action,
        replace(circumstances, given=given),
        layers,
        notes=(*notes, *disagreements),
        creates=collection if action.lower() == _CREATE else None,
    )
