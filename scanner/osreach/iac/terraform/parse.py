"""Reading Terraform text: the functions that the rest of the reader uses.

`split_file` is cheap and finds what a file holds; `parse_block` parses one of
its blocks when somebody asks for it. Nothing here raises for what a text says:
every fault becomes a problem with its place.
"""

from __future__ import annotations

from osreach.iac.terraform import template
from osreach.iac.terraform.lexical import SyntaxFault
from osreach.iac.terraform.lines import Reader, SourceText, source_text
from osreach.iac.terraform.split import Header, SplitFile, count_items, split
from osreach.iac.terraform.syntax import Assignment, Block, Expression, Template
from osreach.iac.terraform.tree import expression_at, parse_body, parse_expression_text
from osreach.location import Location
from osreach.problem import Problem

__all__ = [
    "Header",
    "SplitFile",
    "parse_assignments",
    "parse_block",
    "parse_expression",
    "parse_template",
    "split_file",
]


def split_file(path: str, text: str) -> SplitFile:
    """The top level of a file: its blocks, unparsed, and what could not be understood."""
    return split(path, text)


def parse_block(file: SplitFile, header: Header) -> tuple[Block | None, tuple[Problem, ...]]:
    """The block behind `header`, and the problems in it; None where it is no Terraform.

    The parser must find what the splitter found: one block with the same type
    and labels and the same number of arguments and blocks in it. A difference
    is a problem, never a silent loss.
    """
    reader = Reader(file.source)
    try:
        body = parse_body(reader, header.start, header.end)
    except (SyntaxFault, RecursionError) as fault:
        return None, (*reader.problems, _problem(file.source, fault, header.start))
    block = body.items[0] if len(body.items) == 1 else None
    if not isinstance(block, Block) or (block.type, block.labels) != (header.type, header.labels):
        found = ", ".join(_description(item) for item in body.items) or "nothing"
        message = f"the parser and the splitter disagree: {_title(header)} is read as {found}"
        return None, (*reader.problems, Problem(header.location, message))
    if not reader.problems and (difference := _difference(file, header, block)) is not None:
        reader.problems.append(Problem(header.location, difference))
    for inner in block.blocks:
        if inner.type == "resource" and len(inner.labels) == 2:
            message = f"{_description(inner)} stands inside {_title(header)}, so a brace is missing before it"
            reader.problems.append(Problem(inner.location, message))
    return block, tuple(reader.problems)


def _difference(file: SplitFile, header: Header, block: Block) -> str | None:
    """How the items of the parsed block differ from those that are counted in its text, if they do."""
    try:
        counted = count_items(file.source.text, header.body, header.end - 1)
    except SyntaxFault as fault:
        return f"the parser and the splitter disagree in {_title(header)}: {fault.message}"
    parsed = (len(block.assignments), len(block.blocks))
    if counted == parsed:
        return None
    return (
        f"the parser and the splitter disagree in {_title(header)}: {parsed[0]} arguments and {parsed[1]} blocks "
        f"are parsed where {counted[0]} and {counted[1]} stand"
    )


def _title(header: Header) -> str:
    """A block as people name it."""
    return f"`{'.'.join((header.type, *header.labels))}`"


def _description(item: Assignment | Block) -> str:
    """An item of a body as people name it."""
    if isinstance(item, Assignment):
        return f"`{item.name} = ...`"
    return f"`{'.'.join((item.type, *item.labels))}`"


def _problem(source: SourceText, fault: SyntaxFault | RecursionError, start: int) -> Problem:
    """A fault as a problem at the rest of its line."""
    if isinstance(fault, RecursionError):
        return Problem(source.location(start, start), "this is nested too deeply to be read")
    line_end = source.text.find("\n", fault.offset)
    end = len(source.text) if line_end < 0 else line_end
    return Problem(source.location(fault.offset, max(end, fault.offset)), fault.message)


def parse_assignments(path: str, text: str) -> tuple[tuple[Assignment, ...], tuple[Problem, ...]]:
    """The values of a `.tfvars` file; a value that cannot be read is a problem and the others stay."""
    file = split(path, text)
    problems = list(file.problems)
    result: list[Assignment] = []
    for entry in file.assignments:
        reader = Reader(file.source)
        try:
            body = parse_body(reader, entry.start, entry.end)
        except (SyntaxFault, RecursionError) as fault:
            problems.append(_problem(file.source, fault, entry.start))
            continue
        finally:
            problems.extend(reader.problems)
        result.extend(item for item in body.items if isinstance(item, Assignment))
    problems.extend(
        Problem(header.location, f"a file of variable values takes no blocks, found {_title(header)}")
        for header in file.headers
    )
    return tuple(result), tuple(sorted(problems))


def parse_expression(text: str, location: Location) -> tuple[Expression | None, tuple[Problem, ...]]:
    """The expression that `text` is, as a user gives it for a variable; it stands at `location`."""
    reader = Reader(source_text(location.path, text, line=location.line, column=location.column))
    try:
        return parse_expression_text(reader), tuple(reader.problems)
    except (SyntaxFault, RecursionError) as fault:
        return None, (*reader.problems, _problem(reader.source, fault, 0))


def parse_template(text: str, location: Location) -> tuple[Template | None, tuple[Problem, ...]]:
    """The template that `text` is, as `templatefile` reads it; the text begins at `location`."""
    reader = Reader(source_text(location.path, text, line=location.line, column=location.column))
    try:
        return template.template_file(reader, 0, len(text), expression_at), tuple(reader.problems)
    except (SyntaxFault, RecursionError) as fault:
        return None, (*reader.problems, _problem(reader.source, fault, 0))
