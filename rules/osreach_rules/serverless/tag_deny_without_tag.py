"""Notes a Deny of all data that speaks of tags and has no condition on them.

The guide's own example of a Deny by tag lacks its condition: copied as it is, it
denies every request to the collection, whatever its tags. That may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import DATA, listed_actions, spoken

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TAGS = frozenset({"tag", "tags", "tagged", "untagged", "abac"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny of both data actions without a condition whose name is about tags."""
    for held in spoken(analysis):
        statement = held.statement
        if not held.denies or statement.conditions or statement.conditions_unknown:
            continue
        listed = listed_actions(statement)
        if not all(any(one.names_one_of((name,)) for one in listed) for name in DATA):
            continue
        words = {word.lower() for word in _WORD.findall(statement.sid)}
        if words & _TAGS:
            yield Match(
                f"`{statement.sid}` speaks of tags, but denies all data whatever the tags",
                held.policy.name,
                (Place(held.location, "a Deny without a condition"),),
                confidence=Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR337",
    "tag-deny-without-tag",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES,),
    remedy="add a condition on `aws:ResourceTag/<key>`",
)
