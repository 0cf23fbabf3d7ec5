"""Notes a public domain whose access policy lets everybody reach the login.

Fine-grained access control asks for credentials behind such a policy, and the
documentation pairs the two. What protects the data then is the strength of the
credentials and the role mappings alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.exposure import Protection, Reach, is_public, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.opening import opening_places
from osreach_rules.references import FINE_GRAINED, SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each public domain with fine-grained access control that anyone can talk to."""
    for domain in analysis.domains:
        if not is_public(domain) or protection(domain) is not Protection.ON:
            continue
        access = analysis.unsigned(domain)
        if access.reach is Reach.INTERNET and access.witness is not None:
            switch = Place(domain.fine_grained.enabled.location, "credentials are asked for here")
            yield Match(
                f"anyone on the internet can reach the login of `{domain.address}`",
                domain.address,
                (*opening_places(domain, access.witness), switch),
                witness=access.witness,
                principal="anonymous",
            )


RULE = Rule(
    "OSR102",
    "open-login",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, SAML),
    remedy="add an address condition, or name the account as principal where every client signs its requests",
)
