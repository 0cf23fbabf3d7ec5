"""Reports a Deny of every verb but PATCH.

Older pages list five verbs, and policies copied from them deny GET, HEAD, POST,
PUT and DELETE. PATCH has an action of its own, which such a Deny leaves open;
with it roles and users of the cluster can be changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import callers
from osreach.evaluate.domain import HTTP_ACTIONS, ask
from osreach.evaluate.effective import Outcome
from osreach.evaluate.example import example_domain
from osreach.evaluate.level import Requests
from osreach.iam.document import Effect, Statement
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.statements import Held, access_to, written
from osreach_rules.references import ACCESS_CONTROL, SERVICE_AUTHORIZATION

_PATCH = "es:ESHttpPatch"
_MESSAGE = "this Deny names every verb but PATCH, which stays allowed"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such Deny in an access policy or identity policy that lets someone use PATCH."""
    for found in analysis.statements:
        if not _lacks_patch(found.statement):
            continue
        for caller in callers(found.domain.documents):
            witness = ask(found.domain, caller.principal, actions=(_PATCH,))
            if witness is not None:
                place = found.statement.actions.location or found.location
                yield Match(_MESSAGE, found.domain.address, (Place(place, "the verbs"),), witness=witness)
                break
    for held in written(analysis):
        if _lacks_patch(held.statement) and _patch_allowed(analysis, held):
            place = held.statement.actions.location or held.location
            yield Match(_MESSAGE, held.policy.name, (Place(place, "the verbs"),))


def _lacks_patch(statement: Statement) -> bool:
    verbs = http_actions(statement.actions)
    return (
        statement.effect is Effect.DENY
        and not statement.actions.negated
        and verbs == frozenset(HTTP_ACTIONS) - {_PATCH}
    )


def _patch_allowed(analysis: Analysis, held: Held) -> bool:
    """Whether a holder may send PATCH to what the Deny is about."""
    for holder in held.policy.holders:
        for term in held.statement.resources.terms if held.statement.resources else ():
            target = example_domain(term.text, holder, analysis.model)
            requests = (Requests((_PATCH,), ("/*",), ("/_plugins/_security/api/roles",)),)
            if (
                target is not None
                and access_to(analysis, holder, target, requests).outcome is not Outcome.DENIED
            ):
                return True
    return False


RULE = Rule(
    "OSR142",
    "verbs-without-patch",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVICE_AUTHORIZATION, ACCESS_CONTROL),
    remedy="deny `es:ESHttp*`, or add `es:ESHttpPatch`",
)
