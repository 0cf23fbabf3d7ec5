"""Statements about requests to a domain, wherever they stand: in its access policy or in an identity policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.analysis import Analysis
from osreach.iam.document import Condition, Effect, Statement, Term
from osreach.location import Location
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.statements import is_about_requests, written

_PREFIXES = ("es:", "aoss:", "osis:")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A statement and the address of the resource that holds it: a domain, or what holds an identity policy."""

    resource: str
    statement: Statement
    location: Location
    of_domain: bool

    @property
    def denies(self) -> bool:
        """Whether it is a Deny."""
        return self.statement.effect is Effect.DENY

    def place(self, part: Term | Condition) -> Location:
        """Where a part of the statement stands."""
        return part.location or self.location


def spoken(analysis: Analysis) -> Iterator[Spoken]:
    """Every statement of domains' access policies, and those of identity policies about search services."""
    for found in analysis.statements:
        yield Spoken(found.domain.address, found.statement, found.location, of_domain=True)
    for held in written(analysis):
        if any(term.text.lower().startswith(_PREFIXES) for term in held.statement.actions.terms):
            yield Spoken(held.policy.name, held.statement, held.location, of_domain=False)


def about_requests(analysis: Analysis) -> Iterator[Spoken]:
    """Those that name HTTP requests: any action in an access policy, such ones only in an identity policy."""
    for one in spoken(analysis):
        actions = one.statement.actions
        if actions.negated:
            continue
        named = any(is_about_requests(term.text) for term in actions.terms)
        if named or (one.of_domain and http_actions(actions)):
            yield one
