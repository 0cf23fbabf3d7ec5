"""One concrete request as the proof of a finding, and how sure the finding is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.iam.request import Request


class Confidence(StrEnum):
    """`POSSIBLE` where a value that is not known could make the finding false."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Witness:
    """One concrete request that shows a finding.

    `http` is its request line where it has one. `statements` are the statements
    that allow it, each as the document's source and the statement's index.
    """

    request: Request
    http: str = ""
    statements: tuple[tuple[str, int], ...] = ()
