"""The outcome of a scan as values: findings, problems and what was covered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from osreach.location import Location
from osreach.problem import Problem
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a finding does not count: an ignore comment or a baseline, with its reason."""

    kind: str
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A match with the rule that made it."""

    rule: Rule
    match: Match
    suppressed: Suppression | None = None

    @property
    def severity(self) -> Severity:
        """The severity of this finding."""
        return self.match.severity or self.rule.severity

    @property
    def location(self) -> Location:
        """The primary place."""
        return self.match.places[0].location

    @property
    def remedy(self) -> str:
        """What to do about it, one sentence."""
        return self.match.remedy or self.rule.remedy

    @property
    def fingerprint(self) -> str:
        """A hash of rule, file, resource, principal and message that survives moved lines."""
        parts = (
            self.rule.name,
            self.location.path,
            self.match.resource,
            self.match.principal,
            self.match.message,
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at, and what could not be known."""

    files: int = 0
    resources: int = 0
    access_resources: int = 0
    unknowns: tuple[tuple[Unknown, Location], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a scan has to say. `failures` are rules that crashed, with the error."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()
    coverage: Coverage = Coverage()
    failures: tuple[tuple[str, str], ...] = ()
