"""Where the parse tables come from: shipped, kept in the user's cache folder, or computed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from osreach.iac.terraform import grammar
from osreach.iac.terraform.grammar import Tables
from osreach.iac.terraform.tree import _NODES


@pytest.fixture(autouse=True)
def fresh_tables() -> Iterator[None]:
    grammar.tables.cache_clear()
    yield
    grammar.tables.cache_clear()


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return grammar._tables(json.loads(grammar._SHIPPED.read_bytes()))


@pytest.fixture
def other_grammar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Another grammar is installed than the shipped one; gives the user's cache folder."""
    monkeypatch.setattr(grammar, "_grammar_text", lambda: b"another grammar")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "osreach"


def count_computations(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    calls: list[None] = []
    compute = grammar.compile_tables

    def counted() -> object:
        calls.append(None)
        return compute()

    monkeypatch.setattr(grammar, "compile_tables", counted)
    return calls


def test_the_shipped_tables_are_those_of_the_installed_grammar() -> None:
    assert json.loads(grammar._SHIPPED.read_bytes()) == grammar.compile_tables()


def test_the_shipped_tables_are_used_without_computing(
    monkeypatch: pytest.MonkeyPatch, shipped: Tables
) -> None:
    calls = count_computations(monkeypatch)
    assert grammar.tables(_NODES) == shipped
    assert calls == []


def test_every_node_of_the_grammar_can_be_built(shipped: Tables) -> None:
    assert {rule.node for rule in shipped.rules if rule.node and not rule.repetition} <= _NODES


def test_another_grammar_is_computed_once_and_kept(
    monkeypatch: pytest.MonkeyPatch, other_grammar: Path, shipped: Tables
) -> None:
    calls = count_computations(monkeypatch)
    assert grammar.tables(_NODES) == shipped
    (kept,) = other_grammar.iterdir()
    grammar.tables.cache_clear()
    assert grammar.tables(_NODES) == shipped
    assert len(calls) == 1
    kept.write_text("{")
    grammar.tables.cache_clear()
    assert grammar.tables(_NODES) == shipped
    assert list(other_grammar.iterdir()) == [kept]


def test_no_place_to_write_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, other_grammar: Path, shipped: Tables
) -> None:
    other_grammar.write_text("a file where the folder would be")
    assert grammar.tables(_NODES) == shipped
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", _no_home)
    grammar.tables.cache_clear()
    assert grammar.tables(_NODES) == shipped


def _no_home() -> Path:
    raise RuntimeError("could not determine home directory")


@pytest.mark.usefixtures("other_grammar")
def test_a_grammar_with_nodes_that_nobody_can_build_is_left_aside(
    monkeypatch: pytest.MonkeyPatch, shipped: Tables
) -> None:
    newer = grammar.compile_tables()
    newer["rules"] = [[*rule[:2], "new_node", *rule[3:]] for rule in newer["rules"]]
    monkeypatch.setattr(grammar, "compile_tables", lambda: newer)
    assert grammar.tables(_NODES) == shipped


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/osreach"),
        ("linux", {}, "/home/u/.cache/osreach"),
        ("darwin", {}, "/home/u/Library/Caches/osreach"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/osreach/cache"),
    ],
)
def test_the_cache_folder_is_that_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(os, "environ", {"HOME": "/home/u", **variables})
    monkeypatch.setattr("sys.platform", platform)
    assert grammar.cache_folder() == Path(expected)
