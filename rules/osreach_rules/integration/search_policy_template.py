"""Reports a policy template that lets a function write where its name says that it reads.

`ElasticsearchHttpPostPolicy` of SAM allows POST and PUT on every path of the
domain. POST also deletes, by `_delete_by_query` and `_bulk`. A function that
searches needs GET, or POST on the `_search` of its indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import ACCESS_CONTROL, POLICY_TEMPLATES

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_READS = frozenset({"search", "query", "read", "get", "list", "find", "lookup", "fetch", "suggest", "report"})
_WRITES = frozenset(
    {
        "bulk",
        "create",
        "delete",
        "import",
        "index",
        "indexer",
        "ingest",
        "load",
        "loader",
        "post",
        "put",
        "save",
        "stream",
        "sync",
        "update",
        "upload",
        "write",
        "writer",
    }
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each use of the template by a function whose name tells of reading only."""
    for template in analysis.model.integrations.policy_templates:
        words = {word.lower() for text in template.words for word in _WORD.findall(text)}
        if words & _READS and not words & _WRITES:
            yield Match(
                f"`{template.address}`, which seems to read, may write to the whole domain by `{template.name}`",
                template.address,
                (Place(template.location, "the policy template"),),
                confidence=Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR622",
    "search-policy-template",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(POLICY_TEMPLATES, ACCESS_CONTROL),
    remedy="write a policy with `es:ESHttpGet` on the paths that the function needs",
)
