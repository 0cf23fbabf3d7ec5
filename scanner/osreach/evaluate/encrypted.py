"""What is encrypted with keys of the code: domains, and collections by their encryption policies.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.key import Key
from osreach.access.model import Model
from osreach.access.serverless import Collection, EncryptionPolicy
from osreach.access.setting import Setting
from osreach.evaluate.key_use import encrypted_domains, key_behind
from osreach.evaluate.serverless_create import chosen_key
from osreach.location import Location
from osreach.value import Unknown


@dataclass(frozen=True, slots=True)
class Encrypted:
    """Something whose data is encrypted with a key.

    `name` is what that is for people, `address` the resource that says so at `location`;
    `chosen` is what the key is there, as a phrase.
    """

    name: str
    address: str
    location: Location
    chosen: str
    key: Key


def encrypted(model: Model) -> Iterator[Encrypted]:
    """Each domain, and each collection or encryption policy, that names a key of the code."""
    for domain, key in encrypted_domains(model):
        place = domain.encryption_key.location
        yield Encrypted(f"`{domain.address}`", domain.address, place, "the key of the domain", key)
    if not model.keys:
        return
    for collection in model.serverless.collections:
        given = key_of_collection(collection, model) if collection.encryption_key.written else None
        if given is not None:
            place = collection.encryption_key.location
            yield Encrypted(
                f"`{collection.address}`", collection.address, place, "the key of the collection", given
            )
    for policy in model.serverless.encryption:
        found = _of_policy(policy, model)
        if found is not None:
            yield found


def key_of_collection(collection: Collection, model: Model) -> Key | None:
    """The key of the code that encrypts the collection, None where it is none of these."""
    if not model.keys:
        return None
    if collection.encryption_key.written:
        return key_behind(collection.encryption_key, collection.deployment, model)
    written = chosen_key(collection, model).key
    if written is None:
        return None
    return key_behind(Setting(written.text, written.location), collection.deployment, model)


def _of_policy(policy: EncryptionPolicy, model: Model) -> Encrypted | None:
    """What the key of an encryption policy encrypts; None for one that others override wherever it counts."""
    written = policy.content.key
    if written is None:
        return None
    key = key_behind(Setting(written.text, written.location), policy.deployment, model)
    if key is None:
        return None
    covered = 0
    chosen: list[Collection] = []
    for collection in model.serverless.collections:
        if isinstance(collection.encryption_key.value, str | Unknown):
            continue
        decision = chosen_key(collection, model)
        if any(one.source == policy.address and one.content is policy.content for one in decision.coverings):
            covered += 1
            if decision.key == written:
                chosen.append(collection)
    if covered and not chosen:
        return None
    name = f"`{chosen[0].address}`" if len(chosen) == 1 else f"what `{policy.address}` covers"
    return Encrypted(name, policy.address, written.location, "the key of the encryption policy", key)
