"""Passwords that Terraform writes into a state which others can read.

Terraform keeps every argument of a resource in its state, wherever the value
comes from. Plans do not tell where that state is. Nor does code without a
backend: a module may be called from elsewhere, and some tools write the backend.
Sources: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
https://developer.hashicorp.com/terraform/language/backend/s3
https://developer.hashicorp.com/terraform/language/backend/local
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.access.secret import Keeping, StoredPassword
from osreach.extract.attribute import boolean_of, find
from osreach.extract.owner import is_data
from osreach.iac.resource import BACKEND, Resource
from osreach.value import Object

TYPES = frozenset({BACKEND})
"""The resource types that this module reads besides domains."""

_DOMAINS = frozenset({"aws_opensearch_domain", "aws_elasticsearch_domain"})
_OPTIONS = "advanced_security_options.master_user_options"
_SWITCH = "advanced_security_options.internal_user_database_enabled"


def read_stored_passwords(resources: Iterable[Resource]) -> Iterator[StoredPassword]:
    """Every domain whose master user has a password, in deployments that keep their state readable."""
    listed = tuple(resources)
    backends = {one.deployment: one for one in listed if one.type == BACKEND}
    for resource in listed:
        backend = backends.get(resource.deployment)
        keeping = None if backend is None else _keeping(backend)
        if backend is None or keeping is None or resource.type not in _DOMAINS or is_data(resource):
            continue
        password, _ = find(resource, f"{_OPTIONS}.master_user_password")
        switch, _ = find(resource, _SWITCH)
        off = switch is not None and boolean_of(switch) is False
        if password is None or password.text == "" or off:
            continue
        options, location = find(resource, _OPTIONS)
        if options is not None and options.items:
            location = options.items[0].location
        yield StoredPassword(resource.address, resource.deployment, keeping, location, backend.location)


def _keeping(backend: Resource) -> Keeping | None:
    """How a state is kept; None where that is encrypted, not known, or given when Terraform is initialised."""
    kind = backend.get("kind")
    arguments = backend.get("arguments")
    known = arguments.data if arguments is not None else None
    if kind is None or backend.get("encrypted") is not None or not isinstance(known, Object):
        return None
    if kind.text == "local":
        return Keeping.LOCAL
    encrypt = known.entries.get("encrypt")
    # a block without its bucket is completed by `-backend-config`
    if kind.text == "s3" and "bucket" in known.entries and (encrypt is None or boolean_of(encrypt) is False):
        return None if "kms_key_id" in known.entries else Keeping.BUCKET
    return None
