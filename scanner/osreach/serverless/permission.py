"""The permissions that data access policies grant, by the type of resource that each is about.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-configure-machine-learning.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ResourceType(StrEnum):
    """What a rule of a policy is about; `DASHBOARD` in network policies only, `INDEX` and `MODEL` not there."""

    COLLECTION = "collection"
    INDEX = "index"
    MODEL = "model"
    DASHBOARD = "dashboard"


EVERYTHING = "aoss:*"
"""Every permission on the resources of a rule."""

COLLECTION_PERMISSIONS = frozenset(
    {
        "aoss:CreateCollectionItems",
        "aoss:DeleteCollectionItems",
        "aoss:UpdateCollectionItems",
        "aoss:DescribeCollectionItems",
    }
)
INDEX_PERMISSIONS = frozenset(
    {
        "aoss:ReadDocument",
        "aoss:WriteDocument",
        "aoss:CreateIndex",
        "aoss:DeleteIndex",
        "aoss:UpdateIndex",
        "aoss:DescribeIndex",
    }
)
MODEL_PERMISSIONS = frozenset(
    {
        "aoss:DescribeMLResource",
        "aoss:CreateMLResource",
        "aoss:UpdateMLResource",
        "aoss:DeleteMLResource",
        "aoss:ExecuteMLResource",
    }
)
AGENT_PERMISSIONS = frozenset(
    {
        "aoss:CreateAgent",
        "aoss:DescribeAgent",
        "aoss:UpdateAgent",
        "aoss:DeleteAgent",
        "aoss:InvokeAgent",
        "aoss:SearchAgents",
    }
)
"""Of these the documentation does not say which type of resource they are about."""

PERMISSIONS = COLLECTION_PERMISSIONS | INDEX_PERMISSIONS | MODEL_PERMISSIONS | AGENT_PERMISSIONS

BY_TYPE: Mapping[ResourceType, frozenset[str]] = MappingProxyType(
    {
        ResourceType.COLLECTION: COLLECTION_PERMISSIONS,
        ResourceType.INDEX: INDEX_PERMISSIONS,
        ResourceType.MODEL: MODEL_PERMISSIONS,
    }
)
"""The permissions that rules of each type may grant, beside `aoss:*`."""

_SPELLED = {name.lower(): name for name in PERMISSIONS}


def spelled(permission: str) -> str | None:
    """The permission in its own spelling, None where there is none of that name."""
    return _SPELLED.get(permission.lower())


def type_of(permission: str) -> ResourceType | None:
    """What a permission is about, None where that is not documented."""
    return next((kind for kind, names in BY_TYPE.items() if permission in names), None)
