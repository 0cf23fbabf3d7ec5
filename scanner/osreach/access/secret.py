"""Secrets that stand in the code: what they are for and where they stand, never what they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from osreach.location import Location


class SecretKind(Enum):
    """What a secret is for."""

    MASTER_PASSWORD = "master password"  # noqa: S105 - a name, no secret
    USER_PASSWORD = "password of an internal user"  # noqa: S105 - likewise
    CLIENT = "credentials of a client"


class Fault(Enum):
    """Why anyone could guess a password."""

    SAMPLE = "stands in the documentation"
    SHORT = "has fewer than eight characters"
    SIMPLE = "lacks upper case, lower case, digits or signs"
    DEMO = "is one of the demo configuration"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that can be read in the code.

    `owner` is the address of the resource that uses it at `used`, `name` what
    it is called there (`master_user_password`). `location` is where it is
    written, which is elsewhere for the default of a variable. `fault` is None
    where nothing is wrong with the secret itself.
    """

    kind: SecretKind
    owner: str
    deployment: str
    name: str
    location: Location
    used: Location
    fault: Fault | None = None
    possible: bool = False


@dataclass(frozen=True, slots=True)
class ShownParameter:
    """A parameter of a template that takes a secret and does not hide it; `location` is where it is used.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """

    name: str
    owner: str
    deployment: str
    location: Location


@dataclass(frozen=True, slots=True)
class UnverifiedClient:
    """A client that does not check whom it talks to; `location` is the switch."""

    address: str
    deployment: str
    location: Location


@dataclass(frozen=True, slots=True)
class AddressWithCredentials:
    """An address of a cluster with user and password in front of the host.

    `written` is false where the password itself comes from elsewhere and only
    ends up in the address. `host` may hold holes.
    """

    owner: str
    deployment: str
    host: str
    written: bool
    location: Location


@dataclass(frozen=True, slots=True)
class ExposedKey:
    """The secret of an access key of the code that ends up in the resource `owner`, for everyone who may look at it."""

    key: str
    owner: str
    deployment: str
    location: Location


class Keeping(Enum):
    """How Terraform's state is kept.

    Sources: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
    https://developer.hashicorp.com/terraform/language/backend/s3
    """

    LOCAL = "in a local file"
    BUCKET = "in a bucket, without asking for encryption"


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """The password of a master user that ends up readable in Terraform's state.

    `location` is where the domain takes it, `backend` where the code says how
    the state is kept.
    """

    owner: str
    deployment: str
    keeping: Keeping
    location: Location
    backend: Location
