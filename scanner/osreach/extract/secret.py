"""Passwords and keys that are written in the code.

A value counts where all of it is known from the files: a literal, a variable's
or parameter's default, a local, a file of variables. What is generated, looked
up or referred to (`{{resolve:secretsmanager:...}}`) is unknown or no secret.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain
https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs/resources/user
https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs#schema
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from osreach.access.secret import Fault, Secret, SecretKind, ShownParameter, UnverifiedClient
from osreach.extract.attribute import boolean_of, find
from osreach.extract.cluster.files import Kind, security_file
from osreach.extract.owner import is_data
from osreach.iac.cloudformation.parameters import NOT_GIVEN
from osreach.iac.resource import Inputs, Resource
from osreach.value import Unknown, Value


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a type of resource takes a secret, and the switch (dotted path) without which it is not used."""

    kind: SecretKind
    path: str
    switch: str = ""


_MASTER = _Place(
    SecretKind.MASTER_PASSWORD,
    "advanced_security_options.master_user_options.master_user_password",
    "advanced_security_options.internal_user_database_enabled",
)
_MASTER_IN_TEMPLATE = _Place(
    SecretKind.MASTER_PASSWORD,
    "AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",
    "AdvancedSecurityOptions.InternalUserDatabaseEnabled",
)
_USER = _Place(SecretKind.USER_PASSWORD, "password")

_CLIENT = tuple(
    _Place(SecretKind.CLIENT, name) for name in ("password", "token", "aws_secret_key", "aws_token")
)

_PLACES: Mapping[str, tuple[_Place, ...]] = {
    "aws_opensearch_domain": (_MASTER,),
    "aws_elasticsearch_domain": (_MASTER,),
    "AWS::OpenSearchService::Domain": (_MASTER_IN_TEMPLATE,),
    "AWS::Elasticsearch::Domain": (_MASTER_IN_TEMPLATE,),
    "opensearch_user": (_USER,),
    "elasticsearch_opensearch_user": (_USER,),
    "elasticsearch_opendistro_user": (_USER,),
    "elasticsearch_xpack_user": (_USER,),
    "provider.opensearch": _CLIENT,
    "provider.elasticsearch": _CLIENT,
}

CLIENTS = frozenset({"provider.opensearch", "provider.elasticsearch"})

TYPES = frozenset(_PLACES)
"""The resource types that this module reads."""

_SAMPLES = frozenset({"Barbarbarbar1!", "SuperSekret123!", "supersekret123!"})
"""The passwords in the examples of the providers' documentation."""

_DEMO = frozenset(
    {
        "$2a$12$4AcgAt3xwOWadA5s5blL6ev39OXDNhmOesEoo33eZtrq2N0YrU3H.",
        "$2a$12$JJSXNfTowz7Uu5ttXfeYpeYE0arACvcwlPBStB1F.MI7f0U9Z4DGC",
        "$2a$12$VcCDgh2NDk07JGN0rjGbM.Ad41qVR/YFJcgHp0UGns5JDymv..TOG",
        "$2a$12$ae4ycwzwvLtZxwZ82RmiEunBbIPiAmGZduBAjKN0TXdwQFtCwARz2",
        "$2a$12$u1ShR4l4uBS3Uv59Pa2y5.1uQuZBrZtmNfqB3iM/.jL0XoV9sghS2",
        "$2y$12$DpwmetHKwgYnorbgdvORCenv4NAK8cPUg8AI6pxLCuWf/ALc0.v7W",
        "$2y$12$TRwAAJgnNo67w3rVUz4FIeLx9Dy/llB79zf9I15CKJ9vkM4ZzAd3.",
    }
)
"""Hashes of the demo configuration, of which everybody knows the passwords.

Source: https://docs.opensearch.org/latest/security/configuration/yaml/
"""

_REFERENCE = "{{resolve:"
_SHORTEST = 8
_LOCAL = re.compile(r"(?:https?://)?(?:[^/@]*@)?(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)")


def read_secrets(resources: Iterable[Resource], inputs: Inputs) -> tuple[Secret, ...]:
    """Every secret that can be read in the code of `resources`, the text of none.

    What the user gives on the command line (`inputs`) is not in the code; what
    stands in a file of variables that the user names may be kept elsewhere.
    """
    found: dict[Secret, None] = {}
    given = frozenset((*inputs.variables.values(), *inputs.parameters.values()))
    for resource in resources:
        if is_data(resource):
            continue
        for secret in _of_users(resource):
            found.setdefault(secret)
        for place in _PLACES.get(resource.type, ()):
            for secret in _secrets(resource, place, given, frozenset(inputs.variable_files)):
                found.setdefault(secret)
    return tuple(found)


def _secrets(
    resource: Resource, place: _Place, given: frozenset[str], files: frozenset[str]
) -> Iterator[Secret]:
    value, _ = find(resource, place.path)
    if value is None or not _is_used(resource, place):
        return
    password = written_secret(value)
    if password is None or password in given:
        return
    yield Secret(
        place.kind,
        resource.address,
        resource.deployment,
        place.path.rpartition(".")[2],
        value.location,
        resource.location,
        fault_of(password),
        possible=value.location.path in files or _is_local(resource),
    )


def _of_users(resource: Resource) -> Iterator[Secret]:
    """The passwords of internal users that a file of the Security plugin writes down, and those everybody knows."""
    file = security_file(resource)
    listed = file.entries.items() if file is not None and file.kind is Kind.USERS else ()
    written = [(f"{resource.address}: {name}", entry) for name, entry in listed]
    if _USER in _PLACES.get(resource.type, ()):
        written.append((resource.address, resource.attributes))
    for owner, entry in written:
        for name in ("hash", "password_hash"):
            value = entry.get(name)
            if value is not None and value.text in _DEMO:
                yield _of_user(resource, owner, name, value, Fault.DEMO)
        password = entry.get("password") if file is not None else None
        text = written_secret(password) if password is not None else None
        if password is not None and text is not None:
            yield _of_user(resource, owner, "password", password, fault_of(text))


def _of_user(resource: Resource, owner: str, name: str, value: Value, fault: Fault | None) -> Secret:
    return Secret(
        SecretKind.USER_PASSWORD, owner, resource.deployment, name, value.location, value.location, fault
    )


def _is_local(resource: Resource) -> bool:
    """Whether a client talks to its own machine: to a cluster for tests, or through a tunnel to a real one."""
    url = resource.get("url")
    return url is not None and url.text is not None and _LOCAL.match(url.text) is not None


def read_shown_parameters(resources: Iterable[Resource]) -> tuple[ShownParameter, ...]:
    """Every parameter of a template that takes a password and that a look at the stack tells."""
    found: dict[ShownParameter, None] = {}
    for resource in resources:
        for place in _PLACES.get(resource.type, ()) if resource.type.startswith("AWS::") else ():
            value, _ = find(resource, place.path)
            match value.data if value is not None and _is_used(resource, place) else None:
                case Unknown(name, reason, _, _, hidden) if reason == NOT_GIVEN and not hidden and value:
                    found.setdefault(
                        ShownParameter(name, resource.address, resource.deployment, value.location)
                    )
    return tuple(found)


def read_unverified(resources: Iterable[Resource]) -> tuple[UnverifiedClient, ...]:
    """Every provider configuration that takes any certificate, but for those that talk to their own machine."""
    found: list[UnverifiedClient] = []
    for resource in resources:
        insecure = resource.get("insecure") if resource.type in CLIENTS else None
        if insecure is not None and boolean_of(insecure) is True and not _is_local(resource):
            found.append(UnverifiedClient(resource.address, resource.deployment, insecure.location))
    return tuple(found)


def _is_used(resource: Resource, place: _Place) -> bool:
    if not place.switch:
        return True
    switch, _ = find(resource, place.switch)
    return switch is None or boolean_of(switch) is not False


def written_secret(value: Value) -> str | None:
    """The secret that a value is, None where it is empty, not wholly known, or refers to where it is kept."""
    text = value.text if not isinstance(value.data, int) else str(value.data)
    if text is None or not text.strip() or _REFERENCE in text:
        return None
    return text


def fault_of(password: str) -> Fault | None:
    """What makes a password easy to guess, by what is sure to be too little.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    if password in _SAMPLES:
        return Fault.SAMPLE
    if len(password) < _SHORTEST:
        return Fault.SHORT
    kinds = (str.isupper, str.islower, str.isdigit, lambda one: not one.isalnum())
    return None if all(any(kind(one) for one in password) for kind in kinds) else Fault.SIMPLE
