"""Reports that someone who neither administers nor deploys can change who reaches collections.

Data access policies alone say who reads and writes; they have no deny, and each
one adds to the others. Whoever can make or change one for any collection can
give themselves all data, and whoever can do so with network policies can open
every collection to the internet. `aoss:collection` and `aoss:index` limit such
rights to collections. Nothing is said of rights that count only in calls which a
service of AWS makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.example import example_resource
from osreach.evaluate.level import Requests
from osreach.evaluate.target import Target, of_collection
from osreach.iam.document import Condition, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.people import policy_names_administrator, runs_things
from osreach_rules.identity.statements import Held, access_to, allows, holders_words
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.spoken import (
    ACCESS_POLICIES,
    DATA,
    SECURITY_POLICIES,
    everything,
    holds_when_absent,
    is_on_collections,
    listed_actions,
)

_DATA = (Requests(DATA),)
_THROUGH = ("aws:calledvia", "aws:viaawsservice")


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who can do it: `who` for people, `first` the one that the finding is about."""

    who: str
    first: Identity | None
    confidence: Confidence
    found: Access | None


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of such policies on all collections that someone else than these holds."""
    for held in allows(analysis):
        action, names = _listed(held)
        resource = everything(held.statement)
        if action is None or resource is None:
            continue
        if any(is_on_collections(one) or _is_through_service(one) for one in held.statement.conditions):
            continue
        holders = _holders(analysis, held, names)
        if holders is None:
            continue
        reads = holders.first is None or _reads(analysis, holders.first)
        yield Match(
            f"{holders.who} can {_consequence(names, reads=reads)}",
            held.policy.name,
            (
                Place(held.place(action), "this action"),
                Place(held.place(resource), "on every collection"),
            ),
            witness=holders.found.witness if holders.found is not None else None,
            confidence=holders.confidence,
            severity=None if names == ACCESS_POLICIES and reads else Severity.MEDIUM,
            principal=holders.first.address if holders.first is not None else held.policy.name,
        )


def _is_through_service(condition: Condition) -> bool:
    """Whether the right counts only in calls that a service of AWS makes for the caller."""
    return condition.key.lower().startswith(_THROUGH) and not holds_when_absent(condition)


def _listed(held: Held) -> tuple[Term | None, tuple[str, ...]]:
    """The action that stands for the policies of one kind, those of data access first."""
    for names in (ACCESS_POLICIES, SECURITY_POLICIES):
        for one in listed_actions(held.statement):
            if one.names_one_of(names):
                return one.term, names
    return None, ()


def _consequence(names: tuple[str, ...], *, reads: bool) -> str:
    if names == SECURITY_POLICIES:
        return "open every collection to the internet with a network policy"
    who = "anybody, itself included," if reads else "others"
    return f"give {who} all data of every collection with a data access policy"


def _holders(analysis: Analysis, held: Held, names: tuple[str, ...]) -> _Holders | None:
    policy = held.policy
    if not policy.holders:
        if policy_names_administrator(policy):
            return None
        return _Holders(f"whoever gets `{policy.name}`", None, Confidence.POSSIBLE, None)
    found: list[tuple[Identity, Access]] = []
    for holder in policy.holders:
        if runs_things(holder):
            continue
        given = access_to(analysis, holder, _target(analysis, holder), (Requests(names),))
        if given.outcome is not Outcome.DENIED:
            found.append((holder, given))
    if not found:
        return None
    holder, best = max(found, key=lambda pair: pair[1].outcome.rank)
    certain = best.outcome is Outcome.ALLOWED
    confidence = Confidence.CERTAIN if certain else Confidence.POSSIBLE
    return _Holders(holders_words(one for one, _ in found), holder, confidence, best)


def _target(analysis: Analysis, holder: Identity) -> Target:
    """A collection of the deployment, or any other of the account."""
    for collection in analysis.serverless.collections:
        if collection.deployment == holder.deployment:
            return of_collection(collection)
    return example_resource("*", holder, "aoss", "collection/example")


def _reads(analysis: Analysis, holder: Identity) -> bool:
    """Whether IAM lets the holder send requests for data to any collection."""
    target = _target(analysis, holder)
    return access_to(analysis, holder, target, _DATA).outcome is not Outcome.DENIED or any(
        one.names_one_of(DATA)
        for policy in holder.policies
        for statement in policy.document.statements
        for one in listed_actions(statement)
    )


RULE = Rule(
    "OSR336",
    "collection-takeover",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, SERVERLESS_DATA_ACCESS),
    remedy="leave policies to the role that deploys, or limit them by `aoss:collection` and `aoss:index`",
)
