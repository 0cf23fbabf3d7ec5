"""From tokens to the syntax tree: python-hcl2's parse tables, run over our tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from osreach.iac.terraform import template
from osreach.iac.terraform.build import BUILDERS, Body, Children
from osreach.iac.terraform.grammar import Rule, Tables, tables
from osreach.iac.terraform.lexical import SyntaxFault, Token, tokens
from osreach.iac.terraform.lines import Reader
from osreach.iac.terraform.syntax import Assignment, Expression

MAXIMUM_DEPTH: Final = 150
"""Expressions inside expressions: what a recursive evaluator can follow without overflowing its stack."""

_MAXIMUM_TEMPLATES: Final = 25
"""Strings inside interpolations inside strings."""


def _string(reader: Reader, children: Children) -> Expression:
    token: Token = children[0]
    return template.quoted(reader, token.start + 1, token.end - 1, expression_at)


def _heredoc(reader: Reader, children: Children) -> Expression:
    token: Token = children[0]
    return template.heredoc(reader, token.start, token.end, expression_at)


_BUILDERS: Final[dict[str, Callable[[Reader, Children], Any]]] = {
    **BUILDERS,
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
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
