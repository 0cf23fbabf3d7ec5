"""The top level of a Terraform file, found without parsing it.

The splitter tells which blocks a file holds and where, at several megabytes a
second, so that only the blocks that matter are parsed. It is also the judge of
the parser: a block must come out with the type, the labels and the number of
arguments and blocks that are counted here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from osreach.iac.terraform.lexical import SyntaxFault, heredoc_at, skip_string, unescaped
from osreach.iac.terraform.lines import SourceText, source_text
from osreach.location import Location
from osreach.problem import Problem

_NAME: Final = r"[^\W\d][\w\u0300-\u036f-]*+"
_LABEL: Final = rf'(?:"(?:[^"\\\n]|\\.)*+"|{_NAME})'
_SPACE: Final = re.compile(r"(?:\s++|\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_HEADER: Final = re.compile(rf"({_NAME})((?:[ \t]*+{_LABEL})*+)[ \t]*+\r?\n?[ \t]*+\{{")
_ASSIGNMENT: Final = re.compile(rf"({_NAME})[ \t]*+=(?![=>])")
_LABELS: Final = re.compile(_LABEL)
_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
# What may begin anew behind a part that could not be understood.
_RECOVERY: Final = re.compile(rf"(?m)^{_NAME}(?:[ \t]*+{_LABEL})*+[ \t]*+(?:\{{|=(?![=>]))")

_MANY_FAULTS: Final = 5

_INERT: Final = (
    r'(?:[^"{}\[\]()\#/<\n=]++|"(?:[^"\\$%\n]|[$%](?!\{))*+"|/(?![/*])|<(?!<)|==|=>|(?<=[!<>])=)*+'
)
_BRACES: Final = re.compile(
    r'(?:[^"{}\#/<]++|"(?:[^"\\$%\n]|[$%](?!\{))*+"|/(?![/*])|<(?!<))*+'
    r'(?:([{}])|(")|(\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)|(<<|/\*))'
)
_STRUCTURE: Final = re.compile(
    _INERT + r'(?:([{(\[])|([})\]])|(=)|(\n)|(")|(\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)|(<<|/\*))'
)


@dataclass(frozen=True, slots=True)
class Header:
    """A top-level block: its type, its labels, and the offsets of the whole and of its body.

    The location covers the header only. `text[start:end]` is the block with both
    braces, `text[body:end - 1]` what stands between them.
    """

    type: str
    labels: tuple[str, ...]
    start: int
    body: int
    end: int
    location: Location


@dataclass(frozen=True, slots=True)
class TopLevelAssignment:
    """`name = expression` outside of any block, as in a `.tfvars` file; the offsets cover all of it."""

    name: str
    start: int
    end: int
    location: Location


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file's text and its top level; blocks are parsed when they are needed."""

    source: SourceText
    headers: tuple[Header, ...]
    assignments: tuple[TopLevelAssignment, ...]
    problems: tuple[Problem, ...]

    @property
    def path(self) -> str:
        """The path of the file, as in every location."""
        return self.source.path


def _block_end(text: str, body: int, end: int) -> int:
    """The offset behind the brace that closes the block whose body begins at `body`, before `end`."""
    position = body
    depth = 1
    match = _BRACES.match
    while (found := match(text, position, end)) is not None:
        position = found.end()
        match found.lastindex:
            case 1:
                depth += 1 if found[1] == "{" else -1
                if not depth:
                    return position
            case 2:
                position = skip_string(text, position - 1, end)
            case 4:
                position = _skip_special(text, position - 2, end)
            case _:
                pass
    raise SyntaxFault("the block that is opened here is never closed", body - 1)


def _skip_special(text: str, start: int, end: int) -> int:
    """The offset behind the heredoc at `start`; a comment there is one that is never closed."""
    if text.startswith("/*", start):
        raise SyntaxFault("the comment `/*` is never closed", start)
    found = heredoc_at(text, start, end)
    return start + 2 if found is None else found.end


def _assignment_end(text: str, start: int, end: int) -> int:
    """The offset behind the expression that begins at `start`, at the end of its line or at `end`."""
    position = start
    depth = 0
    while (found := _STRUCTURE.match(text, position, end)) is not None:
        position = found.end()
        match found.lastindex:
            case 1:
                depth += 1
            case 2:
                depth -= 1
            case 4 if depth <= 0:
                return position - 1
            case 5:
                position = skip_string(text, position - 1, end)
            case 7:
                position = _skip_special(text, position - 2, end)
            case _:
                pass
    if depth > 0:
        raise SyntaxFault("a bracket of this value is never closed", start)
    return end


def _limit(text: str, start: int, faults: int) -> int:
    """How far to look for the end of what begins before `start`.

    A file with many faults is no reason to search it to its end for each: then
    a part must end before the next line that looks like the start of a block.
    """
    if faults < _MANY_FAULTS:
        return len(text)
    recovery = _RECOVERY.search(text, start)
    return len(text) if recovery is None else recovery.start()


def _unquoted(label: str) -> str:
    """A label without its quotes, escapes resolved."""
    if not label.startswith('"'):
        return label
    return _ESCAPE.sub(lambda found: unescaped(found[0]) or found[0], label[1:-1])


def split(path: str, text: str) -> SplitFile:
    """The top level of a file.

    What cannot be understood is a problem where it begins; reading goes on at
    the next line whose first column looks like the start of a block.
    """
    source = source_text(path, text)
    headers: list[Header] = []
    assignments: list[TopLevelAssignment] = []
    problems: list[Problem] = []
    position = 0
    end = len(text)
    while True:
        space = _SPACE.match(text, position)
        position = position if space is None else space.end()
        if position >= end:
            break
        try:
            if (header := _HEADER.match(text, position)) is not None:
                block_end = _block_end(text, header.end(), _limit(text, header.end(), len(problems)))
                name_end = header.end(2) if header[2] else header.end(1)
                labels = tuple(_unquoted(label) for label in _LABELS.findall(header[2]))
                place = source.location(position, name_end)
                headers.append(Header(header[1], labels, position, header.end(), block_end, place))
                position = block_end
            elif (assignment := _ASSIGNMENT.match(text, position)) is not None:
                value_end = _assignment_end(
                    text, assignment.end(), _limit(text, assignment.end(), len(problems))
                )
                place = source.location(position, value_end)
                assignments.append(TopLevelAssignment(assignment[1], position, value_end, place))
                position = value_end
            else:
                _refuse(text, position)
        except RecursionError:
            problems.append(
                Problem(source.location(position, position), "this is nested too deeply to be read")
            )
        except SyntaxFault as fault:
            line_end = text.find("\n", fault.offset)
            stop = end if line_end < 0 else line_end
            problems.append(Problem(source.location(fault.offset, stop), fault.message))
        else:
            continue
        recovery = _RECOVERY.search(text, position + 1)
        if recovery is None:
            break
        position = recovery.start()
    return SplitFile(source, tuple(headers), tuple(assignments), tuple(problems))


def _refuse(text: str, position: int) -> NoReturn:
    """Raises the fault of text that is neither a block nor an argument."""
    if text[position] in "})]":
        raise SyntaxFault(f"`{text[position]}` closes nothing", position)
    if text.startswith("/*", position):
        raise SyntaxFault("the comment `/*` is never closed", position)
    raise SyntaxFault("expected a block or an argument", position)


def count_items(text: str, start: int, end: int) -> tuple[int, int]:
    """How many arguments and how many blocks stand directly in the body `text[start:end]`."""
    position = start
    depth = 0
    arguments = blocks = 0
    in_argument = False
    while (found := _STRUCTURE.match(text, position, end)) is not None:
        position = found.end()
        match found.lastindex:
            case 1:
                if depth == 0 and not in_argument and found[1] == "{":
                    blocks += 1
                depth += 1
            case 2:
                depth -= 1
            case 3 if depth == 0 and not in_argument:
                arguments += 1
                in_argument = True
            case 4 if depth == 0:
                in_argument = False
            case 5:
                position = skip_string(text, position - 1, end)
            case 7:
                position = _skip_special(text, position - 2, end)
            case _:
                pass
    return arguments, blocks
