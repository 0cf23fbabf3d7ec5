"""The rules of a run: those of osreach and those of modules that the user names.

Nothing from the scanned tree is ever imported: while a named module is imported,
the folders of the tree are off Python's search path.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from osreach.rule import Rule
from osreach.usage import UsageError


def all_rules(modules: Sequence[str], scanned: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of osreach, then those of `modules`.

    Raises UsageError for a module that is not installed (one inside a folder of
    `scanned` does not count), that has no `RULES`, or whose rule has a code or
    name that is taken.
    """
    from osreach_rules import RULES  # noqa: PLC0415 - the rules are many, and a wrong name needs none

    rules = list(RULES)
    for name in modules:
        rules += _rules_of(name, scanned)
    taken: dict[str, str] = {}
    for rule in rules:
        for word in (rule.code, rule.name):
            if word in taken:
                raise UsageError(f"two rules are called `{word}`")
            taken[word] = rule.name
    return tuple(rules)


def _rules_of(name: str, scanned: Sequence[str]) -> tuple[Rule, ...]:
    try:
        with without(scanned):
            module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or (name != error.name and not name.startswith(f"{error.name}.")):
            raise UsageError(f"the module `{name}` needs `{error.name}`, which is not installed") from error
        raise UsageError(
            f"no installed module is called `{name}` (folders that are scanned do not count)"
        ) from None
    except Exception as error:
        # Whatever the module of a stranger raises, the user must hear which module it was.
        raise UsageError(
            f"the module `{name}` cannot be imported: {type(error).__name__}: {error}"
        ) from error
    rules: object = getattr(module, "RULES", None)
    if not isinstance(rules, tuple) or not all(isinstance(rule, Rule) for rule in rules):
        raise UsageError(f"the module `{name}` has no tuple `RULES` of rules")
    return rules


@contextmanager
def without(scanned: Sequence[str]) -> Iterator[None]:
    """Keeps the folders of `scanned`, and the working directory, off `sys.path` for a while."""
    roots = [Path(each).resolve() for each in (*scanned, os.curdir)]
    installed = {Path(each).resolve() for each in _installed_folders()}
    before = sys.path[:]
    sys.path[:] = [entry for entry in before if _allowed(entry, roots, installed)]
    try:
        yield
    finally:
        sys.path[:] = before


def _installed_folders() -> list[str]:
    """Where packages are installed; a virtual environment may well lie inside the scanned repository."""
    return [*site.getsitepackages(), site.getusersitepackages(), *sysconfig.get_paths().values()]


def _allowed(entry: str, roots: Sequence[Path], installed: set[Path]) -> bool:
    if not entry:
        return False
    path = Path(entry).resolve()
    return path in installed or not any(path == root or root in path.parents for root in roots)
