"""Reports a permission for the data of every collection.

`aoss:APIAccessAll` on `*` or `collection/*` lets its holder into all collections
of the account, so that data access policies are all that keeps the data apart; it
is worse where one of them gives everything. The ARN of a collection, or a condition on
`aoss:collection` or a tag, limits it. Nothing is said where the data access policies
of the code name the holder for some collections and indexes only.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.example import example_resource
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless import API
from osreach.evaluate.serverless_bearing import subject_of
from osreach.evaluate.standing import standing_of
from osreach.iam.document import Condition, Statement, Term
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.policy import AccessEntry
from osreach.serverless.principal import principal_matches
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.identity.people import administers_or_deploys, policy_names_administrator
from osreach_rules.identity.statements import Held, access_to, allows, holders_words
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import data_term, is_every_collection
from osreach_rules.serverless.policies import is_everything_granted

_LIMITS = ("aoss:collection", "aoss:collectionid", "aws:resourcetag/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it on every collection that limits nothing."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for held in allows(analysis):
        term = data_term(held.statement, API)
        resource = _everything(held.statement)
        if term is None or resource is None or any(map(_limits, held.statement.conditions)):
            continue
        if _is_whole_service(term) and is_everything(resource.text):
            # who can also change the policies is let in by himself
            continue
        found = _holders(analysis, held, resource)
        if found is None:
            continue
        who, principal, broad, confidence = found
        yield Match(
            f"`{term.text}` lets {who} into every collection",
            held.policy.name,
            (Place(held.place(resource), "every collection"), Place(held.place(term), "the permission")),
            confidence=confidence,
            severity=Severity.MEDIUM if broad else None,
            principal=principal,
        )


def _everything(statement: Statement) -> Term | None:
    if statement.resources is None or statement.resources.negated:
        return None
    return next((term for term in statement.resources.terms if is_every_collection(term.text)), None)


def _limits(condition: Condition) -> bool:
    return condition.key.lower().startswith(_LIMITS) and not all(
        is_everything(value.text) for value in condition.values
    )


def _is_whole_service(term: Term) -> bool:
    return term.text.lower().strip("*") == "aoss:"


def _holders(analysis: Analysis, held: Held, resource: Term) -> tuple[str, str, bool, Confidence] | None:
    """Who gets it, for people and by address, whether data access policies give them everything, how sure."""
    if not held.policy.holders:
        if policy_names_administrator(held.policy):
            return None
        return f"whoever gets `{held.policy.name}`", held.policy.name, False, Confidence.POSSIBLE
    found: list[tuple[Identity, bool, Outcome]] = []
    for holder in held.policy.holders:
        if administers_or_deploys(holder):
            continue
        entries = _entries(analysis, holder)
        broad = any(is_everything_granted(rule) for entry in entries for rule in entry.rules)
        if entries and not broad:
            continue
        example = example_resource(resource.text, holder, "aoss", "collection/example")
        outcome = access_to(analysis, holder, example, (Requests((API,)),)).outcome
        if outcome is not Outcome.DENIED:
            found.append((holder, broad, outcome))
    if not found:
        return None
    known = any(outcome is not Outcome.UNKNOWN for _, _, outcome in found)
    return (
        holders_words(holder for holder, _, _ in found),
        found[0][0].address,
        any(broad for _, broad, _ in found),
        Confidence.CERTAIN if known else Confidence.POSSIBLE,
    )


def _entries(analysis: Analysis, holder: Identity) -> tuple[AccessEntry, ...]:
    """What data access policies of the code have for the holder."""
    if holder.kind is IdentityKind.GROUP:
        return ()
    subject = subject_of(standing_of(holder, analysis.model), analysis.model, holder.deployment)
    return tuple(
        entry
        for policy in analysis.serverless.data_access
        for entry in policy.content.entries
        if any(
            principal_matches(one.text, subject, policy.account)[0] is Truth.TRUE for one in entry.principals
        )
    )


RULE = Rule(
    "OSR315",
    "api-access-to-every-collection",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, SERVERLESS_ACTIONS),
    remedy="use the ARN of the collection as the resource",
)
