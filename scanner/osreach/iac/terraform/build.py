"""What each node of python-hcl2's grammar becomes in the syntax tree.

One builder per node. Its children are tokens, None for line breaks, and what
other builders made. The library's own tree carries no positions in its public
results and costs most of its time; here the same reductions give the frozen
syntax directly, each node with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from osreach.iac.terraform.lexical import SyntaxFault, Token
from osreach.iac.terraform.lines import Reader
from osreach.iac.terraform.syntax import (
    Assignment,
    Attribute,
    Binary,
    Block,
    Call,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    Index,
    Literal,
    Name,
    ObjectExpression,
    ObjectItem,
    Operator,
    Splat,
    TupleExpression,
    Unary,
)
from osreach.location import Location
from osreach.problem import Problem


@dataclass(frozen=True, slots=True)
class Body:
    """The items of a block or a file, in order."""

    items: tuple[Assignment | Block, ...]


class _Step(NamedTuple):
    """`.name`, `.0` or `[key]` behind an expression; `bracket` for the last."""

    key: Expression
    location: Location
    bracket: bool = False


class _SplatSteps(NamedTuple):
    """`.*` or `[*]` with the steps behind it; the location is that of all of them."""

    sign: Location
    steps: tuple[_Step, ...]
    location: Location


class _Arguments(NamedTuple):
    """The arguments of a call; `expand` for `...`."""

    items: tuple[Expression, ...]
    expand: bool


class _Term(NamedTuple):
    """The right half of a binary operation."""

    operator: Operator
    operand: Expression


class _Intro(NamedTuple):
    """`for key, value in collection :`."""

    key: str | None
    value: str
    collection: Expression


class _Condition(NamedTuple):
    """`if condition` of a `for` expression."""

    condition: Expression


Children: TypeAlias = "Sequence[Any]"


def _between(first: Location, last: Location) -> Location:
    """The place from the beginning of `first` to the end of `last`."""
    return Location(first.path, first.line, first.column, last.end_line, last.end_column)


def _nodes(children: Children) -> Iterator[Any]:
    """The children that are no tokens and no line breaks."""
    for child in children:
        if child is not None and child.__class__ is not Token:
            yield child


def _word(reader: Reader, node: Any) -> str:
    """The text of a word that stands where a name is meant, whatever the grammar took it for."""
    if node.__class__ is Name:
        return str(node.name)
    location: Location = node.location
    start = reader.source.offset(location.line, location.column)
    return reader.source.text[start : start + location.end_column - location.column]


def _start(_: Reader, children: Children) -> Any:
    return children[0]


def _nothing(_: Reader, __: Children) -> None:
    return None


def _body(reader: Reader, children: Children) -> Body:
    items: list[Assignment | Block] = []
    seen: set[str] = set()
    separated = True
    for child in children:
        if child is None:
            separated = True
            continue
        # An operation keeps the line break behind it, so lines are compared.
        if not separated and not _ends_before(items[-1], child.location):
            reader.problems.append(
                Problem(child.location, "a line break is missing before this argument or block")
            )
        separated = False
        if child.__class__ is Assignment:
            if child.name in seen:
                reader.problems.append(Problem(child.location, f"the argument `{child.name}` is set twice"))
            seen.add(child.name)
        items.append(child)
    return Body(tuple(items))


def _ends_before(item: Assignment | Block, location: Location) -> bool:
    """Whether an argument ends on an earlier line than the one where `location` begins."""
    return isinstance(item, Assignment) and item.location.end_line < location.line


def _attribute(reader: Reader, children: Children) -> Assignment:
    name, _, expression = children
    return Assignment(_word(reader, name), expression, _between(name.location, expression.location))


def _block(reader: Reader, children: Children) -> Block:
    header: list[Any] = []
    for child in _nodes(children):
        if child.__class__ is Body:
            break
        header.append(child)
    labels = tuple(_label(reader, node) for node in header[1:])
    body: Body = next(child for child in children if child.__class__ is Body)
    return Block(
        _word(reader, header[0]),
        labels,
        tuple(item for item in body.items if isinstance(item, Assignment)),
        tuple(item for item in body.items if isinstance(item, Block)),
        _between(header[0].location, header[-1].location),
    )


def _label(reader: Reader, node: Any) -> str:
    """A block's label, quoted or bare."""
    location: Location = node.location
    start = reader.source.offset(location.line, location.column)
    if not reader.source.text.startswith('"', start):
        return _word(reader, node)
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    raise SyntaxFault("a block's label takes no template", start)


def _name(reader: Reader, children: Children) -> Name:
    token: Token = children[0]
    text = reader.source.text[token.start : token.end]
    return Name(text, reader.source.location(token.start, token.end))


_LITERALS: Final = {"TRUE": True, "FALSE": False, "NULL": None}


def _literal_value(reader: Reader, children: Children) -> Literal:
    token: Token = children[0]
    return Literal(_LITERALS[token.type], reader.source.location(token.start, token.end))


def _number(reader: Reader, children: Children) -> Literal:
    token: Token = children[0]
    text = reader.source.text[token.start : token.end]
    value: int | float
    if token.type == "INT_LITERAL" and len(text) <= 4000:
        value = int(text)
    else:
        value = float(text)
        if value.is_integer():
            value = int(value)
    return Literal(value, reader.source.location(token.start, token.end))


def _parenthesised(reader: Reader, children: Children) -> Any:
    opening: Token = children[0]
    closing: Token = children[-1]
    inner = next(_nodes(children))
    if opening.start == opening.end:  # not written, see `_expression`
        return inner
    return replace(inner, location=reader.source.location(opening.start, closing.end))


def _tuple(reader: Reader, children: Children) -> TupleExpression:
    location = reader.source.location(children[0].start, children[-1].end)
    return TupleExpression(tuple(_nodes(children)), location)


def _object(reader: Reader, children: Children) -> ObjectExpression:
    items: list[ObjectItem] = []
    separated = True
    for child in children:
        if child.__class__ is not ObjectItem:
            separated = True
            continue
        if not separated and items[-1].value.location.end_line >= child.key.location.line:
            place = child.key.location
            reader.problems.append(
                Problem(place, "a comma or a line break is missing before this element of an object")
            )
        separated = False
        items.append(child)
    return ObjectExpression(tuple(items), reader.source.location(children[0].start, children[-1].end))


def _object_elem(_: Reader, children: Children) -> ObjectItem:
    return ObjectItem(children[0], children[2])


def _object_key(reader: Reader, children: Children) -> Expression:
    key: Expression = children[0]
    location = key.location
    bare = isinstance(key, Name) or (
        isinstance(key, Literal) and (key.value is None or isinstance(key.value, bool))
    )
    if bare and not reader.source.text.startswith("(", reader.source.offset(location.line, location.column)):
        return Literal(_word(reader, key), location)
    return key


def _dotted(_: Reader, children: Children) -> _Step:
    return _Step(children[1], children[1].location)


def _dotted_index(reader: Reader, children: Children) -> _Step:
    literal = _number(reader, children[1:])
    return _Step(literal, literal.location)


def _bracketed(reader: Reader, children: Children) -> _Step:
    return _Step(
        next(_nodes(children)), reader.source.location(children[0].start, children[-1].end), bracket=True
    )


def _apply(reader: Reader, target: Expression, step: _Step) -> Expression:
    location = _between(target.location, step.location)
    if step.bracket or (
        isinstance(step.key, Literal)
        and isinstance(step.key.value, int | float)
        and not isinstance(step.key.value, bool)
    ):
        return Index(target, step.key, location)
    return Attribute(target, _word(reader, step.key), location)


def _access(reader: Reader, children: Children) -> Expression:
    target, step = children
    return _apply(reader, target, step)


def _splat_steps(reader: Reader, children: Children) -> _SplatSteps:
    steps = tuple(_nodes(children))
    first = reader.source.location(children[0].start, children[0].end)
    return _SplatSteps(first, steps, _between(first, steps[-1].location) if steps else first)


def _inner_splat(reader: Reader, target: Expression) -> Splat | None:
    """The `[*]` that a further splat belongs into: what follows a `[*]` is taken of each element."""
    if isinstance(target, Splat) and target.full:
        end = reader.source.offset(target.location.end_line, target.location.end_column)
        if reader.source.text[end - 1] != ")":
            return target
    return None


def _full_splat(reader: Reader, children: Children) -> Expression:
    target, splat = children
    location = _between(target.location, splat.location)
    if (outer := _inner_splat(reader, target)) is not None:
        return replace(outer, each=_full_splat(reader, (outer.each, splat)), location=location)
    each: Expression = Name("$", splat.sign)
    for step in splat.steps:
        each = _apply(reader, each, step)
    return Splat(target, each, full=True, location=location)


def _attribute_splat(reader: Reader, children: Children) -> Expression:
    target, splat = children
    location = _between(target.location, splat.location)
    if (outer := _inner_splat(reader, target)) is not None:
        return replace(outer, each=_attribute_splat(reader, (outer.each, splat)), location=location)
    # Only names and old-style indexes belong to the elements: `x.*.a[0]` is `(x.*.a)[0]`.
    count = next((index for index, step in enumerate(splat.steps) if step.bracket), len(splat.steps))
    each: Expression = Name("$", splat.sign)
    for step in splat.steps[:count]:
        each = _apply(reader, each, step)
    end = splat.steps[count - 1].location if count else splat.sign
    whole: Expression = Splat(target, each, full=False, location=_between(target.location, end))
    for step in splat.steps[count:]:
        whole = _apply(reader, whole, step)
    return whole


def _call(reader: Reader, children: Children) -> Call:
    names: list[Name] = []
    arguments = _Arguments((), expand=False)
    for child in _nodes(children):
        if isinstance(child, _Arguments):
            arguments = child
        else:
            names.append(child)
    closing: Token = children[-1]
    end = reader.source.location(closing.start, closing.end)
    return Call(
        "::".join(name.name for name in names),
        arguments.items,
        arguments.expand,
        _between(names[0].location, end),
    )


def _arguments(_: Reader, children: Children) -> _Arguments:
    expand = any(child.__class__ is Token and child.type == "ELLIPSIS" for child in children)
    return _Arguments(tuple(_nodes(children)), expand)


_MAXIMUM_SIGNS: Final = 20
_SIGNS: Final = {"-": Operator.NEGATE, "!": Operator.NOT}


def _unary(reader: Reader, children: Children) -> Expression:
    token, operand = children
    result: Expression = operand
    if token.end - token.start > _MAXIMUM_SIGNS:
        raise SyntaxFault(f"more than {_MAXIMUM_SIGNS} signs stand before one value", token.start)
    for offset in range(token.end - 1, token.start - 1, -1):
        operator = _SIGNS.get(reader.source.text[offset])
        if operator is not None:
            sign = reader.source.location(offset, offset + 1)
            result = Unary(operator, result, _between(sign, operand.location))
    return result


def _binary_operator(reader: Reader, children: Children) -> Operator:
    token: Token = children[0]
    return Operator(reader.source.text[token.start : token.end])


def _binary_term(_: Reader, children: Children) -> _Term:
    return _Term(children[0], children[-1])


def _binary(_: Reader, children: Children) -> Binary:
    left = children[0]
    term: _Term = children[1]
    return Binary(term.operator, left, term.operand, _between(left.location, term.operand.location))


def _conditional(_: Reader, children: Children) -> Conditional:
    condition, then, otherwise = _nodes(children)
    return Conditional(condition, then, otherwise, _between(condition.location, otherwise.location))


def _for_intro(_: Reader, children: Children) -> _Intro:
    *names, collection = _nodes(children)
    return _Intro(names[0].name if len(names) == 2 else None, names[-1].name, collection)


def _for_condition(_: Reader, children: Children) -> _Condition:
    return _Condition(next(_nodes(children)))


def _for_tuple(reader: Reader, children: Children) -> ForTuple:
    intro, result, *rest = _nodes(children)
    location = reader.source.location(children[0].start, children[-1].end)
    condition = rest[0].condition if rest else None
    return ForTuple(intro.key, intro.value, intro.collection, result, condition, location)


def _for_object(reader: Reader, children: Children) -> ForObject:
    intro, key, result, *rest = _nodes(children)
    grouped = any(child.__class__ is Token and child.type == "ELLIPSIS" for child in children)
    condition = rest[0].condition if rest else None
    location = reader.source.location(children[0].start, children[-1].end)
    return ForObject(intro.key, intro.value, intro.collection, key, result, grouped, condition, location)


BUILDERS: Final[dict[str, Callable[[Reader, Children], Any]]] = {
    "start": _start,
    "body": _body,
    "attribute": _attribute,
    "block": _block,
    "new_line_or_comment": _nothing,
    "identifier": _name,
    "keyword": _name,
    "literal_value": _literal_value,
    "int_lit": _number,
    "float_lit": _number,
    "string_part": _nothing,
    "expr_term": _parenthesised,
    "tuple": _tuple,
    "object": _object,
    "object_elem": _object_elem,
    "object_elem_key": _object_key,
    "function_call": _call,
    "arguments": _arguments,
    "index_expr_term": _access,
    "get_attr_expr_term": _access,
    "attr_splat_expr_term": _attribute_splat,
    "full_splat_expr_term": _full_splat,
    "braces_index": _bracketed,
    "short_index": _dotted_index,
    "get_attr": _dotted,
    "attr_splat": _splat_steps,
    "full_splat": _splat_steps,
    "unary_op": _unary,
    "binary_op": _binary,
    "binary_term": _binary_term,
    "binary_operator": _binary_operator,
    "conditional": _conditional,
    "for_intro": _for_intro,
    "for_cond": _for_condition,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
}
