"""Policies of IAM as they read for one collection where they name others by ids that nobody knows yet.

Two collections never have the same id, which an unknown text alone does not tell.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
"""

from __future__ import annotations

from dataclasses import replace

from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.serverless_keys import ID_KEY
from osreach.evaluate.standing import Standing
from osreach.iam.document import Condition, Document, Statement, Term, Terms
from osreach.iam.hole import is_hole

_EVERYTHING = Terms((Term("*"),))
_NEGATED = "Not"


def for_collection(standing: Standing, collection: Collection, model: Model) -> Standing:
    """The caller without what its policies say about other collections; itself where they say nothing of them."""
    others = frozenset(
        one.id
        for one in model.serverless.collections
        if one.deployment == collection.deployment
        and one.id != collection.id
        and len(one.id) == 1
        and is_hole(one.id)
    )
    if not others or not (len(collection.id) == 1 and is_hole(collection.id)):
        return standing
    policies = tuple(_attachment(policy, others) for policy in standing.policies)
    boundary = _attachment(standing.boundary, others) if standing.boundary is not None else None
    unchanged = all(one is other for one, other in zip(policies, standing.policies, strict=True))
    if unchanged and boundary is standing.boundary:
        return standing
    return replace(standing, policies=policies, boundary=boundary)


def _attachment(policy: Attachment, others: frozenset[str]) -> Attachment:
    document = _document(policy.document, others)
    return policy if document is policy.document else replace(policy, document=document)


def _document(document: Document, others: frozenset[str]) -> Document:
    statements: list[Statement] = []
    changed = False
    for statement in document.statements:
        new = _statement(statement, others)
        changed = changed or new is not statement
        if new is not None:
            statements.append(new)
    return replace(document, statements=tuple(statements)) if changed else document


def _statement(statement: Statement, others: frozenset[str]) -> Statement | None:
    """The statement about what is left, None where nothing is."""
    resources = statement.resources
    if resources is not None:
        left = tuple(term for term in resources.terms if not _speaks_of(term, others))
        if len(left) < len(resources.terms):
            if not left and not resources.negated:
                return None
            resources = replace(resources, terms=left) if left else _EVERYTHING
    conditions: list[Condition] = []
    for condition in statement.conditions:
        if condition.key.lower() != ID_KEY:
            conditions.append(condition)
            continue
        values = tuple(term for term in condition.values if not _speaks_of(term, others))
        if values:
            kept = condition if len(values) == len(condition.values) else replace(condition, values=values)
            conditions.append(kept)
        elif _NEGATED not in condition.operator:
            return None
    if resources is statement.resources and tuple(conditions) == statement.conditions:
        return statement
    return replace(statement, resources=resources, conditions=tuple(conditions))


def _speaks_of(term: Term, others: frozenset[str]) -> bool:
    return not term.many and any(letter in others for letter in term.text)
