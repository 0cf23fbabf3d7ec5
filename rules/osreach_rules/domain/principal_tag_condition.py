"""Reports a condition on the tags of the caller, which the service does not support.

The documentation lists `aws:PrincipalTag` among the keys that requests to
domains do not carry: an Allow with it lets nobody in, a Deny keeps nobody out.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.spoken import about_requests
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such condition in a statement about requests to a domain."""
    for one in about_requests(analysis):
        for condition in one.statement.conditions:
            if condition.key.lower().startswith("aws:principaltag/"):
                yield Match(
                    f"`{condition.key}` is not supported for requests to a domain",
                    one.resource,
                    (Place(one.place(condition), "the condition"),),
                )


RULE = Rule(
    "OSR136",
    "principal-tag-condition",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="use `aws:ResourceTag`, name the principals, or map roles in fine-grained access control",
)
