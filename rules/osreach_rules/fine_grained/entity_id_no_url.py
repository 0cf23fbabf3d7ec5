"""Reports a SAML identity provider whose entity id is no URL.

The service asks for the identity provider's URL as entity id; other names cause
errors at the login. Identity providers with an id such as `urn:...` work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import SAML

_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each entity id without a scheme."""
    for content in analysis.clusters:
        saml = content.options.saml
        if content.domain is None or saml is None or saml.enabled.is_certainly(value=False):
            continue
        written = saml.entity_id.value
        if not isinstance(written, str) or not written or has_hole(written[:1]) or _HAS_SCHEME.match(written):
            continue
        yield Match(
            f"the entity id of the identity provider of `{content.name}` is no URL: `{written}`",
            content.name,
            (Place(saml.entity_id.location, "the entity id"),),
        )


RULE = Rule(
    "OSR235",
    "entity-id-no-url",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SAML,),
    remedy="give the identity provider's entity id as its metadata has it, which is a URL",
)
