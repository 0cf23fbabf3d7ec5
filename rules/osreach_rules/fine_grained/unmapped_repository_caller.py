"""Reports a snapshot repository that nobody in the code may register.

Inside the cluster, the one who signs the request needs `manage_snapshots`. The
role that writes the snapshots to the bucket signs nothing there; to map it
instead is of no use.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared, SnapshotRepository
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.decision import check_needs
from osreach.opensearch.mapping import mapped_roles
from osreach.opensearch.need import Need
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.subject import iam_role, iam_user
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import identities_in
from osreach_rules.references import FINE_GRAINED, SNAPSHOTS

_ROLE = "manage_snapshots"
_NEEDS = (Need("cluster:admin/repository/put"),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each repository whose caller holds no role for it, or in place of which its own role is mapped."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None or content.cluster.mappings_partial:
            continue
        if not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        for declared in content.repositories:
            yield from _judged(content, declared)


def _judged(content: ClusterContent, declared: Declared[SnapshotRepository]) -> Iterator[Match]:
    repository = declared.content
    swapped = next(
        (
            one
            for one in content.mappings
            if one.content.role == _ROLE and identities_in(one.content) == (repository.role,)
        ),
        None,
    )
    if swapped is not None and repository.caller != repository.role:
        yield Match(
            f"`{_ROLE}` is mapped to the role of the repository `{declared.address}`, which registers nothing",
            declared.address,
            (
                Place(swapped.location, "the caller that registers it is meant here"),
                Place(declared.location, "the repository"),
            ),
            # whoever registers it may be an administrator, who needs no mapping
            severity=Severity.LOW if _may_register(content, repository.caller) else None,
            principal=repository.role,
        )
    elif not _may_register(content, repository.caller):
        yield Match(
            f"`{repository.caller}` registers `{declared.address}`, but holds no role that permits it",
            declared.address,
            (Place(declared.location, f"it needs `{_ROLE}`"),),
            confidence=Confidence.POSSIBLE,
            principal=repository.caller,
        )


def _may_register(content: ClusterContent, caller: str) -> bool:
    """Whether the caller may hold a role that is enough; one that is not known may."""
    if not caller or has_hole(caller):
        return True
    subject = iam_role(caller) if ":role/" in caller else iam_user(caller)
    held = mapped_roles(content.cluster.mappings, subject, in_vpc=content.cluster.in_vpc)
    checks = check_needs(content.cluster, subject, held, _NEEDS)
    return any(one.truth is not Truth.FALSE for one in checks)


RULE = Rule(
    "OSR250",
    "unmapped-repository-caller",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, SNAPSHOTS),
    remedy="map `manage_snapshots` to the role that signs the request and may pass the snapshot role",
)
