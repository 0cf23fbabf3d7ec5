"""Notes a domain that has no access policy.

That is no fault: nobody gets in without signing, and within the account identity
policies alone decide who does. It is worth knowing, because every identity with
`es:ESHttp*` on the domain then reaches it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain to which the code attaches no policy."""
    for domain in analysis.domains:
        if not domain.policies:
            yield Match(
                f"`{domain.address}` has no access policy: identity policies of its account decide alone",
                domain.address,
                (Place(domain.location, "the domain"),),
            )


RULE = Rule(
    "OSR162",
    "no-access-policy",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="keep `es:ESHttp*` in identity policies narrow, or add an access policy",
)
