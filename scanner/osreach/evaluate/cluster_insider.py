"""A caller as the cluster knows it, worked out once for each domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.evaluate.cluster import content_of, mappings_for, subject_of
from osreach.evaluate.cluster_mapping import MappingsByName
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.opensearch.authentication import Refusal
from osreach.opensearch.grant import rendered
from osreach.opensearch.mapping import Held, mapped_roles
from osreach.opensearch.subject import Subject

EVERY_INDEX = "*"


@dataclass(frozen=True, slots=True)
class Insider:
    """A caller inside a cluster: who it is there, and what it holds."""

    content: ClusterContent
    subject: Subject
    held: tuple[Held, ...]
    patterns: tuple[str, ...]


def content_at(effective: EffectiveAccess, target: Target) -> ClusterContent | None:
    """The inside of the target's cluster, looked up once; None where nothing is known of it, or it is no domain."""
    key = ("content", target.key)
    if key not in effective.inside:
        domain = target.subject
        effective.inside[key] = content_of(effective.model, domain) if isinstance(domain, Domain) else None
    found = effective.inside[key]
    return found if isinstance(found, ClusterContent) else None


def insider_of(
    standing: Standing, content: ClusterContent, effective: EffectiveAccess, target: Target
) -> Insider | Refusal:
    """Who the caller is inside, worked out once."""
    key = (standing.key, standing.credentials, standing.name, target.key)
    known = effective.inside.get(key)
    if isinstance(known, Insider | Refusal):
        return known
    subject = subject_of(standing, content)
    found: Insider | Refusal
    if isinstance(subject, Refusal):
        found = subject
    else:
        cluster = content.cluster
        mappings = mappings_for(content, subject, _mappings(content, effective, target).of(subject))
        held = mapped_roles(mappings, subject, in_vpc=cluster.in_vpc)
        found = Insider(content, subject, held, tuple(_patterns(content, subject, held)))
    effective.inside[key] = found
    return found


def _mappings(content: ClusterContent, effective: EffectiveAccess, target: Target) -> MappingsByName:
    key = ("mappings", target.key)
    known = effective.inside.get(key)
    if not isinstance(known, MappingsByName):
        known = effective.inside[key] = MappingsByName(content.cluster.mappings)
    return known


def _patterns(content: ClusterContent, subject: Subject, held: tuple[Held, ...]) -> Iterator[str]:
    """The patterns of indexes that the caller's roles speak of, each once; those of Dashboards itself are no data."""
    found: dict[str, None] = {}
    for one in held:
        role = content.cluster.roles.get(one.role)
        if role is None:
            continue
        if role.partial:
            found.setdefault(EVERY_INDEX)
        for permission in role.index_permissions:
            for pattern, _ in rendered(permission.patterns, subject, held):
                if not (role.predefined and (pattern.startswith(".") or ":" in pattern)):
                    found.setdefault(pattern)
    return iter(found)
