"""Reports actions of OpenSearch Serverless that are allowed or denied on single resources but work on none.

Only requests for data, changes of a collection and of a collection group name
their resource. Everything else, policies and VPC endpoints above all, is
matched by the resource `*` only: with an ARN such actions are neither allowed
nor denied. Of `aoss:CreateCollection` and `aoss:BatchGetCollection` this is only
noted: examples of AWS put them on collections, which the list of actions
contradicts. To limit policies to collections, use the
condition key `aoss:collection`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held, is_open
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    Listed,
    listed_actions,
    named,
    others_with,
    spoken,
    takes_everything,
)

_CONTRADICTED = ("aoss:CreateCollection", "aoss:BatchGetCollection")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with such actions of which no resource is `*`."""
    for held in spoken(analysis):
        resources = held.statement.resources
        if resources is None or resources.negated or not resources.terms:
            continue
        if any(is_everything(term.text) or is_open(term) for term in resources.terms):
            continue
        idle = [one for one in listed_actions(held.statement) if _is_idle(held, one)]
        if not idle:
            continue
        doubtful = all(one.term.text in _CONTRADICTED for one in idle)
        effect = "denied" if held.denies else "allowed"
        alone = len(idle) == 1
        yield Match(
            f"{named(idle)} {'is' if alone else 'are'} not {effect} by this: "
            f"{'it works' if alone else 'they work'} on no single resource",
            held.policy.name,
            (
                Place(held.place(idle[0].term), "the action needs the resource `*`"),
                Place(held.place(resources.terms[0]), "the resource"),
            ),
            confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
            severity=_severity(held, doubtful=doubtful),
        )


def _is_idle(held: Held, one: Listed) -> bool:
    """Whether every action that is meant works on no resource, and no other statement lists it with `*`."""
    if any(action.resources for action in one.actions):
        return False
    return not all(
        any(takes_everything(other) for other in others_with(held, action.full_name, held.statement.effect))
        for action in one.actions
    )


def _severity(held: Held, *, doubtful: bool) -> Severity | None:
    if held.denies:
        return Severity.MEDIUM if doubtful else Severity.HIGH
    return Severity.INFO if doubtful else None


RULE = Rule(
    "OSR330",
    "action-without-collection",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES),
    remedy="move these actions into a statement with the resource `*`, limited by `aoss:collection` where they have it",
)
