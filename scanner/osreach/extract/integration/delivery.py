"""Delivery streams of Firehose into domains and collections.

Sources:
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kinesis_firehose_delivery_stream
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesisfirehose-deliverystream.html
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.integration import ClientKind, DestinationKind, Direction, SearchClient
from osreach.extract.integration.destination import Named, destination
from osreach.extract.integration.named import entry, setting, words
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Object

TYPES = frozenset(
    {
        "aws_kinesis_firehose_delivery_stream",
        "awscc_kinesisfirehose_delivery_stream",
        "AWS::KinesisFirehose::DeliveryStream",
    }
)
"""The types that are delivery streams."""

SERVICE = "firehose.amazonaws.com"
"""The service that assumes the role of a delivery stream."""

_DESTINATIONS = {
    "opensearchconfiguration": DestinationKind.DOMAIN,
    "elasticsearchconfiguration": DestinationKind.DOMAIN,
    "opensearchserverlessconfiguration": DestinationKind.COLLECTION,
    "amazonopensearchservicedestinationconfiguration": DestinationKind.DOMAIN,
    "elasticsearchdestinationconfiguration": DestinationKind.DOMAIN,
    "amazonopensearchserverlessdestinationconfiguration": DestinationKind.COLLECTION,
}


def read_delivery(resource: Resource, known: Named, holes: Holes) -> Iterator[SearchClient]:
    """The destinations of one delivery stream that are clusters: one, in a stream that AWS takes."""
    for block_name, kind in _DESTINATIONS.items():
        block = setting(resource, block_name)
        inner = block.items[0] if block is not None and block.items else None
        if inner is None or not isinstance(inner.data, Object):
            continue
        role = entry(inner, "rolearn")
        target = (
            entry(inner, "domainarn") or entry(inner, "clusterendpoint") or entry(inner, "collectionendpoint")
        )
        yield SearchClient(
            address=resource.address,
            deployment=resource.deployment,
            kind=ClientKind.DELIVERY,
            service=SERVICE,
            direction=Direction.WRITES,
            role=words(role, holes),
            role_location=role.location if role is not None else inner.location,
            destination=destination(
                target,
                resource,
                known,
                holes,
                kind=kind,
                index=words(entry(inner, "indexname"), holes),
                place=inner.location,
            ),
            location=resource.location,
        )
