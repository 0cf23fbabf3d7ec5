"""Whether two values are equal, where one of three answers is "cannot know"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osreach.iac.terraform.rendering import json_text
from osreach.iac.terraform.scope import SetOfValues, Unordered
from osreach.value import Json, Object, Scalar, Text, Unknown, Value


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False where one is False, else None where one is None, else True."""
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def _pattern(text: Text) -> re.Pattern[str]:
    pieces = ("(?s:.*)" if isinstance(part.text, Unknown) else re.escape(part.text) for part in text.parts)
    return re.compile("".join(pieces))


def _ends(text: Text) -> tuple[str, str]:
    """The known text before the first and behind the last unknown piece."""
    prefix: list[str] = []
    for part in text.parts:
        if isinstance(part.text, Unknown):
            break
        prefix.append(part.text)
    suffix: list[str] = []
    for part in reversed(text.parts):
        if isinstance(part.text, Unknown):
            break
        suffix.append(part.text)
    return "".join(prefix), "".join(reversed(suffix))


def _merged(text: Text) -> list[str | tuple[str, str]]:
    """The pieces without places, neighbouring known pieces joined."""
    result: list[str | tuple[str, str]] = []
    for part in text.parts:
        if isinstance(part.text, Unknown):
            result.append((part.text.expression, part.text.resource))
        elif result and isinstance(result[-1], str):
            result[-1] += part.text
        else:
            result.append(part.text)
    return result


def _texts(left: Text, right: Text) -> bool | None:
    if _merged(left) == _merged(right):
        return None if any(unknown.many for unknown in left.unknowns) else True
    left_ends, right_ends = _ends(left), _ends(right)
    prefixes = zip(left_ends[0], right_ends[0], strict=False)
    suffixes = zip(reversed(left_ends[1]), reversed(right_ends[1]), strict=False)
    if any(one != other for one, other in (*prefixes, *suffixes)):
        return False
    return None


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal as `==` has it; None where that cannot be known.

    Values of different types are never equal: `1 == "1"` is false. Whether a
    list with the elements of a tuple is a tuple by now is not followed: None.
    Two unknowns of the same expression and resource are the same value.
    """
    match left.data, right.data:
        case Unknown() as one, Unknown() as other:
            same = (one.expression, one.resource) == (other.expression, other.resource)
            return True if same and not one.many else None
        case (Unknown(), _) | (_, Unknown()):
            return None
        case (None, _) | (_, None):
            return left.data is right.data
        case Json(one_value), Json(other_value):
            one_text, other_text = json_text(one_value), json_text(other_value)
            if one_text is not None and other_text is not None:
                return one_text == other_text
            inner = equal(one_value, other_value)
            return True if inner else None
        case (Json(), _) | (_, Json()):
            return _json_and_other(left, right)
        case Text() as one_text_value, Text() as other_text_value:
            one_known, other_known = one_text_value.known, other_text_value.known
            if one_known is not None and other_known is not None:
                return one_known == other_known
            return _texts(one_text_value, other_text_value)
        case (Text() as text, str() as known) | (str() as known, Text() as text):
            whole = text.known
            if whole is not None:
                return whole == known
            return None if _pattern(text).fullmatch(known) else False
        case tuple() as one_items, tuple() as other_items:
            elements = _lists(one_items, other_items)
            kinds = {type(one_items), type(other_items)}
            # Of an empty list or set it is not known what its elements would be.
            told = kinds == {tuple} or (len(kinds) == 1 and len(one_items) > 0)
            return elements if told or not elements else None
        case Object() as one_object, Object() as other_object:
            entries = _objects(one_object, other_object)
            alike = type(one_object) is type(other_object)
            # As with lists: what the values of an empty map would be is not known.
            told_by_type = alike and (type(one_object) is Object or len(one_object.entries) > 0)
            return entries if told_by_type or not entries else None
        case (bool(), _) | (_, bool()):
            return isinstance(left.data, bool) and isinstance(right.data, bool) and left.data == right.data
        case (str(), str()) | (int() | float(), int() | float()):
            return left.data == right.data
        case _:
            return False


def _json_and_other(left: Value, right: Value) -> bool | None:
    encoded, other = (left, right) if isinstance(left.data, Json) else (right, left)
    if not isinstance(encoded.data, Json):  # pragma: no cover - one of the two is JSON
        return None
    text = json_text(encoded.data.value)
    match other.data:
        case str() as known:
            return None if text is None else text == known
        case Text() as pieces:
            return None if text is None or pieces.known is None else text == pieces.known
        case _:
            return False


def _sorted_out(items: tuple[Value, ...]) -> bool:
    """Whether it is known which element stands where, and how many there are."""
    if isinstance(items, Unordered) and len(items) > 1:
        return False
    if isinstance(items, SetOfValues) and len(items) > 1:
        return all(isinstance(item.data, Scalar) for item in items)
    return not any(_is_many(item) for item in items)


def _lists(left: tuple[Value, ...], right: tuple[Value, ...]) -> bool | None:
    if not _sorted_out(left) or not _sorted_out(right):
        return None
    if len(left) != len(right):
        return False
    return _all(equal(one, other) for one, other in zip(left, right, strict=True))


def _objects(left: Object, right: Object) -> bool | None:
    if left.rest or right.rest:
        shared = left.entries.keys() & right.entries.keys()
        differs = any(equal(left.entries[name], right.entries[name]) is False for name in shared)
        return False if differs else None
    if left.entries.keys() != right.entries.keys():
        return False
    return _all(equal(entry, right.entries[name]) for name, entry in left.entries.items())


def _is_many(value: Value) -> bool:
    match value.data:
        case Unknown(many=True):
            return True
        case Text() as text:
            return any(unknown.many for unknown in text.unknowns)
        case _:
            return False


def is_many(value: Value) -> bool:
    """Whether this element of a list stands for any number of elements."""
    return _is_many(value)


def may_be(value: Value, text: str) -> bool | None:
    """Whether `value` is the string `text`; None where that cannot be known."""
    return equal(value, Value(text, value.location))
