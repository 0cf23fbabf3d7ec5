"""Reports a role for deliveries that has no way into its collection.

A delivery stream or pipeline into OpenSearch Serverless needs `aoss:APIAccessAll`
on the collection from the role's own policies, and permissions on the index
from a data access policy that names the role, as its ARN or as
`assumed-role/<role>/*`. Without one of the two nothing arrives.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.access.integration import DestinationKind, SearchClient
from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.integration import needs_of, role_of
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless_bearing import data_access, subject_of
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import of_collection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.access import decide_access
from osreach.serverless.operation import Need
from osreach.serverless.permission import ResourceType
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import FIREHOSE, PIPELINE_COLLECTIONS, SERVERLESS_DATA_ACCESS

_ACCESS = (Requests(("aoss:APIAccessAll",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each client of a collection of the code whose role certainly lacks what it needs."""
    seen: set[tuple[str, str]] = set()
    for client in analysis.model.integrations.clients:
        role = role_of(client, analysis.model)
        collection = _collection(client, analysis)
        if role is None or collection is None or not role.defined or (client.key, role.key) in seen:
            continue
        seen.add((client.key, role.key))
        lacking = tuple(_lacking(client, role, collection, analysis))
        if not lacking:
            continue
        policies = data_access(collection, analysis.model)
        elsewhere = not policies and lacking[0] != _ACCESS[0].actions[0]
        yield Match(
            f"`{role.address}`, the role of `{client.address}`, lacks {' and '.join(f'`{one}`' for one in lacking)}"
            f" on `{collection.address}`",
            client.address,
            (
                Place(client.role_location, "the role is given here"),
                Place(role.location, "the role"),
                Place(collection.location, "the collection"),
            ),
            confidence=Confidence.POSSIBLE if elsewhere else Confidence.CERTAIN,
            principal=role.address,
        )


def _collection(client: SearchClient, analysis: Analysis) -> Collection | None:
    if client.destination.kind is not DestinationKind.COLLECTION or not client.destination.address:
        return None
    return next(
        (
            one
            for one in analysis.serverless.collections
            if (one.deployment, one.address) == (client.deployment, client.destination.address)
        ),
        None,
    )


def _lacking(
    client: SearchClient, role: Identity, collection: Collection, analysis: Analysis
) -> Iterator[str]:
    """The right of IAM, then the permissions of data access policies, that the role does not have."""
    needs = needs_of(client)
    if needs is None or not needs.permissions:
        return
    standing = standing_of(role, analysis.model)
    found = analysis.access.of(standing, of_collection(collection), _ACCESS)
    if found.outcome is Outcome.DENIED:
        yield _ACCESS[0].actions[0]
    policies = data_access(collection, analysis.model)
    subject = subject_of(standing, analysis.model, collection.deployment)
    for permission in needs.permissions:
        need = Need(permission, ResourceType.INDEX)
        decision = decide_access(policies, subject, collection.account, collection.name, need)
        if decision.truth is Truth.FALSE:
            yield permission


RULE = Rule(
    "OSR609",
    "client-without-collection-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FIREHOSE, PIPELINE_COLLECTIONS, SERVERLESS_DATA_ACCESS),
    remedy="allow `aoss:APIAccessAll` on the collection, and name the role in a data access policy on the index",
)
