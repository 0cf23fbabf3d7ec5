"""Calls of modules that are not in the scan although they may hold a search cluster.

A repository whose clusters are all made by remote modules must not look as if
it had none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.iac.terraform.folder import Key, ModuleFolder, Tree, is_local
from osreach.location import Location
from osreach.value import Unknown

_SEARCH = re.compile(r"open[-_]?search|elastic[-_]?search|\baoss\b", re.IGNORECASE)


def missing_modules(folder: ModuleFolder, tree: Tree) -> Iterator[tuple[Unknown, Location]]:
    """The calls in `folder` whose name or source speaks of search and whose module is not in the scan."""
    for key, declaration in folder.of_type("module"):
        if len(key.labels) != 1:
            continue
        name, source = key.labels[0], folder.source_of(key)
        if not _SEARCH.search(f"{name} {source or ''}"):
            continue
        if source is None:
            yield Unknown(f"module.{name}", _unread(folder, key)), declaration.location
        elif tree.called(folder, source, name) is None:
            yield Unknown(f"module.{name}", reason(source)), declaration.location


def reason(source: str) -> str:
    """Why a module at the address `source` is not known, and what to do about it."""
    if is_local(source):
        return f"the folder `{source}` is not in the scanned files"
    return f"the module `{source}` is not in the scanned files: run `terraform get` first, or scan a plan"


def _unread(folder: ModuleFolder, key: Key) -> str:
    if folder.block(key) is None:
        return "its declaration cannot be read"
    return "the source of the module is not a plain string"
