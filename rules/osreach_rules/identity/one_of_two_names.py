"""Reports a policy that names an action under one of its two names only, where both count.

Service control policies know nothing of renamed actions: what they deny under
the new name goes on under the old one, and the other way round. In an identity
policy a Deny of the new name is not documented to cover the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.data.actions import current_action, legacy_actions
from osreach.iam.document import Effect, PolicyKind, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import Held, covered, first_covering, written
from osreach_rules.references import RENAMED

_KINDS = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement that lacks the other name of an action that it lists, at the first of them."""
    for held in written(analysis, _KINDS):
        control = held.policy.kind is PolicyKind.SERVICE_CONTROL
        if not control and not held.denies:
            continue
        found = _lacking(held, legacy_counts=not control)
        if found is None:
            continue
        term, given, other = found
        verb = "denies" if held.denies else "allows"
        yield Match(
            f"`{given}` is also called `{other}`, which this policy {verb} nowhere",
            held.policy.name,
            (Place(held.place(term), "one name of the action"),),
            severity=Severity.HIGH if control and held.denies else None,
        )


def _lacking(held: Held, *, legacy_counts: bool) -> tuple[Term, str, str] | None:
    """A term, the action that it names, and the other name, which no statement of the same effect has."""
    if held.statement.actions.negated:
        return None
    for term in held.statement.actions.terms:
        for action in covered(term.text):
            others = [one.full_name for one in legacy_actions(action.full_name)]
            current = current_action(action.full_name)
            if current is not None and not legacy_counts:
                others.append(current.full_name)
            for other in others:
                if not _listed(held, other, held.statement.effect):
                    return term, action.full_name, other
    return None


def _listed(held: Held, action: str, effect: Effect) -> bool:
    return any(
        statement.effect is effect
        and (statement.actions.negated or first_covering(statement.actions, (action,)) is not None)
        for statement in held.policy.document.statements
    )


RULE = Rule(
    "OSR409",
    "one-of-two-names",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(RENAMED,),
    remedy="list both names of the action",
)
