"""Reports an action that no service has.

A misspelt action is accepted and matches nothing: what it was to allow stays
forbidden, and what it was to deny goes on. AWS adds actions all the time, so
one that is newer than the data of this program may be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from osreach.analysis import Analysis
from osreach.data.actions import service
from osreach.iam.document import PolicyKind
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import spelled
from osreach.witness import Confidence
from osreach_rules.identity.statements import covered, written
from osreach_rules.references import ACTION, SERVICE_AUTHORIZATION

_PREFIXES = ("es", "aoss", "osis", "kms")
_KINDS = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each action, or pattern of actions, that matches none that is known."""
    for held in written(analysis, _KINDS):
        for term in held.statement.actions.terms:
            prefix, colon, name = term.text.partition(":")
            if not colon or prefix.lower() not in _PREFIXES or has_hole(term.text):
                continue
            if covered(term.text, prefix.lower()) or spelled(term.text) is not None:
                # permissions of data access policies have a rule of their own
                continue
            yield Match(
                f"no action is known that `{term.text}` means{_nearest(prefix.lower(), name)}",
                held.policy.name,
                (Place(held.place(term), "the action"),),
                confidence=Confidence.POSSIBLE,
                severity=Severity.MEDIUM if held.denies else None,
            )


def _nearest(prefix: str, name: str) -> str:
    known = service(prefix)
    if known is None:
        return ""
    found = get_close_matches(name.lower().strip("*?"), list(known.actions), n=1, cutoff=0.75)
    return f"; did you mean `{known.actions[found[0]].full_name}`?" if found else ""


RULE = Rule(
    "OSR417",
    "unknown-action",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVICE_AUTHORIZATION, ACTION),
    remedy="correct the spelling",
)
