"""Reports an address of a cluster that holds user and password.

Environment variables, user data, parameters and endpoints are shown to everyone
who may look at the resource, outputs to everyone who may look at the stack, and
addresses end up in logs. Keep user and password in Secrets Manager and read them
where they are used, or sign requests.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each address of a cluster with credentials in front of the host."""
    for address in analysis.addresses_with_credentials:
        where = "is written in" if address.written else "ends up in"
        yield Match(
            f"the password for `{address.host}` {where} an address in `{address.owner}`",
            address.owner,
            (Place(address.location, "the address", secret=address.written),),
            severity=None if address.written else Severity.MEDIUM,
            principal=address.host,
        )


RULE = Rule(
    "OSR709",
    "credentials-in-address",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="give the address without credentials, and read these from Secrets Manager where they are used",
)
