"""Callers who may use the objects of a bucket but not the key that they are encrypted with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

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
from osreach.iam.glob_match import glob_matches, is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Severity
from osreach.truth import Truth
from osreach_rules.identity.people import administers_or_deploys
from osreach_rules.key.ineffective import ineffective_grants
from osreach_rules.key.statements import allows_every_action

_TAKEN_FOR_KEYS = frozenset({"AmazonS3FullAccess", "AmazonS3ReadOnlyAccess"})
"""Policies of AWS that sound as if they gave all that S3 needs."""

_EVERY_OBJECT = frozenset({"arn:aws:s3:::*", "arn:aws:s3:::*/*"})
_LEAVES_TO_ACCOUNT = "grant the action on this key beside the grant of the objects"
_NAMES_CALLERS = "name the identity in the policy of this key"


@dataclass(frozen=True, slots=True)
class LockedOut:
    """A caller, buckets whose objects it may use by one grant, and their key, which it may not.

    `named` says that the grant is about these buckets, not about any; `mistaken`
    that it is a policy of AWS which is easily taken for one that gives the key.
    """

    standing: Standing
    buckets: tuple[Bucket, ...]
    key: Key
    objects: Access
    location: Location
    named: bool
    mistaken: bool = False


def locked_out(
    analysis: Analysis, objects: tuple[Requests, ...], on_key: tuple[Requests, ...]
) -> Iterator[LockedOut]:
    """Each identity of the code that may do `objects` but, through S3, never `on_key`.

    A grant of every bucket says nothing of a need for this one. It counts, once,
    where it is of use for no bucket of the deployment, or is easily mistaken.
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
        own = [pair for pair in pairs if pair[0].deployment == identity.deployment == pair[1].deployment]
        found = [
            one
            for bucket, key in own
            if (standing.key, key.key) not in told
            and (one := _locked_out(analysis, standing, bucket, key, objects, on_key)) is not None
        ]
        yield from _together(one for one in found if one.named)
        broad = [one for one in found if not one.named]
        useless = len(found) == len(own) and identity.deployment not in open_
        yield from [one for one in broad if useless or one.mistaken][:1]


def _together(found: Iterable[LockedOut]) -> Iterator[LockedOut]:
    """Buckets that one grant names and one key encrypts, as one."""
    groups: dict[tuple[str, Location], LockedOut] = {}
    for one in found:
        first = groups.setdefault((one.key.key, one.location), one)
        if first is not one:
            groups[one.key.key, one.location] = replace(first, buckets=(*first.buckets, *one.buckets))
    yield from groups.values()


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
    sources = {one.source for one in found.because}
    if statement is None:
        return LockedOut(standing, (bucket,), key, found, location, named=True)
    terms = statement.resources.terms if statement.resources and not statement.resources.negated else ()
    named = any(_names(term.text, bucket) for term in terms)
    every = any(is_everything(term.text) or term.text in _EVERY_OBJECT for term in terms)
    if allows_every_action(statement.actions) or not (named or every):
        return None
    if not named and standing.identity is not None and administers_or_deploys(standing.identity):
        return None
    mistaken = statement.location is None and not sources.isdisjoint(_TAKEN_FOR_KEYS)
    return LockedOut(standing, (bucket,), key, found, location, named, mistaken)


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


def _names(resource: str, bucket: Bucket) -> bool:
    """Whether the pattern says something of the bucket's name, and this one may bear it."""
    name = resource.rpartition(":::")[2].partition("/")[0]
    return bool(name.strip("*?")) and glob_matches(name, bucket.name) is not Truth.FALSE


def match_of(one: LockedOut, verb: str, action: str) -> Match:
    """The finding: `verb` is what cannot be done with the bucket for want of `action` on its key."""
    key, bucket, caller = one.key, one.buckets[0], one.standing.name
    more = f" and {len(one.buckets) - 1} more" if len(one.buckets) > 1 else ""
    policy = key.policies[0]
    delegates = not key.policy_written or _leaves_to_account(key)
    return Match(
        f"`{caller}` cannot {verb} `{bucket.address}`{more}: objects are encrypted with"
        f" `{key.address}`, on which it lacks `{action}`",
        bucket.address,
        (
            Place(one.location, "the objects are granted here"),
            Place(bucket.encryption_key.location, "the encryption of the bucket"),
            Place(policy.document.location or policy.location, "the key policy"),
        ),
        witness=one.objects.witness,
        # a grant of every bucket need not be meant for this one
        severity=None if one.named else Severity.LOW,
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
