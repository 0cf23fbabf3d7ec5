"""Reports an advanced option that is written as a boolean.

Advanced options are texts. A boolean is converted today, but shows as a change
in every plan and may be refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose option about explicit indexes is no text."""
    for domain in analysis.domains:
        if not domain.explicit_index_is_text:
            yield Match(
                "`rest.action.multi.allow_explicit_index` is written as a boolean",
                domain.address,
                (Place(domain.explicit_index.location, "the option"),),
            )


RULE = Rule(
    "OSR705",
    "explicit-index-not-text",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(TERRAFORM_DOMAIN,),
    remedy='write `"true"` or `"false"`',
)
