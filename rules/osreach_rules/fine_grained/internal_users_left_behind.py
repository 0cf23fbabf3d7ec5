"""Reports a plan that gives a domain a master user of IAM in place of the internal user database.

The database is switched off, and its users are not deleted: they wait there, with
their passwords and roles, for whoever switches it on again. Delete them first.
This is found in plans only (`terraform show -json`).
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose internal user database a plan switches off; a new domain has no old users."""
    for change in analysis.changed_domains:
        before, after = change.before.fine_grained, change.after.fine_grained
        stays = before.enabled.is_certainly(value=True) and after.enabled.is_certainly(value=True)
        switched = before.internal_users.is_certainly(value=True)
        switched = switched and after.internal_users.is_certainly(value=False)
        if stays and switched and not change.replaced:
            yield Match(
                f"the internal users of `{change.after.address}` stay in it when the plan switches their database off",
                change.after.address,
                (Place(after.internal_users.location, "it is on before the plan"),),
            )


RULE = Rule(
    "OSR258",
    "internal-users-left-behind",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="delete the internal users, the old master user among them, before the database is switched off",
)
