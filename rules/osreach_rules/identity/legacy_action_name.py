"""Notes an identity policy that knows an action by its old name only.

Since the service was renamed most actions have a second name. IAM counts a
permission on the old name for the new one too; organizations do not, and the
documentation asks for policies to be updated.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import covered, first_covering, written
from osreach_rules.references import RENAMED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with the old name of an action and without its new one, at the first."""
    for held in written(analysis):
        actions = held.statement.actions
        if actions.negated:
            continue
        for term in actions.terms:
            found = covered(term.text)
            if not found or not all(action.current_name for action in found):
                continue
            current = f"es:{found[0].current_name}"
            if first_covering(actions, (current,)) is not None:
                continue
            yield Match(
                f"`{term.text}` is the old name of `{current}`",
                held.policy.name,
                (Place(held.place(term), "the action"),),
            )
            break


RULE = Rule(
    "OSR408",
    "legacy-action-name",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(RENAMED,),
    remedy="add the new names",
)
