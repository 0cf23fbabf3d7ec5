"""Reports users with passwords for a cluster that takes no passwords.

With a master user of IAM the cluster refuses user names and passwords. Users
that are left from before, or made in vain, come back to life when somebody turns
the internal user database on again, with passwords that nobody looks after.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each internal user of a domain whose internal user database is known to be off."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None or content.login.passwords is not Truth.FALSE:
            continue
        switches = domain.fine_grained
        off = switches.internal_users.is_certainly(value=False)
        if not off or not switches.enabled.is_certainly(value=True):
            continue
        place = switches.internal_users if switches.internal_users.written else switches.master_arn
        for declared in content.users:
            yield Match(
                f"the internal user `{analysis.words(declared.content.name)}` cannot log in to `{domain.address}`",
                declared.address,
                (
                    Place(declared.location, "the user"),
                    Place(place.location, "no internal user database"),
                ),
                principal=declared.content.name,
            )


RULE = Rule(
    "OSR209",
    "unusable-internal-user",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="delete the user, or turn the internal user database on",
)
