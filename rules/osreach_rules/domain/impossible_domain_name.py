"""Reports an ARN with a name that no domain can have.

Names have 3 to 28 characters, begin with a small letter and go on with small
letters, digits and hyphens. Anything else never matches, in an identity policy as little
as in the access policy of a domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.domain.spoken import spoken
from osreach_rules.references import CREATE_DOMAIN

_NAME = re.compile(r"[a-z][a-z0-9-]{2,27}")
_VARIABLE = "${"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource whose domain name breaks the rules for names."""
    for found in spoken(analysis):
        for term in found.statement.resources.terms if found.statement.resources else ():
            parts = domain_resource(term.text)
            if parts is None or not parts.name or has_hole(parts.name) or not is_literal(parts.name):
                continue
            # a policy variable of an identity may stand for a name
            if not _NAME.fullmatch(parts.name) and (found.of_domain or _VARIABLE not in parts.name):
                yield Match(
                    f"no domain can be called `{parts.name}`, so the resource never matches",
                    found.resource,
                    (Place(term.location or found.location, "the resource"),),
                )


RULE = Rule(
    "OSR117",
    "impossible-domain-name",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(CREATE_DOMAIN,),
    remedy="write the name of the domain as it was created",
)
