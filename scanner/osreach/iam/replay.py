"""The second opinion: a request that was found is put to the concrete matcher.

Nothing of the search is used here but its answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from osreach.iam.document import Document, Effect
from osreach.iam.facts import facts_of
from osreach.iam.prepare import scope_glob, statements_of
from osreach.iam.principal import Level
from osreach.iam.request import Request
from osreach.iam.scope import Disagreement, Mode, Question
from osreach.truth import Truth


def allowed(
    layers: Sequence[Sequence[Document]],
    denials: Sequence[Document],
    request: Request,
    question: Question,
    *,
    certain: bool,
) -> bool:
    """Whether the concrete matcher lets the request through, unknown parts taken as in the question."""
    facts = facts_of(request)
    needed = Level.ACCOUNT if question.account_principal_counts else Level.ENTITY
    actions = question.scope.actions
    granted = [False] * len(layers)
    for place, document in [
        *((place, document) for place, layer in enumerate(layers) for document in layer),
        *((None, document) for document in denials),
    ]:
        for compiled in statements_of(document, actions):
            match = compiled.match(facts)
            effect = compiled.statement.effect
            if match.truth is Truth.FALSE:
                continue
            sure = match.truth is Truth.TRUE and effect is not Effect.UNKNOWN
            if effect is not Effect.ALLOW and (sure or certain):
                return False
            if effect is Effect.DENY or place is None:
                continue
            level = match.certain if certain else match.possible
            if level >= needed and (sure or not certain):
                granted[place] = True
    return all(granted)


def check(question: Question, request: Request) -> None:
    """Put what was found to the concrete matcher; raises `Disagreement` where it says otherwise."""
    certain = question.mode is Mode.CERTAIN
    if not allowed(question.layers, question.denials, request, question, certain=certain):
        raise Disagreement(f"the concrete decision does not allow {request}")
    if question.unless and allowed(question.unless, (), request, question, certain=not certain):
        raise Disagreement(f"the concrete decision allows {request}, which was to be excluded")
    scope = question.scope
    resource = request.resource
    if not any(scope_glob(text).matches(resource) for text in scope.resources) or any(
        scope_glob(text).matches(resource) for text in scope.without
    ):
        raise Disagreement(f"the resource `{resource}` is outside the question")
