"""Notes a policy that is by its name one for readers and lets them change things.

What the console needs to show collections is a list of actions that list and get.
A policy that goes by such a name and also creates, changes or deletes gives its
holders more than its name says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.data.actions import AccessLevel
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.statements import Held, allows
from osreach_rules.references import SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import DATA, Listed, listed_actions, named

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_READERS = frozenset({"reader", "readers", "readonly", "viewer", "viewers", "auditor", "auditors"})
_MORE = frozenset({"write", "writer", "writers", "editor", "editors", "admin", "admins", "administrator"})
_READS = (AccessLevel.LIST, AccessLevel.READ)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement of such a policy that lists actions which read and others which change."""
    for held in allows(analysis):
        listed = listed_actions(held.statement)
        writes = [one for one in listed if _changes(one)]
        reads = [one for one in listed if all(action.access_level in _READS for action in one.actions)]
        if not writes or not reads or not _is_for_readers(held):
            continue
        yield Match(
            f"`{held.policy.name}` is for readers by its name and allows {named(writes)}",
            held.policy.name,
            (Place(held.place(writes[0].term), "this changes something"),),
            confidence=Confidence.POSSIBLE,
        )


def _changes(one: Listed) -> bool:
    return any(action.access_level not in _READS and action.full_name not in DATA for action in one.actions)


def _is_for_readers(held: Held) -> bool:
    words = {
        word.lower()
        for text in (held.policy.name.rpartition(".")[2], held.statement.sid)
        for word in _WORD.findall(text)
    }
    return bool(words & _READERS or {"read", "only"} <= words) and not words & _MORE


RULE = Rule(
    "OSR351",
    "reader-who-writes",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="leave the actions that change something to another policy",
)
