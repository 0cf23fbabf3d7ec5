"""Reports a condition key that requests of the action never carry.

Each action of OpenSearch Serverless has its own keys: `aoss:collection` and
`aoss:index` belong to operations on policies, `aoss:CollectionId` to requests
for data, tags in the request to the creation of collections. Elsewhere the
condition never holds, so that an Allow gives nothing and a Deny forbids nothing;
where it is negated or ends in `IfExists` it always holds and limits nothing. The
guide itself uses `aoss:collection` for creating and changing collections, which
the list of actions contradicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from osreach.analysis import Analysis
from osreach.data.actions import Action, service
from osreach.iam.document import Condition, Effect
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    DATA,
    Listed,
    holds_when_absent,
    listed_actions,
    named,
    others_with,
    spoken,
)

_OWN = "aoss:"
_TAGS = ("aws:requesttag/", "aws:tagkeys")
_IN_THE_GUIDE = frozenset(
    {
        "aoss:CreateCollection",
        "aoss:DeleteCollection",
        "aoss:ListCollections",
        "aoss:UpdateCollection",
    }
)
"""What a page of the guide limits by `aoss:collection`.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-collection-permissions.html
"""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each condition on such a key in a statement about actions that do not have it."""
    for held in spoken(analysis):
        for condition in held.statement.conditions:
            key = condition.key.lower()
            if not key.startswith((_OWN, *_TAGS)) or condition.operator == "Null" or has_hole(key):
                continue
            found = _match(held, condition)
            if found is not None:
                yield found


def _match(held: Held, condition: Condition) -> Match | None:
    listed = listed_actions(held.statement)
    lacking = [one for one in listed if not any(_has(action, condition.key) for action in one.actions)]
    if condition.if_exists and len(lacking) < len(listed):
        return None
    if not held.denies and not holds_when_absent(condition):
        lacking = [one for one in lacking if not _allowed_elsewhere(held, one, condition)]
    if not lacking:
        return None
    place = Place(condition.location or held.location, "the condition")
    trail = (place, Place(held.place(lacking[0].term), "the action"))
    idle = held.denies and not holds_when_absent(condition)
    severity = Severity.HIGH if idle else Severity.LOW if _is_in_the_guide(lacking, condition) else None
    near = _nearest(condition.key)
    if near is not None:
        message = f"no condition key of OpenSearch Serverless is called `{condition.key}`{near}"
        return Match(message, held.policy.name, trail, confidence=Confidence.POSSIBLE, severity=severity)
    whose = "its" if len(lacking) == 1 else "their"
    return Match(
        f"{_effect(held, condition, named(lacking))}, because {whose} requests do not carry `{condition.key}`",
        held.policy.name,
        trail,
        confidence=_confidence(lacking, condition),
        severity=severity,
    )


def _effect(held: Held, condition: Condition, names: str) -> str:
    """What becomes of the actions."""
    match held.denies, holds_when_absent(condition):
        case True, True:
            return f"this denies {names} whatever the condition says"
        case True, False:
            return f"this does not deny {names}"
        case False, True:
            return f"this allows {names} whatever the condition says"
        case _:
            return f"this does not allow {names}"


def _confidence(lacking: list[Listed], condition: Condition) -> Confidence:
    key = condition.key.lower()
    if key.startswith(_TAGS):
        # of requests for data the guide says so, of the rest only the list of actions by its silence
        known = all(action.full_name in DATA for one in lacking for action in one.actions)
        return Confidence.CERTAIN if known else Confidence.POSSIBLE
    return Confidence.POSSIBLE if _is_in_the_guide(lacking, condition) else Confidence.CERTAIN


def _is_in_the_guide(lacking: list[Listed], condition: Condition) -> bool:
    """Whether an example of the guide limits these actions by this key."""
    return condition.key.lower() == "aoss:collection" and all(
        one.names_one_of(_IN_THE_GUIDE) for one in lacking
    )


def _has(action: Action, key: str) -> bool:
    """Whether requests of the action carry the key."""
    wanted = key.lower()
    return any(
        wanted.startswith(known.lower().partition("${")[0]) if "${" in known else wanted == known.lower()
        for known in action.condition_keys
    )


def _allowed_elsewhere(held: Held, one: Listed, condition: Condition) -> bool:
    """Whether each action that is meant is allowed by a statement without this key."""
    return all(
        any(
            all(other.key.lower() != condition.key.lower() for other in statement.conditions)
            for statement in others_with(held, action.full_name, Effect.ALLOW)
        )
        for action in one.actions
    )


def _nearest(key: str) -> str | None:
    """What a key that nobody knows may have meant; None for one that is known."""
    known = service("aoss")
    if known is None or not key.lower().startswith(_OWN):
        return None
    names = {name.lower(): name for name in known.condition_keys}
    if key.lower() in names:
        return None
    found = get_close_matches(key.lower(), list(names), n=1, cutoff=0.7)
    return f"; did you mean `{names[found[0]]}`?" if found else ""


RULE = Rule(
    "OSR331",
    "unsupported-condition-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES),
    remedy="give these actions a statement of their own, with a condition key that they have",
)
