"""Templates: the text inside quoted strings, heredocs and template files.

A template is first a flat row of literal texts (one per line, as the language
has it) and sequences; strip markers and the indentation of `<<-` act on that
row; then `%{ if }` and `%{ for }` give it its structure.
Source: https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from osreach.iac.terraform.lexical import SyntaxFault, heredoc_at, unescaped
from osreach.iac.terraform.lines import Reader, SourceText
from osreach.iac.terraform.syntax import (
    Expression,
    Literal,
    Template,
    TemplateExpression,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
)

ExpressionAt: TypeAlias = "Callable[[Reader, int, int], tuple[Expression, int]]"
"""Reads the expression at an offset (the third argument is the end of the text); gives the offset behind it."""

_QUOTED: Final = re.compile(
    r"[^\\$%]++|(\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.))|([$%])\2*+\{|[$%]", re.DOTALL
)
_BARE: Final = re.compile(r"[^$%\n]*+\n|[^$%\n]++|(\\\b\B)|([$%])\2*+\{|[$%]")
_DIRECTIVE: Final = re.compile(r"\s*+(if|else|endif|for|endfor)\b")
_FOR_NAMES: Final = re.compile(r"\s*+([^\W\d][\w-]*+)(?:\s*+,\s*+([^\W\d][\w-]*+))?+\s++in\b")
_CLOSE: Final = re.compile(r"\s*+(~?)\}")


@dataclass(slots=True)
class _Piece:
    """Characters of a literal text and the offset of the first one in the source.

    An escape sequence, which is not verbatim, is `width` characters there.
    """

    text: str
    offset: int
    verbatim: bool = True
    width: int = 0

    @property
    def end(self) -> int:
        """The offset behind the last character."""
        return self.offset + (len(self.text) if self.verbatim else self.width)


@dataclass(slots=True)
class _Text:
    """A literal text of the row; `cut` characters of indentation were taken from its start."""

    pieces: list[_Piece] = field(default_factory=list)
    cut: int = 0

    @property
    def text(self) -> str:
        """What the pieces say together."""
        return "".join(piece.text for piece in self.pieces)

    def trim_start(self) -> None:
        """Takes the white space at the start away."""
        while self.pieces:
            piece = self.pieces[0]
            stripped = piece.text.lstrip()
            piece.offset += len(piece.text) - len(stripped) if piece.verbatim else 0
            piece.text = stripped
            if stripped:
                return
            del self.pieces[0]

    def trim_end(self) -> None:
        """Takes the white space at the end away."""
        while self.pieces:
            piece = self.pieces[-1]
            piece.text = piece.text.rstrip()
            if piece.text:
                return
            del self.pieces[-1]

    def cut_start(self, count: int) -> None:
        """Takes `count` characters of indentation away; they stand in the first pieces."""
        self.cut = count
        while count and self.pieces:
            piece = self.pieces[0]
            taken = min(count, len(piece.text))
            piece.text = piece.text[taken:]
            piece.offset += taken
            count -= taken
            if not piece.text:
                del self.pieces[0]


@dataclass(slots=True)
class _Sequence:
    """`${...}` or `%{...}`; `kind` is `expression` or the directive's word."""

    kind: str
    start: int
    end: int
    expression: Expression | None = None
    key: str | None = None
    value: str = ""


_Row: TypeAlias = "list[_Text | _Sequence]"


def _row(reader: Reader, start: int, end: int, expression_at: ExpressionAt, *, quoted: bool) -> _Row:
    """The literal texts and sequences of a template, strip markers applied."""
    text = reader.source.text
    row: _Row = []
    current = _Text()
    trim_next = False
    step = _QUOTED if quoted else _BARE
    position = start

    def finish() -> None:
        nonlocal current, trim_next
        if current.pieces:
            if trim_next:
                current.trim_start()
            row.append(current)
            current = _Text()
        trim_next = False

    while position < end and (found := step.match(text, position, end)) is not None:
        first, position = position, found.end()
        if found[2] is not None:
            dollars = position - first - 1
            if dollars == 1:
                finish()
                sequence, strip_before, strip_after = _sequence(reader, first, end, expression_at)
                if strip_before and row and isinstance(row[-1], _Text):
                    row[-1].trim_end()
                row.append(sequence)
                trim_next = strip_after
                position = sequence.end
                continue
            # `$${` stands for `${`: all but one of the signs are text, and the brace.
            if dollars > 2:
                current.pieces.append(_Piece(text[first : first + dollars - 2], first))
            current.pieces.append(_Piece(text[position - 2 : position], position - 2))
        elif quoted and found[1] is not None:
            current.pieces.append(_escape(reader, found[1], first))
        else:
            current.pieces.append(_Piece(found[0], first))
            if not quoted and found[0].endswith("\n"):
                finish()
    finish()
    return row


def _escape(reader: Reader, escape: str, offset: int) -> _Piece:
    """What a backslash sequence of a quoted string stands for."""
    text = unescaped(escape)
    if text is not None:
        return _Piece(text, offset, verbatim=False, width=len(escape))
    reader.complain(f"`{escape}` is no escape sequence", offset, offset + len(escape))
    return _Piece(escape, offset)


def _sequence(
    reader: Reader, start: int, end: int, expression_at: ExpressionAt
) -> tuple[_Sequence, bool, bool]:
    """The template sequence at `start`, and whether it strips the text before and behind it."""
    text = reader.source.text
    position = start + 2
    strip_before = text.startswith("~", position)
    position += strip_before
    sequence = _Sequence("expression", start, start)
    if text[start] == "%":
        word = _DIRECTIVE.match(text, position, end)
        if word is None:
            raise SyntaxFault("`%{` must be followed by `if`, `else`, `endif`, `for` or `endfor`", start)
        sequence.kind = word[1]
        position = word.end()
        if sequence.kind == "for":
            names = _FOR_NAMES.match(text, position, end)
            if names is None:
                raise SyntaxFault("`%{ for` must be followed by a name, `in` and a collection", start)
            sequence.key, sequence.value = (names[1], names[2]) if names[2] else (None, names[1])
            position = names.end()
    if sequence.kind in {"expression", "if", "for"}:
        sequence.expression, position = expression_at(reader, position, end)
    close = _CLOSE.match(text, position, end)
    if close is None:
        raise SyntaxFault(f"the template sequence `{text[start : start + 2]}` is never closed", start)
    sequence.end = close.end()
    return sequence, strip_before, bool(close[1])


def _flush(row: _Row) -> None:
    """Takes the common indentation away, as the language does for `<<-`.

    A line of white space only does not count and keeps its own, a sequence at
    the start of a line has none, and text behind a sequence that stripped the
    line's end is no start of a line.
    """
    least: int | None = None
    lines: list[_Text] = []
    line_start = True
    for entry in row:
        if line_start:
            line_start = False
            spaces: int | None = 0
            if isinstance(entry, _Text):
                text = entry.text
                if not text.strip() and text.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(text) - len(text.lstrip())
                    lines.append(entry)
            if spaces is not None:
                least = spaces if least is None else min(least, spaces)
        if isinstance(entry, _Text) and entry.text.endswith("\n"):
            line_start = True
    if least:
        for line in lines:
            line.cut_start(least)


class _Run:
    """Literal text being put together from pieces that follow each other in the source."""

    __slots__ = ("end", "indent", "pieces", "start", "verbatim")

    def __init__(self, piece: _Piece) -> None:
        self.start = piece.offset
        self.end = piece.end
        self.pieces = [piece.text]
        self.verbatim = piece.verbatim
        self.indent: int | None = None

    def takes(self, piece: _Piece, cut: int) -> bool:
        """Whether the piece goes on where this text ends; takes it then."""
        if not piece.verbatim:
            # Several escapes in a row are one text without places.
            if self.verbatim:
                return False
        elif not self.verbatim or piece.offset != self.end + cut:
            return False
        elif self.pieces[-1].endswith("\n"):
            if self.indent is not None and self.indent != cut:
                return False
            self.indent = cut
        self.pieces.append(piece.text)
        self.end = piece.end
        return True

    def part(self, source: SourceText) -> TemplateText:
        """The finished text."""
        location = source.location(self.start, max(self.end, self.start))
        return TemplateText("".join(self.pieces), location, self.verbatim, self.indent or 0)


def _joined(row: _Row, source: SourceText) -> list[TemplateText | _Sequence]:
    """The row with literal texts joined as far as their places allow."""
    result: list[TemplateText | _Sequence] = []
    run: _Run | None = None
    for entry in row:
        if isinstance(entry, _Sequence):
            if run is not None:
                result.append(run.part(source))
                run = None
            result.append(entry)
            continue
        cut = entry.cut
        for piece in entry.pieces:
            if run is None or not run.takes(piece, cut):
                if run is not None:
                    result.append(run.part(source))
                run = _Run(piece)
            cut = 0
    if run is not None:
        result.append(run.part(source))
    return result


def _structure(
    reader: Reader, entries: list[TemplateText | _Sequence], index: int, until: tuple[str, ...]
) -> tuple[tuple[TemplatePart, ...], int]:
    """The parts from `index` up to a directive in `until` (or the end), and its index."""
    source = reader.source
    parts: list[TemplatePart] = []
    while index < len(entries):
        entry = entries[index]
        index += 1
        if isinstance(entry, TemplateText):
            parts.append(entry)
            continue
        if entry.kind in until:
            return tuple(parts), index - 1
        match entry:
            case _Sequence(kind="expression", expression=expression) if expression is not None:
                parts.append(TemplateExpression(expression, source.location(entry.start, entry.end)))
            case _Sequence(kind="if", expression=condition) if condition is not None:
                then, index = _inside(reader, entries, index, ("else", "endif"), entry)
                otherwise: tuple[TemplatePart, ...] = ()
                if _at(entries, index).kind == "else":
                    otherwise, index = _inside(reader, entries, index + 1, ("endif",), entry)
                location = source.location(entry.start, _at(entries, index).end)
                parts.append(TemplateIf(condition, then, otherwise, location))
                index += 1
            case _Sequence(kind="for", expression=collection) if collection is not None:
                body, index = _inside(reader, entries, index, ("endfor",), entry)
                location = source.location(entry.start, _at(entries, index).end)
                parts.append(TemplateFor(entry.key, entry.value, collection, body, location))
                index += 1
            case _:
                raise SyntaxFault(f"`%{{ {entry.kind} }}` ends nothing", entry.start)
    return tuple(parts), index


def _at(entries: list[TemplateText | _Sequence], index: int) -> _Sequence:
    """The directive at `index`."""
    entry = entries[index]
    assert isinstance(entry, _Sequence)  # noqa: S101  # `_structure` stopped there
    return entry


def _inside(
    reader: Reader,
    entries: list[TemplateText | _Sequence],
    index: int,
    until: tuple[str, ...],
    opener: _Sequence,
) -> tuple[tuple[TemplatePart, ...], int]:
    """The parts inside the directive `opener`, which must be closed."""
    parts, index = _structure(reader, entries, index, until)
    if index >= len(entries):
        raise SyntaxFault(f"`%{{ {opener.kind} }}` is never closed", opener.start)
    return parts, index


def _parts(reader: Reader, row: _Row) -> tuple[TemplatePart, ...]:
    """The parts of a whole template."""
    return _structure(reader, _joined(row, reader.source), 0, ())[0]


def quoted(reader: Reader, start: int, end: int, expression_at: ExpressionAt) -> Expression:
    """The quoted string whose characters, without the quotes, are `text[start:end]`."""
    text = reader.source.text[start:end]
    location = reader.source.location(start - 1, end + 1)
    if "\\" not in text and "${" not in text and "%{" not in text:
        return Literal(text, location)
    row = _row(reader, start, end, expression_at, quoted=True)
    if all(isinstance(entry, _Text) for entry in row):
        return Literal("".join(entry.text for entry in row if isinstance(entry, _Text)), location)
    return Template(_parts(reader, row), location)


def heredoc(reader: Reader, start: int, end: int, expression_at: ExpressionAt) -> Template:
    """The heredoc that is `text[start:end]`, from `<<` to its end marker."""
    found = heredoc_at(reader.source.text, start, end)
    assert found is not None  # noqa: S101  # the token was found by the same function
    row = _row(reader, found.body, found.body_end, expression_at, quoted=False)
    if found.flush:
        _flush(row)
    return Template(_parts(reader, row), reader.source.location(start, end), heredoc=True)


def template_file(reader: Reader, start: int, end: int, expression_at: ExpressionAt) -> Template:
    """The template that is `text[start:end]` as a whole, as in a file for `templatefile`."""
    row = _row(reader, start, end, expression_at, quoted=False)
    return Template(_parts(reader, row), reader.source.location(start, end))
