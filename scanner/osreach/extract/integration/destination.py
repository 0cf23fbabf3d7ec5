"""Which domain or collection a setting names: by reference, by ARN or by endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.access.integration import Destination, DestinationKind
from osreach.extract.attribute import with_holes
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import HOLES, Holes
from osreach.location import Location
from osreach.value import Text, Unknown, Value

COLLECTIONS = frozenset(
    {
        "aws_opensearchserverless_collection",
        "awscc_opensearchserverless_collection",
        "AWS::OpenSearchServerless::Collection",
    }
)
"""The types that are collections."""

_DOMAIN_ENDPOINT = re.compile(
    r"(?:https?://)?(?:search|vpc)-(?P<name>[a-z][a-z0-9-]*)-[a-z0-9]{10,}\.[a-z0-9.-]+\.(?:es|on)\.a"
)
"""The name of a domain in its endpoint.

https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createupdatedomains.html
"""
_DOMAIN_ARN = re.compile(rf":es:[^:]*:[^:]*:domain/(?P<name>(?:[a-z0-9-]|{HOLES})+)")
_COLLECTION = re.compile(r"\.aoss\.|:aoss:[^:]*:[^:]*:collection/")
_DOMAIN = re.compile(r"\.(?:es|on)\.(?:amazonaws|aws)\b|:es:[^:]*:[^:]*:domain/")


@dataclass(frozen=True, slots=True)
class Named:
    """The domains and collections of the code: by deployment and address, and domains by deployment and name."""

    kinds: Mapping[tuple[str, str], DestinationKind]
    domains: Mapping[tuple[str, str], str]


def named(resources: Iterable[Resource], domains: Sequence[Domain]) -> Named:
    """Everything that can be a destination."""
    kinds = {(one.deployment, one.address): DestinationKind.DOMAIN for one in domains}
    for resource in resources:
        if resource.type in COLLECTIONS and not is_data(resource):
            kinds[resource.deployment, resource.address] = DestinationKind.COLLECTION
    return Named(kinds, {(one.deployment, one.name): one.address for one in domains})


def destination(
    value: Value | None,
    resource: Resource,
    known: Named,
    holes: Holes,
    *,
    kind: DestinationKind = DestinationKind.UNKNOWN,
    index: str = "",
    place: Location | None = None,
) -> Destination:
    """The destination that `value` names; `kind` is what it is where the setting itself tells."""
    location = value.location if value is not None else place or resource.location
    text = with_holes(value, holes) if value is not None else ""
    for address in _referenced(value):
        found = known.kinds.get((resource.deployment, address))
        if found is not None:
            return Destination(found, address, text, index, location)
    by_name = _DOMAIN_ENDPOINT.match(text) or _DOMAIN_ARN.search(text)
    if by_name is not None:
        address = known.domains.get((resource.deployment, by_name["name"]), "")
        return Destination(DestinationKind.DOMAIN, address, text, index, location)
    if kind is DestinationKind.UNKNOWN and _COLLECTION.search(text):
        kind = DestinationKind.COLLECTION
    elif kind is DestinationKind.UNKNOWN and _DOMAIN.search(text):
        kind = DestinationKind.DOMAIN
    return Destination(kind, "", text, index, location)


def _referenced(value: Value | None) -> Iterator[str]:
    """The resources whose attributes the text is made of."""
    match value.data if value is not None else None:
        case Unknown(resource=address) if address:
            yield address
        case Text() as text:
            for unknown in text.unknowns:
                if unknown.resource:
                    yield unknown.resource
        case _:
            return
