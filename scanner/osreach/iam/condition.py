"""Conditions: every operator, with its quantifiers, on every state a key can be in.

Operators and keys are joined by and, the values of one key by or; a negated
operator asks that no value matches. An absent key makes a plain operator false
and a negated one true. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

`compile_condition(condition, variables)` gives a function from `Facts` to
`Truth`. `value_test(comparison, patterns)` answers for one value of a key; both
may contain holes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.arn import arn_matches
from osreach.iam.document import Condition, Quantifier
from osreach.iam.facts import UNKNOWN_VALUE, Facts
from osreach.iam.glob_match import glob_matches, is_everything, matcher, plain, texts_equal
from osreach.iam.hole import has_hole
from osreach.iam.note import Note
from osreach.iam.scalar import address_range, binary, boolean, instant, number
from osreach.iam.variables import Template, has_variable, resolve, template
from osreach.truth import Truth, negation, truth_of


class Comparison(Enum):
    """What an operator does with one value, apart from negation."""

    STRING_EQUALS = "StringEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    ARN_LIKE = "ArnLike"
    NULL = "Null"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator: a comparison, or its opposite."""

    comparison: Comparison
    negated: bool = False


OPERATORS = {comparison.value: Operator(comparison) for comparison in Comparison} | {
    "StringNotEquals": Operator(Comparison.STRING_EQUALS, negated=True),
    "StringNotEqualsIgnoreCase": Operator(Comparison.STRING_EQUALS_IGNORE_CASE, negated=True),
    "StringNotLike": Operator(Comparison.STRING_LIKE, negated=True),
    "NumericNotEquals": Operator(Comparison.NUMERIC_EQUALS, negated=True),
    "DateNotEquals": Operator(Comparison.DATE_EQUALS, negated=True),
    "NotIpAddress": Operator(Comparison.IP_ADDRESS, negated=True),
    "ArnEquals": Operator(Comparison.ARN_LIKE),
    "ArnNotEquals": Operator(Comparison.ARN_LIKE, negated=True),
    "ArnNotLike": Operator(Comparison.ARN_LIKE, negated=True),
}
"""Every operator by its documented spelling, without quantifier and `IfExists`."""

_PATTERNS = frozenset({Comparison.STRING_LIKE, Comparison.ARN_LIKE})
_TAKES_VARIABLES = _PATTERNS | {Comparison.STRING_EQUALS, Comparison.STRING_EQUALS_IGNORE_CASE}
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""

ValueTest: TypeAlias = Callable[[str], Truth]
"""Whether one value of a key matches any of an operator's values."""

Test: TypeAlias = Callable[[Facts], Truth]
"""Whether a condition holds for a request."""


def _any(truths: Iterable[Truth]) -> Truth:
    found = Truth.FALSE
    for truth in truths:
        if truth is Truth.TRUE:
            return truth
        if truth is Truth.UNKNOWN:
            found = truth
    return found


def _string_equals(patterns: tuple[str, ...]) -> ValueTest:
    texts = frozenset(map(plain, patterns))
    holed = tuple(text for text in texts if has_hole(text))

    def test(value: str) -> Truth:
        if value in texts:
            return Truth.TRUE
        if has_hole(value):
            return _any(texts_equal(text, value) for text in texts)
        return _any(texts_equal(text, value) for text in holed) if holed else Truth.FALSE

    return test


def _string_like(patterns: tuple[str, ...]) -> ValueTest:
    known = tuple(matcher(pattern) for pattern in patterns if not has_hole(pattern))
    holed = tuple(pattern for pattern in patterns if has_hole(pattern))

    def test(value: str) -> Truth:
        if has_hole(value):
            return _any(glob_matches(pattern, value) for pattern in patterns)
        for matches in known:
            if matches(value):
                return Truth.TRUE
        return _any(glob_matches(pattern, value) for pattern in holed) if holed else Truth.FALSE

    return test


def _typed(
    read: Callable[[str], object], holds: Callable[[object, object], bool], patterns: tuple[str, ...]
) -> ValueTest:
    """Values that are read before they are compared; what cannot be read matches nothing."""
    wanted = tuple(found for pattern in patterns if (found := read(pattern)) is not None)
    holed = any(map(has_hole, patterns))

    def test(value: str) -> Truth:
        if has_hole(value):
            return Truth.UNKNOWN if wanted or holed else Truth.FALSE
        given = read(value)
        if given is None:
            return Truth.FALSE
        return truth_of(any(holds(given, one) for one in wanted), holed)

    return test


def _in_range(given: object, wanted: object) -> bool:
    if not (isinstance(given, tuple) and isinstance(wanted, tuple)):
        return False
    version, low, high = given
    other, first, last = wanted
    return bool(version == other and first <= low and high <= last)


def _ordered(test: Callable[[int], bool]) -> Callable[[object, object], bool]:
    """A comparison by the sign of the difference of two numbers of the same kind."""

    def holds(given: object, wanted: object) -> bool:
        return test((given > wanted) - (given < wanted))  # type: ignore[operator]  # both were read by one reader

    return holds


_SIGNS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda sign: sign == 0,
    "LessThan": lambda sign: sign < 0,
    "LessThanEquals": lambda sign: sign <= 0,
    "GreaterThan": lambda sign: sign > 0,
    "GreaterThanEquals": lambda sign: sign >= 0,
}


@lru_cache(maxsize=65536)
def value_test(comparison: Comparison, patterns: tuple[str, ...]) -> ValueTest:
    """A function that compares one value with all `patterns`, in which no variables are left.

    `Null` has none: it asks for the key, not for its value.
    """
    match comparison:
        case Comparison.STRING_EQUALS:
            return _string_equals(patterns)
        case Comparison.STRING_EQUALS_IGNORE_CASE:
            lower = _string_equals(tuple(pattern.lower() for pattern in patterns))
            return lambda value: lower(value.lower())
        case Comparison.STRING_LIKE:
            return _string_like(patterns)
        case Comparison.ARN_LIKE:
            return lambda value: _any(arn_matches(pattern, value) for pattern in patterns)
        case Comparison.BOOL:
            return _typed(boolean, lambda given, wanted: given == wanted, patterns)
        case Comparison.BINARY_EQUALS:
            return _typed(binary, lambda given, wanted: given == wanted, patterns)
        case Comparison.IP_ADDRESS:
            return _typed(address_range, _in_range, patterns)
        case Comparison.NULL:
            return lambda _: Truth.FALSE
        case _:
            name = comparison.value
            if name.startswith("Numeric"):
                return _typed(number, _ordered(_SIGNS[name.removeprefix("Numeric")]), patterns)
            return _typed(instant, _ordered(_SIGNS[name.removeprefix("Date")]), patterns)


def _null(condition: Condition) -> Test:
    """`Null`: true asks for absence, false for presence."""
    key = condition.key.lower()
    wanted = [boolean(term.text) for term in condition.values]
    holed = any(has_hole(term.text) for term in condition.values)

    def test(facts: Facts) -> Truth:
        if not facts.keys.get(key):
            if key in facts.unknown and key not in facts.keys:
                return truth_of(True in wanted and False in wanted, wanted)
            return truth_of(True in wanted, holed)
        return truth_of(False in wanted, holed)

    return test


def _unresolved(
    condition: Condition, comparison: Comparison, *, variables: Truth
) -> tuple[tuple[str, ...], tuple[Template, ...]]:
    """The values as patterns: those that are fixed, and those with variables.

    Where it is not known whether the document has variables at all, a value
    with one is a value that is not known.
    """
    texts = tuple(term.text for term in condition.values)
    if variables is Truth.FALSE or comparison not in _TAKES_VARIABLES or not any(map(has_variable, texts)):
        return texts, ()
    if variables is Truth.UNKNOWN:
        return tuple(UNKNOWN_VALUE if has_variable(text) else text for text in texts), ()
    fixed: list[str] = []
    open_: list[Template] = []
    for text in texts:
        pieces = template(text)
        if all(isinstance(piece, str) for piece in pieces):
            fixed.append("".join(piece for piece in pieces if isinstance(piece, str)))
        else:
            open_.append(pieces)
    return tuple(fixed), tuple(open_)


def compile_condition(condition: Condition, variables: Truth) -> Test:
    """A function that tells whether `condition` holds for a request.

    `variables` says whether `${...}` is a variable in the document.
    """
    if has_hole(condition.key):
        return lambda _: Truth.UNKNOWN
    operator = OPERATORS[condition.operator]
    if operator.comparison is Comparison.NULL:
        return _null(condition)
    key = condition.key.lower()
    fixed, templates = _unresolved(condition, operator.comparison, variables=variables)
    static = None if templates else value_test(operator.comparison, fixed)
    absent = _when_absent(condition, negated=operator.negated)
    ambiguous = condition.if_exists and condition.quantifier is Quantifier.FOR_ANY_VALUE
    doubtful = operator.comparison is Comparison.ARN_LIKE and any(map(is_everything, fixed))

    def test_for(facts: Facts) -> ValueTest:
        if static is not None:
            return static
        resolved = tuple(text for pieces in templates if (text := resolve(pieces, facts.single)) is not None)
        return value_test(operator.comparison, fixed + resolved)

    def on_value(test: ValueTest, value: str) -> Truth:
        truth = test(value)
        return negation(truth) if operator.negated else truth

    def holds(facts: Facts) -> Truth:
        if doubtful:
            facts.notes[Note.ARN_STAR] = None
        values = facts.keys.get(key)
        if not values:
            if values is None and key in facts.unknown:
                present = on_value(test_for(facts), UNKNOWN_VALUE)
                return absent if present is absent else Truth.UNKNOWN
            if ambiguous:
                facts.notes[Note.ANY_IF_EXISTS] = None
            return absent
        test = test_for(facts)
        if len(values) == 1:
            return on_value(test, values[0])
        match condition.quantifier:
            case Quantifier.FOR_ALL_VALUES:
                return min(on_value(test, value) for value in values)
            case Quantifier.FOR_ANY_VALUE:
                return max(on_value(test, value) for value in values)
            case _:
                facts.notes[Note.MANY_VALUES] = None
                return Truth.FALSE

    return holds


def _when_absent(condition: Condition, *, negated: bool) -> Truth:
    match condition.quantifier:
        case Quantifier.FOR_ALL_VALUES:
            return Truth.TRUE
        case Quantifier.FOR_ANY_VALUE:
            return Truth.FALSE
        case _:
            return Truth.TRUE if condition.if_exists or negated else Truth.FALSE
