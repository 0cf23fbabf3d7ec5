"""Reports a domain that also answers over plain HTTP.

Requests, answers and passwords can then be read and changed on their way.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.network import Exposure
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import ENDPOINT_OPTIONS, SECURITY_HUB


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that does not require HTTPS, worse on a public endpoint."""
    for domain in analysis.domains:
        setting = domain.https_only
        if setting.is_certainly(value=False):
            # what the service takes where nothing is said is not documented
            yield Match(
                f"`{domain.address}` does not require HTTPS",
                domain.address,
                (Place(setting.location, "it is off" if setting.written else "it is not turned on"),),
                severity=Severity.HIGH if domain.exposure is Exposure.PUBLIC else None,
                confidence=Confidence.CERTAIN if setting.written else Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR703",
    "plain-http",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SECURITY_HUB, ENDPOINT_OPTIONS),
    remedy="require HTTPS on the endpoint",
)
