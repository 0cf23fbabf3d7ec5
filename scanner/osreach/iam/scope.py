"""What is asked about a set of requests, and what can be answered.

A `Scope` is a set of requests: one caller, some actions, resources by pattern,
and what each condition key may hold. A `Question` asks whether some request of
the scope is allowed by policies. The answer is a request, the proof that there
is none, or the admission that the question is too complex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from osreach.iam.document import Document
from osreach.iam.request import Principal, Request


class Mode(Enum):
    """What unknown parts of policies are taken to be.

    `CERTAIN`: an Allow counts where it certainly applies, a Deny where it may:
    what is found holds whatever the unknown parts are. `POSSIBLE`: the reverse;
    what is not found cannot happen whatever the unknown parts are.
    """

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Absent:
    """The key is in no request."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Every request has the key with exactly these values."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyText:
    """The key has any one value; where `optional` it may be absent."""

    optional: bool = False


@dataclass(frozen=True, slots=True)
class AnyAddress:
    """The key has any one address of the networks in `within` (any at all where empty)."""

    optional: bool = False
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The key has one of these values; where `optional` it may be absent."""

    values: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Unconstrained:
    """The key is absent, or has any value, or, where the key takes several values, any set of them."""


KeyDomain: TypeAlias = Absent | Fixed | AnyText | AnyAddress | AnyOf | Unconstrained


@dataclass(frozen=True, slots=True)
class Scope:
    """The requests that are asked about.

    `actions` are concrete names, in the order in which an answer prefers them.
    A request's resource matches one of `resources` and none of `without`
    (patterns, ARNs part by part; `*` is every ARN, `${*}` the resource `*` of
    actions that have none). `keys` are written in lower case;
    `other_keys` is for keys that policies mention and `keys` does not. Keys
    that follow from the principal need not be given.
    """

    principal: Principal
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    without: tuple[str, ...] = ()
    keys: Mapping[str, KeyDomain] = field(default_factory=lambda: MappingProxyType({}))
    other_keys: KeyDomain = field(default_factory=Unconstrained)
    resource_account: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """The question whether some request of the scope is allowed.

    Every one of `layers` needs an Allow from one of its documents, and no Deny
    of any of them applies. `denials` are further documents of which only the
    Deny statements count. `unless` are layers that must not allow the request.
    Where `account_principal_counts`, an Allow for an account's principal (its
    ARN ending in `:root`) counts for the callers of that account.

    A document is a resource policy where a statement has a principal, of a role
    where besides none has a resource and all actions are of `sts`; else an
    identity policy.
    """

    layers: tuple[tuple[Document, ...], ...]
    scope: Scope
    denials: tuple[Document, ...] = ()
    unless: tuple[tuple[Document, ...], ...] = ()
    mode: Mode = Mode.CERTAIN
    account_principal_counts: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A request that is allowed, and the statements that allow it: (source of the document, index)."""

    request: Request
    statements: tuple[tuple[str, int], ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Nothing:
    """No request of the scope is allowed; where not `exact` none was found, for the `reason`."""

    exact: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TooComplex:
    """The search ended at its budget of `bound` steps or states without an answer."""

    reason: str
    bound: int


Answer: TypeAlias = Found | Nothing | TooComplex


class Disagreement(AssertionError):  # noqa: N818 - the word for two judges who differ
    """A request found by the search is judged otherwise by the concrete matcher: a fault in osreach."""
