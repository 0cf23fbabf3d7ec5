"""Reports a knowledge base of Bedrock that gets more of collections than its own index.

A knowledge base reads and writes one vector index as its role, and comes through
the network as the service `bedrock.amazonaws.com`. A data access policy that
gives the role `aoss:*`, or a network policy that lets the service into every
collection, opens what other data there is.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.integration import ClientKind, DestinationKind
from osreach.analysis import Analysis
from osreach.evaluate.integration import role_of
from osreach.evaluate.serverless_bearing import subject_of
from osreach.evaluate.standing import standing_of
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import EVERYTHING
from osreach.serverless.principal import principal_matches
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_NETWORK

_BEDROCK = "bedrock.amazonaws.com"
_EVERY_COLLECTION = "collection/*"
_CONFIDENCE = {Truth.TRUE: Confidence.CERTAIN, Truth.UNKNOWN: Confidence.POSSIBLE}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such permission and each such rule for the network."""
    return once_a_place((*_permissions(analysis), *_doors(analysis)))


def _permissions(analysis: Analysis) -> Iterator[Match]:
    for client in analysis.model.integrations.clients:
        role = role_of(client, analysis.model)
        if client.kind is not ClientKind.KNOWLEDGE_BASE or role is None:
            continue
        if client.destination.kind is not DestinationKind.COLLECTION:
            continue
        subject = subject_of(standing_of(role, analysis.model), analysis.model, client.deployment)
        for policy in analysis.serverless.data_access:
            if policy.deployment != client.deployment:
                continue
            for entry in policy.content.entries:
                named = [principal_matches(one.text, subject, policy.account) for one in entry.principals]
                truth = max((truth for truth, note in named if note is None), default=Truth.FALSE)
                if truth is Truth.FALSE:
                    continue
                everything = [
                    permission
                    for rule in entry.rules
                    for permission in rule.permissions
                    if permission.text == EVERYTHING
                ]
                if everything:
                    yield Match(
                        f"`{role.address}`, the role of a knowledge base, gets `{EVERYTHING}`",
                        policy.address,
                        (
                            *(Place(one.location, "every permission") for one in everything),
                            Place(client.role_location, "the role of the knowledge base"),
                        ),
                        confidence=_CONFIDENCE[truth],
                        principal=role.address,
                    )


def _doors(analysis: Analysis) -> Iterator[Match]:
    for policy in analysis.serverless.network:
        for entry in policy.content.entries:
            service = next((one for one in entry.services if one.text == _BEDROCK), None)
            pattern = next(
                (
                    one
                    for rule in entry.rules
                    for one in rule.resources
                    if one.text.rstrip("*") + "*" == _EVERY_COLLECTION
                ),
                None,
            )
            if service is not None and pattern is not None and entry.public.value is not Truth.TRUE:
                yield Match(
                    f"`{_BEDROCK}` reaches every collection by `{policy.address}`",
                    policy.address,
                    (Place(pattern.location, "every collection"), Place(service.location, "the service")),
                    principal=_BEDROCK,
                )


RULE = Rule(
    "OSR621",
    "broad-knowledge-base",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK, SERVERLESS_DATA_ACCESS),
    remedy="name the collection, and the permissions on its index that the knowledge base needs",
)
