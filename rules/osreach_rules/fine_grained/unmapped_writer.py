"""Reports a role for deliveries that holds no role inside the cluster.

With fine-grained access control a delivery stream or pipeline writes nothing
until its role is mapped to one that may write to the index, whatever IAM says.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.access.integration import ClientKind
from osreach.analysis import Analysis
from osreach.evaluate.integration import domain_of, role_of
from osreach.location import Place
from osreach.opensearch.decision import check_needs
from osreach.opensearch.mapping import mapped_roles
from osreach.opensearch.need import Need
from osreach.opensearch.subject import iam_role
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED, FIREHOSE

_WRITERS = frozenset({ClientKind.DELIVERY, ClientKind.TOPIC_RULE, ClientKind.PIPELINE})
_NEEDS = (Need("indices:data/write/bulk"),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each writer whose role no mapping of the code lets write; it may be mapped by hand."""
    contents = {
        (one.domain.deployment, one.domain.address): one
        for one in analysis.clusters
        if one.domain is not None
    }
    seen: set[tuple[str, str, str]] = set()
    for client in analysis.model.integrations.clients:
        if client.kind not in _WRITERS:
            continue
        domain = domain_of(client.destination, client.deployment, analysis.model.domains)
        role = role_of(client, analysis.model)
        if domain is None or role is None or (client.key, role.key, domain.address) in seen:
            continue
        seen.add((client.key, role.key, domain.address))
        content = contents.get((domain.deployment, domain.address))
        if content is None or not _is_decided(content, domain) or _may_write(content, role.arn):
            continue
        yield Match(
            f"`{role.address}`, the role of `{client.address}`, is mapped to no role that writes to "
            f"`{domain.address}`",
            client.address,
            (
                Place(client.role_location, "the role is given here"),
                Place(domain.fine_grained.enabled.location, "fine-grained access control is on"),
            ),
            confidence=Confidence.POSSIBLE,
            principal=role.address,
        )


def _is_decided(content: ClusterContent, domain: Domain) -> bool:
    """Whether the code says who holds which role in the cluster."""
    return domain.fine_grained.enabled.is_certainly(value=True) and not content.cluster.mappings_partial


def _may_write(content: ClusterContent, arn: str) -> bool:
    subject = iam_role(arn)
    held = mapped_roles(content.cluster.mappings, subject, in_vpc=content.cluster.in_vpc)
    checks = check_needs(content.cluster, subject, held, _NEEDS)
    return any(one.truth is not Truth.FALSE for one in checks)


RULE = Rule(
    "OSR251",
    "unmapped-writer",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, FIREHOSE),
    remedy="map the role to one with `cluster_composite_ops` and `cluster_monitor`, and `create_index`, `manage` and "
    "`crud` on its index",
)
