"""Whose statements limit the paths of a domain, and what those may send for whom the statements count.

A domain's access policy and the policies of an identity both allow and deny by
path. What an identity may send is decided by all of them together.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from osreach.access.domain import Domain
from osreach.access.identity import Identity
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.caller import Caller
from osreach.evaluate.domain import ask, ask_refused
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, standing_of
from osreach.evaluate.target import Target, of_domain
from osreach.iam.document import Effect, Statement, Term
from osreach.iam.glob_match import glob_matches
from osreach.location import Location
from osreach.rule import Match
from osreach.truth import Truth
from osreach.witness import Witness
from osreach_rules.domain.indexes import IndexTerm, allowing_term, callers_of, index_term
from osreach_rules.identity.people import administers_or_deploys
from osreach_rules.identity.statements import Held, written

_UNNAMED = "another-index"
"""An index that no statement is taken to name."""

_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Said:
    """A statement and those of its resources that are about the domain."""

    statement: Statement
    terms: tuple[Term, ...]
    location: Location

    @property
    def indexes(self) -> tuple[IndexTerm, ...]:
        """The single indexes that it names."""
        return tuple(one for one in map(index_term, self.terms) if one is not None)

    def place(self, term: Term) -> Location:
        """Where one of the resources stands."""
        return term.location or self.location


@dataclass(frozen=True, slots=True)
class Way:
    """A request that is allowed, and where; None where no statement in the code says so by itself."""

    witness: Witness
    allowed: Location | None


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A caller whom the access policy of a domain names."""

    name: str
    domain: Domain
    caller: Caller

    def ask(self, actions: tuple[str, ...], *paths: str) -> Way | None:
        """A request to one of `paths`, which have no leading `/`, that the caller may send."""
        witness = ask(self.domain, self.caller.principal, actions=actions, paths=paths)
        return Way(witness, allowing_term(self.domain, witness)) if witness is not None else None

    def is_limited(self, actions: tuple[str, ...], path: str) -> bool:
        """Whether there is an index for `*` in `path` on which the access policy does not allow the request."""
        principal = self.caller.principal
        found = ask_refused(self.domain, principal, actions=actions, paths=(path,), without=("_*",))
        return found is not None


@dataclass(frozen=True, slots=True, eq=False)
class Holder:
    """An identity of the code that holds the statements: every policy that counts for it decides together."""

    name: str
    analysis: Analysis
    standing: Standing
    target: Target

    def ask(self, actions: tuple[str, ...], *paths: str) -> Way | None:
        """A request to one of `paths`, which have no leading `/`, that the identity may send for certain."""
        listed = tuple(f"/{path}" for path in paths)
        found = self.analysis.access.of(self.standing, self.target, (Requests(actions, listed, listed),))
        if found.outcome not in {Outcome.ALLOWED, Outcome.CONDITIONAL} or found.witness is None:
            return None
        return Way(found.witness, self._allowing(found, found.witness.request.resource))

    def _allowing(self, found: Access, resource: str) -> Location | None:
        """Where the resource stands that lets a request in, else the statement."""
        documents = (*self.standing.documents, *self.target.documents)
        for one in found.because:
            if one.effect is not Effect.ALLOW or one.location is None or not one.location.path:
                continue
            for statement in (each for document in documents for each in document.statements):
                if statement.location != one.location or statement.index != one.index:
                    continue
                for term in statement.resources.terms if statement.resources is not None else ():
                    if glob_matches(term.text, resource) is Truth.TRUE:
                        return term.location or one.location
            return one.location
        return None

    def is_limited(self, actions: tuple[str, ...], path: str) -> bool:
        """Whether the identity may send none of the requests to an index that nobody names."""
        asked = path.replace("*", _UNNAMED)
        listed = (f"/{asked}",)
        found = self.analysis.access.of(self.standing, self.target, (Requests(actions, listed, listed),))
        return found.outcome is Outcome.DENIED


Party: TypeAlias = Named | Holder


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Statements about the paths of a domain, and those for whom they count."""

    domain: Domain
    statements: tuple[Said, ...]
    parties: tuple[Party, ...]

    def of(self, effect: Effect) -> Iterator[Said]:
        """The statements with this effect."""
        return (said for said in self.statements if said.statement.effect is effect)

    def naming(self, effect: Effect) -> Iterator[Said]:
        """Those that name single indexes."""
        return (said for said in self.of(effect) if said.indexes)

    def told(self, found: Iterable[Match]) -> Iterator[Match]:
        """The findings; of an identity the first only, since one gap of its policies is as good as all."""
        of_identity = any(isinstance(party, Holder) for party in self.parties)
        return islice(iter(found), 1) if of_identity else iter(found)


def sides(analysis: Analysis) -> Iterator[Side]:
    """The access policy of each domain, then each identity whose policies speak of paths of a domain of the code."""
    for domain in analysis.domains:
        statements = tuple(
            Said(found.statement, found.statement.resources.terms, found.location)
            for found in statements_of(domain)
            if found.statement.resources is not None and not found.statement.resources.negated
        )
        named = (Named(analysis.caller(caller.name, domain), domain, caller) for caller in callers_of(domain))
        if statements:
            yield Side(domain, statements, tuple(named))
    yield from _identities(analysis)


def unguarded(analysis: Analysis) -> Iterator[Side]:
    """Those about domains in which nothing but policies by path decides about indexes."""
    return (side for side in sides(analysis) if protection(side.domain) is not Protection.ON)


def _identities(analysis: Analysis) -> Iterator[Side]:
    holders: dict[str, Identity] = {}
    statements: dict[str, list[Held]] = {}
    if not analysis.domains:
        return
    for held in written(analysis):
        resources = held.statement.resources
        if resources is None or resources.negated or not any(":es:" in term.text for term in resources.terms):
            continue
        for holder in held.policy.holders:
            if holder.defined and not administers_or_deploys(holder):
                holders[holder.key] = holder
                statements.setdefault(holder.key, []).append(held)
    for key, holder in holders.items():
        for domain in analysis.model.domains:
            if domain.deployment != holder.deployment:
                continue
            said = tuple(_said(statements[key], domain))
            if said:
                target = of_domain(domain, analysis.model)
                standing = standing_of(holder, analysis.model)
                party = Holder(analysis.words(holder.address), analysis, standing, target)
                yield Side(domain, said, (party,))


def _said(statements: Iterable[Held], domain: Domain) -> Iterator[Said]:
    for held in statements:
        terms = held.statement.resources.terms if held.statement.resources is not None else ()
        about = tuple(term for term in terms if _is_about(term.text, domain))
        if about:
            yield Said(held.statement, about, held.location)


def _is_about(resource: str, domain: Domain) -> bool:
    """Whether the resource certainly means something below the domain, whatever its path is."""
    parts = resource.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or not parts[5].startswith("domain/"):
        return False
    name, below, _ = parts[5].removeprefix("domain/").partition("/")
    arn = ":".join((*parts[:5], f"domain/{name}"))
    return bool(below) and glob_matches(arn, domain.arn) is Truth.TRUE
