"""Indexes in which the cluster and its plugins keep their own state.

Source: https://docs.opensearch.org/latest/security/configuration/system-indices/
"""

from __future__ import annotations

from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.index import Every, Name, Target
from osreach.opensearch.pattern import matches, matches_any
from osreach.truth import Truth

EXPLICIT_PERMISSION = "system:admin/system_index"
"""Must be written out in a role; no wildcard stands for it."""

SYSTEM_INDEXES = (
    ".geospatial-ip2geo-data*",
    ".job-scheduler-history",
    ".ltrstore*",
    ".opendistro-alerting-alert*",
    ".opendistro-alerting-config",
    ".opendistro-anomaly-checkpoints",
    ".opendistro-anomaly-detection-state",
    ".opendistro-anomaly-detector*",
    ".opendistro-anomaly-results*",
    ".opendistro-asynchronous-search-response",
    ".opendistro-ism-config",
    ".opendistro-ism-managed-index-history*",
    ".opendistro-job-scheduler-lock",
    ".opendistro-reports-*",
    ".opensearch-alerting-comments*",
    ".opensearch-control-center",
    ".opensearch-forecast-checkpoints",
    ".opensearch-forecast-state",
    ".opensearch-forecasters*",
    ".opensearch-knn-models",
    ".opensearch-notebooks",
    ".opensearch-notifications-config",
    ".opensearch-observability",
    ".opensearch-sap-*",
    ".opensearch_security_api_tokens",
    ".plugins-flow-framework-*",
    ".plugins-ml-*",
    ".plugins-search-relevance-*",
    ".ql-datasources",
    ".query_execution_request*",
    ".replication-metadata-store",
    ".scheduler-geospatial-ip2geo-datasource",
)
"""Patterns of plugins' system indexes. Those of Dashboards and of tasks are left out: predefined roles grant them."""

_PROTECTED_ACTIONS = (
    "indices:data/write*",
    "indices:admin/delete*",
    "indices:admin/mapping/delete*",
    "indices:admin/mapping/put*",
    "indices:admin/freeze*",
    "indices:admin/settings/update*",
    "indices:admin/aliases",
    "indices:admin/close*",
    "cluster:admin/snapshot/restore*",
)
"""What nobody does to a protected index, from `SystemIndexAccessEvaluator` of the Security plugin."""


def is_system_index(name: str) -> bool:
    """Whether an index belongs to a plugin of the standard distribution."""
    # Most names need no look at the patterns, which all begin with a dot.
    return name.startswith(".") and matches_any(SYSTEM_INDEXES, name) is Truth.TRUE


def limit(action: str, target: Target, protected: Truth, explicit: tuple[str, ...] = ()) -> tuple[Truth, str]:
    """The most that a role can give on this target, and why it is less than `TRUE`.

    `protected` says whether system indexes other than the security index are
    closed; `explicit` are the patterns for which a role has `EXPLICIT_PERMISSION`.
    """
    changes = matches_any(_PROTECTED_ACTIONS, action) is Truth.TRUE
    match target:
        case Name(name) if name == SECURITY_INDEX:
            if changes:
                return Truth.FALSE, f"nobody may change `{SECURITY_INDEX}`"
            if action.startswith("indices:data/read"):
                return Truth.FALSE, f"reads of `{SECURITY_INDEX}` are refused or find nothing"
        case Name(name) if changes and is_system_index(name):
            if matches_any(explicit, name) is Truth.TRUE:
                return Truth.TRUE, ""
            if protected is Truth.TRUE:
                return Truth.FALSE, f"the system index `{name}` needs `{EXPLICIT_PERMISSION}`"
            if protected is Truth.UNKNOWN:
                return (
                    Truth.UNKNOWN,
                    f"whether the service protects the system index `{name}` is not documented",
                )
        case Every() if changes and _selects_security_index(target):
            return Truth.FALSE, f"`{SECURITY_INDEX}` is among the indexes, which nobody may change"
        case _:
            pass
    return Truth.TRUE, ""


def _selects_security_index(target: Every) -> bool:
    return matches(target.pattern, SECURITY_INDEX) is Truth.TRUE and not any(
        matches(pattern, SECURITY_INDEX) is not Truth.FALSE for pattern in target.excluded
    )
