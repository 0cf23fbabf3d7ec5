"""Reports a domain without fine-grained access control.

Without it the access policy at the edge is all there is: by path and verb, not
by index, document or field, and request bodies can name other indexes than the
path does.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.access.network import Exposure
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import CREATE_DOMAIN, FINE_GRAINED, SECURITY_HUB

_FIRST_ELASTICSEARCH = (6, 7)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the switch off, worse on a public endpoint."""
    for domain in analysis.domains:
        switch = domain.fine_grained.enabled
        if switch.is_certainly(value=False) and _is_supported(domain):
            yield Match(
                f"`{domain.address}` has no fine-grained access control",
                domain.address,
                (Place(switch.location, "it is off" if switch.written else "it is not turned on"),),
                severity=Severity.HIGH if domain.exposure is Exposure.PUBLIC else None,
            )


def _is_supported(domain: Domain) -> bool:
    """Whether the engine is known to be new enough, or is not known.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    engine = domain.engine.value
    if engine is None or isinstance(engine, Unknown) or engine.kind is EngineKind.OPENSEARCH:
        return True
    return engine.version >= _FIRST_ELASTICSEARCH


RULE = Rule(
    "OSR201",
    "no-fine-grained-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SECURITY_HUB, CREATE_DOMAIN, FINE_GRAINED),
    remedy="turn on fine-grained access control, with HTTPS and both kinds of encryption",
)
