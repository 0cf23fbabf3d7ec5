"""Reports a connection to a cluster of another account.

Over a connection one cluster searches the other. What the policies of the
destination allow then holds for whoever may search the source, also in an
account that this one does not control.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import CROSS_CLUSTER_SEARCH


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each connection between accounts, and each accepted one that the code does not ask for itself."""
    integrations = analysis.model.integrations
    for connection in integrations.connections:
        local, remote = connection.accounts
        if has_hole(local) or has_hole(remote) or not remote.isdigit() or local == remote:
            continue
        if remote in analysis.trusted_accounts:
            continue
        yield Match(
            f"`{connection.address}` connects to a domain of the account `{remote}`",
            connection.address,
            (Place(connection.location, "the other account"),),
            principal=remote,
        )
    for accepted in integrations.accepted:
        if accepted.requested_by:
            continue
        yield Match(
            f"`{accepted.address}` lets a cluster search this one that the code does not show",
            accepted.address,
            (Place(accepted.location, "the connection is accepted"),),
            confidence=Confidence.POSSIBLE,
        )


RULE = Rule(
    "OSR618",
    "foreign-connection",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CROSS_CLUSTER_SEARCH,),
    remedy="make sure that the account is meant, and list it in `trusted-accounts`",
)
