"""Fetches the remote modules of root modules, where the user asks for it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from osreach.file_kind import Kind
from osreach.source import Folder, discover
from osreach_action.workflow import lines_of, program_path, say, show

_SECONDS: Final = 300
_REMOTE: Final = re.compile(
    rb'^[ \t]*module[ \t]+"[^"\n]*"[ \t]*\{(?:(?!^\}).)*?\bsource[ \t]*=[ \t]*"(?!\.\.?/)[^"\n]',
    re.MULTILINE | re.DOTALL,
)
_REMOTE_IN_JSON: Final = re.compile(rb'"module"\s*:.*?"source"\s*:\s*"(?!\.\.?/)', re.DOTALL)


def fetch_modules() -> None:
    """Runs `terraform get`, or OpenTofu's, in each root module that calls a remote module, be it through local ones.

    What cannot be fetched stays unknown, and a warning says so.
    """
    folders = list(_root_modules(lines_of("INPUT_PATHS") or ["."]))
    if not folders:
        return
    program = next((found for name in ("terraform", "tofu") if (found := program_path(name))), None)
    if program is None:
        say("warning", "remote modules are not fetched: neither terraform nor tofu is installed")
        return
    for folder in folders:
        problem = _get(program, folder)
        if problem:
            say("warning", f"the remote modules of `{folder.path}` are not fetched: {problem}")


def _root_modules(paths: list[str]) -> Iterator[Folder]:
    sources = discover(paths, every=True)
    called = {folder for folders in sources.calls.values() for folder in folders}
    # Terraform installs for a root module what the modules inside it call, too.
    wanted = {path for path, folder in sources.folders.items() if _calls_remote(folder)}
    for root, folder in sources.folders.items():
        if root not in called and wanted & _reached(root, sources.calls):
            yield folder


def _reached(root: str, calls: Mapping[str, frozenset[str]]) -> set[str]:
    """The folder and those that it calls, directly or not."""
    found: set[str] = set()
    pending = [root]
    while pending:
        folder = pending.pop()
        if folder not in found:
            found.add(folder)
            pending.extend(calls.get(folder, ()))
    return found


def _calls_remote(folder: Folder) -> bool:
    for file in folder.files:
        pattern = {Kind.TERRAFORM: _REMOTE, Kind.TERRAFORM_JSON: _REMOTE_IN_JSON}.get(file.kind)
        if pattern is not None and pattern.search(Path(file.absolute).read_bytes()):
            return True
    return False


def _get(program: str, folder: Folder) -> str:
    """Fetches the modules of one folder; why that failed, or nothing. No provider is installed or run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INPUT_")}
    # Addresses stand in the code, which may come from a stranger.
    environment |= {"GIT_ALLOW_PROTOCOL": "https:http:ssh:git", "GIT_TERMINAL_PROMPT": "0", "TF_INPUT": "0"}
    environment |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - a program of the runner, with nothing for a shell to read
            [program, f"-chdir={folder.absolute}", "get", "-no-color"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    show(done.stderr.decode("utf-8", "replace"))
    return f"`{Path(program).name} get` ended with {done.returncode}"
