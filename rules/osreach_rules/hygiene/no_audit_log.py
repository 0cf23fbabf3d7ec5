"""Reports a domain with fine-grained access control that publishes no audit logs.

Audit logs tell who logged in, who failed to, and who read or changed which
index. Without them an intrusion cannot be followed up.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.hygiene.audit import AUDIT, publishes
from osreach_rules.references import AUDIT_LOGS, SECURITY_HUB


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain of which the settings certainly publish none, although it could write some."""
    for domain in analysis.domains:
        if not domain.fine_grained.enabled.is_certainly(value=True) or publishes(domain):
            continue
        if any(config.content for config in analysis.cluster(domain).audit):
            continue  # half of it is there, which another rule tells
        off = next((one for one in domain.logs if one.kind == AUDIT), None)
        place = Place(domain.location, "nothing turns it on")
        if off is not None:
            place = Place(off.enabled.location, "it is off")
        yield Match(f"`{domain.address}` publishes no audit logs", domain.address, (place,))


RULE = Rule(
    "OSR711",
    "no-audit-log",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(AUDIT_LOGS, SECURITY_HUB),
    remedy="publish `AUDIT_LOGS` to a log group, and turn audit logs on inside the cluster",
)
