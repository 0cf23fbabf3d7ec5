"""Reports a plan that gives the internal master user of a domain another name.

That makes a new user. The old one is neither renamed nor deleted: whoever knows
its password is master user as before. This is found in plans only
(`terraform show -json`).
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose master user has another name after a plan; a new domain has no old users."""
    for change in analysis.changed_domains:
        old, new = _master(change.before), _master(change.after)
        if change.replaced or not old or not new or has_hole(old) or old == new:
            continue
        yield Match(
            f"`{old}` stays a master user of `{change.after.address}` when the plan makes "
            f"`{analysis.words(new)}` one",
            change.after.address,
            (Place(change.after.fine_grained.master_name.location, f"it is `{old}` before the plan"),),
            confidence=Confidence.POSSIBLE if has_hole(new) else Confidence.CERTAIN,
            principal=old,
        )


def _master(domain: Domain) -> str:
    """The name of the internal master user; empty where there is none, or none that is known."""
    switches = domain.fine_grained
    if not (switches.enabled.is_certainly(value=True) and switches.internal_users.is_certainly(value=True)):
        return ""
    name = switches.master_name.value
    return "" if isinstance(name, Unknown) or name is None else name


RULE = Rule(
    "OSR259",
    "old-master-user-kept",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="delete the old user in Dashboards or with the REST API once the new one has logged in",
)
