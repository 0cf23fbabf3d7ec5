"""The lexical level of the Terraform language: tokens, and how to step over strings and heredocs.

`python-hcl2` sees a heredoc, a string or a comment through one regular
expression each, and goes wrong where the language needs a stack: a string
inside an interpolation, a blank behind a heredoc's end marker (it then runs on
to the next marker and swallows what stands between). So tokens are found here,
with the terminal names of its grammar, and given to its parse tables.
Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_NAME: Final = r"[^\W\d][\w\u0300-\u036f-]*+"

# Strings without escape and interpolation need no second look; a `$` or `%` may
# stand in them as long as no brace follows.
_PLAIN_STRING: Final = r'"(?:[^"\\$%\n]|[$%](?!\{))*+"'

_TOKEN: Final = re.compile(
    rf"""[ \t\r]*+(?:
    (?P<name>{_NAME})
  | (?P<string>{_PLAIN_STRING})
  | (?P<newline>\n)
  | (?P<operator>\.\.\.|\.\*|\[\s*+\*\s*+\]|::|==|!=|<=|>=|=>|&&|\|\||[-+*%<>!?:=.,(){{}}\[\]~]|/(?![/*]))
  | (?P<number>[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
  | (?P<comment>\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)
  | (?P<quote>")
    )""",
    re.VERBOSE,
)
_HEREDOC: Final = re.compile(rf"<<(-?)({_NAME})[\r]?\n")
_DIGITS: Final = re.compile(r"[ \t]*+([0-9]+)")
_STRING_STEP: Final = re.compile(r'[^"\\$%\n]*+(?:(")|(\\.)|((?:\$++|%++)\{)|([$%])|(\n))')
_INTERPOLATION_STEP: Final = re.compile(
    rf'(?:[^"{{}}\#/<]++|{_PLAIN_STRING}|/(?![/*])|<(?!<))*+'
    r'(?:([{}])|(")|(\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)|(<<))'
)
_FOR: Final = re.compile(
    rf"(?:\s++|\#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+for\s++{_NAME}\s*+(?:,|in\b)"
)

_OPERATORS: Final = {
    "...": "ELLIPSIS",
    ".*": "ATTR_SPLAT",
    "::": "COLONS",
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<=": "LEQ",
    ">=": "GEQ",
    "=>": "FOR_OBJECT_ARROW",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "-": "MINUS",
    "+": "PLUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "<": "LT",
    ">": "GT",
    "!": "NOT",
    "?": "QMARK",
    ":": "COLON",
    "=": "EQ",
    ".": "DOT",
    ",": "COMMA",
    "(": "LPAR",
    ")": "RPAR",
    "{": "LBRACE",
    "}": "RBRACE",
    "[": "LSQB",
    "]": "RSQB",
}
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_KEYWORDS: Final = {
    word: word.upper()
    for word in ("if", "in", "for", "for_each", "else", "endif", "endfor", "null", "true", "false")
}
_BEFORE_UNARY_MINUS_ONLY: Final = frozenset({"IF", "IN"})
_OPERAND_ENDS: Final = (
    frozenset({"NAME", "INT_LITERAL", "FLOAT_LITERAL", "DBLQUOTE", "RPAR", "RSQB", "RBRACE"})
    | {"HEREDOC_TEMPLATE", "HEREDOC_TEMPLATE_TRIM", "ATTR_SPLAT", "FULL_SPLAT_START"}
    | (frozenset(_KEYWORDS.values()) - _BEFORE_UNARY_MINUS_ONLY)
)

_ESCAPES: Final = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', "\\\\": "\\"}

MAXIMUM_NESTING: Final = 100
"""Brackets inside brackets; no configuration that people write comes near it."""


class SyntaxFault(Exception):  # noqa: N818  # a fault of the scanned text, not of this program
    """Text that is no Terraform: a message for people and the offset it is about."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Token(NamedTuple):
    """A terminal of python-hcl2's grammar and the offsets of its text.

    A keyword carries its own terminal name; where the grammar expects a name
    there, the parser takes it as one. A quoted string is one token of the type
    of its opening quote, whatever stands in it.
    """

    type: str
    start: int
    end: int


def unescaped(sequence: str) -> str | None:
    r"""What an escape sequence of a quoted string (`\n`, `\u00e9`) stands for; None where it is none."""
    if len(sequence) > 2:
        digits = sequence[2:]
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else None
    return _ESCAPES.get(sequence)


@lru_cache(maxsize=256)
def _heredoc_step(marker: str) -> re.Pattern[str]:
    """What matters inside a heredoc: its end marker alone on a line, or the start of a template sequence."""
    return re.compile(rf"(?m)^[^\S\n]*+({re.escape(marker)})[^\S\n]*+$|(?:\$++|%++)\{{")


class Heredoc(NamedTuple):
    """The offsets of a heredoc: its body, and the end of the end marker."""

    body: int
    body_end: int
    end: int
    flush: bool


def heredoc_at(text: str, start: int, end: int) -> Heredoc | None:
    """The heredoc that begins at `start` with `<<`, or None; a fault where it is never closed.

    The end marker stands alone on its line, with any blanks around it, as the
    language has it (`python-hcl2` accepts none behind it).
    """
    opening = _HEREDOC.match(text, start, end)
    if opening is None:
        return None
    step = _heredoc_step(opening[2])
    position = opening.end()
    while (found := step.search(text, position, end)) is not None:
        if found[1] is not None:
            return Heredoc(opening.end(), found.start(), found.end(1), opening[1] == "-")
        position = found.end()
        if position - found.start() == 2:
            position = skip_interpolation(text, position, end)
    raise SyntaxFault(f"the heredoc `<<{opening[1]}{opening[2]}` is never closed", start)


def skip_string(text: str, start: int, end: int) -> int:
    """The offset behind the quoted string whose opening quote stands at `start`."""
    position = start + 1
    while (found := _STRING_STEP.match(text, position, end)) is not None:
        position = found.end()
        match found.lastindex:
            case 1:
                return position
            case 3:
                if found.end(3) - found.start(3) == 2:
                    position = skip_interpolation(text, position, end)
            case 5:
                break
            case _:
                pass
    raise SyntaxFault("the string is not closed on its line", start)


def skip_interpolation(text: str, start: int, end: int) -> int:
    """The offset behind the brace that closes the template sequence whose expression begins at `start`."""
    position = start
    depth = 1
    while (found := _INTERPOLATION_STEP.match(text, position, end)) is not None:
        position = found.end()
        match found.lastindex:
            case 1:
                depth += 1 if found[1] == "{" else -1
                if not depth:
                    return position
            case 2:
                position = skip_string(text, position - 1, end)
            case 4:
                heredoc = heredoc_at(text, position - 2, end)
                position = position if heredoc is None else heredoc.end
            case _:
                pass
    raise SyntaxFault(f"the template sequence `{text[max(start - 2, 0) : start]}` is never closed", start - 2)


def _for_expression(text: str, position: int, end: int) -> bool:
    """Whether the brace before `position` opens `{ for ... }`, in which line breaks mean nothing."""
    return _FOR.match(text, position, end) is not None


def tokens(  # noqa: PLR0915  # the hot loop of the reader: one branch per kind of token
    text: str, start: int, end: int, *, template: bool = False
) -> tuple[list[Token], int]:
    """The tokens of `text[start:end]` and the offset behind the last one.

    With `template`, the text is an expression inside `${...}` or `%{...}`: it
    ends at the first brace that nothing opened (or the `~` before it), which is
    left for the caller, and line breaks mean nothing. Line breaks inside
    parentheses and square brackets are left out, as the language ignores them.
    """
    result: list[Token] = []
    append = result.append
    match = _TOKEN.match
    openers: list[tuple[str, int]] = []
    newlines = not template
    kept: list[bool] = []
    last = "NL_OR_COMMENT"
    unary = False
    position = start
    while (found := match(text, position, end)) is not None:
        kind = found.lastgroup
        position = found.end()
        if kind == "name":
            word = found["name"]
            last = _KEYWORDS.get(word, "NAME")
            append(Token(last, position - len(word), position))
            unary = False
        elif kind == "string":
            last = "DBLQUOTE"
            append(Token(last, found.start("string"), position))
            unary = False
        elif kind == "newline":
            if newlines and last != "NL_OR_COMMENT":
                append(Token("NL_OR_COMMENT", position - 1, position))
                last = "NL_OR_COMMENT"
        elif kind == "operator":
            operator = found["operator"]
            first = position - len(operator)
            if operator in "([{":
                openers.append((operator, first))
                if len(openers) > MAXIMUM_NESTING:
                    raise SyntaxFault(f"brackets are nested more than {MAXIMUM_NESTING} levels deep", first)
                kept.append(newlines)
                newlines = operator == "{" and not _for_expression(text, position, end)
            elif operator in ")]}":
                if not openers:
                    if template and operator == "}":
                        return result, first
                    raise SyntaxFault(f"`{operator}` closes nothing", first)
                opener, opened = openers.pop()
                if opener != _CLOSES[operator]:
                    raise SyntaxFault(f"`{opener}` is closed by `{operator}`", opened)
                newlines = kept.pop()
            elif operator == "<" and text.startswith("<<", first):
                heredoc = heredoc_at(text, first, end)
                if heredoc is None:
                    raise SyntaxFault(
                        "`<<` must be followed by a heredoc's marker and the end of the line", first
                    )
                position = heredoc.end
                last = "HEREDOC_TEMPLATE_TRIM" if heredoc.flush else "HEREDOC_TEMPLATE"
                append(Token(last, first, position))
                unary = False
                continue
            elif operator == "~":
                if template and not openers and text.startswith("}", position):
                    return result, first
                raise SyntaxFault("`~` stands only at the edge of a template sequence", first)
            elif operator in "!-" and unary:
                # `!!x` and `- -x` become one token: the grammar knows one sign only.
                result[-1] = Token(result[-1].type, result[-1].start, position)
                continue
            unary = operator == "!" or (operator == "-" and last not in _OPERAND_ENDS)
            last = _OPERATORS.get(operator, "FULL_SPLAT_START")
            append(Token(last, first, position))
            if last == "DOT" and (digits := _DIGITS.match(text, position, end)) is not None:
                # `list.0.1` is two old-style indexes, not the number 0.1.
                position = digits.end()
                append(Token("INT_LITERAL", digits.start(1), position))
                last = "INT_LITERAL"
        elif kind == "number":
            number = found["number"]
            if text[position : position + 1].isalnum() or re.match(r"\.[0-9]", text[position : position + 2]):
                raise SyntaxFault(
                    f"`{number}{text[position : position + 2].strip()}` is no number", position - len(number)
                )
            last = "INT_LITERAL" if number.isdigit() else "FLOAT_LITERAL"
            append(Token(last, position - len(number), position))
            unary = False
        elif kind == "quote":
            first = position - 1
            position = skip_string(text, first, end)
            last = "DBLQUOTE"
            append(Token(last, first, position))
            unary = False
    rest = text[position:end]
    if rest.strip(" \t\r"):
        offset = position + len(rest) - len(rest.lstrip(" \t\r"))
        if text.startswith("/*", offset):
            raise SyntaxFault("the comment `/*` is never closed", offset)
        raise SyntaxFault(f"unexpected character {text[offset]!r}", offset)
    if openers:
        opener, opened = openers[-1]
        raise SyntaxFault(f"`{opener}` is never closed", opened)
    return result, end
