"""What a rule is, and what it reports."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from osreach.location import Place
from osreach.witness import Confidence, Witness

if TYPE_CHECKING:
    from osreach.analysis import Analysis


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found.

    The first of `places` is where the finding is shown, the others are the
    trail of facts that led there. `severity` overrides the rule's own where the
    circumstances make it better or worse. `remedy` likewise.
    """

    message: str
    resource: str
    places: tuple[Place, ...]
    witness: Witness | None = None
    confidence: Confidence = Confidence.CERTAIN
    severity: Severity | None = None
    remedy: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that the documentation says should not be.

    `code` is `OSR` and three digits, never used twice; `name` reads as "allow
    `name`"; `since` is the version that brought it. Summary and explanation are
    the docstring of the module that holds `check`.
    """

    code: str
    name: str
    severity: Severity
    since: str
    check: Callable[[Analysis], Iterable[Match]]
    references: tuple[str, ...]
    remedy: str

    @property
    def documentation(self) -> str:
        """The docstring of the rule's module."""
        module = inspect.getmodule(self.check)
        return inspect.cleandoc((module.__doc__ if module else "") or "")

    @property
    def summary(self) -> str:
        """The first line of the documentation, without its final period."""
        return self.documentation.partition("\n")[0].rstrip(".")
