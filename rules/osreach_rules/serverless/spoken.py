"""What statements of IAM's policies say about OpenSearch Serverless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osreach.analysis import Analysis
from osreach.data.actions import Action
from osreach.iam.action import names_match
from osreach.iam.document import Condition, Document, Effect, PolicyKind, Quantifier, Statement, Term
from osreach.iam.glob_match import is_everything
from osreach.truth import Truth
from osreach_rules.identity.statements import Held, covered, written

DATA = ("aoss:APIAccessAll", "aoss:DashboardsAccessAll")
"""What IAM asks for requests to a collection and to Dashboards.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
"""

ACCESS_POLICIES = ("aoss:CreateAccessPolicy", "aoss:UpdateAccessPolicy")
SECURITY_POLICIES = ("aoss:CreateSecurityPolicy", "aoss:UpdateSecurityPolicy")

KINDS = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL})
"""The policies in which actions of the service are allowed or denied."""

_PREFIX = "aoss"
_COLLECTION_KEYS = ("aoss:collection", "aoss:index")


@dataclass(frozen=True, slots=True)
class Listed:
    """An element of `Action` and the actions of OpenSearch Serverless that it means."""

    term: Term
    actions: tuple[Action, ...]

    def names_one_of(self, names: Iterable[str]) -> bool:
        """Whether one of these actions is among them."""
        return any(action.full_name in names for action in self.actions)


def spoken(analysis: Analysis) -> Iterator[Held]:
    """Every statement that lists actions of the service by name."""
    return (held for held in written(analysis, KINDS) if listed_actions(held.statement))


def listed_actions(statement: Statement) -> tuple[Listed, ...]:
    """What the statement lists of the service's known actions; nothing of `*` and of `NotAction`."""
    if statement.actions.negated:
        return ()
    found = (
        Listed(term, covered(term.text, _PREFIX))
        for term in statement.actions.terms
        if not is_everything(term.text)
    )
    return tuple(one for one in found if one.actions)


def is_about_data(statement: Statement) -> bool:
    """Whether the statement lists nothing but requests for data."""
    found = listed_actions(statement)
    return len(found) == len(statement.actions.terms) and all(
        action.full_name in DATA for one in found for action in one.actions
    )


def holds_when_absent(condition: Condition) -> bool:
    """Whether the condition holds in requests that do not carry its key.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if condition.quantifier is not Quantifier.NONE:
        return condition.quantifier is Quantifier.FOR_ALL_VALUES
    return condition.if_exists or "Not" in condition.operator


def is_on_collections(condition: Condition) -> bool:
    """Whether the condition limits the collections or indexes that a policy may name."""
    return condition.key.lower() in _COLLECTION_KEYS


def documents_beside(held: Held) -> tuple[Document, ...]:
    """The policy itself, and every other policy of those who hold it."""
    found = {id(held.policy.document): held.policy.document}
    for holder in held.policy.holders:
        for policy in holder.policies:
            found[id(policy.document)] = policy.document
    return tuple(found.values())


def others_with(held: Held, action: str, effect: Effect) -> Iterator[Statement]:
    """The other statements of that effect, of the same policy or the same holders, that list the action."""
    for document in documents_beside(held):
        for statement in document.statements:
            if statement is held.statement or statement.effect is not effect:
                continue
            if not statement.actions.negated and any(
                names_match(term.text, action) is Truth.TRUE for term in statement.actions.terms
            ):
                yield statement


def everything(statement: Statement) -> Term | None:
    """The resource `*` of the statement, None where it has none."""
    resources = statement.resources
    if resources is None or resources.negated:
        return None
    return next((term for term in resources.terms if is_everything(term.text)), None)


def takes_everything(statement: Statement) -> bool:
    """Whether its resource is `*`."""
    return everything(statement) is not None


def named(listed: Iterable[Listed]) -> str:
    """The elements for people: the first two, and how many more there are."""
    texts = tuple(dict.fromkeys(one.term.text for one in listed))
    shown = 2
    if len(texts) > shown:
        return f"`{texts[0]}` and {len(texts) - 1} others"
    return " and ".join(f"`{text}`" for text in texts)
