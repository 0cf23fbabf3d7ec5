"""The JSON syntax of the Terraform language, read into the same tree as the native one.

A string is a template, a property of a block's body an argument or a nested
block, and a list of bodies stands for all of them. Which properties of a
resource are nested blocks only its provider's schema tells; as arguments they
have the same values, so only `dynamic` blocks become blocks here.
Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from osreach.iac.terraform import template
from osreach.iac.terraform.lexical import SyntaxFault
from osreach.iac.terraform.lines import Reader, SourceText, source_text
from osreach.iac.terraform.parse import parse_expression, parse_template
from osreach.iac.terraform.split import Header
from osreach.iac.terraform.syntax import (
    Assignment,
    Block,
    Expression,
    Literal,
    ObjectExpression,
    ObjectItem,
    Template,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
    TupleExpression,
)
from osreach.iac.terraform.tree import expression_at
from osreach.json_text import read_json
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Text, TextPart, Value

MAXIMUM_VALUES: Final = 120_000
"""Values in one file; tools that write this syntax stay far below."""

_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "check": 1,
}
"""How many names stand between a block's type and its body; none for all others."""

_COMMENT: Final = "//"
_BLOCKS_OF_TERRAFORM: Final = frozenset({"lifecycle", "connection", "provisioner"})
# Terraform reads these as they stand, without looking for templates.
_PLAIN: Final = {
    "variable": frozenset({"default", "description"}),
    "module": frozenset({"source", "version"}),
}
# And these as expressions of the native syntax, although they are texts.
_BARE: Final = {"variable": frozenset({"type"})}

_NAME_BEFORE: Final = re.compile(r'("(?:[^"\\]|\\.)*")\s*:\s*\Z')
_LONGEST_NAME: Final = 200
_STEP: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u.{4}|\\.|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file of the JSON syntax; blocks are read when somebody asks.

    `start` of a header is the index of the block's body in `bodies`.
    """

    path: str
    headers: tuple[Header, ...]
    bodies: tuple[Value, ...]
    source: SourceText
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _QuotedText(SourceText):
    """The text of a JSON string, whose places are those in the file.

    `offsets[i]` is the offset in the file of the character `i`; one more stands
    at the end.
    """

    offsets: Sequence[int] = ()
    file: SourceText | None = None

    def location(self, start: int, end: int) -> Location:
        """The place of `text[start:end]` in the file."""
        if self.file is None:
            raise TypeError("a quoted text belongs to a file")
        return self.file.location(self.offsets[start], self.offsets[end])

    def offset(self, line: int, column: int) -> int:
        """The offset in this text of a place in the file."""
        if self.file is None:
            raise TypeError("a quoted text belongs to a file")
        return bisect_left(self.offsets, self.file.offset(line, column))


@dataclass(slots=True)
class _Reader:
    """One file being read."""

    source: SourceText
    problems: list[Problem]

    def text(self, value: Value, known: str) -> Expression:
        """A JSON string as the template that it is."""
        if "${" not in known and "%{" not in known:
            return Literal(known, value.location)
        place = value.location
        start = self.source.offset(place.line, place.column) + 1
        end = self.source.offset(place.end_line, place.end_column) - 1
        written = self.source.text[start:end]
        escaped = "\\" in written
        offsets: Sequence[int] = range(start, end + 1)
        if escaped:
            offsets = (*(start + step.start() for step in _STEP.finditer(written)), end)
        quoted = _QuotedText(self.source.path, known, (0,), offsets=offsets, file=self.source)
        reader = Reader(quoted)
        try:
            found = template.template_file(reader, 0, len(known), expression_at)
        except SyntaxFault as fault:
            at = quoted.location(min(fault.offset, len(known)), len(known))
            self.problems.append(Problem(at, fault.message))
            return Literal(known, place)
        except RecursionError:
            self.problems.append(Problem(place, "this is nested too deeply to be read"))
            return Literal(known, place)
        self.problems += reader.problems
        parts = tuple(_not_verbatim(part) for part in found.parts) if escaped else found.parts
        return Template(parts, place)

    def expression(self, value: Value) -> Expression:
        """A value as an expression: strings are templates, wherever they stand."""
        match value.data:
            case str() as known:
                return self.text(value, known)
            case tuple() as items:
                return TupleExpression(tuple(self.expression(item) for item in items), value.location)
            case Object(entries):
                return ObjectExpression(
                    tuple(
                        ObjectItem(self.name(name, entry), self.expression(entry))
                        for name, entry in entries.items()
                    ),
                    value.location,
                )
            case bool() | int() | float() | None as scalar:
                return Literal(scalar, value.location)
            case _:
                raise TypeError("JSON holds nothing else")

    def name(self, name: str, entry: Value) -> Expression:
        """The name of an object's property, a template as well; places point at the property's value."""
        if "${" not in name and "%{" not in name:
            return Literal(name, entry.location)
        found, problems = parse_template(name, entry.location)
        self.problems += problems
        return Literal(name, entry.location) if found is None else replace(found, location=entry.location)

    def assignment(self, kind: str, name: str, value: Value) -> Assignment:
        """One argument of a block of the type `kind`."""
        if name in _PLAIN.get(kind, ()):
            return Assignment(name, plain(value), value.location)
        if name in _BARE.get(kind, ()) and isinstance(value.data, str):
            expression, problems = parse_expression(value.data, value.location)
            self.problems += problems
            if expression is not None:
                return Assignment(name, expression, value.location)
        return Assignment(name, self.expression(value), value.location)

    def block(self, kind: str, labels: tuple[str, ...], value: Value, place: Location) -> Block | None:
        """A block with the body `value`; None where that is no body."""
        if not isinstance(value.data, Object):
            title = ".".join((kind, *labels))
            self.problems.append(Problem(value.location, f"`{title}` must be an object"))
            return None
        assignments: list[Assignment] = []
        blocks: list[Block] = []
        for name, entry in value.data.entries.items():
            if name == _COMMENT:
                continue
            if name == "dynamic":
                for inner_labels, body in _bodies(entry, 1):
                    blocks += self.dynamic(inner_labels, body)
            elif name in _BLOCKS_OF_TERRAFORM and kind in {"resource", "data"}:
                continue
            else:
                assignments.append(self.assignment(kind, name, entry))
        return Block(kind, labels, tuple(assignments), tuple(blocks), place)

    def dynamic(self, labels: tuple[str, ...], body: Value) -> Iterator[Block]:
        """A `dynamic` block; its `content` is a body in which further ones may stand."""
        if not isinstance(body.data, Object):
            self.problems.append(Problem(body.location, "a `dynamic` block must be an object"))
            return
        entries = body.data.entries
        assignments = [
            self.assignment("dynamic", name, entries[name])
            for name in ("for_each", "labels")
            if name in entries
        ]
        iterator = entries.get("iterator")
        if iterator is not None and isinstance(iterator.data, str):
            expression, _ = parse_expression(iterator.data, iterator.location)
            if expression is not None:
                assignments.append(Assignment("iterator", expression, iterator.location))
        content = [
            block
            for entry in (entries[name] for name in ("content",) if name in entries)
            for _, inner in _bodies(entry, 0)
            if (block := self.block("content", (), inner, inner.location)) is not None
        ]
        yield Block("dynamic", labels, tuple(assignments), tuple(content), body.location)


def split_json_file(path: str, text: str) -> JsonFile:
    """The blocks of a `.tf.json` file, their bodies not looked at; never raises.

    What cannot be read is a problem and the rest stays.
    """
    whole, problems = _document(path, text)
    source = source_text(path, text)
    headers: list[Header] = []
    bodies: list[Value] = []
    for top in whole.items if whole is not None else ():
        if not isinstance(top.data, Object):
            problems.append(Problem(top.location, "a Terraform file in JSON must be an object"))
            continue
        for kind, entry in top.data.entries.items():
            if kind == _COMMENT:
                continue
            for labels, body in _bodies(entry, _LABELS.get(kind, 0)):
                headers.append(Header(kind, labels, len(bodies), 0, 0, _place(source, body)))
                bodies.append(body)
    return JsonFile(path, tuple(headers), tuple(bodies), source, tuple(problems))


def json_block(file: JsonFile, header: Header) -> tuple[Block | None, tuple[Problem, ...]]:
    """The block behind `header`, and the problems in it; None where its body is no object."""
    reader = _Reader(file.source, [])
    body = file.bodies[header.start]
    block = reader.block(header.type, header.labels, body, header.location)
    return block, tuple(reader.problems)


def json_local(file: JsonFile, header: Header, name: str) -> tuple[Assignment | None, tuple[Problem, ...]]:
    """The assignment to `name` in the `locals` behind `header`, None where there is none, and its problems."""
    body = file.bodies[header.start].data
    value = body.entries.get(name) if isinstance(body, Object) and name != _COMMENT else None
    if value is None:
        return None, ()
    reader = _Reader(file.source, [])
    return reader.assignment(header.type, name, value), tuple(reader.problems)


def read_json_values(path: str, text: str) -> tuple[tuple[Assignment, ...], tuple[Problem, ...]]:
    """The values of a `.tfvars.json` file, which are taken as they stand.

    https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
    """
    whole, problems = _document(path, text)
    if whole is None:
        return (), tuple(problems)
    if not isinstance(whole.data, Object):
        return (), (*problems, Problem(whole.location, "a file of variable values must be an object"))
    found = tuple(
        Assignment(name, plain(value), value.location) for name, value in whole.data.entries.items()
    )
    return found, tuple(problems)


def plain(value: Value) -> Expression:
    """A value of JSON as the expression that means just this, strings without templates."""
    match value.data:
        case tuple() as items:
            return TupleExpression(tuple(plain(item) for item in items), value.location)
        case Object(entries):
            pairs = (
                ObjectItem(Literal(name, entry.location), plain(entry)) for name, entry in entries.items()
            )
            return ObjectExpression(tuple(pairs), value.location)
        case str() | bool() | int() | float() | None as scalar:
            return Literal(scalar, value.location)
        case _:
            raise TypeError("JSON holds nothing else")


def _document(path: str, text: str) -> tuple[Value | None, list[Problem]]:
    """The value of a file, None where it cannot be read, and the problems."""
    start = Location(path, 1, 1, 1, 1)
    if sum(map(text.count, ",[{")) > MAXIMUM_VALUES:
        return None, [Problem(start, f"the file holds more than {MAXIMUM_VALUES:,} values and is not read")]
    name = path.rsplit("/", 1)[-1]
    try:
        reading = read_json(Value(Text((TextPart(text, start, verbatim=True),)), start), name)
    except ValueError as error:  # a number of more digits than Python converts
        return None, [Problem(start, f"`{name}` cannot be read: {error}".lower())]
    if reading.problem is not None:
        return None, [reading.problem]
    return reading.value, list(reading.duplicates)


def _place(source: SourceText, body: Value) -> Location:
    """Where the name in front of a body stands, or the brace where it has none."""
    start = source.offset(body.location.line, body.location.column)
    name = _NAME_BEFORE.search(source.text, max(0, start - _LONGEST_NAME), start)
    if name is None:
        return source.location(start, start + 1)
    return source.location(name.start(), name.end(1))


def _bodies(
    entry: Value, labels: int, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Value]]:
    """The bodies below a block's type with the names between; a list stands for each of its elements."""
    if isinstance(entry.data, tuple):
        for item in entry.data:
            yield from _bodies(item, labels, above)
    elif labels and isinstance(entry.data, Object):
        for name, inner in entry.data.entries.items():
            if name != _COMMENT:
                yield from _bodies(inner, labels - 1, (*above, name))
    elif entry.data is not None:
        yield above, entry


def _not_verbatim(part: TemplatePart) -> TemplatePart:
    """A part of a string with escapes: its characters do not stand in the file as they are."""
    match part:
        case TemplateText():
            return replace(part, verbatim=False)
        case TemplateIf():
            then, otherwise = (
                tuple(_not_verbatim(inner) for inner in parts) for parts in (part.then, part.otherwise)
            )
            return replace(part, then=then, otherwise=otherwise)
        case TemplateFor():
            return replace(part, body=tuple(_not_verbatim(inner) for inner in part.body))
        case _:
            return part
