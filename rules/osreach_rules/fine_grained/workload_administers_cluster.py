"""Reports a workload whose role is a master user of a cluster.

Inside the cluster IAM does not count any more: a role without a single
permission in IAM that is the master user, or holds `all_access`, reads, changes
and deletes everything. An application needs a role for its own indexes.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import (
    entry_place,
    identities_in,
    identity_of,
    masters,
    of_cluster,
)
from osreach_rules.fine_grained.master import is_given
from osreach_rules.fine_grained.workload import is_workload, runs_as
from osreach_rules.references import FINE_GRAINED

_ALL_ACCESS = "all_access"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role of a workload that the domain or a mapping makes an administrator."""
    for content in analysis.clusters:
        seen: set[str] = set()
        for entry, place, how in _administrators(analysis, content):
            identity = identity_of(analysis, content, entry)
            if identity is None or identity.key in seen or not is_workload(analysis, identity):
                continue
            seen.add(identity.key)
            run = runs_as(analysis, identity)
            trail = [place, Place(identity.location, "the role")]
            if run is not None:
                trail.append(Place(run.location, f"`{run.address}` runs as it"))
            yield Match(
                f"`{identity.address}`, the role of a workload, {how}{of_cluster(content)}",
                identity.address,
                tuple(trail),
                principal=identity.address,
            )


def _administrators(analysis: Analysis, content: ClusterContent) -> Iterator[tuple[str, Place, str]]:
    domain = content.domain
    if domain is not None and domain.fine_grained.enabled.is_certainly(value=True):
        setting = domain.fine_grained.master_arn
        if is_given(setting) and isinstance(setting.value, str):
            yield setting.value, Place(setting.location, "the master user"), "is the master user"
    known = masters(content)
    for declared in content.mappings:
        if declared.content.role == _ALL_ACCESS:
            for entry in identities_in(declared.content):
                if entry not in known:
                    place = entry_place(analysis, declared, entry, "it is mapped here")
                    yield entry, place, f"holds `{declared.content.role}`"


RULE = Rule(
    "OSR210",
    "workload-administers-cluster",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map the workload to a role for its own indexes, and keep the master user for administrators",
)
