"""Reports a mapping of `all_access` or `security_manager` that leaves the master user out.

The service maps both roles to the master user when it makes the domain. A
mapping is replaced as a whole when it is written, so that one without the
master user takes the cluster away from it, and from whatever signs in as it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Origin
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.mapping import holds
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.subject import Method, Subject, iam_role, iam_user
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import EVERYTHING_ROLES, of_cluster
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import FINE_GRAINED, ROLE_MAPPING_RESOURCE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping of a master user's role that is known not to hold the master user."""
    for content in analysis.clusters:
        master = _master(content)
        if content.domain is None or master is None or Origin.PROVIDER not in content.origins:
            continue
        subject, place = master
        for declared in content.mappings:
            role = declared.content.role
            if role in EVERYTHING_ROLES and not _anyone_maps(content, role, subject):
                yield Match(
                    f"`{declared.address}` takes `{role}` away from the master user "
                    f"`{analysis.words(subject.name)}`{of_cluster(content)}",
                    declared.address,
                    (Place(declared.location, "this replaces the whole mapping"), place),
                    principal=subject.name,
                )


def _master(content: ClusterContent) -> tuple[Subject, Place] | None:
    """The master user and where it is named, None where it is not known whole."""
    domain = content.domain
    if domain is None or not domain.fine_grained.enabled.is_certainly(value=True):
        return None
    switches = domain.fine_grained
    arn, name = switches.master_arn.value, switches.master_name.value
    if is_given(switches.master_arn) and isinstance(arn, str):
        place = Place(switches.master_arn.location, "the master user")
        if ":role/" in arn:
            return iam_role(arn), place
        return (iam_user(arn), place) if ":user/" in arn else None
    users = switches.internal_users.is_certainly(value=True)
    if users and is_given(switches.master_name) and isinstance(name, str) and not has_hole(name):
        return Subject(Method.INTERNAL, name), Place(switches.master_name.location, "the master user")
    return None


def _anyone_maps(content: ClusterContent, role: str, subject: Subject) -> bool:
    """Whether some mapping of the role that the code writes may hold the subject."""
    return any(
        holds(declared.content, subject, in_vpc=content.cluster.in_vpc) is not None
        for declared in content.mappings
        if declared.content.role == role
    )


RULE = Rule(
    "OSR213",
    "master-left-out",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, ROLE_MAPPING_RESOURCE),
    remedy="list the master user in the mapping too",
)
