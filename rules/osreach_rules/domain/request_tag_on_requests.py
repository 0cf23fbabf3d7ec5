"""Reports a condition on tags in the request for actions that carry none.

`aws:RequestTag` and `aws:TagKeys` are about calls that set tags, such as
creating a domain. A search or a write carries no tags, so the condition never
holds, or always does where it is negated.
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
            key = condition.key.lower()
            if key == "aws:tagkeys" or key.startswith("aws:requesttag/"):
                idle = one.denies and "Not" not in condition.operator
                yield Match(
                    f"`{condition.key}` is about calls that set tags, which requests to a domain are not",
                    one.resource,
                    (Place(one.place(condition), "the condition"),),
                    severity=Severity.HIGH if idle else None,
                )


RULE = Rule(
    "OSR137",
    "request-tag-on-requests",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="give the `es:ESHttp*` actions a statement of their own, without this condition",
)
