"""An independent judge of questions about sets of requests: the SMT solver cvc5.

The encoding shares nothing with the engine but the documents: patterns become
regular expressions of the theory of strings, addresses and numbers arithmetic,
the values of a key that takes several a short list. `random_question` makes the
questions both are asked.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import cvc5  # type: ignore[import-untyped]  # ships no types
from cvc5 import Kind
from cvc5 import Term as Formula

from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Quantifier,
    Statement,
    Term,
    Terms,
)
from osreach.iam.question import Question, Scope
from osreach.iam.request import Anonymous, Principal, RoleSession

DOMAIN = "arn:aws:es:eu-west-1:123456789012:domain/logs"
ROLE = "arn:aws:iam::123456789012:role/reader"
ACTIONS = tuple(f"es:ESHttp{verb}" for verb in ("Get", "Head", "Post", "Put", "Delete", "Patch"))

_MEMBERS = 4
_LISTS = {"aws:calledvia", "aws:tagkeys"}
_ADDRESSES = {"aws:sourceip", "aws:vpcsourceip"}
_NUMBERS = {"aws:multifactorauthage", "aws:currenttime"}


@dataclass(slots=True)
class _Key:
    """A condition key as variables: for each possible member whether it is there, and what it is."""

    there: list[Formula]
    value: list[Formula]
    six: Formula | None = None


@dataclass(slots=True)
class _Encoding:
    solver: cvc5.Solver
    principal: Principal
    action: Formula
    resource: Formula
    keys: dict[str, _Key] = field(default_factory=dict)

    def all_of(self, parts: Iterable[Formula]) -> Formula:
        found = list(parts)
        if not found:
            return self.solver.mkTrue()
        return found[0] if len(found) == 1 else self.solver.mkTerm(Kind.AND, *found)

    def one_of(self, parts: Iterable[Formula]) -> Formula:
        found = list(parts)
        if not found:
            return self.solver.mkFalse()
        return found[0] if len(found) == 1 else self.solver.mkTerm(Kind.OR, *found)

    def no(self, part: Formula) -> Formula:
        return self.solver.mkTerm(Kind.NOT, part)

    def text_is(self, value: Formula, text: str) -> Formula:
        return self.solver.mkTerm(Kind.EQUAL, value, self.solver.mkString(text))

    def matches(self, value: Formula, pattern: str, *, colons: bool = True, folded: bool = False) -> Formula:
        return self.solver.mkTerm(
            Kind.STRING_IN_REGEXP, value, self._expression(pattern, colons=colons, folded=folded)
        )

    def _expression(self, pattern: str, *, colons: bool, folded: bool = False) -> Formula:
        solver = self.solver
        one = solver.mkTerm(Kind.REGEXP_ALLCHAR)
        if not colons:
            colon = solver.mkTerm(Kind.STRING_TO_REGEXP, solver.mkString(":"))
            one = solver.mkTerm(Kind.REGEXP_DIFF, one, colon)
        parts: list[Formula] = []
        for letter in pattern:
            if letter == "*" and not folded:
                parts.append(solver.mkTerm(Kind.REGEXP_STAR, one))
            elif letter == "?" and not folded:
                parts.append(one)
            elif folded and letter.upper() != letter.lower():
                both = [
                    solver.mkTerm(Kind.STRING_TO_REGEXP, solver.mkString(form))
                    for form in (letter.lower(), letter.upper())
                ]
                parts.append(solver.mkTerm(Kind.REGEXP_UNION, *both))
            else:
                parts.append(solver.mkTerm(Kind.STRING_TO_REGEXP, solver.mkString(letter)))
        if not parts:
            return solver.mkTerm(Kind.STRING_TO_REGEXP, solver.mkString(""))
        return parts[0] if len(parts) == 1 else solver.mkTerm(Kind.REGEXP_CONCAT, *parts)

    def arn_matches(self, value: Formula, pattern: str) -> Formula:
        *head, last = pattern.split(":", 5)
        parts: list[Formula] = []
        colon = self.solver.mkTerm(Kind.STRING_TO_REGEXP, self.solver.mkString(":"))
        for part in head:
            parts += [self._expression(part, colons=False), colon]
        parts.append(self._expression(last, colons=True))
        return self.solver.mkTerm(
            Kind.STRING_IN_REGEXP, value, self.solver.mkTerm(Kind.REGEXP_CONCAT, *parts)
        )

    def key(self, name: str) -> _Key:
        known = self.keys.get(name)
        if known is None:
            known = self.keys[name] = self._new_key(name)
        return known

    def _new_key(self, name: str) -> _Key:
        solver = self.solver
        members = _MEMBERS if name in _LISTS else 1
        there = [solver.mkConst(solver.getBooleanSort(), f"{name} {place}") for place in range(members)]
        if name in _NUMBERS:
            return _Key(there, [solver.mkConst(solver.getRealSort(), name)])
        if name in _ADDRESSES:
            value = solver.mkConst(solver.getIntegerSort(), name)
            six = solver.mkConst(solver.getBooleanSort(), f"{name} is IPv6")
            bound = solver.mkTerm(Kind.ITE, six, solver.mkInteger(str(2**128)), solver.mkInteger(str(2**32)))
            solver.assertFormula(solver.mkTerm(Kind.GEQ, value, solver.mkInteger(0)))
            solver.assertFormula(solver.mkTerm(Kind.LT, value, bound))
            return _Key(there, [value], six)
        for one, following in pairwise(there):
            solver.assertFormula(solver.mkTerm(Kind.IMPLIES, following, one))
        if _follows(name) and isinstance(self.principal, Anonymous):
            solver.assertFormula(self.no(there[0]))
        values = [solver.mkConst(solver.getStringSort(), f"{name} {place}") for place in range(members)]
        for place, later in enumerate(there[1:], 1):
            for earlier in range(place):
                same = solver.mkTerm(Kind.EQUAL, values[earlier], values[place])
                solver.assertFormula(solver.mkTerm(Kind.IMPLIES, later, self.no(same)))
        if name == "aws:principalarn" and isinstance(self.principal, RoleSession):
            solver.assertFormula(there[0])
            solver.assertFormula(self.text_is(values[0], self.principal.role_arn))
        return _Key(there, values)

    def _value_matches(self, key: _Key, place: int, operator: str, text: str) -> Formula:
        solver = self.solver
        value = key.value[place]
        match operator:
            case "StringEquals":
                return self.text_is(value, text)
            case "StringEqualsIgnoreCase":
                return self.matches(value, text, folded=True)
            case "StringLike":
                return self.matches(value, text)
            case "ArnLike" | "ArnEquals":
                return self.arn_matches(value, text)
            case "Bool":
                return self.matches(value, text, folded=True)
            case "IpAddress":
                network = ipaddress.ip_network(text, strict=False)
                assert key.six is not None
                version = key.six if network.version == 6 else self.no(key.six)
                first, last = int(network.network_address), int(network.broadcast_address)
                return self.all_of(
                    [
                        version,
                        solver.mkTerm(Kind.GEQ, value, solver.mkInteger(str(first))),
                        solver.mkTerm(Kind.LEQ, value, solver.mkInteger(str(last))),
                    ]
                )
            case _:
                kinds = {
                    "Equals": Kind.EQUAL,
                    "LessThan": Kind.LT,
                    "LessThanEquals": Kind.LEQ,
                    "GreaterThan": Kind.GT,
                    "GreaterThanEquals": Kind.GEQ,
                }
                if operator.startswith("Date"):
                    moment = datetime.fromisoformat(text).astimezone(UTC).timestamp()
                    number, name = Decimal(moment), operator.removeprefix("Date")
                else:
                    number, name = Decimal(text), operator.removeprefix("Numeric")
                return solver.mkTerm(kinds[name], value, solver.mkReal(str(number)))

    def condition(self, condition: Condition) -> Formula:
        key = self.key(condition.key.lower())
        if condition.operator == "Null":
            wanted = [term.text == "true" for term in condition.values]
            return self.one_of(self.no(key.there[0]) if one else key.there[0] for one in wanted)
        operator = condition.operator
        negated = "Not" in operator
        operator = operator.replace("Not", "") if negated else operator

        def holds(place: int) -> Formula:
            found = self.one_of(
                self._value_matches(key, place, operator, term.text) for term in condition.values
            )
            return self.no(found) if negated else found

        members = range(len(key.there))
        match condition.quantifier:
            case Quantifier.FOR_ALL_VALUES:
                return self.all_of(
                    self.one_of([self.no(key.there[place]), holds(place)]) for place in members
                )
            case Quantifier.FOR_ANY_VALUE:
                return self.one_of(self.all_of([key.there[place], holds(place)]) for place in members)
            case _:
                single = [self.no(there) for there in key.there[1:]]
                present = self.all_of([key.there[0], *single, holds(0)])
                absent = self.no(key.there[0])
                return self.one_of([absent, present]) if negated or condition.if_exists else present

    def names_caller(self, principals: Principals | None) -> bool:
        if principals is None:
            return True
        names = {"*"}
        if isinstance(self.principal, RoleSession):
            account = self.principal.role_arn.split(":")[4]
            names |= {self.principal.role_arn, account, f"arn:aws:iam::{account}:root"}
        return any(term.text in names for term in principals.terms)

    def statement(self, statement: Statement) -> Formula:
        if not self.names_caller(statement.principals):
            return self.solver.mkFalse()
        action = self.one_of(self.matches(self.action, term.text.lower()) for term in statement.actions.terms)
        assert statement.resources is not None
        resource = self.one_of(
            self.solver.mkTrue() if term.text == "*" else self.arn_matches(self.resource, term.text)
            for term in statement.resources.terms
        )
        return self.all_of(
            [
                self.no(action) if statement.actions.negated else action,
                self.no(resource) if statement.resources.negated else resource,
                *(self.condition(condition) for condition in statement.conditions),
            ]
        )

    def allows(self, layers: Sequence[Sequence[Document]]) -> Formula:
        parts: list[Formula] = []
        for layer in layers:
            statements = [statement for document in layer for statement in document.statements]
            parts.append(self.one_of(self.statement(one) for one in statements if one.effect is Effect.ALLOW))
            parts.extend(self.no(self.statement(one)) for one in statements if one.effect is Effect.DENY)
        return self.all_of(parts)


def _follows(name: str) -> bool:
    return name in {"aws:principalorgid", "aws:principalarn", "aws:multifactorauthage"}


def some_request_exists(question: Question, milliseconds: int = 3000) -> bool | None:
    """Whether some request of the question is allowed; None where the solver gave up."""
    solver = cvc5.Solver()
    solver.setLogic("ALL")
    solver.setOption("tlimit-per", str(milliseconds))
    solver.setOption("strings-exp", "true")
    text = solver.getStringSort()
    encoding = _Encoding(
        solver, question.scope.principal, solver.mkConst(text, "action"), solver.mkConst(text, "resource")
    )
    if isinstance(question.scope.principal, Anonymous):
        for name in _NUMBERS & {"aws:multifactorauthage"}:
            solver.assertFormula(encoding.no(encoding.key(name).there[0]))
    solver.assertFormula(
        encoding.one_of(encoding.text_is(encoding.action, one.lower()) for one in question.scope.actions)
    )
    solver.assertFormula(
        encoding.one_of(encoding.arn_matches(encoding.resource, one) for one in question.scope.resources)
    )
    solver.assertFormula(encoding.allows(question.layers))
    if question.unless:
        solver.assertFormula(encoding.no(encoding.allows(question.unless)))
    result = solver.checkSat()
    return None if result.isUnknown() else bool(result.isSat())


_PATTERNS = (
    "*",
    DOMAIN + "/*",
    DOMAIN + "*",
    "arn:aws:es:*:*:domain/*",
    "arn:aws:es:eu-west-?:123456789012:domain/logs/*",
    DOMAIN + "/",
)
_PATHS = (
    "a",
    "a*",
    "a?*",
    "a/*",
    "*a",
    "*/b",
    "b*",
    "?",
    "??*",
    "a*b",
    "_search",
    "*_search",
    "*a*b*",
    "restricted-index/*",
    "restricted-index*",
)
_PRINCIPALS = (
    "*",
    "*",
    "*",
    "123456789012",
    "arn:aws:iam::123456789012:root",
    ROLE,
    "arn:aws:iam::123456789012:role/other",
    "999999999999",
)
_CHOICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:SourceVpce": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
        ("vpce-1", "vpce-2", "vpce-*", "VPCE-1", "*1", "vpce-??*"),
    ),
    "aws:PrincipalOrgID": (("StringEquals", "StringNotEquals"), ("o-1", "o-2")),
    "aws:PrincipalArn": (
        ("ArnLike", "ArnNotLike", "ArnEquals"),
        (ROLE, "arn:aws:iam::*:role/*", "arn:aws:iam::*:user/*"),
    ),
    "aws:SourceIp": (
        ("IpAddress", "IpAddress", "NotIpAddress"),
        (
            "10.0.0.0/8",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "203.0.113.0/24",
            "203.0.113.7",
            "2001:db8::/32",
            "::/0",
            "0.0.0.0/0",
        ),
    ),
    "aws:SecureTransport": (("Bool",), ("true", "false", "TRUE")),
    "aws:MultiFactorAuthAge": (
        ("NumericLessThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals"),
        ("10", "20", "20.5", "3600"),
    ),
    "aws:CurrentTime": (
        ("DateLessThan", "DateGreaterThan", "DateLessThanEquals"),
        ("2026-01-01T00:00:00+00:00", "2026-06-01T00:00:00+00:00"),
    ),
    "aws:CalledVia": (
        ("StringEquals", "StringNotEquals", "StringLike"),
        ("athena.amazonaws.com", "es.amazonaws.com", "*.amazonaws.com"),
    ),
    "aws:TagKeys": (("StringEquals", "StringNotEquals", "StringLike"), ("team", "cost", "c*")),
}


def random_condition(chance: random.Random, key: str = "") -> Condition:
    """A condition on some key, or on this one."""
    key = key or chance.choice(tuple(_CHOICES))
    operators, values = _CHOICES[key]
    if chance.random() < 0.1:
        return Condition("Null", key, (Term(chance.choice(("true", "false"))),))
    several = key.lower() in _LISTS
    quantifier = chance.choice(tuple(Quantifier)) if several or chance.random() < 0.1 else Quantifier.NONE
    return Condition(
        chance.choice(operators),
        key,
        tuple(Term(value) for value in chance.sample(values, chance.choice((1, 1, 2)))),
        quantifier,
        quantifier is Quantifier.NONE and chance.random() < 0.15,
    )


def _resources(chance: random.Random) -> Terms:
    count = chance.choice((1, 1, 2))
    texts = [
        chance.choice(_PATTERNS) if chance.random() < 0.3 else f"{DOMAIN}/{chance.choice(_PATHS)}"
        for _ in range(count)
    ]
    return Terms(tuple(Term(text) for text in texts), negated=chance.random() < 0.15)


def random_document(
    chance: random.Random, size: int, denies: float = 0.4, source: str = "policy"
) -> Document:
    """A resource policy of `size` statements, of which a share of `denies` denies."""
    statements = []
    for index in range(size):
        actions = chance.sample(
            ("es:*", "es:ESHttp*", "*", *ACTIONS, "es:ESHttp?et", "es:eshttpp*"), chance.choice((1, 1, 2))
        )
        named = chance.sample(_PRINCIPALS, chance.choice((1, 1, 2)))
        statements.append(
            Statement(
                Effect.DENY if chance.random() < denies else Effect.ALLOW,
                Terms(tuple(Term(text) for text in actions), negated=chance.random() < 0.1),
                _resources(chance),
                Principals(
                    tuple(
                        PrincipalTerm(PrincipalKind.ANYONE if text == "*" else PrincipalKind.AWS, text)
                        for text in named
                    )
                ),
                tuple(random_condition(chance) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))),
                index=index,
            )
        )
    return Document(tuple(statements), "2012-10-17", source=source)


def random_question(chance: random.Random, largest: int = 8) -> Question:
    """A question over random documents: for half of them, what another document does not allow."""
    principal: Principal = chance.choice((Anonymous(), Anonymous(), RoleSession(ROLE)))
    layers: tuple[tuple[Document, ...], ...] = ((random_document(chance, chance.randint(1, largest)),),)
    if chance.random() < 0.2:
        layers = (*layers, (random_document(chance, chance.randint(1, largest), source="second"),))
    unless: tuple[tuple[Document, ...], ...] = ()
    if chance.random() < 0.5:
        unless = ((random_document(chance, chance.randint(1, largest), source="old"),),)
    resources = chance.choice(((f"{DOMAIN}/*",), (DOMAIN, f"{DOMAIN}/*"), ("arn:aws:es:*:*:domain/*",)))
    return Question(layers, Scope(principal, ACTIONS, resources), unless=unless)
