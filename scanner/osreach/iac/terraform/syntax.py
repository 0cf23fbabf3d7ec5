"""The syntax of the Terraform language as frozen values, each with its place.

The parser builds these and the evaluator consumes them; neither knows the
other. A location covers the whole expression, quotes and brackets included.
Source: https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from osreach.location import Location
from osreach.value import Scalar


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a boolean, null, or a quoted string without any interpolation (unescaped)."""

    value: Scalar
    location: Location


@dataclass(frozen=True, slots=True)
class TemplateText:
    """Literal text inside a template, escapes resolved.

    `verbatim` is true where each character stands in the source as it is, apart
    from `indent` columns cut from the start of each line after the first (a
    `<<-` heredoc). `location` points at the first character of the text.
    """

    text: str
    location: Location
    verbatim: bool
    indent: int = 0


@dataclass(frozen=True, slots=True)
class TemplateExpression:
    """`${expression}` inside a template; strip markers are already applied to the neighbours."""

    expression: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class TemplateIf:
    """`%{ if condition }...%{ else }...%{ endif }`."""

    condition: Expression
    then: tuple[TemplatePart, ...]
    otherwise: tuple[TemplatePart, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """`%{ for key, value in collection }...%{ endfor }`; `key` is None where only one name is given."""

    key: str | None
    value: str
    collection: Expression
    body: tuple[TemplatePart, ...]
    location: Location


TemplatePart: TypeAlias = "TemplateText | TemplateExpression | TemplateIf | TemplateFor"


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string with interpolation, or any heredoc.

    A quoted template of exactly one `TemplateExpression` yields that
    expression's value unchanged (`"${var.x}"`); a heredoc always yields a
    string.
    """

    parts: tuple[TemplatePart, ...]
    location: Location
    heredoc: bool = False


@dataclass(frozen=True, slots=True)
class TupleExpression:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """`key = value`; a bare identifier as key is a string `Literal`, `(expr)` is the expression."""

    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class ObjectExpression:
    """`{ a = 1, "b" : 2 }`."""

    items: tuple[ObjectItem, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a reference: `var`, `local`, `each`, `aws_opensearch_domain`, a `for` variable."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.name`; also `target.0`, the old index form, as an `Index`."""

    target: Expression
    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`."""

    target: Expression
    key: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Splat:
    """`target[*].a.b` (`full`) or `target.*.a.b`.

    `each` is what is taken of every element, an expression over the name `$`
    (`Attribute(Attribute(Name("$"), "a"), "b")`, or `Name("$")` alone).
    """

    target: Expression
    each: Expression
    full: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; `expand` where the last argument is followed by `...`.

    A provider-defined function is named `provider::name::function`.
    """

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    location: Location


class Operator(StrEnum):
    """A unary or binary operator as it is written."""

    OR = "||"
    AND = "&&"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    GREATER = ">"
    LESS_EQUAL = "<="
    GREATER_EQUAL = ">="
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"
    NOT = "!"
    NEGATE = "neg"


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` (`Operator.NEGATE`) or `!x`."""

    operator: Operator
    operand: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: Operator
    left: Expression
    right: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class ForTuple:
    """`[for key, value in collection : result if condition]`; `key` None where one name is given."""

    key: str | None
    value: str
    collection: Expression
    result: Expression
    condition: Expression | None
    location: Location


@dataclass(frozen=True, slots=True)
class ForObject:
    """`{for k, v in collection : result_key => result... if condition}`; `grouped` for `...`."""

    key: str | None
    value: str
    collection: Expression
    result_key: Expression
    result: Expression
    grouped: bool
    condition: Expression | None
    location: Location


Expression: TypeAlias = (
    "Literal | Template | TupleExpression | ObjectExpression | Name | Attribute | Index | Splat"
    " | Call | Unary | Binary | Conditional | ForTuple | ForObject"
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = expression` in a body. The location covers the whole assignment."""

    name: str
    expression: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" "label" { ... }`. The location covers the header only, up to the brace."""

    type: str
    labels: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    blocks: tuple[Block, ...]
    location: Location

    def assignment(self, name: str) -> Assignment | None:
        """The assignment to `name`, or None."""
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        return None
