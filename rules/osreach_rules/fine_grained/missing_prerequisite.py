"""Reports fine-grained access control without what it needs.

It requires HTTPS on the endpoint, encryption at rest and encryption between the
nodes; without one of them the deployment fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each prerequisite that is off while fine-grained access control is on."""
    for domain in analysis.domains:
        if not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        needed = (
            ("HTTPS on the endpoint", domain.https_only),
            ("encryption at rest", domain.encrypted_at_rest),
            ("encryption between the nodes", domain.encrypted_between_nodes),
        )
        for what, setting in needed:
            if setting.is_certainly(value=False):
                # what the service takes for an endpoint that says nothing about HTTPS is not documented
                sure = setting.written or setting is not domain.https_only
                yield Match(
                    f"fine-grained access control of `{domain.address}` needs {what}",
                    domain.address,
                    (
                        Place(setting.location, "it is off" if setting.written else "it is not turned on"),
                        Place(domain.fine_grained.enabled.location, "fine-grained access control is on"),
                    ),
                    confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
                    principal=what,
                )


RULE = Rule(
    "OSR202",
    "missing-prerequisite",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="turn on HTTPS, encryption at rest and encryption between the nodes",
)
