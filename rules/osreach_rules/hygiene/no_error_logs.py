"""Reports a domain that publishes no error logs.

Error logs tell of failed requests and of a cluster that gets into trouble.
Without them neither misuse nor a fault can be followed up later.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import PUBLISH_LOGS, SECURITY_HUB

_ERRORS = "ES_APPLICATION_LOGS"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain of the code whose settings certainly publish none."""
    for domain in analysis.domains:
        if _may_publish(domain) or isinstance(domain.encrypted_at_rest.value, Unknown):
            continue
        off = next((one for one in domain.logs if one.kind == _ERRORS), None)
        place = Place(domain.location, "nothing turns it on")
        if off is not None:
            place = Place(off.enabled.location, "it is off")
        yield Match(f"`{domain.address}` publishes no error logs", domain.address, (place,))


def _may_publish(domain: Domain) -> bool:
    return any(
        (isinstance(one.kind, Unknown) or one.kind == _ERRORS) and one.enabled.may_be(value=True)
        for one in domain.logs
    )


RULE = Rule(
    "OSR720",
    "no-error-logs",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SECURITY_HUB, PUBLISH_LOGS),
    remedy="publish `ES_APPLICATION_LOGS` to a log group",
)
