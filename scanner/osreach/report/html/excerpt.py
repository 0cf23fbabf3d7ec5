"""Lines of source around a place, with the place marked and secrets left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osreach.location import Location
from osreach.report.html.markup import words
from osreach.report.redaction import Hidden, redacted

_AROUND = 2
_MOST = 8
_LONG = 400
_NEAR = 120
_WHOLE_LINE = 20_000
_UPWARDS = 100
"""How far above a line a secret may begin that it belongs to: a private key has some fifty lines."""

_SECRET_NAME = r"passw(?:or)?d|passphrase|secret|private_?key|access_?key|token|credential"  # noqa: S105 - names of secrets, none itself
_OPENS = re.compile(
    rf"""^\s*(?:variable\s+"?[\w-]*(?:{_SECRET_NAME})|["']?[\w.-]*(?:{_SECRET_NAME})[\w.-]*["']?\s*[:=])"""
    r"""(?P<rest>[^#]*)$""",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"""(?:\{|\(|\[|:|=|[|>][+-]?\d*|<<[-~]?\w+)\s*$""")
_TEXT_BLOCK = re.compile(r"""(?:[|>][+-]?\d*|<<[-~]?(?P<end>\w+))\s*$""")
_DEFAULT = re.compile(r"""^(\s*["']?(?:default|value|secret_?string)["']?\s*[:=]\s*)(\S.*)$""", re.IGNORECASE)
_REFERS = re.compile(r"""^(?:var|local|data|module|!|\{\{resolve:|["']?\$\{|["']?\{\{resolve:)""")
_MASK = '"…"'


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a file: the number of each line with its text in parts, each marked or not."""

    lines: tuple[tuple[int, tuple[tuple[str, bool], ...]], ...]
    more: int = 0


def excerpt(where: Location, source: Sequence[str], hidden: Hidden) -> Excerpt:
    """The lines of the place and some around it; no line where the file is gone by now."""
    if not 1 <= where.line <= len(source):
        return Excerpt(())
    last = min(where.end_line, len(source), where.line + _MOST - 1)
    first_shown = max(where.line - _AROUND, 1)
    last_shown = min(max(last, where.line) + _AROUND, len(source))
    masked = _inside_secrets(source, first_shown, last_shown)
    lines = []
    for number in range(first_shown, last_shown + 1):
        line = source[number - 1]
        start, end = _marked(where, number, line)
        known = hidden.get((where.path, number), ())
        if number in masked and not known:
            line, start, end = masked[number], 0, len(masked[number]) if end > start else 0
        else:
            line, start, end = redacted(line, start, end, known)
        if len(line) > _LONG:
            if not where.line <= number <= last:
                continue
            line, start, end = _cut(line, start, end)
        lines.append((number, _parts(line, start, end)))
    return Excerpt(tuple(lines), max(min(where.end_line, len(source)) - last, 0))


def _marked(where: Location, number: int, line: str) -> tuple[int, int]:
    """The columns of the line that the place covers, from 0; none outside of it."""
    if not where.line <= number <= where.end_line:
        return 0, 0
    indent = len(line) - len(line.lstrip())
    start = min(where.column - 1, len(line)) if number == where.line else indent
    end = min(where.end_column - 1, len(line)) if number == where.end_line else len(line.rstrip())
    return start, max(end, start)


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The marked part of a long line with little around it.

    A plan is one line of megabytes, and what stands beside a place in it may be a secret of others.
    """
    near = _NEAR if len(line) <= _WHOLE_LINE else 0
    first, last = max(start - near, 0), min(max(end, start) + near, start + _LONG)
    before, after = "…" if first else "", "…" if last < len(line) else ""
    shown = f"{before}{line[first:last]}{after}"
    shift = len(before) - first
    return shown, start + shift, min(end + shift, len(shown) - len(after))


def _parts(line: str, start: int, end: int) -> tuple[tuple[str, bool], ...]:
    parts = ((line[:start], False), (line[start:end], True), (line[end:], False))
    return tuple((text, marked) for text, marked in parts if text)


def _inside_secrets(source: Sequence[str], first: int, last: int) -> dict[int, str]:
    """Lines that belong to a secret that begins further up, as they are shown.

    The default of `variable "password"`, of the parameter `Password` of a
    template, and text blocks and nested values below a key of such a name; what
    belongs together is told by the indentation.
    """
    found: dict[int, str] = {}
    for number, whole, end in _openings(source, max(first - _UPWARDS, 1), last):
        indent = _indent(source[number - 1])
        for below in range(number + 1, last + 1):
            line = source[below - 1]
            if line.strip() == end if end else line.strip() and _indent(line) <= indent:
                break
            shown = _nested(line, whole=whole)
            if below >= first and shown is not None:
                found[below] = shown
    return found


def _openings(source: Sequence[str], first: int, last: int) -> Iterator[tuple[int, bool, str]]:
    """Lines from `first` on that name a secret which goes on below them.

    With each, whether all below it is text of the secret, and the word that ends a heredoc.
    """
    for number in range(first, last):
        line = source[number - 1]
        if len(line) > _LONG:
            continue
        named = _OPENS.match(line)
        if named and _CONTINUES.search(line):
            text = _TEXT_BLOCK.search(line)
            yield number, text is not None, (text and text.group("end")) or ""


def _nested(line: str, *, whole: bool) -> str | None:
    """The line without the secret that it holds, None where it holds none."""
    if whole and line.strip():
        return f"{line[: _indent(line)]}{_MASK}"
    value = _DEFAULT.match(line)
    if value and not _REFERS.match(value.group(2)):
        return f"{value.group(1)}{_MASK}"
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def shown(found: Excerpt) -> str:
    """The excerpt as HTML, nothing for an empty one."""
    if not found.lines:
        return ""
    rows = []
    for number, parts in found.lines:
        text = "".join(
            f"<mark>{words(part.replace(chr(9), '    '))}</mark>"
            if marked
            else words(part.replace(chr(9), "    "))
            for part, marked in parts
        )
        hit = " hit" if any(marked for _, marked in parts) else ""
        rows.append(f'<div class="line{hit}"><span class="number">{number}</span><code>{text}</code></div>')
    if found.more:
        rows.append(f'<div class="line more"><span class="number"></span>… {found.more} more</div>')
    return f'<div class="source">{"".join(rows)}</div>'
