"""The files of a scan: which there are, which matter, and their text.

Most files of a repository have nothing to do with search clusters. One look at
the bytes finds the folders that do; the local modules that they call and the
folders that call them belong to them. Only those are parsed.
"""

# os.path costs a fraction of pathlib in a walk over thousands of files.
# ruff: noqa: PTH109, PTH110, PTH112, PTH118, PTH119, PTH120

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from osreach.file_kind import (
    SEEDS,
    TEMPLATE_SEEDS,
    Kind,
    is_security_name,
    kind_of,
    looks_like_plan,
    looks_like_security,
    looks_like_template,
    may_be_template,
)
from osreach.installed import DATA_FOLDER, MANIFEST, read_manifest
from osreach.location import Location
from osreach.observation import Question, note, real_path
from osreach.problem import Problem

MAXIMUM_BYTES: Final = 10_000_000
"""Larger files are not read; configuration that people write is a thousandth of it."""

MAXIMUM_PLAN_BYTES: Final = 50_000_000
"""Plans repeat every resource several times; a larger one is not read."""

_HEAD: Final = 1_000_000
"""As much of a large file is looked at to tell whether it is a plan."""

_SKIPPED_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".venv", "__pycache__", "node_modules"}
)

_LOCAL_SOURCE: Final = re.compile(rb'\bsource[ \t]*=[ \t]*"(\.\.?/[^"\n]*)"|"source"\s*:\s*"(\.\.?/[^"\n]*)"')


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file to read: its path as findings show it, its place on disk, and what it is."""

    path: str
    absolute: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with the files of one Terraform module, sorted by name.

    `path` is what findings show (`.` for the working directory itself),
    `absolute` the real path, without links.
    """

    path: str
    absolute: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a scan reads.

    `folders` are those that matter, by real path; `trees` the real paths of the
    folders that nothing may be read outside of; `files` counts all files that
    were looked at, also those that do not matter. `templates` are files that
    look like CloudFormation and mention a search service, `other_templates`
    those that mention none; both sorted by path. `plans` are plans and states of
    Terraform in JSON that mention a search service. `security` are files that look
    like those of OpenSearch's Security plugin, or like bodies of its API. `installed` is the folder of
    each module that Terraform has put into the tree, by the real path of the
    folder that calls it and the name of the call. `calls` are the real paths of
    the folders that each folder's text calls by a path, also those that do not
    matter.
    """

    root: str
    trees: tuple[str, ...]
    folders: Mapping[str, Folder] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()
    files: int = 0
    templates: tuple[SourceFile, ...] = ()
    other_templates: tuple[SourceFile, ...] = ()
    plans: tuple[SourceFile, ...] = ()
    security: tuple[SourceFile, ...] = ()
    installed: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    calls: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, compare=False
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is not read, and why, in a few words."""

    reason: str


def _may_be_security(path: str) -> bool:
    """Whether a file that is not read may be one of the Security plugin, as far as its beginning tells."""
    head = _head(path)
    return not head or looks_like_security(head, path)


def shown_path(absolute: str, root: str) -> str:
    """A path as findings show it: relative to the working directory, with `/`."""
    try:
        relative = os.path.relpath(absolute, root)
    except ValueError:  # another drive on Windows
        relative = absolute
    return relative.replace(os.sep, "/")


def _inside(path: str, trees: Iterable[str]) -> bool:
    """Whether a real path lies in one of the trees."""
    return any(path == tree or path.startswith(tree.rstrip(os.sep) + os.sep) for tree in trees)


def tree_of(folder: str) -> str:
    """The folder that reading is confined to: the repository around `folder`, or the folder itself."""
    path = Path(folder)
    for candidate in (path, *path.parents):
        if (candidate / ".git").exists():
            return str(candidate)
    return folder


def _problem(path: str, message: str) -> Problem:
    """A problem of a whole file or folder."""
    return Problem(Location(path, 1, 1, 1, 1), message)


def _reason(error: OSError) -> str:
    """Why the operating system refused, in its own words."""
    return (error.strerror or "unknown error").lower()


@dataclass(slots=True)
class _Finder:
    """The state of one walk over the given paths."""

    root: str
    trees: tuple[str, ...]
    files: dict[str, list[SourceFile]] = field(default_factory=dict)
    relevant: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    templates: dict[SourceFile, bool] = field(default_factory=dict)
    plans: dict[SourceFile, bool] = field(default_factory=dict)
    security: set[SourceFile] = field(default_factory=set)
    initialised: list[str] = field(default_factory=list)
    installed: dict[tuple[str, str], str] = field(default_factory=dict)
    shown_folders: dict[str, str] = field(default_factory=dict)

    def walk(self, top: str) -> None:
        """Looks at every file below the folder `top`, a real path."""
        pending = [top]
        while pending:
            folder = pending.pop()
            if folder in self.walked:
                continue
            self.walked.add(folder)
            pending.extend(self.look(folder))

    def look(self, folder: str, *, templates: bool = True) -> list[str]:
        """Looks at the files of one folder and gives the folders in it."""
        inner: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_symlink():
                        inner.extend(self.link(folder, entry))
                    elif entry.is_dir():
                        if name not in _SKIPPED_FOLDERS:
                            inner.append(entry.path)
                        elif name == DATA_FOLDER:
                            self.initialised.append(folder)
                    elif (kind := kind_of(name)) is not None:
                        self.file(folder, entry.path, kind)
                    elif templates and may_be_template(name):
                        self.template(entry.path)
        except OSError as error:
            message = f"the folder cannot be read: {_reason(error)}"
            self.problems.append(_problem(shown_path(folder, self.root), message))
        return inner

    def link(self, folder: str, entry: os.DirEntry[str]) -> list[str]:
        """Follows a link that stays inside the scanned tree; gives the folder that it leads to."""
        target = os.path.realpath(entry.path)
        kind = kind_of(entry.name)
        if os.path.isdir(target):
            if entry.name in _SKIPPED_FOLDERS:
                return []
            kind = None
        elif kind is None and not may_be_template(entry.name):
            return []
        if not _inside(target, self.trees):
            shown = shown_path(entry.path, self.root)
            self.problems.append(
                _problem(shown, "the link leads out of the scanned folder and is not followed")
            )
            return []
        if os.path.isdir(target):
            return [target]
        if kind is None:
            self.template(entry.path)
        else:
            self.file(folder, entry.path, kind)
        return []

    def shown(self, path: str) -> str:
        """A path as findings show it; many files share a folder, which is worked out once."""
        folder, name = os.path.split(path)
        if folder not in self.shown_folders:
            self.shown_folders[folder] = shown_path(folder, self.root)
        top = self.shown_folders[folder]
        return name if top == "." else f"{top}/{name}"

    def template(self, path: str, *, named: bool = False) -> bool:
        """Takes a file that may be a template or a plan; whether it looks like one.

        A file that cannot be read as one, or is far too large for one, is a
        problem only where it is `named` or called as those of the Security
        plugin are: most YAML and JSON is something else.
        """
        data = _bytes(path)
        shown = shown_path(path, self.root)
        if isinstance(data, Unread) and looks_like_plan(_head(path)):
            data = _bytes(path, MAXIMUM_PLAN_BYTES)
            named = True
        if isinstance(data, Unread):
            if named or (is_security_name(path) and _may_be_security(path)):
                self.problems.append(_problem(shown, data.reason))
            return named
        if looks_like_plan(data):
            self.count += 1
            self.plans[SourceFile(shown, path, Kind.PLAN)] = any(seed in data for seed in SEEDS)
            return True
        if not looks_like_template(data):
            if not looks_like_security(data, path):
                return False
            self.count += 1
            self.security.add(SourceFile(shown, path, Kind.SECURITY))
            return True
        self.count += 1
        matters = named or any(seed in data for seed in TEMPLATE_SEEDS)
        file = SourceFile(shown, path, Kind.TEMPLATE)
        self.templates[file] = self.templates.get(file, False) or matters
        return True

    def file(self, folder: str, path: str, kind: Kind) -> None:
        """Takes a file of a module and looks whether it matters."""
        self.count += 1
        shown = self.shown(path)
        data = _bytes(path)
        if isinstance(data, Unread):
            self.problems.append(_problem(shown, data.reason))
            return
        if b"\0" in data:
            line = data.count(b"\n", 0, data.index(b"\0")) + 1
            location = Location(shown, line, 1, line, 1)
            self.problems.append(
                Problem(location, "the file is binary, or not UTF-8: it holds a NUL character")
            )
            return
        self.files.setdefault(folder, []).append(SourceFile(shown, path, kind))
        for seed in SEEDS:
            if seed in data:
                self.relevant.add(folder)
                break
        if b'"./' in data or b'"../' in data:
            for found in _LOCAL_SOURCE.finditer(data):
                source = (found[1] or found[2]).decode("utf-8", "surrogateescape")
                target = os.path.realpath(os.path.join(folder, source))
                self.calls.setdefault(folder, set()).add(target)
                if not _inside(target, self.trees) and os.path.isdir(target):
                    self.outside(shown, data, found, source)

    def outside(self, path: str, data: bytes, found: re.Match[bytes], source: str) -> None:
        """Reports the call of a local module that nothing may be read of, unless it stands in a comment."""
        start = data.rfind(b"\n", 0, found.start()) + 1
        if data[start : found.start()].lstrip().startswith((b"#", b"//")):
            return
        line = data.count(b"\n", 0, start) + 1
        column = len(data[start : found.start()].decode("utf-8", "replace")) + 1
        end = column + len(found[0].decode("utf-8", "replace"))
        shown = source.encode("utf-8", "replace").decode()
        message = f"the module `{shown}` lies outside the scanned folder and is not read"
        self.problems.append(Problem(Location(path, line, column, line, end), message))

    def modules(self) -> None:
        """Looks at the remote modules that are installed beside the root modules of the walk."""
        for root in sorted(set(self.initialised)):
            path = os.path.join(root, *MANIFEST.split("/"))
            if not os.path.lexists(path):
                continue
            shown = shown_path(path, self.root)
            if not _inside(os.path.realpath(path), self.trees):
                message = "the link leads out of the scanned folder and is not followed"
                self.problems.append(_problem(shown, message))
                continue
            data = _bytes(path)
            text = _problem(shown, data.reason) if isinstance(data, Unread) else decode(data, shown)
            if isinstance(text, Problem):
                self.problems.append(text)
                continue
            try:
                self.install(root, text, shown)
            except ValueError as error:
                message = f"the list of installed modules cannot be used: {error}"
                self.problems.append(_problem(shown, message))

    def install(self, root: str, manifest: str, shown: str) -> None:
        """Joins the calls of a root module with the folders that its list of modules names."""
        folders: dict[tuple[str, ...], str] = {(): root}
        for module in read_manifest(manifest):
            caller = folders.get(module.calls[:-1])
            target = os.path.realpath(os.path.join(root, module.folder))
            if caller is None:
                continue
            if not _inside(target, self.trees):
                name = ".".join(module.calls)
                message = f"the installed module `{name}` lies outside the scanned folder and is not read"
                self.problems.append(_problem(shown, message))
                continue
            folders[module.calls] = target
            if _inside(target, (os.path.join(root, DATA_FOLDER),)):
                self.installed.setdefault((caller, module.calls[-1]), target)
            self.calls.setdefault(caller, set()).add(target)
            if target not in self.walked and os.path.isdir(target):
                self.walked.add(target)
                self.look(target)

    def close(self) -> None:
        """Adds the local modules that relevant folders call, and the folders that call relevant ones.

        A called module outside the given paths is read where it lies in the same
        repository.
        """
        # The modules of `envs/prod` lie beside it, and they are what it is about.
        unseen = list(self.calls)
        while unseen:
            for module in sorted(self.calls.get(unseen.pop(), ())):
                if module not in self.walked and _inside(module, self.trees) and os.path.isdir(module):
                    self.walked.add(module)
                    self.look(module, templates=False)
                    unseen.append(module)
        callers: dict[str, set[str]] = {}
        for caller, called in self.calls.items():
            for folder in called:
                callers.setdefault(folder, set()).add(caller)
        pending = list(self.relevant)
        upwards = set(self.relevant)
        seen: set[str] = set()
        while pending:
            folder = pending.pop()
            if folder in upwards:
                # Only a folder whose module matters makes its callers matter.
                fresh = callers.get(folder, set()) - upwards
                upwards |= fresh
                pending.extend(fresh)
            if folder in seen:
                continue
            seen.add(folder)
            pending.extend(self.calls.get(folder, ()))
        self.relevant = {folder for folder in seen if folder in self.files}


def discover(paths: Sequence[str], root: str | None = None, *, every: bool = False) -> Sources:
    """The files below `paths` (files or folders) that a scan has to read.

    Paths are shown relative to `root`, the working directory if not given. A
    file that is named is a module of its own, without the rest of its folder.
    Links are followed where they stay inside the repository around a path, or
    inside the path where there is no repository. Problems name what is missing,
    unreadable, binary or too large. Where `every`, folders and templates that
    do not mention search clusters are read too.
    """
    base = os.path.realpath(root if root is not None else os.getcwd())
    given = [os.path.realpath(os.path.join(base, path)) for path in paths]
    tops = [path if os.path.isdir(path) else os.path.dirname(path) for path in given]
    finder = _Finder(base, tuple(dict.fromkeys(tree_of(top) for top in tops)))
    for path in given:
        if os.path.isdir(path):
            finder.walk(path)
            continue
        shown = shown_path(path, base)
        if not os.path.exists(path):
            finder.problems.append(_problem(shown, "there is no such file or folder"))
        elif (kind := kind_of(os.path.basename(path))) is None:
            if not finder.template(path, named=True):
                message = "this is neither a file or plan of Terraform nor a CloudFormation template"
                finder.problems.append(_problem(shown, message))
        elif os.path.dirname(path) not in finder.walked:
            finder.file(os.path.dirname(path), path, kind)
    named = {os.path.dirname(path) for path in given if not os.path.isdir(path)}
    finder.walked |= named
    finder.relevant |= finder.files.keys() if every else named & finder.files.keys()
    finder.modules()
    finder.close()
    folders = {
        folder: Folder(shown_path(folder, base), folder, tuple(sorted(set(finder.files[folder]))))
        for folder in sorted(finder.relevant)
    }
    return Sources(
        base,
        finder.trees,
        MappingProxyType(folders),
        tuple(sorted(set(finder.problems))),
        finder.count,
        templates=tuple(sorted(file for file, matters in finder.templates.items() if matters or every)),
        other_templates=tuple(
            sorted(file for file, matters in finder.templates.items() if not (matters or every))
        ),
        plans=tuple(sorted(file for file, matters in finder.plans.items() if matters or every)),
        security=tuple(sorted(finder.security)),
        installed=MappingProxyType(finder.installed),
        calls=MappingProxyType({caller: frozenset(called) for caller, called in finder.calls.items()}),
    )


def module_folder(sources: Sources, caller: Folder, source: str) -> Folder | None:
    """The folder that the local module address `source` (`./x`, `../y`) means, or None where it is not read."""
    return sources.folders.get(real_path(os.path.join(caller.absolute, source)))


def installed_folder(sources: Sources, caller: Folder, name: str) -> Folder | None:
    """The folder of the remote module that `caller` calls `name`, or None where it is not in the tree."""
    target = sources.installed.get((caller.absolute, name))
    return None if target is None else sources.folders.get(target)


def is_installed(sources: Sources, folder: Folder) -> bool:
    """Whether a folder is a remote module, or a part of one, that Terraform has put there."""
    return folder.absolute in sources.installed.values()


def read_text(file: SourceFile) -> str | Problem:
    """The text of a file, without a byte-order mark, or the problem that it cannot be read."""
    data = content(file.absolute, MAXIMUM_PLAN_BYTES if file.kind is Kind.PLAN else MAXIMUM_BYTES)
    if isinstance(data, Unread):
        return _problem(file.path, data.reason)
    return decode(data, file.path)


def decode(data: bytes, path: str) -> str | Problem:
    """Bytes as text; a problem at the first byte that is no UTF-8. Line ends stay as they are."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8")) + 1
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} cannot stand here"
        return Problem(Location(path, line, column, line, column + 1), message)


def read_inside(sources: Sources, path: str) -> str | Unread:
    """The text of any file inside the scanned trees, for `file` and `templatefile`.

    `path` is absolute or relative to the working directory. Nothing outside is
    read, neither by `..` nor through a link.
    """
    real = real_path(os.path.join(sources.root, path))
    shown = shown_path(os.path.join(sources.root, path), sources.root)
    if not _inside(real, sources.trees):
        return Unread(f"`{shown}` lies outside the scanned files")
    data = content(real, MAXIMUM_BYTES)
    if isinstance(data, Unread):
        return Unread(f"`{shown}`: {data.reason}")
    text = decode(data, shown)
    return Unread(f"`{shown}`: {text.message}") if isinstance(text, Problem) else text


def content(path: str, most: int) -> bytes | Unread:
    """The content of a regular file of at most `most` bytes, which the reading depends on from now on."""
    data = _bytes(path, most)
    note(Question.CONTENT, path, lambda: _answer(data), most)
    return data


def _answer(data: bytes | Unread) -> bytes:
    """The content of a file, or why there is none, so that neither can be taken for the other."""
    return b"!" + data.reason.encode() if isinstance(data, Unread) else b"=" + data


def _head(path: str) -> bytes:
    """The beginning of a regular file, nothing of one that cannot be read."""
    try:
        with open(path, "rb", opener=_opener) as file:
            return file.read(_HEAD) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""


def _bytes(path: str, most: int = MAXIMUM_BYTES) -> bytes | Unread:
    """The content of a regular file of bearable size."""
    try:
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Unread("this is no regular file")
            if status.st_size > most:
                return Unread(f"the file is larger than {most // 1_000_000} MB and is not read")
            # To ask for `most` bytes would reserve them for each of thousands of small files.
            return file.read(status.st_size + 1)
    except OSError as error:
        return Unread(f"the file cannot be read: {_reason(error)}")


def _opener(path: str, flags: int) -> int:
    """Opens without waiting: a pipe with the name of a Terraform file must not hold the scan."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
