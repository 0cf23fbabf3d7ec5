"""A policy document as frozen values, every part with its place.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from osreach.location import Location


class Effect(StrEnum):
    """What a statement does. `UNKNOWN` where the effect itself could not be resolved."""

    ALLOW = "Allow"
    DENY = "Deny"
    UNKNOWN = "Unknown"


class PolicyKind(Enum):
    """Where a document is attached; what is legal in it and what a short ARN means depends on it."""

    IDENTITY = "identity policy"
    RESOURCE = "resource policy"
    TRUST = "role trust policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"


@dataclass(frozen=True, slots=True)
class Term:
    """One string of a policy as written, where unknown parts are holes (see `hole`).

    `location` is None for documents that come from no file. A list of terms that
    holds a term of exactly one hole has an element that could be anything, or,
    where `many`, any number of such elements.
    """

    text: str
    location: Location | None = None
    many: bool = False


class PrincipalKind(StrEnum):
    """The key under which a principal is written."""

    ANYONE = "*"
    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL_USER = "CanonicalUser"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class PrincipalTerm:
    """One principal of a statement.

    `"Principal": "*"` and `{"AWS": "*"}` both have kind `ANYONE` and text `*`.
    Kind `UNKNOWN` with a hole as text is a principal element that could be
    anything, `*` included; kind `AWS` with a text of exactly one hole likewise.
    """

    kind: PrincipalKind
    text: str
    location: Location | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Principals:
    """`Principal`, or `NotPrincipal` where `negated`."""

    terms: tuple[PrincipalTerm, ...]
    negated: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """`Action` or `Resource`, or their `Not...` forms where `negated`."""

    terms: tuple[Term, ...]
    negated: bool = False
    location: Location | None = None


class Quantifier(StrEnum):
    """The set operator in front of a condition operator."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key and its values.

    `operator` is the bare name in its documented spelling (`StringEquals`),
    without quantifier and `IfExists`. `key` is written as in the document;
    names of keys are compared without case. An unknown operator name is an
    error of the document, not a condition.
    """

    operator: str
    key: str
    values: tuple[Term, ...]
    quantifier: Quantifier = Quantifier.NONE
    if_exists: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: who, what, on what, when.

    `principals` is None in documents that have none (identity policies) and
    `resources` is None where the statement has none (trust policies). Where
    `conditions_unknown` is true there may be further conditions that could not
    be read; such a statement never certainly applies.
    """

    effect: Effect
    actions: Terms
    resources: Terms | None = None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()
    sid: str = ""
    index: int = 0
    location: Location | None = None
    conditions_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole policy document.

    `version` is as written, None where absent (which means 2008-10-17).
    `unknown` holds a term of one hole for each part of the statement list that
    could not be resolved: there may be further statements. `source` names the
    policy for people (`aws_opensearch_domain.logs`).
    """

    statements: tuple[Statement, ...]
    version: str | None = None
    unknown: tuple[Term, ...] = ()
    source: str = ""
    location: Location | None = None

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` is a variable here rather than text.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
        """
        return self.version == "2012-10-17"
