"""Reports a domain that forbids index names in request bodies while Dashboards is in use.

With `rest.action.multi.allow_explicit_index` set to `false`, `_mget`,
`_msearch` and `_bulk` refuse bodies that name an index. Dashboards depends on
them and may not start, and upgrades of the engine can get stuck.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the option off; worse where a login for Dashboards is configured."""
    for domain in analysis.domains:
        if not domain.explicit_index.is_certainly(value=False):
            continue
        logins = [one for one in (domain.cognito, domain.saml) if one.is_certainly(value=True)]
        trail = [Place(domain.explicit_index.location, "the option")]
        trail.extend(Place(one.location, "a login for Dashboards") for one in logins)
        yield Match(
            f"Dashboards of `{domain.address}` cannot work with this option",
            domain.address,
            tuple(trail),
            severity=Severity.MEDIUM if logins else None,
        )


RULE = Rule(
    "OSR129",
    "explicit-index-off",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="leave the option at `true` and deny the single APIs, or use fine-grained access control",
)
