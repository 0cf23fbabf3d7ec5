"""Actions: how `Action` patterns match, and the legacy names of `es` actions.

Case does not matter in prefix and name, and wildcards stand in the name only:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html

In IAM policies a permission, allow or deny, on the legacy name of an `es` action
counts for its current name too; in service control policies it does not:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html
The reverse is not documented, so a statement on the current name does not cover
a request by the legacy one.
"""

from __future__ import annotations

from functools import lru_cache

from osreach.iam.document import PolicyKind
from osreach.iam.glob_match import glob_matches, has_wildcard, is_everything
from osreach.iam.hole import has_hole
from osreach.truth import Truth

LEGACY_NAMES = {
    "AcceptInboundConnection": "AcceptInboundCrossClusterSearchConnection",
    "CancelServiceSoftwareUpdate": "CancelElasticsearchServiceSoftwareUpdate",
    "CreateDomain": "CreateElasticsearchDomain",
    "CreateOutboundConnection": "CreateOutboundCrossClusterSearchConnection",
    "CreateServiceRole": "CreateElasticsearchServiceRole",
    "DeleteDomain": "DeleteElasticsearchDomain",
    "DeleteInboundConnection": "DeleteInboundCrossClusterSearchConnection",
    "DeleteOutboundConnection": "DeleteOutboundCrossClusterSearchConnection",
    "DescribeDomain": "DescribeElasticsearchDomain",
    "DescribeDomainConfig": "DescribeElasticsearchDomainConfig",
    "DescribeDomains": "DescribeElasticsearchDomains",
    "DescribeInboundConnections": "DescribeInboundCrossClusterSearchConnections",
    "DescribeInstanceTypeLimits": "DescribeElasticsearchInstanceTypeLimits",
    "DescribeOutboundConnections": "DescribeOutboundCrossClusterSearchConnections",
    "DescribeReservedInstanceOfferings": "DescribeReservedElasticsearchInstanceOfferings",
    "DescribeReservedInstances": "DescribeReservedElasticsearchInstances",
    "GetCompatibleVersions": "GetCompatibleElasticsearchVersions",
    "ListInstanceTypeDetails": "ListElasticsearchInstanceTypeDetails",
    "ListVersions": "ListElasticsearchVersions",
    "PurchaseReservedInstanceOffering": "PurchaseReservedElasticsearchInstanceOffering",
    "RejectInboundConnection": "RejectInboundCrossClusterSearchConnection",
    "RollbackServiceSoftwareUpdate": "RollbackElasticsearchServiceSoftwareUpdate",
    "StartServiceSoftwareUpdate": "StartElasticsearchServiceSoftwareUpdate",
    "UpdateDomainConfig": "UpdateElasticsearchDomainConfig",
    "UpgradeDomain": "UpgradeElasticsearchDomain",
}
"""The current name of an `es` action and its legacy one."""

_LEGACY = {f"es:{current}".lower(): f"es:{legacy}".lower() for current, legacy in LEGACY_NAMES.items()}
_CURRENT = {legacy: current for current, legacy in _LEGACY.items()}


def current_name(action: str) -> str | None:
    """The current name, in lower case, of a legacy action in lower case."""
    return _CURRENT.get(action)


def is_malformed(pattern: str) -> bool:
    """Whether a pattern without holes has no service prefix or a wildcard in it; such a pattern matches nothing."""
    if is_everything(pattern) or has_hole(pattern):
        return False
    service, colon, name = pattern.partition(":")
    return not colon or (has_wildcard(service) and not (is_everything(service) and is_everything(name)))


@lru_cache(maxsize=65536)
def names_match(pattern: str, action: str) -> Truth:
    """Whether `pattern` covers the literal name `action`; both in any case."""
    return Truth.FALSE if is_malformed(pattern) else glob_matches(pattern.lower(), action.lower())


def action_matches(pattern: str, action: str, kind: PolicyKind) -> Truth:
    """Whether an `Action` pattern covers `action`, by its own name or, outside SCPs, by its legacy one."""
    truth = names_match(pattern, action)
    if truth is not Truth.TRUE and kind not in {PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}:
        legacy = _LEGACY.get(action.lower())
        if legacy is not None:
            truth = max(truth, names_match(pattern, legacy))
    return truth
