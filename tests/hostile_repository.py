"""A repository that tries to run something, to read something else, or to break out."""

from __future__ import annotations

import json
from pathlib import Path

from git_repository import commit, repository, write

PROJECT = Path(__file__).parent.parent / "fixtures/projects/change-search"


def program(canary: Path) -> str:
    """Python that leaves a trace where it is run."""
    return f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"


def hostile_repository(tmp_path: Path, canary: Path) -> Path:
    """A repository in which everything that could be run leaves the file `canary`.

    Its only commit is the state before a change of access, its working tree the one after.
    """
    touch = f"touch {canary}"
    secret = tmp_path / "secret"
    write(secret, {"main.tf": (PROJECT / "before/main.tf").read_text().replace("prod", "secret")})
    python = program(canary)
    names = (
        "conftest.py",
        "sitecustomize.py",
        "usercustomize.py",
        "json.py",
        "osreach.py",
        "rules/__init__.py",
    )
    modules = ("osreach/__init__.py", "osreach/__main__.py", "osreach_rules/__init__.py", "hcl2/__init__.py")
    top = repository(
        tmp_path / "repository",
        {
            "main.tf": (PROJECT / "before/main.tf").read_text(),
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".python-version": "../evil",
            "pip.conf": "[install]\nindex-url = file:///nonexistent\n",
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\n',
            **dict.fromkeys((*names, *modules), python),
        },
    )
    for name in ("git", "python3", "python", "terraform", "osreach.sh"):
        (top / name).write_text(f"#!/bin/sh\n{touch}\n")
        (top / name).chmod(0o755)
    (top / "linked").symlink_to(secret)
    (top / "linked.tf").symlink_to(secret / "main.tf")
    (top / "up").symlink_to("../secret")
    commit(top)
    write(top, {"main.tf": (PROJECT / "after/main.tf").read_text()})
    hooks = top / ".git/hooks"
    for name in (
        "post-checkout",
        "pre-commit",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        (hooks / name).write_text(f"#!/bin/sh\n{touch}\n")
        (hooks / name).chmod(0o755)
    settings = {
        "core.fsmonitor": touch,
        "core.hooksPath": str(hooks),
        "core.pager": touch,
        "core.editor": touch,
        "core.sshCommand": touch,
        "core.gitProxy": touch,
        "core.askPass": touch,
        "core.alternateRefsCommand": touch,
        "core.worktree": str(secret),
        "pager.ls-tree": touch,
        "diff.external": touch,
        "diff.evil.textconv": touch,
        "diff.evil.command": touch,
        "filter.evil.clean": touch,
        "filter.evil.smudge": touch,
        "filter.evil.process": touch,
        "filter.evil.required": "true",
        "merge.evil.driver": touch,
        "alias.cat-file": f"!{touch}",
        "alias.ls-tree": f"!{touch}",
        "alias.rev-parse": f"!{touch}",
        "credential.helper": f"!{touch}",
        "gpg.program": touch,
        "uploadpack.packObjectsHook": touch,
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{touch}",
        "remote.origin.promisor": "true",
        "trace2.normalTarget": str(canary),
    }
    # By hand, since git itself would run some of it while it writes the rest.
    config = (top / ".git/config").read_text()
    for key, value in settings.items():
        section, _, name = key.rpartition(".")
        head, _, rest = section.partition(".")
        quoted = json.dumps(value)
        config += f'[{head} "{rest}"]\n\t{name} = {quoted}\n' if rest else f"[{head}]\n\t{name} = {quoted}\n"
    (top / ".git/config").write_text(config)
    return top
