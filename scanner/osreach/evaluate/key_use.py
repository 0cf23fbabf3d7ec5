"""Which key encrypts what, and what callers can do with a key whichever way they call.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.access.identity import Attachment
from osreach.access.key import Key
from osreach.access.model import Model
from osreach.access.setting import Setting
from osreach.evaluate.circumstances import DIRECT, Circumstances
from osreach.evaluate.effective import DENIED, Access, Outcome, access
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, of_key
from osreach.extract.attribute import identity
from osreach.extract.key import delegating, named_key
from osreach.iam.document import Document, Effect, Statement, Term, Terms
from osreach.iam.request import User
from osreach.location import Location
from osreach.value import Unknown

VIA_SERVICE = "kms:viaservice"
"""The condition key, in lower case, that names the service through which a call came."""

_SUFFIX = ".amazonaws.com"
_STRANGERS_ACCOUNT = "918273645501"
_NOWHERE = Location("", 0, 0, 0, 0)
_EVERYTHING = Terms((Term("*"),))
_OWN_POLICIES = Document(
    (Statement(Effect.ALLOW, _EVERYTHING, _EVERYTHING),), "2012-10-17", source="the policies of a stranger"
)


def key_behind(setting: Setting[str] | Setting[str | None], deployment: str, model: Model) -> Key | None:
    """The key of the code that the setting names, None where it names none or one that no file defines."""
    name = setting.value
    if isinstance(name, Unknown):
        # the id of a key is known after it is made only, but is the same unknown wherever it stands
        name = model.holes.hole(identity(name))
    return named_key(model.keys, name, deployment) if name else None


def encrypted_domains(model: Model) -> Iterator[tuple[Domain, Key]]:
    """Each domain that the code encrypts with a key of the code, and that key."""
    for domain in model.domains if model.keys else ():
        key = key_behind(domain.encryption_key, domain.deployment, model)
        if key is not None and not domain.encrypted_at_rest.is_certainly(value=False):
            yield domain, key


def encrypted_buckets(model: Model) -> Iterator[tuple[Bucket, Key]]:
    """Each bucket whose new objects are encrypted with a key of the code, and that key."""
    for bucket in model.buckets if model.keys else ():
        algorithm = bucket.algorithm.value
        if isinstance(algorithm, Unknown) or not algorithm.startswith("aws:kms"):
            continue
        key = key_behind(bucket.encryption_key, bucket.deployment, model)
        if key is not None:
            yield bucket, key


def is_complete(key: Key) -> bool:
    """Whether all of the key's policy could be read."""
    return not any(policy.unknown is not None or policy.document.unknown for policy in key.policies)


def best_access(
    standing: Standing, key: Key, requests: tuple[Requests, ...], model: Model, documents: Iterable[Document]
) -> Access:
    """The best that the caller gets of the key: directly, or through a service that `documents` name."""
    best = DENIED
    for target, circumstances in _ways(of_key(key), documents):
        found = access(standing, target, requests, model, circumstances)
        if found.outcome is Outcome.ALLOWED:
            return found
        if found.outcome.rank > best.outcome.rank:
            best = found
    return best


def _ways(target: Target, documents: Iterable[Document]) -> Iterator[tuple[Target, Circumstances]]:
    """A direct call, and one through each service that a condition names, in the region that it names."""
    yield target, DIRECT
    for service, region in dict.fromkeys(_services(documents)):
        yield replace(target, region=region or target.region), Circumstances(through=service)


def _services(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    for document in documents:
        for statement in document.statements:
            for condition in statement.conditions:
                if condition.key.lower() == VIA_SERVICE:
                    for value in condition.values:
                        service, _, region = value.text.removesuffix(_SUFFIX).partition(".")
                        yield service, "" if "*" in region or "?" in region else region


def stranger(key: Key) -> Standing:
    """A user of an account that nobody has heard of, whose own policies allow everything."""
    partition = key.arn.split(":", 2)[1]
    policy = Attachment(_OWN_POLICIES.source, "", _OWN_POLICIES, _NOWHERE)
    user = User(f"arn:{partition}:iam::{_STRANGERS_ACCOUNT}:user/stranger")
    return Standing("anyone", user, (policy,))


def stranger_access(key: Key, requests: tuple[Requests, ...], model: Model) -> Access:
    """What the key policy alone gives to every caller of every account."""
    return best_access(stranger(key), key, requests, model, key.documents)


def left_to_account(key: Key) -> Key:
    """The key as it would be with a policy that leaves everything to the policies of its account."""
    document = delegating(key.arn, "a key policy that leaves it to the account", key.location)
    return replace(key, policies=(Attachment(document.source, key.address, document, key.location),))
