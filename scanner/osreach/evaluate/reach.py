"""A caller's levels of access to a resource, with what lies behind the first layer.

An object that is encrypted needs its key too, as the same caller. Data of a
domain with fine-grained access control is decided inside the cluster.
"""

from __future__ import annotations

from dataclasses import replace

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.evaluate.cluster import INSIDE
from osreach.evaluate.cluster_level import administration, data_level
from osreach.evaluate.cluster_means import DATA
from osreach.evaluate.effective import DENIED, Access, EffectiveAccess, Outcome
from osreach.evaluate.encryption import Encryption, key_of, through_s3
from osreach.evaluate.level import DECRYPT, ENCRYPT, Level, Requests
from osreach.evaluate.serverless_reach import collection_level
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.principal import caller_of
from osreach.iam.request import Anonymous

__all__ = ["INSIDE", "both", "level_of"]

_KEY_REQUESTS = {Level.READ: DECRYPT, Level.WRITE: ENCRYPT}


def level_of(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    level: Level,
    requests: tuple[Requests, ...],
) -> Access:
    """The access of the caller to `requests`, which are of `level`."""
    if isinstance(target.subject, Domain) and level in DATA:
        return data_level(effective, standing, target, level, requests)
    if target.kind is TargetKind.COLLECTION:
        return collection_level(effective, standing, target, level, requests)
    found = effective.of(standing, target, requests)
    if isinstance(target.subject, Domain) and level is Level.ADMINISTER:
        return max(found, administration(effective, standing, target), key=lambda access: access.outcome.rank)
    if found.outcome is Outcome.DENIED:
        return found
    match target.subject:
        case Bucket() as bucket if isinstance(standing.principal, Anonymous):
            return _public(found, bucket)
        case Bucket() as bucket if level in _KEY_REQUESTS:
            return both(found, _key_access(effective, standing, bucket, level))
        case _:
            return found


def _public(found: Access, bucket: Bucket) -> Access:
    """What is left to callers who do not sign: nothing where public access is blocked."""
    if bucket.public_blocked.is_certainly(value=True):
        return DENIED
    if bucket.public_blocked.is_certainly(value=False):
        return found
    return replace(found, outcome=Outcome.UNKNOWN)


def _key_access(effective: EffectiveAccess, standing: Standing, bucket: Bucket, level: Level) -> Access:
    key = key_of(bucket, effective.model)
    match key.kind:
        case Encryption.WITHOUT_KEY:
            return Access(Outcome.ALLOWED)
        case Encryption.OF_AWS:
            own = caller_of(standing.principal).account == bucket.account
            return Access(Outcome.ALLOWED) if own else DENIED
        case Encryption.UNKNOWN:
            return Access(Outcome.UNKNOWN, reason="the key of the bucket is not known")
        case Encryption.CUSTOMER:
            if key.target is None:
                return Access(Outcome.UNKNOWN)
            return effective.of(standing, key.target, _KEY_REQUESTS[level], through_s3())


def both(one: Access, other: Access) -> Access:
    """What is left where both are needed: the lesser of the two, with the conditions of both."""
    least = min(one, other, key=lambda access: access.outcome.rank)
    if least.outcome is Outcome.DENIED:
        return DENIED
    return Access(
        least.outcome,
        one.witness,
        tuple(dict.fromkeys((*one.conditions, *other.conditions))),
        (*one.because, *other.because),
        (*one.depends_on, *other.depends_on),
        one.reason or other.reason,
    )
