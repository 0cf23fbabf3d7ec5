"""Statements about single indexes, and the requests that reach an index without naming it in the path.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.analysis import Analysis, DomainStatement, statements_of
from osreach.evaluate.caller import Caller, callers
from osreach.evaluate.exposure import Protection, protection
from osreach.iam.document import Effect, Term
from osreach.iam.glob_match import glob_matches
from osreach.iam.hole import has_hole
from osreach.location import Location
from osreach.truth import Truth
from osreach.witness import Witness
from osreach_rules.domain.resources import domain_resource, is_literal

READ = ("es:ESHttpGet", "es:ESHttpPost")
WRITE = ("es:ESHttpPost", "es:ESHttpPut")
DELETE = ("es:ESHttpDelete",)


@dataclass(frozen=True, slots=True)
class IndexTerm:
    """A resource that names one index, or all whose names begin alike.

    `index` is the name without a trailing `*`. `below` says that only what
    stands under the index matches (`movies/*`), not the index itself.
    """

    term: Term
    index: str
    below: bool


@dataclass(frozen=True, slots=True)
class IndexStatement:
    """A statement with the indexes that it names."""

    found: DomainStatement
    indexes: tuple[IndexTerm, ...]

    def place(self, term: Term) -> Location:
        """Where the term stands."""
        return term.location or self.found.location


def index_term(term: Term) -> IndexTerm | None:
    """The index that a resource names; None where it names none, or an API such as `_bulk`."""
    parts = domain_resource(term.text)
    if parts is None or not parts.path or not is_literal(parts.name):
        return None
    index, _, rest = parts.path.removeprefix("/").partition("/")
    name = index.removesuffix("*")
    if not name or name.startswith("_") or "${" in name or not is_literal(name) or has_hole(name):
        return None
    return IndexTerm(term, name, below=bool(rest) and is_literal(index))


def unguarded_domains(analysis: Analysis) -> Iterator[Domain]:
    """Domains in which the access policy alone decides about indexes."""
    for domain in analysis.domains:
        if protection(domain) is not Protection.ON:
            yield domain


def index_statements(domain: Domain, effect: Effect) -> Iterator[IndexStatement]:
    """The statements of `domain` with this effect that name single indexes."""
    for found in statements_of(domain):
        resources = found.statement.resources
        if found.statement.effect is not effect or resources is None or resources.negated:
            continue
        indexes = tuple(one for one in map(index_term, resources.terms) if one is not None)
        if indexes:
            yield IndexStatement(found, indexes)


def callers_of(domain: Domain) -> tuple[Caller, ...]:
    """Everyone whom the access policy lets in."""
    return callers(domain.documents)


def body_paths(domain: Domain, *names: str) -> tuple[str, ...]:
    """Paths of APIs that take index names in the body; none where the domain forbids that.

    With `rest.action.multi.allow_explicit_index` off these APIs refuse bodies
    that name an index, and SQL and PPL are off.
    """
    return () if domain.explicit_index.is_certainly(value=False) else names


def allowing_term(domain: Domain, witness: Witness) -> Location | None:
    """Where the resource stands that lets the witness request in."""
    for found in statements_of(domain):
        if (found.document.source, found.statement.index) not in witness.statements:
            continue
        for term in found.statement.resources.terms if found.statement.resources else ():
            if glob_matches(term.text, witness.request.resource) is Truth.TRUE:
                return term.location or found.location
        return found.location
    return None
