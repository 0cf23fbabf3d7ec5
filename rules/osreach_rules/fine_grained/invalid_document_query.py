"""Reports a document query that is no JSON object.

The cluster cannot read such a query, so that the role is refused or whoever
holds it gets errors instead of documents.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.fault import is_query
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import own_roles
from osreach_rules.references import DOCUMENT_LEVEL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission of a role of the code whose document query cannot be read."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                query = permission.document_query
                if query.strip() and not is_query(query):
                    yield Match(
                        f"the document query of the role `{analysis.words(declared.content.name)}` is no JSON object",
                        declared.address,
                        (
                            Place(permission.location or declared.location, "the query"),
                            Place(declared.location, "the role"),
                        ),
                        principal=declared.content.name,
                    )


RULE = Rule(
    "OSR229",
    "invalid-document-query",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DOCUMENT_LEVEL,),
    remedy='write a query as JSON, such as `{"term": {"department.keyword": "sales"}}`',
)
