"""A repository that tries to run something, to read something else, or to break out is read without effect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from git_repository import commit, git, repository, write

PROJECT = Path(__file__).parent.parent / "fixtures/projects/change-search"
SCRIPT = str(Path(sys.executable).parent / "osreach")


def program(canary: Path) -> str:
    """Python that leaves a trace where it is run."""
    return f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def hostile(tmp_path: Path, canary: Path) -> Path:
    """A repository in which everything that could be run says so."""
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
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\n',
            **dict.fromkeys((*names, *modules), python),
        },
    )
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


def osreach(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """The installed command, run inside the folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    found = subprocess.run(
        [SCRIPT, *arguments, "--format", "json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout, found.stderr
    return found.returncode, json.loads(found.stdout), found.stderr


def test_the_traps_would_go_off(hostile: Path, canary: Path) -> None:
    """The canary sings where git is used as people use it, or Python is started as a script would."""
    subprocess.run(["git", "-C", str(hostile), "--work-tree=.", "status"], capture_output=True, check=False)
    assert canary.exists()
    canary.unlink()
    subprocess.run([sys.executable, "-m", "osreach"], cwd=hostile, capture_output=True, check=False)
    assert canary.exists()


def test_a_hostile_repository_is_compared_without_effect(hostile: Path, canary: Path) -> None:
    before = sorted(str(path) for path in hostile.rglob("*"))
    code, found, errors = osreach(hostile, "diff", "--base", "main")
    assert not canary.exists()
    assert code == 1
    assert {(one["principal"], one["resource"], one["level"]) for one in found["gained"]} == {
        ("aws_iam_role.etl", "aws_opensearch_domain.prod", "delete"),
        ("aws_iam_role.reader", "aws_opensearch_domain.prod", "read"),
    }
    assert (found["lost"], found["unknown"]) == ([], [])
    assert "secret" not in json.dumps({**found, "problems": []})
    assert "the link leads out of the scanned folder" in errors
    assert sorted(str(path) for path in hostile.rglob("*")) == before


@pytest.mark.parametrize("options", [(), ("--since", "HEAD")])
def test_a_hostile_repository_is_scanned_without_effect(
    hostile: Path, canary: Path, options: tuple[str, ...]
) -> None:
    _, found, _ = osreach(hostile, "scan", *options)
    assert not canary.exists()
    assert not any("secret" in one["resource"] for one in found["findings"])
    assert found["coverage"]["resources"] > 0


def test_a_revision_that_is_an_option_is_refused(hostile: Path, canary: Path) -> None:
    for reference in (f"--output={canary}", f"--exec=touch {canary}", "-h"):
        found = subprocess.run(
            [SCRIPT, "diff", f"--base={reference}"], cwd=hostile, capture_output=True, text=True, check=False
        )
        assert (found.returncode, canary.exists()) == (2, False)
        assert "cannot be the name of a revision" in found.stderr


def test_a_tree_with_names_that_lead_elsewhere_is_read_without_them(tmp_path: Path) -> None:
    """Git itself refuses to make such a tree, so it is made by hand."""
    top = repository(tmp_path / "a/b/repository", {"main.tf": "# nothing\n"})
    blob = git(top, "rev-parse", "HEAD:main.tf").strip()
    entries = b"".join(
        b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in (b"../../../escaped.tf", b"main.tf")
    )
    made = subprocess.run(
        ["git", "-C", str(top), "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        input=entries,
        capture_output=True,
        check=True,
    )
    tree = made.stdout.decode().strip()
    identifier = git(top, "commit-tree", tree, "-m", "evil").strip()
    code, found, _ = osreach(top, "diff", "--base", identifier)
    assert (code, found["gained"]) == (0, [])
    assert not list(tmp_path.rglob("escaped.tf"))
    assert not Path("/tmp/escaped.tf").exists()  # noqa: S108 - where it would have been written
