"""Points on which the guide of OpenSearch Serverless and the reference of IAM say different things.

What such a point decides is unknown, with a note.
Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_opensearchserverless.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from osreach.access.identity import Attachment
from osreach.evaluate.serverless_keys import COLLECTION_KEY, INDEX_KEY
from osreach.evaluate.standing import Standing
from osreach.iam.action import action_matches
from osreach.iam.document import Condition, PolicyKind, Statement, Term, Terms
from osreach.iam.hole import has_hole
from osreach.truth import Truth

WITHOUT_WILDCARD = (
    "the guide of OpenSearch Serverless says that `StringLike` without a wildcard matches every name that "
    "contains the text, the reference of IAM that it matches the text alone"
)
CREATE_ON_COLLECTION = (
    "the guide of OpenSearch Serverless allows `aoss:CreateCollection` on `collection/*`, the reference of IAM "
    "knows no resource for it but `*`"
)
OUTSIDE = (
    "the documentation does not say whether users of SAML or IAM Identity Center need permissions of IAM"
)
INDEX_RULES = (
    "the guide says that `aoss:collection` is not applied to rules about indexes, not whether it then matches"
)
ALSO_AN_ACTION = (
    "`{}` is also an action of IAM, for the operation of the service's own API; "
    "the answer is about the permission of data access policies"
)

_CREATE = "aoss:CreateCollection"
_LIKE = frozenset({"StringLike", "StringNotLike"})


def guided(
    standing: Standing, action: str, given: Mapping[str, tuple[str, ...]]
) -> tuple[Standing, tuple[str, ...]]:
    """The caller whose statements are uncertain where the two disagree on them, and what they disagree on."""
    if not action.lower().startswith("aoss:"):
        return standing, ()
    notes: dict[str, None] = {}

    def checked(attachment: Attachment) -> Attachment:
        statements = tuple(
            _statement(statement, action, given, notes) for statement in attachment.document.statements
        )
        if statements == attachment.document.statements:
            return attachment
        return replace(attachment, document=replace(attachment.document, statements=statements))

    policies = tuple(map(checked, standing.policies))
    boundary = checked(standing.boundary) if standing.boundary is not None else None
    if not notes:
        return standing, ()
    return replace(standing, policies=policies, boundary=boundary), tuple(notes)


def _statement(
    statement: Statement, action: str, given: Mapping[str, tuple[str, ...]], notes: dict[str, None]
) -> Statement:
    if not _covers(statement.actions, action):
        return statement
    if action.lower() == _CREATE.lower() and _on_collections(statement.resources):
        notes.setdefault(CREATE_ON_COLLECTION)
        statement = replace(statement, resources=Terms((Term("*"),)), conditions_unknown=True)
    open_ones = [one for one in statement.conditions if _is_ambiguous(one, given)]
    if open_ones:
        notes.setdefault(WITHOUT_WILDCARD)
        kept = tuple(one for one in statement.conditions if one not in open_ones)
        statement = replace(statement, conditions=kept, conditions_unknown=True)
    return statement


def _covers(actions: Terms, action: str) -> bool:
    found = any(
        action_matches(term.text, action, PolicyKind.IDENTITY) is not Truth.FALSE for term in actions.terms
    )
    return found is not actions.negated


def _on_collections(resources: Terms | None) -> bool:
    if resources is None or resources.negated:
        return False
    texts = [term.text for term in resources.terms]
    return bool(texts) and all(
        text.startswith("arn:") and ":aoss:" in text and ":collection/" in text for text in texts
    )


def _is_ambiguous(condition: Condition, given: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the text stands inside a name of the request without being the whole of it."""
    key = condition.key.lower()
    if key not in {COLLECTION_KEY, INDEX_KEY} or condition.operator not in _LIKE:
        return False
    names = given.get(key, ())
    if not names or any(term.text in names for term in condition.values):
        return False
    return any(
        "*" not in term.text and "?" not in term.text and not has_hole(term.text) and term.text in name
        for term in condition.values
        for name in names
    )
