"""Whether a domain publishes audit logs."""

from __future__ import annotations

from osreach.access.domain import Domain, LogPublishing
from osreach.value import Unknown

AUDIT = "AUDIT_LOGS"


def published(domain: Domain) -> LogPublishing | None:
    """The setting that certainly publishes audit logs."""
    return next(
        (one for one in domain.logs if one.kind == AUDIT and one.enabled.is_certainly(value=True)), None
    )


def publishes(domain: Domain) -> bool:
    """Whether the domain publishes audit logs, or may."""
    return any(
        (isinstance(one.kind, Unknown) or one.kind == AUDIT) and one.enabled.may_be(value=True)
        for one in domain.logs
    )
