"""Functions over strings.

Source: https://developer.hashicorp.com/terraform/language/functions#string-functions
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from osreach.iac.terraform.access import in_order
from osreach.iac.terraform.equality import is_many
from osreach.iac.terraform.functions.expression import RegexError, compiled, expanded, found
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    FunctionError,
    Kind,
    Plain,
    Site,
    check_count,
    refuse_null,
    result,
    strict,
    unknown_call,
)
from osreach.iac.terraform.rendering import joined, known_text, text_parts
from osreach.iac.terraform.scope import EvaluationError, NullError, TypedList
from osreach.value import Json, Object, Text, TextPart, Unknown, Value


def _characters(text: str) -> list[str]:
    """The text in characters as people see them: marks and joiners stay with their base."""
    pieces: list[str] = []
    joins = False
    for character in text:
        mark = unicodedata.category(character) in {"Mn", "Me", "Mc"} or character == "\u200d"
        modifier = 0x1F3FB <= ord(character) <= 0x1F3FF
        if pieces and (mark or modifier or joins or (pieces[-1] == "\r" and character == "\n")):
            pieces[-1] += character
        else:
            pieces.append(character)
        joins = character == "\u200d"
    return pieces


def _mapped(name: str, change: Callable[[str], str]) -> Function:
    """A function that changes each character by itself, so that known pieces stay known."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        refuse_null(name, arguments, site)
        parts = [
            TextPart(
                Unknown(f"{name}({part.text.expression})", part.text.reason, many=part.text.many)
                if isinstance(part.text, Unknown)
                else change(part.text),
                part.location,
            )
            for part in text_parts(arguments[0], site.location)
        ]
        return result(joined(parts), site)

    return apply


def _title(text: str) -> str:
    # Go's strings.Title: the first letter of every word, where letters, digits and `_` do not part words.
    return re.sub(r"(?<!\w)\w", lambda match: _upper(match.group()), text)


def _upper(text: str) -> str:
    """Capitals letter by letter: what has no single capital (`ß`) stays."""
    return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in text)


def _replace(text: str, old: str, new: str) -> Plain:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        pattern = _compiled(old[1:-1], text)
        return pattern.sub(lambda match: expanded(match, new), text)
    return text.replace(old, new)


def _compiled(pattern: str, text: str) -> re.Pattern[str]:
    try:
        return compiled(pattern, text)
    except RegexError as error:
        raise FunctionError(str(error)) from error


def _substr(text: str, offset: int, length: int) -> Plain:
    pieces = _characters(text)
    start = max(0, offset + len(pieces)) if offset < 0 else offset
    # So says the implementation: no characters from the end are all characters from there.
    whole = length < 0 or (offset < 0 and length == 0)
    chosen = pieces[start:] if whole else pieces[start : start + length]
    return "".join(chosen)


def _regex(pattern: str, text: str) -> Plain:
    match = _compiled(pattern, text).search(text)
    if match is None:
        raise FunctionError("the pattern does not match")
    return found(match)


def _regexall(pattern: str, text: str) -> Plain:
    return [found(match) for match in _compiled(pattern, text).finditer(text)]


def _indent(spaces: int, text: str) -> Plain:
    return text.replace("\n", "\n" + " " * min(spaces, 10_000))


def _ends(parts: tuple[TextPart, ...]) -> tuple[str, str]:
    """The known text at the beginning and at the end."""
    first = parts[0].text if parts else ""
    last = parts[-1].text if parts else ""
    return ("" if isinstance(first, Unknown) else first), ("" if isinstance(last, Unknown) else last)


def _affix(name: str, *, at_start: bool, cut: bool) -> Function:
    """`startswith`, `endswith`, `trimprefix`, `trimsuffix`: the known end of a text may decide."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 2, 2, site)
        refuse_null(name, arguments, site)
        affix = known_text(arguments[1])
        parts = tuple(_neighbours_joined(text_parts(arguments[0], site.location)))
        if affix is None:
            return result(unknown_call(name, arguments), site)
        start, end = _ends(parts)
        whole = len(parts) <= 1 and not (parts and isinstance(parts[0].text, Unknown))
        known = start if at_start else end
        has = known.startswith(affix) if at_start else known.endswith(affix)
        size = min(len(known), len(affix))
        near = (
            known[:size] == affix[:size]
            if at_start
            else known[len(known) - size :] == affix[len(affix) - size :]
        )
        if not has and near and not whole:
            return result(unknown_call(name, arguments), site)
        if not cut:
            return result(has, site)
        if not has or not affix:
            return arguments[0] if isinstance(arguments[0].data, str | Text) else result(joined(parts), site)
        edge = parts[0] if at_start else parts[-1]
        shorter = TextPart(known[len(affix) :] if at_start else known[: -len(affix)], edge.location)
        return result(joined((shorter, *parts[1:]) if at_start else (*parts[:-1], shorter)), site)

    return apply


def _neighbours_joined(parts: tuple[TextPart, ...]) -> Iterator[TextPart]:
    """The pieces with known neighbours as one piece."""
    waiting: TextPart | None = None
    for part in parts:
        if part.text == "":
            continue
        if waiting is not None and isinstance(waiting.text, str) and isinstance(part.text, str):
            waiting = TextPart(waiting.text + part.text, waiting.location)
            continue
        if waiting is not None:
            yield waiting
        waiting = part
    if waiting is not None:
        yield waiting


def _split(arguments: Arguments, site: Site) -> Value:
    check_count("split", arguments, 2, 2, site)
    refuse_null("split", arguments, site)
    separator = known_text(arguments[0])
    text = known_text(arguments[1])
    if separator is not None and text is not None:
        pieces = text.split(separator) if separator else list(text)
        return result(TypedList(Value(piece, site.location) for piece in pieces), site)
    unknown = unknown_call("split", arguments)
    many = Value(Unknown(f"{unknown.expression}[*]", unknown.reason, many=True), site.location)
    parts = tuple(_neighbours_joined(text_parts(arguments[1], site.location)))
    start, _ = _ends(parts)
    if not separator or not start:
        return result((many,), site)
    # What stands before the first unknown piece is certain, apart from its last element.
    certain = start.split(separator)[:-1]
    return result((*(Value(piece, site.location) for piece in certain), many), site)


def _join(arguments: Arguments, site: Site) -> Value:
    check_count("join", arguments, 2, None, site)
    refuse_null("join", arguments, site)
    separator = known_text(arguments[0])
    items: list[Value] = []
    for argument in arguments[1:]:
        match argument.data:
            case tuple() as more:
                items += more
            case Unknown():
                items.append(Value(unknown_call("join", arguments), argument.location))
                items[-1] = _many(items[-1])
            case _:
                raise EvaluationError("`join` needs a list", argument.location)
    if separator is None or not all(in_order(argument) for argument in arguments[1:]):
        return result(unknown_call("join", arguments), site)
    if len(items) == 1 and not is_many(items[0]) and isinstance(items[0].data, str | Text | Json | Unknown):
        return items[0]
    parts: list[TextPart] = []
    for number, item in enumerate(items):
        if item.data is None:
            raise NullError("`join` does not take null as an element", item.location)
        if is_many(item):
            # It may stand for no element at all: the separators around it are part of the unknown.
            parts.append(TextPart(unknown_call("join", (arguments[0], item)), item.location))
            continue
        if number and not is_many(items[number - 1]):
            parts.append(TextPart(separator, site.location))
        parts += text_parts(item, item.location)
    return result(joined(parts), site)


def _many(value: Value) -> Value:
    match value.data:
        case Unknown(expression, reason, resource):
            return Value(Unknown(expression, reason, resource, many=True), value.location)
        case _:
            return value


def _pure(name: str, function: Callable[..., Plain], *parameters: Kind) -> tuple[str, Function]:
    return name, strict(name, parameters, function)


def _templatestring(arguments: Arguments, site: Site) -> Value:
    from osreach.iac.terraform.functions.files import rendered  # noqa: PLC0415  files reads templates too

    check_count("templatestring", arguments, 2, 2, site)
    text = known_text(arguments[0])
    if text is None or not isinstance(arguments[1].data, Object):
        return result(unknown_call("templatestring", arguments), site)
    return rendered(text, arguments[0].location, arguments[1].data, site)


FUNCTIONS: Mapping[str, Function] = {
    "lower": _mapped("lower", str.lower),
    "upper": _mapped("upper", _upper),
    "startswith": _affix("startswith", at_start=True, cut=False),
    "endswith": _affix("endswith", at_start=False, cut=False),
    "trimprefix": _affix("trimprefix", at_start=True, cut=True),
    "trimsuffix": _affix("trimsuffix", at_start=False, cut=True),
    "split": _split,
    "join": _join,
    "templatestring": _templatestring,
    **dict(
        (
            _pure("title", _title, Kind.TEXT),
            _pure("replace", _replace, Kind.TEXT, Kind.TEXT, Kind.TEXT),
            _pure("substr", _substr, Kind.TEXT, Kind.WHOLE, Kind.WHOLE),
            _pure("regex", _regex, Kind.TEXT, Kind.TEXT),
            _pure("regexall", _regexall, Kind.TEXT, Kind.TEXT),
            _pure("indent", _indent, Kind.WHOLE, Kind.TEXT),
            _pure("chomp", lambda text: re.sub(r"(\r\n|\r|\n)+\Z", "", text), Kind.TEXT),
            _pure("strrev", lambda text: "".join(reversed(_characters(text))), Kind.TEXT),
            _pure("strcontains", lambda text, piece: piece in text, Kind.TEXT, Kind.TEXT),
            _pure("trim", lambda text, characters: text.strip(characters), Kind.TEXT, Kind.TEXT),
            _pure("trimspace", str.strip, Kind.TEXT),
        )
    ),
}


def text_length(text: str) -> int:
    """The number of characters as people see them, which is what `length` counts."""
    return len(text) if text.isascii() else len(_characters(text))
