"""Notes that searches are allowed with GET only.

Clients and libraries send most searches as POST, with the query in the body. A
policy that allows `es:ESHttpGet` alone on `<index>/_search` lets only those pass
that are sent as GET, and refuses the others. That is as little as can be given,
and often meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect, Statement
from osreach.iam.glob_match import globs_intersect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.identity.statements import written
from osreach_rules.references import ACCESS_CONTROL, SEARCH

_GET, _HEAD, _POST = "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost"
_MESSAGE = "only searches that are sent as GET pass here; most clients send them as POST"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of GET alone on nothing but searches, in access policies and identity policies."""
    for found in analysis.statements:
        if _is_get_only(found.statement) and not _posts(found.statement, found.document.statements):
            action = found.statement.actions.terms[0]
            place = Place(action.location or found.location, "the only verb")
            yield Match(_MESSAGE, found.domain.address, (place,))
    for held in written(analysis):
        if _is_get_only(held.statement) and not _posts(held.statement, held.policy.document.statements):
            place = Place(held.place(held.statement.actions.terms[0]), "the only verb")
            yield Match(_MESSAGE, held.policy.name, (place,))


def _is_get_only(statement: Statement) -> bool:
    verbs = http_actions(statement.actions)
    resources = statement.resources
    if statement.effect is not Effect.ALLOW or statement.actions.negated:
        return False
    if _GET not in verbs or not verbs <= {_GET, _HEAD} or resources is None or resources.negated:
        return False
    return bool(resources.terms) and all(_is_search(term.text) for term in resources.terms)


def _is_search(text: str) -> bool:
    """Whether the resource is the search of an index, and nothing else of it."""
    parts = domain_resource(text)
    if parts is None:
        return False
    end = parts.path.rpartition("/")[2]
    return end == "_search" and is_literal(end)


def _posts(statement: Statement, others: Iterable[Statement]) -> bool:
    """Whether another statement allows POST on one of the same paths."""
    wanted = [term.text for term in statement.resources.terms] if statement.resources is not None else []
    return any(
        globs_intersect(term.text, text)
        for other in others
        if other.effect is Effect.ALLOW
        and _POST in http_actions(other.actions)
        and other.resources is not None
        for term in other.resources.terms
        for text in wanted
    )


RULE = Rule(
    "OSR166",
    "get-only-search",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, SEARCH),
    remedy="allow `es:ESHttpPost` on the same path where clients need it",
)
