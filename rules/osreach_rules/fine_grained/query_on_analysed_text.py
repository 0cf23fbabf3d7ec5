"""Reports a document query whose value is cut into words.

A text field is stored as words, so that a value with `-`, `@` or `/` in it also
matches documents that share some of the words: `unit-1` and `unit-2` are the
same unit. The `keyword` subfield keeps the value as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.pattern import has_hole
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import own_roles
from osreach_rules.references import DOCUMENT_LEVEL

_QUERIES = frozenset({"match", "match_phrase", "term", "terms"})
_CUT = re.compile(r"[A-Za-z0-9][-@/ ][A-Za-z0-9]")
_WHOLE = (".keyword", ".raw")
_VALUES = ("query", "value")
_DEEPEST = 40


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each document query of a role with such a value; how the field is mapped is not known."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                found = next(_cut(permission.document_query), None)
                if found is None:
                    continue
                field, value = found
                name = analysis.words(declared.content.name)
                yield Match(
                    f"the document query of the role `{name}` compares `{field}` with `{value}`, which a text field "
                    "holds as separate words",
                    declared.address,
                    (Place(permission.location or declared.location, "the query"),),
                    confidence=Confidence.POSSIBLE,
                    principal=f"{declared.content.name} {field}",
                )


def _cut(query: str) -> Iterator[tuple[str, str]]:
    """Each field of a text with a value that is cut into words."""
    if not query.strip() or has_hole(query):
        return
    try:
        content = json.loads(query)
    except (ValueError, RecursionError):
        return
    yield from _below(content, 0)


def _below(part: object, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(part, list):
        for item in part:
            yield from _below(item, depth + 1)
    if not isinstance(part, dict):
        return
    for name, inner in part.items():
        if name in _QUERIES and isinstance(inner, dict):
            for field, compared in inner.items():
                for value in _compared(compared):
                    if not field.endswith(_WHOLE) and "${" not in value and _CUT.search(value):
                        yield field, value
        else:
            yield from _below(inner, depth + 1)


def _compared(compared: object) -> Iterator[str]:
    """The texts that a field is compared with."""
    match compared:
        case str():
            yield compared
        case list():
            yield from (one for one in compared if isinstance(one, str))
        case dict():
            for name in _VALUES:
                if isinstance(compared.get(name), str):
                    yield compared[name]
        case _:
            return


RULE = Rule(
    "OSR243",
    "query-on-analysed-text",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(DOCUMENT_LEVEL,),
    remedy="compare the `keyword` subfield, or map the field as `keyword`",
)
