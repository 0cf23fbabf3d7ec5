"""Reports a master user's role that is mapped to a group of everyone, or to one that is for reading.

`all_access` reads, changes and deletes every index, and `security_manager` gives
every role to whom it likes. A group that all employees are in, or a permission
set for reading only, was not made for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.escalation import gives_everything
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import EVERYTHING_ROLES, entry_place, identities_in, of_cluster
from osreach_rules.fine_grained.group import is_everyones_group
from osreach_rules.references import FINE_GRAINED, USERS_AND_ROLES

_FOR_READING = re.compile(r"AWSReservedSSO_[^/]*(?:Read_?-?Only|ViewOnly)", re.IGNORECASE)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each entry of such a group in a mapping of a role that gives everything."""
    for content in analysis.clusters:
        for declared in content.mappings:
            if not _gives_everything(content, declared.content.role):
                continue
            for entry in identities_in(declared.content):
                if is_everyones_group(entry):
                    fault = "a group of everyone"
                elif _FOR_READING.search(entry):
                    fault = "a permission set for reading"
                else:
                    continue
                yield Match(
                    f"`{analysis.words(entry)}`, {fault}, holds `{declared.content.role}`{of_cluster(content)}",
                    declared.address,
                    (
                        entry_place(analysis, declared, entry, "the entry"),
                        Place(declared.location, "the mapping"),
                    ),
                    principal=entry,
                )


def _gives_everything(content: ClusterContent, name: str) -> bool:
    role = content.cluster.roles.get(name)
    return name in EVERYTHING_ROLES or (role is not None and gives_everything(role, content.cluster.groups))


RULE = Rule(
    "OSR211",
    "broad-administrators",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, USERS_AND_ROLES),
    remedy="map a group of administrators, and give everyone else a role for what they need",
)
