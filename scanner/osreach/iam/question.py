"""Questions about sets of requests: the door to the exact engine.

`find` answers whether some request of a scope is allowed, with one as proof;
`addresses` from exactly which addresses. Whether a new policy is no broader than
an old one is asked of `osreach.iam.compare`.
"""

from __future__ import annotations

from osreach.iam.address import EVERY_ADDRESS, NO_ADDRESS, AddressSet, address_set
from osreach.iam.atoms import address_cells
from osreach.iam.language import STEPS, Budget
from osreach.iam.prepare import domain_of, prepare
from osreach.iam.scope import (
    Absent,
    Answer,
    AnyAddress,
    AnyOf,
    AnyText,
    Disagreement,
    Fixed,
    Found,
    KeyDomain,
    Mode,
    Nothing,
    Question,
    Scope,
    TooComplex,
    Unconstrained,
)
from osreach.iam.solve import apart_by_resource, solve, solve_prepared

__all__ = [
    "Absent",
    "Answer",
    "AnyAddress",
    "AnyOf",
    "AnyText",
    "Disagreement",
    "Fixed",
    "Found",
    "KeyDomain",
    "Mode",
    "Nothing",
    "Question",
    "Scope",
    "TooComplex",
    "Unconstrained",
    "addresses",
    "find",
]


def find(question: Question, budget: int = STEPS) -> Answer:
    """A request of the question's scope that is allowed, or that there is none.

    `budget` bounds the steps of the search. Raises `Disagreement` where the
    concrete matcher contradicts the search, which is a fault in osreach.
    """
    return solve(question, budget)


def addresses(question: Question, key: str = "aws:sourceip", budget: int = STEPS) -> AddressSet | TooComplex:
    """Exactly the addresses in `key` from which some request of the question is allowed.

    All other keys are as free as the scope lets them be. `budget` holds for
    each stretch of addresses that the policies tell apart.
    """
    found = NO_ADDRESS
    for part in apart_by_resource(question):
        some = _addresses(part, key, budget)
        if isinstance(some, TooComplex):
            return some
        found = found.union(some)
    return found


def _addresses(question: Question, key: str, budget: int) -> AddressSet | TooComplex:
    prepared = prepare(question)
    domain = domain_of(question.scope, prepared.facts, key)
    match domain:
        case Absent():
            return NO_ADDRESS
        case Fixed(values) | AnyOf(values):
            within = address_set(values)
        case AnyAddress(_, networks) if networks:
            within = address_set(networks)
        case _:
            within = EVERY_ADDRESS
    cells = address_cells(key, prepared.clauses.get(key, []), prepared.facts, within)
    found = NO_ADDRESS
    for sample, cell in cells:
        answer = solve_prepared(prepared, {key: Fixed((sample,))}, Budget(budget))
        match answer:
            case TooComplex():
                return answer
            case Found():
                found = found.union(cell)
            case Nothing():
                pass
    return found
