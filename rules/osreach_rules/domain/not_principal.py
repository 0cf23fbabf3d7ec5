"""Reports `NotPrincipal` in the access policy of a domain.

OpenSearch Service does not support it there. With an Allow it would mean
everybody else, callers who do not sign included.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL, NOT_PRINCIPAL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with `NotPrincipal`."""
    for found in analysis.statements:
        principals = found.statement.principals
        if principals is not None and principals.negated:
            yield Match(
                "`NotPrincipal` is not supported in the access policy of a domain",
                found.domain.address,
                (Place(principals.location or found.location, "the element"),),
            )


RULE = Rule(
    "OSR118",
    "not-principal",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, NOT_PRINCIPAL),
    remedy="use `Principal`, in a Deny with a condition `ArnNotEquals` on `aws:PrincipalArn`",
)
