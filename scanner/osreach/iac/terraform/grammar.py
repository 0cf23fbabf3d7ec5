"""The door to python-hcl2: its grammar as parse tables, without its start-up time.

The library compiles its grammar on first use (seconds) and unpickles it on
every later one, and importing it costs more than parsing a small module. The
LALR tables that lark computes from its grammar do not change between two
releases of the grammar, so they are kept: those of the grammar that was current
at this release ship with the package (`grammar.json`), those of any other are
computed once through the library and kept in the user's cache folder. No other
module imports `hcl2` or `lark`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_FORMAT: Final = "1"
_SHIPPED: Final = Path(__file__).with_name("grammar.json")

# Terminals of template syntax, which is read apart from the grammar (see `template`).
_UNUSED: Final = frozenset(
    {"ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE", "TEMPLATE_STRING"}
    | {"INTERP_START", "DIRECTIVE_START", "STRIP_MARKER"}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A production: its symbol on the left, its length, and the name of the tree node it makes.

    `node` is empty where the only child stands for the whole; `spread` says
    that some children are lists of children (repetitions), `repetition` that
    the rule itself makes such a list.
    """

    symbol: str
    length: int
    node: str
    spread: bool
    repetition: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """LALR parse tables. State 0 is the first one.

    `rows[state]` maps a terminal or symbol to the next state (0 or more) or to
    a reduction by rule `~action` (negative). A state that reduces whatever
    follows has that rule's number in `always[state]`, else -1 stands there.
    `end` is the state after the whole input. `chains` remembers where runs of
    rules lead whose only child stands for the whole (an expression that has none
    of ten kinds of operators): from the state below, the state and the terminal.
    """

    rows: tuple[dict[str, int], ...]
    always: tuple[int, ...]
    rules: tuple[Rule, ...]
    end: int
    chains: dict[tuple[int, int, str], int] = field(default_factory=dict)


def _grammar_text() -> bytes:
    """The text of the installed python-hcl2's grammar; the package is located but not imported."""
    spec = find_spec("hcl2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("`python-hcl2` is not installed", name="hcl2")
    return Path(spec.origin).with_name("hcl2.lark").read_bytes()


def compile_tables() -> dict[str, Any]:
    """The tables as lark computes them from python-hcl2's grammar, as plain data.

    States are numbered in the order in which a breadth-first walk meets them,
    so that the same grammar always gives the same tables.
    """
    from hcl2.parser import parser  # noqa: PLC0415  # slow to import, and only here
    from lark.grammar import Rule as LarkRule  # noqa: PLC0415
    from lark.lexer import TerminalDef  # noqa: PLC0415

    data, memo = parser().memo_serialize([TerminalDef, LarkRule])
    table = data["parser"]["parser"]
    names = table["tokens"]
    states = table["states"]
    numbers = {table["start_states"]["start"]: 0}
    order = list(numbers)
    rules: dict[int, int] = {}
    rows: list[Any] = []
    for state in order:
        row: dict[str, int] = {}
        for index, (action, argument) in sorted(states[state].items(), key=lambda item: names[item[0]]):
            name = names[index]
            if name in _UNUSED:
                continue
            if action == 1:
                row[name] = ~rules.setdefault(argument["@"], len(rules))
                continue
            if argument not in numbers:
                numbers[argument] = len(numbers)
                order.append(argument)
            row[name] = numbers[argument]
        single = set(row.values())
        rows.append(single.pop() if len(single) == 1 and min(single) < 0 else row)
    return {
        "format": _FORMAT,
        "grammar": grammar_digest(),
        "end": numbers[table["end_states"]["start"]],
        "rules": [_rule(memo[number]) for number in rules],
        "rows": rows,
    }


def _rule(data: Any) -> list[Any]:
    """A production as plain data: symbol, length, node, spread, repetition."""
    symbol = data["origin"]["name"]
    expansion = [entry["name"] for entry in data["expansion"]]
    options = data["options"]
    node = data["alias"] or symbol
    stands_for_child = (
        (options["expand1"] and not data["alias"]) or symbol.startswith("_") or symbol == "expr_term"
    )
    passes = len(expansion) == 1 and stands_for_child
    repetition = symbol.startswith("__")
    spread = any(name.startswith("__") for name in expansion)
    return [symbol, len(expansion), "" if passes and not repetition else node, spread, repetition]


def cache_folder() -> Path:
    """The user's cache folder for osreach, which need not exist. Raises RuntimeError where there is no home folder."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "osreach"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "osreach" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "osreach"
    return Path.home() / ".cache" / "osreach"


def _load(path: Path, grammar: str) -> Tables | None:
    """The tables in `path`, or None where they are missing, damaged or of another grammar."""
    try:
        data = json.loads(path.read_bytes())
        if (data["format"], data["grammar"]) != (_FORMAT, grammar):
            return None
        return _tables(data)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tables(data: dict[str, Any]) -> Tables:
    """Plain data as tables."""
    rules = tuple(Rule(*rule) for rule in data["rules"])
    rows = tuple({} if isinstance(row, int) else row for row in data["rows"])
    always = tuple(~row if isinstance(row, int) else -1 for row in data["rows"])
    return Tables(rows, always, rules, data["end"])


def _keep(data: dict[str, Any], path: Path) -> None:
    """Writes the tables so that another process sees all of them or none; without a place, not at all."""
    import tempfile  # noqa: PLC0415  # slow to import, and only needed on the first use of a new grammar

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            temporary = Path(file.name)
            json.dump(data, file, separators=(",", ":"))
        temporary.replace(path)


def grammar_digest() -> str:
    """The SHA-256 of the installed python-hcl2's grammar, in hexadecimal. Raises OSError or ImportError without one."""
    return hashlib.sha256(_grammar_text()).hexdigest()


@lru_cache(maxsize=1)
def tables(nodes: frozenset[str]) -> Tables:
    """The parse tables of the installed python-hcl2's grammar.

    `nodes` are the tree nodes that the caller can build. A grammar with others
    is newer than this program, which then keeps to the one that it ships.
    """
    grammar = grammar_digest()
    if (shipped := _load(_SHIPPED, grammar)) is not None:
        return shipped
    found = _installed(grammar)
    if {rule.node for rule in found.rules if rule.node and not rule.repetition} <= nodes:
        return found
    return _tables(json.loads(_SHIPPED.read_bytes()))


def _installed(grammar: str) -> Tables:
    """The tables of a grammar that is not the shipped one: from the cache folder, or computed."""
    try:
        cached = cache_folder() / f"grammar-{_FORMAT}-{grammar[:16]}.json"
    except RuntimeError:
        return _tables(compile_tables())
    if (found := _load(cached, grammar)) is not None:
        return found
    data = compile_tables()
    _keep(data, cached)
    return _tables(data)


def write_shipped_tables() -> None:
    """Renews `grammar.json` from the installed python-hcl2; for a release that follows a new grammar."""
    data = compile_tables()
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in data.pop("rows"))
    rules = ",\n".join(json.dumps(rule, separators=(",", ":")) for rule in data.pop("rules"))
    head = json.dumps(data)[:-1]
    _SHIPPED.write_text(f'{head},\n"rules": [\n{rules}\n],\n"rows": [\n{rows}\n]}}\n', encoding="utf-8")
