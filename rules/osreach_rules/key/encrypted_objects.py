"""Callers who may use the objects of a bucket but not the key that they are encrypted with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.bucket import Bucket
from osreach.access.key import Key
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.encryption import through_s3
from osreach.evaluate.key_use import encrypted_buckets, is_complete
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, standings_of
from osreach.evaluate.target import of_bucket, of_key
from osreach.iam.decision import Deciding
from osreach.iam.document import Effect, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Severity
from osreach_rules.key.administrators import is_administrator
from osreach_rules.key.ineffective import ineffective_grants
from osreach_rules.key.statements import allows_every_action

_ANY_BUCKET = frozenset({"*", "arn:aws:s3:::*", "arn:aws:s3:::*/*"})
_LEAVES_TO_ACCOUNT = "grant the action on this key beside the grant of the objects"
_NAMES_CALLERS = "name the identity in the policy of this key"


@dataclass(frozen=True, slots=True)
class LockedOut:
    """A caller, the bucket whose objects it may use, and the key that it may not."""

    standing: Standing
    bucket: Bucket
    key: Key
    objects: Access
    location: Location
    names_bucket: bool


def locked_out(
    analysis: Analysis, objects: tuple[Requests, ...], on_key: tuple[Requests, ...]
) -> Iterator[LockedOut]:
    """Each identity of the code that may do `objects` but, through S3, never `on_key`.

    A grant of every bucket says nothing of a need for this one. It counts, once,
    where it is of use for no bucket of the deployment.
    """
    pairs = [pair for pair in encrypted_buckets(analysis.model) if is_complete(pair[1])]
    if not pairs:
        return
    told = {(one.caller.key, one.key.key) for one in ineffective_grants(analysis)}
    closed = {bucket.key for bucket, _ in pairs}
    open_ = {bucket.deployment for bucket in analysis.model.buckets if bucket.key not in closed}
    for standing in standings_of(analysis.model):
        identity = standing.identity
        if identity is None or not identity.defined:
            continue
        found = [
            one
            for bucket, key in pairs
            if (standing.key, key.key) not in told
            and (one := _locked_out(analysis, standing, bucket, key, objects, on_key)) is not None
        ]
        yield from (one for one in found if one.names_bucket)
        broad = [one for one in found if not one.names_bucket]
        useless = len({one.bucket.key for one in found}) == sum(
            bucket.deployment == identity.deployment for bucket, _ in pairs
        )
        if broad and useless and identity.deployment not in open_ and not is_administrator(identity):
            yield broad[0]


def _locked_out(
    analysis: Analysis,
    standing: Standing,
    bucket: Bucket,
    key: Key,
    objects: tuple[Requests, ...],
    on_key: tuple[Requests, ...],
) -> LockedOut | None:
    found = analysis.access.of(standing, of_bucket(bucket), objects)
    if found.outcome not in {Outcome.ALLOWED, Outcome.CONDITIONAL}:
        return None
    needed = analysis.access.of(standing, of_key(key), on_key, through_s3())
    placed = _grant(standing, found) if needed.outcome is Outcome.DENIED else None
    if placed is None:
        return None
    location, statement = placed
    if statement is not None and allows_every_action(statement.actions):
        return None
    return LockedOut(standing, bucket, key, found, location, _names(statement))


def _grant(standing: Standing, found: Access) -> tuple[Location, Statement | None] | None:
    """Where the objects are granted, best in an identity policy, and the statement if it is one of those."""
    for one in found.because:
        for policy in standing.policies:
            if one.effect is Effect.ALLOW and policy.document.source == one.source:
                statement = _statement(policy.document.statements, one)
                return one.location or policy.location, statement
    return next(((one.location, None) for one in found.because if one.location is not None), None)


def _statement(statements: tuple[Statement, ...], wanted: Deciding) -> Statement | None:
    return next((one for one in statements if one.index == wanted.index), None)


def _names(statement: Statement | None) -> bool:
    """Whether the grant is about this bucket; one without a statement at hand stands in the bucket's policy."""
    if statement is None:
        return True
    resources = statement.resources
    if resources is None or resources.negated:
        return False
    return not any(is_everything(term.text) or term.text in _ANY_BUCKET for term in resources.terms)


def match_of(one: LockedOut, verb: str, action: str) -> Match:
    """The finding: `verb` is what cannot be done to the objects for want of `action`."""
    key, bucket, caller = one.key, one.bucket, one.standing.name
    policy = key.policies[0]
    delegates = not key.policy_written or _leaves_to_account(key)
    return Match(
        f"`{caller}` cannot {verb} objects of `{bucket.address}`: they are encrypted with"
        f" `{key.address}`, on which it lacks `{action}`",
        bucket.address,
        (
            Place(one.location, "the objects are granted here"),
            Place(bucket.encryption_key.location, "the encryption of the bucket"),
            Place(policy.document.location or policy.location, "the key policy"),
        ),
        witness=one.objects.witness,
        # a grant of every bucket need not be meant for this one
        severity=None if one.names_bucket else Severity.LOW,
        remedy=_LEAVES_TO_ACCOUNT if delegates else _NAMES_CALLERS,
        principal=caller,
    )


def _leaves_to_account(key: Key) -> bool:
    roots = {f"arn:{key.arn.split(':', 2)[1]}:iam::{key.account}:root", key.account}
    return any(
        statement.effect is Effect.ALLOW
        and statement.principals is not None
        and any(term.text in roots for term in statement.principals.terms)
        for document in key.documents
        for statement in document.statements
    )
