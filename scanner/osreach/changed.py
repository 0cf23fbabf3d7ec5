"""What changed files belong to: the root modules and templates that have to be judged again.

A hook is told which files changed. A Terraform file belongs to the root modules
that call its folder, a template to those that nest it or import what it exports,
and any other file to the code that names it.
"""

# As in `source`: os.path costs a fraction of pathlib.
# ruff: noqa: PTH118, PTH119, PTH120, PTH122

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from osreach.file_kind import kind_of
from osreach.source import Folder, SourceFile, Sources, Unread, content

_MAXIMUM_BYTES: Final = 10_000_000

# A function of Terraform that reads a file: https://developer.hashicorp.com/terraform/language/functions/file
_READS_FILES: Final = re.compile(rb"\b(?:templatefile|fileset|file(?:exists|base64\w*|sha\w+|md5)?)\s*\(")

_NESTING: Final = (b"CloudFormation::Stack", b"Serverless::Application")
_EXPORTING: Final = b"Export"
_IMPORTING: Final = b"ImportValue"


def only_changed(sources: Sources, changed: Sequence[str]) -> Sources:
    """`sources` without what no file in `changed` (paths, also of files that are gone) belongs to.

    What the remaining root modules and templates need stays. Templates that
    belong to nothing that changed can still be nested or imported from.
    """
    places = _places(sources.root, changed)
    if any(file.absolute in places for file in sources.security):
        # Which domain the inside of a cluster belongs to, only the whole code tells.
        return sources
    folders = _folders(sources, places)
    templates = _templates(sources, places)
    plans = tuple(
        file
        for file in sources.plans
        if file.absolute in places or _nearest(os.path.dirname(file.absolute), sources) in folders
    )
    paths = {file.path for folder in folders.values() for file in folder.files}
    paths |= {folder.path for folder in folders.values()}
    paths |= {file.path for file in (*templates, *plans)}
    paths |= {file.path for file in sources.other_templates if file.absolute in places}
    return replace(
        sources,
        folders=MappingProxyType(folders),
        problems=tuple(problem for problem in sources.problems if problem.location.path in paths),
        files=sum(len(folder.files) for folder in folders.values()) + len(templates) + len(plans),
        templates=templates,
        other_templates=tuple(
            sorted({*sources.other_templates, *(file for file in sources.templates if file not in templates)})
        ),
        plans=plans,
    )


def _places(root: str, changed: Iterable[str]) -> frozenset[str]:
    """Where the files lie: the place of each, and what it leads to where it is a link."""
    found: set[str] = set()
    for path in changed:
        joined = os.path.join(root, path)
        found.add(os.path.join(os.path.realpath(os.path.dirname(joined)), os.path.basename(joined)))
        found.add(os.path.realpath(joined))
    return frozenset(found)


def _folders(sources: Sources, places: Iterable[str]) -> dict[str, Folder]:
    """The folders of Terraform that the files belong to, those that call them, and all that these call."""
    begun = {folder for place in places for folder in _owners(sources, place)}
    callers: dict[str, set[str]] = {}
    for caller, called in sources.calls.items():
        for folder in called:
            callers.setdefault(folder, set()).add(caller)
    above = _reached(begun, callers)
    wanted = _reached(above, sources.calls)
    return {path: folder for path, folder in sources.folders.items() if path in wanted}


def _reached(begun: Iterable[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(begun)
    while pending:
        place = pending.pop()
        if place not in found:
            found.add(place)
            pending.extend(steps.get(place, ()))
    return found


def _owners(sources: Sources, place: str) -> Iterable[str]:
    """The folders whose code a file is part of, or whose code may read it."""
    folder, name = os.path.split(place)
    if kind_of(name) is not None:
        return (folder,)
    nearest = _nearest(folder, sources)
    if name.endswith((".tfvars", ".tfvars.json")):
        return () if nearest is None else (nearest,)
    written = os.fsencode(name)
    ending = os.fsencode(os.path.splitext(name)[1])
    found: list[str] = []
    for path, each in sources.folders.items():
        text = _text(each.files)
        mentions = written in text or (path == nearest and ending in text)
        if mentions and _READS_FILES.search(text):
            found.append(path)
    return found


def _nearest(folder: str, sources: Sources) -> str | None:
    """The first folder from here upwards that holds Terraform that matters."""
    while folder not in sources.folders:
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _text(files: Iterable[SourceFile]) -> bytes:
    """The content of all these files; nothing for one that cannot be read, which is said elsewhere."""
    contents = (content(file.absolute, _MAXIMUM_BYTES) for file in files)
    return b"\n".join(b"" if isinstance(data, Unread) else data for data in contents)


def _templates(sources: Sources, places: frozenset[str]) -> tuple[SourceFile, ...]:
    """The templates about search that changed, nest or import from those that did, or are nested in them."""
    every = (*sources.templates, *sources.other_templates)
    begun = [file for file in every if file.absolute in places]
    if not begun:
        return ()
    texts = {file: _text((file,)) for file in every}
    steps: dict[str, set[str]] = {}
    nested = _nested(texts)
    for caller, inner in nested.items():
        for file in inner:
            steps.setdefault(file.absolute, set()).add(caller.absolute)
    importing = {file.absolute for file in every if _IMPORTING in texts[file]}
    for file in every:
        if _EXPORTING in texts[file]:
            steps.setdefault(file.absolute, set()).update(importing)
    above = _reached((file.absolute for file in begun), steps)
    down = {caller.absolute: [file.absolute for file in inner] for caller, inner in nested.items()}
    wanted = _reached(above, down)
    return tuple(file for file in sources.templates if file.absolute in wanted)


def _nested(texts: Mapping[SourceFile, bytes]) -> dict[SourceFile, list[SourceFile]]:
    """The templates that each template may nest: those whose file it names."""
    return {
        caller: [
            file
            for file in texts
            if file is not caller and os.fsencode(os.path.basename(file.absolute)) in text
        ]
        for caller, text in texts.items()
        if any(word in text for word in _NESTING)
    }
