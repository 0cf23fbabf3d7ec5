"""The files of a git revision, taken from the object database.

Working tree, index and hooks are not touched, and nothing that a repository may
configure is run: no filter, no text conversion, no monitor of the file system,
no pager, no transport. What the readers can need is written into a private
folder, which is gone afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Final

from osreach.file_kind import kind_of, may_be_template
from osreach.installed import DATA_FOLDER
from osreach.source import MAXIMUM_BYTES, MAXIMUM_PLAN_BYTES
from osreach.usage import UsageError

_MOST_BYTES: Final = 2_000_000_000
"""All files of a revision together; infrastructure code is a thousandth of it."""

_LINK: Final = 0o120000
_MODULE: Final = 0o160000

# A function of Terraform that reads a file: https://developer.hashicorp.com/terraform/language/functions/file
_READS_FILES: Final = re.compile(rb"\b(?:templatefile|file(?:exists|base64\w*|sha\w+|md5)?)\s*\(")
_READS_ANY: Final = re.compile(rb"\bfileset\s*\(")
_WORDS: Final = re.compile(rb"[\w.+-]+")

# What a repository's own configuration may not decide.
_SETTINGS: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "log.showSignature=false",
)


@dataclass(frozen=True, slots=True)
class RevisionTree:
    """A commit's files in a folder of their own.

    `folder` stands for `top`, the real path of the repository's working tree.
    `modules` are paths of submodules, relative to both; their files are not in
    `folder`. `left_out` are files that were too large.
    """

    folder: str
    top: str
    commit: str
    modules: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def place_of(self, path: str) -> str:
        """Where `path`, a file or folder of the working tree, stands in the revision.

        Raises UsageError for a path outside the repository.
        """
        real = os.path.realpath(path)
        relative = os.path.relpath(real, self.top)
        if relative == os.pardir or relative.startswith(os.pardir + os.sep):
            raise UsageError(f"`{path}` lies outside the repository `{self.top}`")
        return os.path.normpath(os.path.join(self.folder, relative))  # noqa: PTH118 - text, not a file yet

    def root_for(self, working: str) -> str:
        """Where the working directory `working` stands in the revision; the top for one outside the repository."""
        real = os.path.realpath(working)
        inside = real == self.top or real.startswith(self.top.rstrip(os.sep) + os.sep)
        return self.place_of(working) if inside else self.folder


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of a tree: its mode, its object, its size and its path with `/`."""

    mode: int
    identifier: str
    size: int
    path: str


@contextmanager
def tree_at(reference: str, start: str) -> Iterator[RevisionTree]:
    """The files that `reference` (a branch, tag or commit) holds, in a folder that is there inside the `with`.

    The repository is the one around `start`. Files that git does not track but
    that stand for the same thing in every revision (installed modules, ignored
    files of variables) are taken from the working tree. Raises UsageError where
    git, the repository or the revision is missing.
    """
    if not reference or reference.startswith("-") or not reference.isprintable():
        raise UsageError(f"`{reference}` cannot be the name of a revision")
    top = top_of(start)
    commit = commit_of(top, reference)
    with tempfile.TemporaryDirectory(prefix="osreach-") as folder:
        target = Path(folder).resolve()
        # It is read as a repository of its own, so that nothing outside of it is.
        (target / ".git").mkdir()
        entries = _entries(top, commit)
        modules = tuple(entry.path for entry in entries if entry.mode == _MODULE)
        left_out = _write(top, target, entries)
        _add_untracked(top, target)
        yield RevisionTree(str(target), top, commit, modules, left_out)


def top_of(start: str) -> str:
    """The real path of the working tree around `start`. Raises UsageError where there is none."""
    path = Path(start).resolve()
    for candidate in (path, *path.parents):
        if (candidate / ".git").exists():
            return str(candidate)
    raise UsageError(f"`{start}` is in no working tree of git, so it has no revisions")


def _program() -> str:
    """The path of git, looked for in absolute folders only: a scanned repository may hold a `git` too."""
    folders = [
        each for each in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(each).is_absolute()
    ]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if found is None:
        raise UsageError("git is not installed, so no revision can be read; compare two folders instead")
    return found


def _environment() -> dict[str, str]:
    """The environment without what steers git, and with what keeps it from running or fetching anything."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_"))}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # No transport is allowed, whatever the repository's `protocol.*.allow` says.
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }


def _command(top: str, *arguments: str) -> list[str]:
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    # `core.worktree` of the repository could point anywhere.
    return [_program(), "-C", top, "--no-pager", f"--work-tree={top}", *settings, *arguments]


def run_git(top: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs git in the working tree `top`, steered by nothing that the repository configures.

    Raises UsageError where git cannot be run.
    """
    try:
        return subprocess.run(  # noqa: S603 - git itself, by absolute path, with nothing for a shell to read
            _command(top, *arguments),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"git cannot be run: {(error.strerror or str(error)).lower()}") from None


def commit_of(top: str, reference: str) -> str:
    """The id of the commit that `reference` names. Raises UsageError with the reason where there is none."""
    found = run_git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    text = found.stdout.decode("ascii", "replace").strip().splitlines()
    if found.returncode == 0 and text and re.fullmatch(r"[0-9a-f]{40,64}", text[-1]):
        return text[-1]
    said = found.stderr.decode("utf-8", "replace")
    if said.strip():
        raise UsageError(_words(said, top))
    raise UsageError(
        f"`{reference}` is no commit of the repository `{top}`; in a shallow clone, fetch it first"
    )


def _words(said: str, top: str) -> str:
    """What git's complaint means."""
    if "dubious ownership" in said or "safe.directory" in said:
        return (
            f"git does not trust the repository `{top}`, which belongs to someone else: "
            f"`git config --global --add safe.directory {top}` makes it"
        )
    if "not a git repository" in said:
        return f"`{top}` is no repository that git can read"
    first = next((line for line in said.splitlines() if line.strip()), "unknown error")
    return f"git cannot read the revision: {first.removeprefix('fatal: ').removeprefix('error: ')}"


def _entries(top: str, commit: str) -> list[_Entry]:
    """All files of the commit; those with a name that no file may have are left out."""
    found = run_git(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    if found.returncode:
        raise UsageError(_words(found.stderr.decode("utf-8", "replace"), top))
    entries: list[_Entry] = []
    for line in found.stdout.split(b"\0"):
        head, tab, name = line.partition(b"\t")
        fields = head.split()
        if not tab or len(fields) != 4:
            continue
        path = os.fsdecode(name)
        if _may_be_written(path):
            size = int(fields[3]) if fields[3].isdigit() else 0
            entries.append(_Entry(int(fields[0], 8), fields[2].decode("ascii"), size, path))
    return entries


def _may_be_written(path: str) -> bool:
    """Whether a path from a tree stays below the folder and is no part of a repository's own files."""
    parts = path.split("/")
    return (
        "\\" not in path
        and ":" not in parts[0]
        and all(part not in {"", ".", ".."} and part.lower() != ".git" for part in parts)
    )


def _is_code(path: str) -> bool:
    """Whether a reader may look at a file of this name by itself."""
    name = PurePosixPath(path).name
    return kind_of(name) is not None or may_be_template(name) or name.endswith((".tfvars", ".tfvars.json"))


def _write(top: str, target: Path, entries: Sequence[_Entry]) -> tuple[str, ...]:
    """Writes what readers can need; gives the paths of code that is too large for them."""
    files = [entry for entry in entries if stat.S_ISREG(entry.mode)]
    code = [entry for entry in files if _is_code(entry.path)]
    others = [entry for entry in files if not _is_code(entry.path)]
    left_out = tuple(entry.path for entry in code if entry.size > MAXIMUM_PLAN_BYTES)
    code = [entry for entry in code if entry.size <= MAXIMUM_PLAN_BYTES]
    if sum(entry.size for entry in code) > _MOST_BYTES:
        raise UsageError("the revision holds more than 2 GB of files that may be infrastructure code")
    texts = _Texts()
    for entry, data in _contents(top, code):
        _write_file(target, entry.path, data)
        texts.add(entry.path, data)
    wanted = [entry for entry in others if entry.size <= MAXIMUM_BYTES and texts.may_read(entry.path)]
    for entry, data in _contents(top, wanted):
        _write_file(target, entry.path, data)
    links = [entry for entry in entries if entry.mode == _LINK and entry.size < 4096]
    for entry, data in _contents(top, links):
        _write_link(target, entry.path, data)
    return left_out


class _Texts:
    """Which further files the functions of Terraform code may read; collects as code is seen."""

    def __init__(self) -> None:
        self._any = False
        self._names: set[str] = set()
        self._endings: set[str] = set()

    def add(self, path: str, data: bytes) -> None:
        """Takes note of the names in a file of Terraform that reads files."""
        if not path.endswith((".tf", ".tofu", ".json")) or not _READS_FILES.search(data):
            self._any = self._any or bool(_READS_ANY.search(data))
            return
        self._any = self._any or bool(_READS_ANY.search(data))
        for word in _WORDS.findall(data):
            text = word.decode("utf-8", "replace")
            self._names.add(text)
            if "." in text:
                self._endings.add(text.rpartition(".")[2])

    def may_read(self, path: str) -> bool:
        """Whether code may mean this file: by its name, by its ending, or because it lists folders."""
        name = PurePosixPath(path).name
        ending = name.rpartition(".")[2] if "." in name else None
        return self._any or name in self._names or ending in self._endings


def _contents(top: str, entries: Sequence[_Entry]) -> Iterator[tuple[_Entry, bytes]]:
    """The content of each of the files, as it is stored."""
    if not entries:
        return
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write("".join(f"{entry.identifier}\n" for entry in entries).encode("ascii"))
        asked.seek(0)
        process = subprocess.Popen(  # noqa: S603 - as above
            _command(top, "cat-file", "--batch", "--buffer"),
            env=_environment(),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        with process:
            if process.stdout is None:  # it was asked for
                raise UsageError("git cannot be read from")
            for entry in entries:
                data = _next(process.stdout)
                if data is None:
                    process.kill()
                    raise UsageError(
                        f"`{entry.path}` of the revision is not in this clone; "
                        "in a partial clone, fetch the revision's files first"
                    )
                yield entry, data


def _next(stream: IO[bytes]) -> bytes | None:
    """The next object of `git cat-file --batch`, None where it is missing."""
    head = stream.readline().split()
    if len(head) != 3 or not head[2].isdigit():
        return None
    size = int(head[2])
    data = stream.read(size)
    stream.read(1)
    return data if len(data) == size else None


def _write_file(target: Path, path: str, data: bytes) -> None:
    place = target / path
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(data)
    except (OSError, ValueError):
        # Two names that are one on this machine, or one that it cannot write: the first counts.
        return


def _write_link(target: Path, path: str, data: bytes) -> None:
    """Makes a link that stays inside the folder; others the readers would refuse anyway."""
    goal = os.fsdecode(data)
    parent = os.path.dirname(path)  # noqa: PTH120 - text with `/`, as git has it
    inside = os.path.normpath(os.path.join(parent, goal))  # noqa: PTH118 - likewise
    if not goal or "\0" in goal or os.path.isabs(goal) or PurePath(inside).parts[:1] == (os.pardir,):  # noqa: PTH117
        return
    place = target / path
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(goal)
    except OSError:
        return


_UNTRACKED_MODULES: Final = (f":(glob)**/{DATA_FOLDER}/modules/**",)
_IGNORED_VALUES: Final = (":(glob)**/*.tfvars", ":(glob)**/*.tfvars.json")


def _add_untracked(top: str, target: Path) -> None:
    """Copies what git does not track and every revision has in common.

    Modules that `terraform get` has installed, and ignored files of variables.
    """
    listed = _listed(top, "--", *_UNTRACKED_MODULES)
    listed += _listed(top, "--ignored", "--exclude-standard", "--", *_IGNORED_VALUES)
    for path in listed:
        source = Path(top, path)
        name = source.name
        if not _may_be_written(path) or not (_is_code(path) or name == "modules.json"):
            continue
        # Neither the file nor a folder on the way to it may be a link.
        if os.path.realpath(source) != str(source) or not source.is_file():
            continue
        if source.stat().st_size <= MAXIMUM_BYTES:
            _write_file(target, path, source.read_bytes())


def _listed(top: str, *arguments: str) -> list[str]:
    """Untracked files; none where git cannot tell, which only makes more of the revision unknown."""
    found = run_git(top, "ls-files", "-z", "--others", *arguments)
    return [os.fsdecode(name) for name in found.stdout.split(b"\0") if name] if not found.returncode else []
