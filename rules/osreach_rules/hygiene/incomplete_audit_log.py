"""Reports an audit log that is set up half.

Audit logs need fine-grained access control, the publishing option of the domain
and the switch inside the cluster. Either alone writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Origin
from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.hygiene.audit import published, publishes
from osreach_rules.references import AUDIT_LOGS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that publishes audit logs which nobody writes, or writes some that nobody publishes."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None:
            continue
        switch = domain.fine_grained.enabled
        log = published(domain)
        if log is not None and switch.is_certainly(value=False):
            yield _match(
                domain,
                "there is no fine-grained access control to write any",
                Place(log.location, "audit logs are published"),
                Place(switch.location, "it is off" if switch.written else "nothing turns it on here"),
            )
        elif log is not None and switch.is_certainly(value=True):
            yield from _not_written(content, domain, Place(log.location, "audit logs are published"))
        elif switch.is_certainly(value=True) and not publishes(domain):
            config = next((one for one in content.audit if one.content), None)
            if config is not None:
                yield _match(
                    domain,
                    "the domain does not publish them",
                    Place(config.location, "the cluster writes them"),
                    Place(domain.location, "no `AUDIT_LOGS` here"),
                )


def _not_written(content: ClusterContent, domain: Domain, log: Place) -> Iterator[Match]:
    off = next((one for one in content.audit if not one.content), None)
    if off is not None and not any(one.content for one in content.audit):
        yield _match(domain, "they are turned off inside the cluster", Place(off.location, "off"), log)
    elif not content.audit and Origin.PROVIDER in content.origins:
        yield _match(
            domain,
            "nothing in the code turns them on inside the cluster",
            log,
            confidence=Confidence.POSSIBLE,
        )


def _match(domain: Domain, why: str, *trail: Place, confidence: Confidence = Confidence.CERTAIN) -> Match:
    return Match(
        f"audit logs of `{domain.address}` are set up, but {why}",
        domain.address,
        trail,
        confidence=confidence,
    )


RULE = Rule(
    "OSR710",
    "incomplete-audit-log",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(AUDIT_LOGS,),
    remedy="publish `AUDIT_LOGS` and turn them on in the cluster, in Dashboards or with `opensearch_audit_config`",
)
