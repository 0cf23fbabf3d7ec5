"""Policy variables: `${aws:username}`, with a default `${aws:PrincipalTag/team, 'none'}`, and `${*}`.

The value goes in literally: a `*` in a tag is a star, no wildcard. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.glob_match import LITERAL_QUESTION, LITERAL_STAR, escaped

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"\s*([^\s,']+)\s*(?:,\s*'((?:[^']|'')*)'\s*)?")
_SPECIAL = {"*": LITERAL_STAR, "?": LITERAL_QUESTION, "$": "$"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference to the value of a condition key (in lower case), with a default or None."""

    key: str
    default: str | None


Template: TypeAlias = tuple[str | Variable, ...]
"""The pieces of a pattern: patterns without variables, and variables."""


@lru_cache(maxsize=16384)
def template(text: str) -> Template:
    """`text` as pieces; what looks like a variable and is none stays text."""
    pieces: list[str | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        inside = found[1]
        piece: str | Variable
        if inside in _SPECIAL:
            piece = _SPECIAL[inside]
        elif name := _NAME.fullmatch(inside):
            default = name[2]
            piece = Variable(name[1].lower(), None if default is None else default.replace("''", "'"))
        else:
            continue
        pieces += (text[end : found.start()], piece)
        end = found.end()
    pieces.append(text[end:])
    return tuple(piece for piece in pieces if piece != "")


def has_variable(text: str) -> bool:
    """Whether `text` contains `${`."""
    return "${" in text


def resolve(pieces: Template, value_of: Callable[[str], str | None]) -> str | None:
    """The pattern with each variable replaced, or None where one has neither value nor default.

    `value_of` gives the single value of a key, or None where the request has
    none or several.
    """
    resolved: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            resolved.append(piece)
            continue
        value = value_of(piece.key)
        if value is None:
            value = piece.default
        if value is None:
            return None
        resolved.append(escaped(value))
    return "".join(resolved)
