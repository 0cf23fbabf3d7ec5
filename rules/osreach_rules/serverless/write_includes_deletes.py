"""Notes a permission to write that also deletes documents.

`aoss:WriteDocument` covers every request that changes documents: adding,
replacing and deleting them, one by one and in bulk. There is no permission that
only adds. Principals who also may read, or delete whole indexes, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import EVERYTHING
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_OPERATIONS

_WRITE = "aoss:WriteDocument"
_MORE = frozenset({EVERYTHING, "aoss:ReadDocument", "aoss:DeleteIndex"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each element of a data access policy that lets principals write and neither read nor delete."""
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            granted = [permission for rule in entry.rules for permission in rule.permissions]
            if entry.partial or any(rule.partial for rule in entry.rules):
                continue
            write = next((one for one in granted if one.text == _WRITE), None)
            if write is None or any(one.many or one.text in _MORE for one in granted):
                continue
            yield Match(
                f"`{_WRITE}` also replaces and deletes documents: whoever only writes here can remove them too",
                policy.address,
                (Place(write.location, "the permission"), Place(entry.location, "in this element")),
            )


RULE = Rule(
    "OSR347",
    "write-includes-deletes",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_OPERATIONS, SERVERLESS_DATA_ACCESS),
    remedy="keep a copy of what must not be lost: no permission adds documents only",
)
