"""Text of a policy in which some parts are not known.

A hole is one character of Unicode's private use areas. It stands for a text
that cannot be known. The same hole is the same text wherever it occurs, so that
`arn:aws:es:eu-west-1:<hole>:domain/logs` in a policy and in a request are the
same ARN although nobody knows the account. Policies in the wild do not contain
these characters; a document that does is refused where it is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_FIRST = 0xF0000
_LAST = 0xFFFFD
HOLES = f"[{chr(_FIRST)}-{chr(_LAST)}]"
"""A regular expression that matches one hole."""

_HEAD, _TAIL = 36, 21
_CUT = "..."
_LONGEST = _HEAD + len(_CUT) + _TAIL
"""How many characters of an expression people are shown."""


def is_hole(character: str) -> bool:
    """Whether this one character stands for an unknown text."""
    return _FIRST <= ord(character) <= _LAST


def has_hole(text: str) -> bool:
    """Whether any part of `text` is unknown."""
    return not text.isascii() and any(_FIRST <= ord(character) <= _LAST for character in text)


@dataclass(slots=True)
class Holes:
    """Which hole stands for which expression, for the length of one scan.

    `hole` gives the same character for the same expression, in the order in
    which expressions are first met; `fill` writes the expressions back for
    people (`arn:aws:es:eu-west-1:${var.account}:domain/logs`), those in `shown`
    by the words that stand there (`<account>`). Of a long expression only the
    beginning and the end are written, unless another one is written like that.
    """

    shown: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    _character: dict[str, str] = field(default_factory=dict)
    _expression: dict[str, str] = field(default_factory=dict)
    _short: dict[str, str] = field(default_factory=dict)

    def hole(self, expression: str) -> str:
        """The character that stands for `expression`."""
        known = self._character.get(expression)
        if known is None:
            known = chr(_FIRST + len(self._character))
            if ord(known) > _LAST:
                raise OverflowError("more than 65,534 unknown values in one scan")
            self._character[expression] = known
            self._expression[known] = expression
            self._short.setdefault(_shortened(expression), known)
        return known

    @property
    def known(self) -> tuple[str, ...]:
        """Every expression that has a hole so far."""
        return tuple(self._character)

    @property
    def count(self) -> int:
        """How many expressions have a hole so far."""
        return len(self._character)

    def expression(self, hole: str) -> str:
        """The expression that `hole` stands for."""
        return self._expression[hole]

    def fill(self, text: str) -> str:
        """`text` with each hole written as `${expression}`, or as it is shown."""
        if not has_hole(text):
            return text
        return "".join(self._words(character) if is_hole(character) else character for character in text)

    def _words(self, hole: str) -> str:
        expression = self._expression.get(hole, "?")
        if expression in self.shown:
            return self.shown[expression]
        short = _shortened(expression)
        # Two that differ only in the middle are two values, so only the first is cut.
        return f"${{{short if self._short.get(short, hole) == hole else expression}}}"

    def expressions(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The expressions behind the holes in `texts`, each once, in order."""
        found: dict[str, None] = {}
        for text in texts:
            if has_hole(text):
                for character in text:
                    if is_hole(character):
                        found.setdefault(self._expression.get(character, "?"))
        return tuple(found)


def _shortened(expression: str) -> str:
    """`expression` without its middle where it is long."""
    if len(expression) <= _LONGEST:
        return expression
    return f"{expression[:_HEAD]}{_CUT}{expression[-_TAIL:]}"
