"""Conditions of policies as short phrases: `aws:SourceIp in 10.0.0.0/8`."""

from __future__ import annotations

from collections.abc import Iterable

from osreach.iam.document import Condition, Quantifier, Statement

_WORDS = {
    "IpAddress": "in",
    "NotIpAddress": "not in",
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is",
    "StringNotEqualsIgnoreCase": "is not",
    "StringLike": "like",
    "StringNotLike": "not like",
    "ArnEquals": "like",
    "ArnNotEquals": "not like",
    "ArnLike": "like",
    "ArnNotLike": "not like",
    "Bool": "is",
    "BinaryEquals": "is",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "below",
    "NumericLessThanEquals": "at most",
    "NumericGreaterThan": "above",
    "NumericGreaterThanEquals": "at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "before",
    "DateLessThanEquals": "not after",
    "DateGreaterThan": "after",
    "DateGreaterThanEquals": "not before",
}
_QUANTIFIERS = {Quantifier.NONE: "", Quantifier.FOR_ALL_VALUES: "every ", Quantifier.FOR_ANY_VALUE: "some "}


def condition_words(condition: Condition) -> str:
    """One condition as a phrase; several values are alternatives."""
    values = " or ".join(term.text for term in condition.values)
    if condition.operator == "Null":
        return f"{condition.key} is {'absent' if values.lower() == 'true' else 'present'}"
    word = _WORDS.get(condition.operator, condition.operator)
    phrase = f"{_QUANTIFIERS[condition.quantifier]}{condition.key} {word} {values}"
    return f"{phrase} or absent" if condition.if_exists else phrase


def statement_words(statement: Statement) -> str:
    """All conditions of a statement as one phrase, empty where it has none."""
    phrases = [condition_words(condition) for condition in statement.conditions]
    if statement.conditions_unknown:
        phrases.append("conditions that are not known")
    return " and ".join(phrases)


def all_words(allows: Iterable[Statement], denies: Iterable[Statement]) -> tuple[str, ...]:
    """The conditions under which these allow, and those under which those do not deny."""
    found = [words for statement in allows if (words := statement_words(statement))]
    found += [f"not ({words})" for statement in denies if (words := statement_words(statement))]
    return tuple(dict.fromkeys(found))
