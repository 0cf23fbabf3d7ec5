"""Reports whoever can change roles and mappings without being an administrator of the data.

`security_manager` opens the security API: its holders can map themselves to
`all_access`. The documentation gives both roles to master users together, and to
nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import entry_place, listed, mapped_to, of_cluster, others
from osreach_rules.fine_grained.group import is_everyones_group
from osreach_rules.fine_grained.wildcard import is_wild
from osreach_rules.references import FINE_GRAINED, MAPPING_API

_ROLES = ("security_manager", "security_rest_api_access", "security_rest_api_full_access")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such mapping with entries that neither hold `all_access` nor are known to run the cluster."""
    for content in analysis.clusters:
        administrators = mapped_to(content, frozenset({"all_access"}))
        for declared in content.mappings:
            if declared.content.role not in _ROLES:
                continue
            entries = tuple(
                entry
                for entry in others(analysis, content, declared.content)
                # What matches everyone is reported as that.
                if entry not in administrators and not is_wild(entry) and not is_everyones_group(entry)
            )
            if entries:
                yield Match(
                    f"`{declared.content.role}`{of_cluster(content)} lets {listed(analysis, entries)} "
                    "give themselves `all_access`",
                    declared.address,
                    (
                        entry_place(analysis, declared, entries[0], "the entry"),
                        Place(declared.location, "the mapping"),
                    ),
                    principal=entries[0],
                )


RULE = Rule(
    "OSR212",
    "security-manager-alone",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, MAPPING_API),
    remedy="take it out, or map it to `all_access` as well where it is meant to administer",
)
