"""Reports actions of the service as a whole that are allowed or denied on single domains.

`es:ListDomainNames`, the actions on VPC endpoints, packages, connections and
reserved instances work on no domain: only the resource `*` matches them. With
any other resource the statement does nothing, and a Deny of that kind forbids
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import covered, is_open, written
from osreach_rules.references import ACCESS_CONTROL, SERVICE_AUTHORIZATION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement in which every action needs the resource `*` and no resource is that."""
    for held in written(analysis):
        actions, resources = held.statement.actions, held.statement.resources
        if actions.negated or resources is None or resources.negated or not resources.terms:
            continue
        if any(is_everything(term.text) or is_open(term) for term in resources.terms):
            continue
        found = [covered(term.text) for term in actions.terms]
        if not all(found) or any(action.resources for each in found for action in each):
            continue
        first = actions.terms[0]
        effect = "this Deny forbids nothing" if held.denies else "this statement allows nothing"
        yield Match(
            f"{effect}: `{first.text}` works on no single domain",
            held.policy.name,
            (
                Place(held.place(first), "the action needs the resource `*`"),
                Place(held.place(resources.terms[0]), "the resource"),
            ),
            severity=Severity.HIGH if held.denies else None,
        )


RULE = Rule(
    "OSR404",
    "service-action-on-domain",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVICE_AUTHORIZATION, ACCESS_CONTROL),
    remedy="move these actions into a statement with the resource `*`",
)
