"""JSON text read with the place of every value, also where parts of the text are not known.

The standard library's reader tells no places and stops at the first unknown
part. Policies in infrastructure code need both: a finding points at one
statement inside a heredoc, and a policy survives one unknown account id.
Source of the grammar: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

_DEEPEST = 100
"""AWS's policy documents nest at most seven levels; deeper text is refused rather than followed."""

_BLANK = re.compile(r"[ \t\r\n]*")
_MOST_DIGITS = 400
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class JsonTextError(ValueError):
    """Text that is no JSON, with the offset in the text at which that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class JsonReading:
    """The value behind a JSON text; `problem` says why it is Unknown where it could not be read."""

    value: Value
    problem: Problem | None = None
    duplicates: tuple[Problem, ...] = ()


def read_json(value: Value, what: str) -> JsonReading:
    """Read the JSON that `value` holds as text.

    A value that is no text (an object written in the language itself, null, an
    unknown) is returned as it is: CloudFormation takes policies as objects.
    `what` names the text in a problem's message (`access_policies`).
    """
    match value.data:
        case Json(inner):
            return JsonReading(inner)
        case str() as text:
            source = TextSource.of_text(text, value.location)
        case Text(parts):
            if len(parts) == 1 and isinstance(parts[0].text, Unknown):
                return JsonReading(Value(parts[0].text, parts[0].location))
            source = TextSource.of_parts(parts)
        case _:
            return JsonReading(value)
    reader = _Reader(source)
    try:
        return JsonReading(reader.document(), duplicates=tuple(reader.duplicates))
    except JsonTextError as error:
        location = source.locate(error.offset)
        message = f"`{what}` is not valid JSON: {error.message}"
        return JsonReading(
            Value(Unknown(what, "its JSON could not be read"), value.location),
            Problem(location, message),
        )


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text with one character for each unknown part, and where it all stands."""

    text: str
    starts: tuple[int, ...]
    parts: tuple[TextPart, ...]
    unknowns: dict[int, TextPart]
    breaks: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of_text(cls, text: str, location: Location) -> TextSource:
        """A text that is known and of which only the beginning has a place."""
        part = TextPart(text, location)
        return cls(text, (0,), (part,), {})

    @classmethod
    def of_parts(
        cls, parts: tuple[TextPart, ...], character: Callable[[Unknown], str] = lambda _: "\uffff"
    ) -> TextSource:
        """The text of `parts`; `character` stands for an unknown one.

        The one that is taken where nothing is said is a noncharacter, which cannot stand in a valid text.
        """
        pieces: list[str] = []
        starts: list[int] = []
        unknowns: dict[int, TextPart] = {}
        offset = 0
        for part in parts:
            starts.append(offset)
            if isinstance(part.text, Unknown):
                unknowns[offset] = part
                piece = character(part.text)
            else:
                piece = part.text
            pieces.append(piece)
            offset += len(piece)
        return cls("".join(pieces), tuple(starts), parts, unknowns)

    def locate(self, offset: int, end: int | None = None) -> Location:
        """The place of the characters from `offset` to `end` (one character where None)."""
        first_line, first_column, path = self._position(offset)
        last_line, last_column, _ = self._position(max(offset, (offset + 1 if end is None else end) - 1))
        return Location(path, first_line, first_column, last_line, last_column + 1)

    def _position(self, offset: int) -> tuple[int, int, str]:
        part_index = max(0, bisect_right(self.starts, offset) - 1)
        part = self.parts[part_index]
        start = part.location
        if not part.verbatim or isinstance(part.text, Unknown):
            return start.line, start.column, start.path
        before = offset - self.starts[part_index]
        breaks = self.breaks.get(part_index)
        if breaks is None:
            breaks = tuple(found.start() for found in re.finditer("\n", part.text))
            self.breaks[part_index] = breaks
        lines = bisect_left(breaks, before)
        if not lines:
            return start.line, start.column + before, start.path
        return start.line + lines, before - breaks[lines - 1] + part.indent, start.path


class _Reader:
    """One pass over one text."""

    def __init__(self, source: TextSource) -> None:
        self.source = source
        self.text = source.text
        self.offset = 0
        self.duplicates: list[Problem] = []

    def document(self) -> Value:
        self._skip()
        if self.offset == len(self.text):
            raise JsonTextError("it is empty", 0)
        value = self._value(0)
        self._skip()
        if self.offset != len(self.text):
            raise JsonTextError(f"{self._seen()} stands behind its end", self.offset)
        return value

    def _skip(self) -> None:
        found = _BLANK.match(self.text, self.offset)
        if found:
            self.offset = found.end()

    def _seen(self) -> str:
        if self.offset >= len(self.text):
            return "the end of the text"
        if self.offset in self.source.unknowns:
            return "an unknown part"
        return f"`{self.text[self.offset]}`"

    def _value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise JsonTextError(f"it nests deeper than {_DEEPEST} levels", self.offset)
        start = self.offset
        character = self.text[start : start + 1]
        if start in self.source.unknowns:
            part = self.source.unknowns[start]
            self.offset += 1
            return Value(part.text, part.location)
        match character:
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                return self._string()
        for word, known in _WORDS.items():
            if self.text.startswith(word, start):
                self.offset += len(word)
                return Value(known, self.source.locate(start, self.offset))
        number = _NUMBER.match(self.text, start)
        if number is None:
            raise JsonTextError(f"expected a value, found {self._seen()}", start)
        self.offset = number.end()
        written = number.group()
        # Python turns only so many digits into an integer; a number that long is as good as infinite.
        whole = not number.group("fraction") and len(written) <= _MOST_DIGITS
        data = int(written) if whole else float(written)
        return Value(data, self.source.locate(start, self.offset))

    def _object(self, depth: int) -> Value:
        start = self.offset
        self.offset += 1
        entries: dict[str, Value] = {}
        rest: list[Unknown] = []
        self._skip()
        while self.text[self.offset : self.offset + 1] != "}":
            self._member(entries, rest, depth)
            self._skip()
            following = self.text[self.offset : self.offset + 1]
            if following == ",":
                self.offset += 1
                self._skip()
                if self.text[self.offset : self.offset + 1] == "}":
                    raise JsonTextError("a `,` stands before the closing `}`", self.offset)
            elif following != "}":
                raise JsonTextError(f"expected `,` or `}}`, found {self._seen()}", self.offset)
        self.offset += 1
        return Value(Object(entries, tuple(rest)), self.source.locate(start, self.offset))

    def _member(self, entries: dict[str, Value], rest: list[Unknown], depth: int) -> None:
        if self.offset in self.source.unknowns:
            rest.append(_unknown(self.source.unknowns[self.offset]))
            self.offset += 1
            return
        if self.text[self.offset : self.offset + 1] != '"':
            raise JsonTextError(f'expected a name in `"`, found {self._seen()}', self.offset)
        place = self.offset
        name = self._string()
        self._skip()
        if self.text[self.offset : self.offset + 1] != ":":
            raise JsonTextError(f"expected `:`, found {self._seen()}", self.offset)
        self.offset += 1
        self._skip()
        value = self._value(depth + 1)
        known = name.text
        if known is None:
            rest.extend(name.data.unknowns if isinstance(name.data, Text) else ())
        else:
            if known in entries:
                message = f"`{known}` is written twice in one JSON object; the last one counts"
                self.duplicates.append(Problem(self.source.locate(place), message))
            entries[known] = value

    def _list(self, depth: int) -> Value:
        start = self.offset
        self.offset += 1
        items: list[Value] = []
        self._skip()
        while self.text[self.offset : self.offset + 1] != "]":
            item = self._value(depth + 1)
            if isinstance(item.data, Unknown):
                # `[${join(",", var.names)}]`: the unknown text may hold any number of elements
                item = Value(replace(item.data, many=True), item.location)
            items.append(item)
            self._skip()
            following = self.text[self.offset : self.offset + 1]
            if following == ",":
                self.offset += 1
                self._skip()
                if self.text[self.offset : self.offset + 1] == "]":
                    raise JsonTextError("a `,` stands before the closing `]`", self.offset)
            elif following != "]":
                raise JsonTextError(f"expected `,` or `]`, found {self._seen()}", self.offset)
        self.offset += 1
        return Value(tuple(items), self.source.locate(start, self.offset))

    def _string(self) -> Value:
        start = self.offset
        self.offset += 1
        parts: list[TextPart] = []
        pieces: list[str] = []
        piece_start = self.offset

        def close_piece() -> None:
            if pieces:
                parts.append(TextPart("".join(pieces), self.source.locate(piece_start, self.offset)))
                pieces.clear()

        while True:
            plain = _PLAIN.match(self.text, self.offset)
            run = plain.group() if plain else ""
            hole = run.find("\uffff")
            while hole >= 0 and self.offset + hole not in self.source.unknowns:
                hole = run.find("\uffff", hole + 1)
            if hole >= 0:
                if hole:
                    pieces.append(run[:hole])
                self.offset += hole
                close_piece()
                parts.append(self.source.unknowns[self.offset])
                self.offset += 1
                piece_start = self.offset
                continue
            pieces.append(run)
            self.offset += len(run)
            character = self.text[self.offset : self.offset + 1]
            if character == '"':
                break
            if character == "\\":
                pieces.append(self._escape())
            elif not character:
                raise JsonTextError('a text is not closed with `"`', start)
            else:
                raise JsonTextError("a text holds a line break or control character", self.offset)
        close_piece()
        self.offset += 1
        location = self.source.locate(start, self.offset)
        if all(isinstance(part.text, str) for part in parts):
            return Value("".join(str(part.text) for part in parts), location)
        return Value(Text(tuple(parts)), location)

    def _escape(self) -> str:
        code = self.text[self.offset + 1 : self.offset + 2]
        if code in _ESCAPES and code:
            self.offset += 2
            return _ESCAPES[code]
        if code != "u":
            raise JsonTextError(f"`\\{code}` is no escape", self.offset)
        first = self._hex(self.offset + 2)
        self.offset += 6
        if 0xD800 <= first < 0xDC00 and self.text.startswith("\\u", self.offset):
            second = self._hex(self.offset + 2)
            if 0xDC00 <= second < 0xE000:
                self.offset += 6
                return chr(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        return "\ufffd" if 0xD800 <= first < 0xE000 else chr(first)

    def _hex(self, offset: int) -> int:
        digits = self.text[offset : offset + 4]
        if not re.fullmatch("[0-9a-fA-F]{4}", digits):
            raise JsonTextError("`\\u` is not followed by four hexadecimal digits", offset)
        return int(digits, 16)


def _unknown(part: TextPart) -> Unknown:
    """The unknown of a part that is known to be one."""
    if isinstance(part.text, Unknown):
        return part.text
    raise TypeError("not an unknown part")
