"""What condition keys can hold in requests to OpenSearch Serverless.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_opensearchserverless.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
"""

from __future__ import annotations

from osreach.access.serverless import Collection
from osreach.iam.question import Absent, AnyAddress, AnyText, Fixed, KeyDomain, Unconstrained

COLLECTION_KEY, ID_KEY, INDEX_KEY = "aoss:collection", "aoss:collectionid", "aoss:index"
_TAG = "aws:resourcetag/"
_SUPPORTED = (
    "aws:calledvia",
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:principalservicename",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:requestedregion",
    "aws:resourcetag/",
    "aws:sourceip",
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:vpcsourceip",
    "aws:userid",
    "aws:username",
)
"""Global keys that the service promises in requests for data; any other may be there or not."""

_NEVER = ("aws:requesttag/", "aws:tagkeys")


def is_promised(key: str) -> bool:
    """Whether the documentation lists the global key (in lower case) for requests for data."""
    return key.startswith(_SUPPORTED)


def serverless_domain(key: str, collection: Collection, arn: str, *, data: bool) -> KeyDomain | None:
    """What `key` holds in a request about the collection; None where it is as everywhere.

    `arn` is what the request is about in IAM: the collection, Dashboards, or
    `*`. `data` tells requests for data from operations of the service's own API.
    """
    if not data:
        if key.startswith("aoss:"):
            return Unconstrained()
        return _tag(key.removeprefix(_TAG), collection, arn) if key.startswith(_TAG) else None
    match key:
        case "aoss:collection":
            return Fixed((collection.name,))
        case "aoss:collectionid":
            return Fixed((collection.id,))
        case "aws:sourceip":
            return AnyAddress(optional=True)
        case "aws:requestedregion":
            return Fixed((collection.region,))
    if key.startswith("aoss:") or key.startswith(_NEVER):
        return Absent()
    if key.startswith(_TAG):
        return _tag(key.removeprefix(_TAG), collection, arn)
    if key.startswith("aws:") and not is_promised(key):
        return AnyText(optional=True) if key in {"aws:useragent", "aws:referer"} else Unconstrained()
    return None


def _tag(name: str, collection: Collection, arn: str) -> KeyDomain:
    if arn != collection.arn:
        # the key is not listed for Dashboards
        return Unconstrained()
    known = next((value for key, value in collection.tags.items() if key.lower() == name), None)
    if known is not None:
        return Fixed((known,))
    return Unconstrained() if collection.tags_partial else Absent()
