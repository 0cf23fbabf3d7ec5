"""What is wrong with a policy of OpenSearch Serverless by itself.

AWS tells most of these at deployment only; the rest of the policy counts as if
the faulty part were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.location import Location


class FaultKind(StrEnum):
    """What kind of fault it is."""

    SHAPE = "the JSON has another shape than a policy of its type"
    UNKNOWN_KEY = "a key that policies of its type do not have"
    MISSING_KEY = "a key that is needed and not there"
    WRONG_VALUE = "a value of a kind that the key does not take"
    UNKNOWN_RESOURCE_TYPE = "a resource type that policies of its type do not have"
    UNKNOWN_PERMISSION = "no permission of data access policies"
    WRONG_PERMISSION = "a permission of another resource type"
    IMPOSSIBLE_PATTERN = "a resource that no collection or index can match"
    IMPOSSIBLE_PRINCIPAL = "a principal that is none"
    UNKNOWN_SERVICE = "a service that network policies do not let in"
    TOO_LONG = "a policy longer than the service takes"
    WRONG_NAME = "a name that the service does not take"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and where it is written.

    `message` is one sentence in lower case; `subject` is the key, permission,
    pattern or principal that it is about as written (holes for unknown parts).
    """

    kind: FaultKind
    message: str
    location: Location
    subject: str = ""
