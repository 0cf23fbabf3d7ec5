"""A repository that tries to run something, to read something else, or to break out is read without effect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from action_run import run_action
from git_repository import git, repository
from hostile_repository import PROJECT, hostile_repository

SCRIPT = str(Path(sys.executable).parent / "osreach")


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def hostile(tmp_path: Path, canary: Path) -> Path:
    return hostile_repository(tmp_path, canary)


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


def test_changed_files_of_a_hostile_repository_are_scanned_without_effect(
    hostile: Path, canary: Path
) -> None:
    before = sorted(str(path) for path in hostile.rglob("*"))
    _, found, _ = osreach(hostile, "scan", "--changed", "main.tf", "conftest.py", "linked.tf")
    assert not canary.exists()
    assert found["coverage"]["resources"] > 0
    assert "secret" not in json.dumps({**found, "problems": []})
    assert sorted(str(path) for path in hostile.rglob("*")) == before


def test_the_action_runs_in_a_hostile_repository_without_effect(
    hostile: Path, canary: Path, tmp_path: Path
) -> None:
    """With every path that could lead into the repository: those of programs, of Python and of git."""
    before = git_files(hostile)
    # The commit to compare with is not in the clone, so it is fetched beside it.
    server = repository(
        tmp_path / "server/owner/search", {"main.tf": (PROJECT / "before/main.tf").read_text()}
    )
    revision = git(server, "rev-parse", "HEAD").strip()
    variables = {
        "PATH": f".{os.pathsep}{hostile.name}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f".{os.pathsep}{hostile}",
        "PYTHONSTARTUP": str(hostile / "json.py"),
        "GITHUB_SERVER_URL": f"file://{tmp_path / 'server'}",
    }
    outcome = run_action(
        hostile,
        tmp_path / "runner",
        "push",
        {"before": revision},
        {"fetch-modules": "true", "fail-on": "never", "upload-sarif": "true"},
        variables,
    )
    assert not canary.exists()
    assert (outcome.code, outcome.outputs["access-gained"]) == (0, "2"), outcome.log
    assert "secret" not in outcome.summary
    assert git_files(hostile) == before


def git_files(top: Path) -> dict[str, bytes]:
    """Every file but for objects, which are only data."""
    return {
        str(path): path.read_bytes()
        for path in top.rglob("*")
        if path.is_file() and not path.is_symlink() and "objects" not in path.parts
    }
