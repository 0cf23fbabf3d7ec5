"""From tokens to the syntax tree: python-hcl2's parse tables, one builder per node of its grammar.

The library's own tree carries no positions in its public results and costs
most of its time; here the same reductions build the frozen syntax directly,
each node with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from osreach.iac.terraform import template
from osreach.iac.terraform.grammar import Rule, Tables, tables
from osreach.iac.terraform.lexical import SyntaxFault, Token, tokens
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

MAXIMUM_DEPTH: Final = 150
"""Expressions inside expressions: what a recursive evaluator can follow without overflowing its stack."""

_MAXIMUM_TEMPLATES: Final = 25
"""Strings inside interpolations inside strings."""


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


# One builder per node. Children are tokens, None for line breaks, and what other builders made.


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


def _string(reader: Reader, children: Children) -> Expression:
    token: Token = children[0]
    return template.quoted(reader, token.start + 1, token.end - 1, expression_at)


def _heredoc(reader: Reader, children: Children) -> Expression:
    token: Token = children[0]
    return template.heredoc(reader, token.start, token.end, expression_at)


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


_BUILDERS: Final[dict[str, Callable[[Reader, Children], Any]]] = {
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
    "string": _string,
    "string_part": _nothing,
    "expr_term": _parenthesised,
    "tuple": _tuple,
    "object": _object,
    "object_elem": _object_elem,
    "object_elem_key": _object_key,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
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

_NODES: Final = frozenset(_BUILDERS)

# Terminals that are a node by themselves, which is then put on the stack at once.
_LEAVES: Final = {
    "NAME": "identifier",
    "DBLQUOTE": "string",
    "INT_LITERAL": "int_lit",
    "FLOAT_LITERAL": "float_lit",
    "TRUE": "literal_value",
    "FALSE": "literal_value",
    "NULL": "literal_value",
    "HEREDOC_TEMPLATE": "heredoc_template",
    "HEREDOC_TEMPLATE_TRIM": "heredoc_template_trim",
}

# Nodes by which an expression gets deeper for whoever walks it.
_DEEPER: Final = frozenset(
    {"tuple", "object", "function_call", "index_expr_term", "get_attr_expr_term", "attr_splat_expr_term"}
    | {"full_splat_expr_term", "unary_op", "binary_op", "conditional", "for_tuple_expr", "for_object_expr"}
    | {"block"}
)

_SIGN_WORDS: Final = {
    "COMMA": "`,`",
    "RSQB": "`]`",
    "RPAR": "`)`",
    "COLON": "`:`",
    "EQ": "`=`",
    "FOR_OBJECT_ARROW": "`=>`",
}


def _flat(children: list[Any]) -> list[Any]:
    """Children with repetitions (lists) put in place."""
    result: list[Any] = []
    for child in children:
        if child.__class__ is list:
            result.extend(child)
        else:
            result.append(child)
    return result


def _chain(table: Tables, below: int, state: int, kind: str) -> int:
    """The state on top after all reductions before `kind` whose only child stands for the whole."""
    key = (below, state, kind)
    found = table.chains.get(key)
    if found is None:
        found = state
        while (rule := _unit(table, found, kind)) is not None:
            found = table.rows[below][rule.symbol]
        table.chains[key] = found
    return found


def _unit(table: Tables, state: int, kind: str) -> Rule | None:
    """The rule that `state` reduces by before `kind`, where its only child stands for the whole."""
    number = table.always[state]
    if number < 0:
        number = ~table.rows[state].get(kind, 0)
    if number < 0 or table.rules[number].node:
        return None
    return table.rules[number]


def _made(reader: Reader, rule: Rule, children: list[Any]) -> Any:
    """What the children of a rule stand for together."""
    if rule.spread:
        if rule.repetition and children[0].__class__ is list:
            children[0].extend(children[1:])
            return children[0]
        children = _flat(children)
    return children if rule.repetition else _BUILDERS[rule.node](reader, children)


def _accepts(states: list[int], table: Tables, terminal: str) -> bool:
    """Whether the parser could go on with `terminal`."""
    states = list(states)
    while True:
        state = states[-1]
        action = ~table.always[state] if table.always[state] >= 0 else table.rows[state].get(terminal)
        if action is None:
            return terminal == "$END" and state == table.end
        if action >= 0:
            return True
        rule = table.rules[~action]
        if rule.length:
            del states[-rule.length :]
        states.append(table.rows[states[-1]][rule.symbol])


def _expected(states: list[int], table: Tables) -> str:
    """What could stand here, in words, apart from an operator that goes on with an expression."""
    wanted = [word for name, word in _SIGN_WORDS.items() if _accepts(states, table, name)]
    if _accepts(states, table, "INT_LITERAL"):
        wanted.insert(0, "a value")
    elif not wanted and _accepts(states, table, "NL_OR_COMMENT"):
        wanted.append("the end of the line")
    elif _accepts(states, table, "RBRACE"):
        wanted.append("`}`")
    if not wanted:
        further = (("NAME", "a name"), ("LBRACE", "`{`"), ("IN", "`in`"))
        wanted.append(
            next((word for name, word in further if _accepts(states, table, name)), "something else")
        )
    *others, last = wanted
    return f"{', '.join(others)} or {last}" if others else last


def _unexpected(reader: Reader, states: list[int], table: Tables, token: Token) -> SyntaxFault:
    """The fault of a token that the grammar does not allow here, in words."""
    shown = reader.source.text[token.start : token.end].split("\n", 1)[0]
    found = f"`{shown if len(shown) <= 30 else shown[:29] + '…'}`"
    expected = _expected(states, table)
    if token.start == token.end:
        found = "the end"
        expected = expected.replace(" or `)`", "")
    elif token.type == "NL_OR_COMMENT":
        found = "the end of the line"
    return SyntaxFault(f"expected {expected}, found {found}", token.start)


def parse(reader: Reader, stream: list[Token], end: int) -> Body:
    """The body that `stream` is; raises `SyntaxFault` where it is none. `end` is the offset of its end."""
    table = tables(_NODES)
    rows, always, rules = table.rows, table.always, table.rules
    states = [0]
    values: list[Any] = []
    depths: list[int] = []
    for token in (*stream, Token("$END", end, end)):
        kind = token.type
        while True:
            state = states[-1]
            number = always[state]
            if number < 0:
                action = rows[state].get(kind)
                if action is None:
                    if kind == "$END" and state == table.end:
                        body: Body = values[-1]
                        return body
                    # A keyword is a name wherever the grammar does not wait for it.
                    action = rows[state].get("NAME") if kind in _KEYWORD_TERMINALS else None
                    if action is None:
                        raise _unexpected(reader, states, table, token)
                    kind = "NAME"
                if action >= 0:
                    symbol = _LEAVES.get(kind)
                    if symbol is not None and (successor := rows[state].get(symbol)) is not None:
                        states.append(successor)
                        values.append(_BUILDERS[symbol](reader, (token,)))
                        depths.append(1)
                    else:
                        states.append(action)
                        values.append(token)
                        depths.append(0)
                    break
                number = ~action
            rule = rules[number]
            if not rule.node:
                states[-1] = _chain(table, states[-2], state, kind)
                continue
            length = rule.length
            depth = 0
            children: list[Any] = []
            if length:
                depth = max(depths[-length:])
                children = values[-length:]
                del states[-length:], values[-length:], depths[-length:]
            if rule.node in _DEEPER:
                depth += 1
                if depth > MAXIMUM_DEPTH:
                    raise SyntaxFault(
                        f"expressions are nested more than {MAXIMUM_DEPTH} levels deep", token.start
                    )
            values.append(_made(reader, rule, children))
            depths.append(depth)
            states.append(rows[states[-1]][rule.symbol])
    raise _unexpected(reader, states, table, Token("$END", end, end))


_KEYWORD_TERMINALS: Final = frozenset(
    {"IF", "IN", "FOR", "FOR_EACH", "ELSE", "ENDIF", "ENDFOR", "NULL", "TRUE", "FALSE"}
)


def parse_body(reader: Reader, start: int, end: int) -> Body:
    """The arguments and blocks in `text[start:end]`."""
    stream, _ = tokens(reader.source.text, start, end)
    return parse(reader, stream, end)


_OPENS: Final = frozenset({"LPAR", "LSQB", "LBRACE"})
_CLOSES: Final = frozenset({"RPAR", "RSQB", "RBRACE"})


def _expression(reader: Reader, stream: list[Token], start: int, end: int) -> Expression:
    """The one expression that `stream` is; read as the right side of an argument, in parentheses."""
    opening = (Token("NAME", start, start), Token("EQ", start, start), Token("LPAR", start, start))
    try:
        body = parse(reader, [*opening, *stream, Token("RPAR", end, end)], end)
    except SyntaxFault as fault:
        opened = [token.type for token in stream if token.start < fault.offset]
        if sum(kind in _OPENS for kind in opened) == sum(kind in _CLOSES for kind in opened):
            # The parenthesis that is waited for is not the text's own.
            raise SyntaxFault(
                fault.message.replace("`)`", "the end of the expression"), fault.offset
            ) from None
        raise
    assignment = body.items[0]
    assert isinstance(assignment, Assignment)  # noqa: S101  # as it was written above
    return assignment.expression


def parse_expression_text(reader: Reader) -> Expression:
    """The one expression that the whole text is; line breaks around it mean nothing."""
    text = reader.source.text
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    stream, _ = tokens(text, start, end)
    return _expression(reader, stream, start, end)


def expression_at(reader: Reader, start: int, end: int) -> tuple[Expression, int]:
    """The expression of a template sequence, which begins at `start`, and the offset behind it.

    The text there is `}` or `~}`.
    """
    if reader.templates >= _MAXIMUM_TEMPLATES:
        raise SyntaxFault(f"templates are nested more than {_MAXIMUM_TEMPLATES} levels deep", start)
    inner = replace(reader, templates=reader.templates + 1)
    stream, position = tokens(reader.source.text, start, end, template=True)
    if position >= end:
        raise SyntaxFault("the template sequence is never closed", start)
    return _expression(inner, stream, start, position), position
