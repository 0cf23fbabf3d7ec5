"""Regular expressions as Terraform has them (RE2), on Python's engine.

Source: https://developer.hashicorp.com/terraform/language/functions/regex
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from osreach.iac.terraform.functions.signature import Plain

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7F",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1F\\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CLASS = re.compile(r"\[:(\w+):\]")
_SHORT = 200


class RegexError(Exception):
    """A pattern that is invalid, or that Python's engine cannot stand in for."""


def _pieces(pattern: str) -> Iterator[str]:
    r"""The pattern in Python's dialect: `$` is the very end, `\z` is `\Z`, named classes are spelled out."""
    position, in_class = 0, False
    multiline = re.match(r"\(\?[a-z]*m", pattern) is not None
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and position + 1 < len(pattern):
            following = pattern[position + 1]
            if following in "pPQCXRK" or following.isdigit():
                raise RegexError(f"`\\{following}` in a pattern is not understood")
            yield {"z": "\\Z", "Z": "(?!)"}.get(following, character + following)
            position += 2
            continue
        named = _CLASS.match(pattern, position) if in_class else None
        if named is not None:
            if named.group(1) not in _POSIX:
                raise RegexError(f"`{named.group()}` is not a class of characters")
            yield _POSIX[named.group(1)]
            position = named.end()
            continue
        if in_class:
            in_class = character != "]"
            yield "\\[" if character == "[" else character
        elif character == "[":
            in_class = True
            opening = re.match(r"\[\^?\]?", pattern[position:])
            opened = opening.group() if opening else "["
            yield opened.replace("]", "\\]")
            position += len(opened)
            continue
        elif pattern.startswith(("(?=", "(?!", "(?<=", "(?<!"), position):
            raise RegexError("a look around is not part of this language")
        else:
            yield "\\Z" if character == "$" and not multiline else character
        position += 1


def _explosive(pattern: str) -> bool:
    """Whether a repeated group holds a repetition or a choice, which can take exponential time."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "c", pattern)
    opened: list[int] = []
    for position, character in enumerate(bare):
        if character == "(":
            opened.append(position)
        elif character == ")" and opened:
            inner = bare[opened.pop() : position]
            if re.match(r"[*+]|\{\d+,", bare[position + 1 :]) and re.search(r"[*+|]|\{\d+,", inner):
                return True
    return False


def compiled(pattern: str, text: str) -> re.Pattern[str]:
    """The pattern, ready to look through `text`; raises RegexError."""
    if (_explosive(pattern) and len(text) > 24) or (len(text) > 20_000 and re.search(r"[*+{]", pattern)):
        raise RegexError("looking for this pattern may take too long")
    if len(pattern) > 20 * _SHORT:
        raise RegexError("the pattern is too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile("".join(_pieces(pattern)), re.ASCII)
    except re.error as error:
        raise RegexError(f"the pattern is not understood: {error}") from error


def found(match: re.Match[str]) -> Plain:
    """What `regex` gives: the match, a list of its groups, or a map of its named groups."""
    if match.re.groupindex:
        return {name: match.group(name) for name in match.re.groupindex}
    if match.re.groups:
        return list(match.groups())
    return match.group()


def expanded(match: re.Match[str], template: str) -> str:
    """The replacement `template` with `$1`, `$name` and `${name}` filled in."""

    def group(reference: re.Match[str]) -> str:
        if reference.group() == "$$":
            return "$"
        name = reference.group(1) or reference.group(2)
        try:
            return match.group(int(name) if name.isdigit() else name) or ""
        except IndexError:
            return ""

    return re.sub(r"\$\$|\$(?:\{(\w+)\}|(\w+))", group, template)
