"""Reports a wildcard in a comparison that takes it literally.

`StringEquals` and `StringNotEquals` know no wildcards: a `*` is a star. An
Allow with such a value lets nobody in, and a Deny keeps nobody out, or with
`StringNotEquals` everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.spoken import spoken
from osreach_rules.references import CONDITION_OPERATORS

_EXACT = frozenset({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
_FREE_TEXT = ("aws:useragent", "aws:referer", "aws:resourcetag/", "aws:requesttag/", "aws:principaltag/")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each value with a wildcard under an exact operator, for keys that hold none themselves."""
    for one in spoken(analysis):
        for condition in one.statement.conditions:
            if condition.operator not in _EXACT or condition.key.lower().startswith(_FREE_TEXT):
                continue
            for value in condition.values:
                text = _VARIABLE.sub("", value.text)
                if "*" in text or "?" in text:
                    yield Match(
                        f"`{condition.operator}` compares `{analysis.words(value.text)}` as it stands, "
                        "wildcards included",
                        one.resource,
                        (Place(value.location or one.place(condition), "the value"),),
                    )


RULE = Rule(
    "OSR146",
    "literal-wildcard",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CONDITION_OPERATORS,),
    remedy="use `StringLike` or `StringNotLike`, for ARNs `ArnLike` or `ArnNotLike`",
)
