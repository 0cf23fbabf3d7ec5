"""One of IAM's wildcard patterns as a language of texts.

`*` stands for any text, `?` for any one character, everything else for itself.
A `Glob` is the pattern as a nondeterministic automaton whose set of states is
one integer (bit i set: the first i symbols are behind us); how such sets follow
from one another is computed once and remembered. What texts match these and
none of those patterns is answered in `language`.

Resources are matched part by part: in an ARN pattern no wildcard reaches over
the first five colons, the last part is free.
Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.glob_match import LITERAL_QUESTION, LITERAL_STAR
from osreach.iam.hole import HOLES, is_hole

ONE, MANY, ONE_IN_PART, MANY_IN_PART = range(4)
"""The symbols that are no letters: `?`, `*`, and the same where they do not match a colon."""

Symbol: TypeAlias = str | int
"""A letter that stands for itself, or one of the four above."""

_COLONS = 5
_LONG = 300
_WRITTEN: dict[str, Symbol] = {"*": MANY, "?": ONE, LITERAL_STAR: "*", LITERAL_QUESTION: "?"}


class Form(Enum):
    """How a pattern is laid over a text."""

    TEXT = "text"
    FOLDED = "text without case"
    ARN = "arn"
    PART = "part of an arn"


class Glob:
    """One pattern as a language. Make them with `glob` or `glob_of`.

    A state is an integer, `start` the first one, 0 the one from which nothing
    matches any more. Everything remembered in here only repeats what
    `_advance` answers.

    A `wide` pattern says which texts *may* match: its own holes have become
    `*`, and a hole in the text stands for any text; only holes among its first
    `shared` letters, with which every text asked about begins, are the same
    text there. In all others a hole is a letter like any other, but `?` does
    not match it: its text may have any length.
    """

    __slots__ = (
        "_everything",
        "_following",
        "_letters",
        "_many",
        "_moving",
        "_one",
        "_part",
        "_regex",
        "_shared",
        "accept",
        "alphabet",
        "form",
        "prefix",
        "start",
        "symbols",
        "wide",
    )

    def __init__(self, symbols: tuple[Symbol, ...], form: Form, *, wide: bool, shared: int = 0) -> None:
        """`symbols` has no two `*` in a row."""
        self.symbols = symbols
        self.form = form
        self.wide = wide
        self._shared = 1 << shared
        self.accept = 1 << len(symbols)
        self._moving: dict[str, int] = {}
        self._following: dict[tuple[int, str], int] = {}
        self._letters: dict[int, frozenset[str]] = {}
        self._regex: re.Pattern[str] | None = None
        self._one = self._many = self._part = 0
        moving = self._moving
        bit = 1
        for symbol in symbols:
            if isinstance(symbol, str):
                moving[symbol] = moving.get(symbol, 0) | bit
            else:
                if symbol in {MANY, MANY_IN_PART}:
                    self._many |= bit
                else:
                    self._one |= bit
                if symbol in {ONE_IN_PART, MANY_IN_PART}:
                    self._part |= bit
            bit <<= 1
        self._everything = self.accept >> 1 if symbols and symbols[-1] == MANY else 0
        self.alphabet = frozenset(self._moving)
        wild = self._many | self._one
        begin = (wild & -wild).bit_length() - 1 if wild else len(symbols)
        self.prefix = "".join(map(str, symbols[:begin]))
        self.start = self._close(1)

    def _close(self, state: int) -> int:
        """`state` with every `*` also skipped, and without what is implied.

        A text that matches from before a `*` matches from that `*` too, so
        positions before the last `*` that was reached say nothing new.
        """
        state |= (state & self._many) << 1
        looping = state & self._many
        return state & -(1 << (looping.bit_length() - 1)) if looping else state

    def step(self, state: int, letter: str) -> int:
        """The state after one more letter."""
        key = (state, letter)
        known = self._following.get(key)
        if known is None:
            known = self._following[key] = self._advance(state, letter)
        return known

    def _advance(self, state: int, letter: str) -> int:
        if not state:
            return 0
        moving, staying = self._one, self._many
        if is_hole(letter):
            if self.wide and state >= self._shared:
                # An unknown text: anywhere ahead.
                return self._close(((self.accept << 1) - 1) & -(state & -state))
            moving = 0
        elif letter == ":":
            moving &= ~self._part
            staying &= ~self._part
        moving |= self._moving.get(letter.lower() if self.form is Form.FOLDED else letter, 0)
        return self._close(((state & moving) << 1) | (state & staying))

    def run(self, state: int, text: str) -> int:
        """The state after all of `text`."""
        if state == 1 and text.isascii():
            # From the start every letter of the literal beginning must be met.
            seen = text.lower() if self.form is Form.FOLDED else text
            length = len(self.prefix)
            if len(seen) <= length:
                return self._close(1 << len(seen)) if self.prefix.startswith(seen) else 0
            if not seen.startswith(self.prefix):
                return 0
            state, text = self._close(1 << length), text[length:]
        following = self._following
        for letter in text:
            if not state:
                return 0
            after = following.get((state, letter))
            state = self.step(state, letter) if after is None else after
        return state

    def accepts(self, state: int) -> bool:
        """Whether a text that ends here matches."""
        return bool(state & self.accept)

    def accepts_all(self, state: int) -> bool:
        """Whether a text matches from here on whatever follows."""
        return bool(state & self._everything)

    def letters(self, state: int) -> frozenset[str]:
        """The letters that do something here which a letter foreign to the pattern does not."""
        known = self._letters.get(state)
        if known is None:
            found = {letter for letter, moving in self._moving.items() if state & moving}
            if self.form is Form.FOLDED:
                found |= {letter.upper() for letter in found if letter.upper().lower() == letter}
            if state & self._part:
                found.add(":")
            known = self._letters[state] = frozenset(found)
        return known

    def is_free(self, state: int) -> bool:
        """Whether a letter foreign to the pattern leads on from here."""
        return bool(state & (self._many | self._one))

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` matches."""
        if len(text) < _LONG or (self.wide and any(map(is_hole, text))):
            return self.accepts(self.run(self.start, text))
        regex = self._regex
        if regex is None:
            regex = self._regex = re.compile(_regex(self.symbols), re.DOTALL)
        return regex.match(text.lower() if self.form is Form.FOLDED else text) is not None

    @property
    def literal(self) -> str | None:
        """The one text (in lower case where case does not matter) that matches, None where there are more."""
        if self._many or self._one:
            return None
        return "".join(str(symbol) for symbol in self.symbols)

    @property
    def is_plain(self) -> bool:
        """Whether every text that matches begins with `prefix`, letter by letter."""
        return not self.wide and self.form is not Form.FOLDED

    @property
    def is_prefix(self) -> bool:
        """Whether this is a literal text with one `*` behind it, which matches colons too."""
        return bool(self._everything) and len(self.prefix) + 1 == len(self.symbols)

    def __repr__(self) -> str:
        return f"Glob({spelling(self.symbols)!r}, {self.form.value})"


def _regex(symbols: tuple[Symbol, ...]) -> str:
    """A regular expression that needs time linear in the text for each wildcard.

    What stands between two `*` is taken where it first occurs and not
    reconsidered (an atomic group): if a later occurrence leads to a match, so
    does the first. Only what follows the last `*` of a part is held to its end.
    """
    out: list[str] = []
    chunk: list[str] = []
    many = ""
    for symbol in symbols:
        if symbol in {MANY, MANY_IN_PART}:
            out.append(f"(?>{many}?{''.join(chunk)})" if many else "".join(chunk))
            chunk.clear()
            many = ".*" if symbol == MANY else "[^:]*"
        elif symbol == ":" and many == "[^:]*":
            out.append(f"(?>{many}{''.join(chunk)}:)")
            chunk.clear()
            many = ""
        elif isinstance(symbol, str):
            chunk.append(re.escape(symbol))
        else:
            chunk.append(f"[^{HOLES[1:-1]}]" if symbol == ONE else f"[^:{HOLES[1:-1]}]")
    return "".join([*out, many, *chunk, r"\Z"])


def symbols_of(text: str) -> tuple[Symbol, ...]:
    """The symbols of a pattern without variables, in which literal wildcards are `LITERAL_STAR` and its like."""
    return tuple(_WRITTEN.get(letter, letter) for letter in text)


def spelling(symbols: Iterable[Symbol]) -> str:
    """The pattern as people write it; literal wildcards are spelled `${*}` and `${?}`."""
    names = {ONE: "?", MANY: "*", ONE_IN_PART: "?", MANY_IN_PART: "*"}
    out = []
    for symbol in symbols:
        if isinstance(symbol, int):
            out.append(names[symbol])
        else:
            out.append(f"${{{symbol}}}" if symbol in {"*", "?"} else symbol)
    return "".join(out)


def _without_repetition(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
    kept: list[Symbol] = []
    for symbol in symbols:
        if not (kept and symbol in {MANY, MANY_IN_PART} and kept[-1] == symbol):
            kept.append(symbol)
    return tuple(kept)


@lru_cache(maxsize=65_536)
def glob_of(
    symbols: tuple[Symbol, ...], form: Form = Form.TEXT, *, wide: bool = False, shared: int = 0
) -> Glob:
    """The language of a pattern given as letters, `ONE` and `MANY`.

    In the form `ARN` the pattern is split at its first five colons, and its
    wildcards before the fifth do not match a colon. A pattern with fewer colons
    is taken as text: `*` alone matches everything. In the form `PART` no
    wildcard matches a colon.
    """
    if wide:
        widened = (
            MANY if isinstance(symbol, str) and is_hole(symbol) else symbol for symbol in symbols[shared:]
        )
        symbols = (*symbols[:shared], *widened)
    if form is Form.FOLDED:
        symbols = tuple(symbol.lower() if isinstance(symbol, str) else symbol for symbol in symbols)
    breaks = [position for position, symbol in enumerate(symbols) if symbol == ":"][:_COLONS]
    narrow: dict[Symbol, Symbol] = {ONE: ONE_IN_PART, MANY: MANY_IN_PART}
    if form is Form.ARN and len(breaks) == _COLONS:
        parted = [narrow.get(symbol, symbol) for symbol in symbols[: breaks[-1]]]
        symbols = (*parted, *symbols[breaks[-1] :])
    if form is Form.PART:
        symbols = tuple(narrow.get(symbol, symbol) for symbol in symbols)
    return Glob(_without_repetition(symbols), form, wide=wide, shared=shared)


@lru_cache(maxsize=65_536)
def glob(text: str, form: Form = Form.TEXT, *, wide: bool = False, shared: int = 0) -> Glob:
    """The language of the pattern `text`, in which no variables are left."""
    return glob_of(symbols_of(text), form, wide=wide, shared=shared)
