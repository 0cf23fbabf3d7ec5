"""The hooks for pre-commit, run by the real pre-commit, which installs this project into its own environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from git_repository import git, repository, write

PROJECT = Path(__file__).parent.parent
HOOKS = PROJECT / ".pre-commit-hooks.yaml"
BEFORE = (PROJECT / "fixtures/projects/change-search/before/main.tf").read_text()
AFTER = (PROJECT / "fixtures/projects/change-search/after/main.tf").read_text()
OPEN = """
resource "aws_opensearch_domain" "open" {
  domain_name     = "open"
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "es:*"
      Resource  = "arn:aws:es:eu-west-1:111122223333:domain/open/*"
    }]
  })
}
"""


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text())}


def test_there_is_a_hook_for_the_commit_and_one_for_the_push() -> None:
    found = {name: (hook["stages"], hook.get("pass_filenames", True)) for name, hook in hooks().items()}
    assert found == {
        "osreach-scan": (["pre-commit", "pre-merge-commit", "manual"], True),
        "osreach-diff": (["pre-push"], False),
    }


@pytest.mark.parametrize(
    ("path", "is_looked_at"),
    [
        ("main.tf", True),
        ("a/b.tofu", True),
        ("a/b.tf.json", True),
        ("prod.auto.tfvars", True),
        ("template.yaml", True),
        ("template.yml", True),
        ("stack.template", True),
        ("policies/read.json.tftpl", True),
        ("osreach.toml", True),
        ("a/pyproject.toml", True),
        ("README.md", False),
        ("other.toml", False),
        ("main.tf.bak", False),
        ("main.py", False),
    ],
)
def test_the_hooks_look_at_files_that_may_bear_on_access(path: str, is_looked_at: bool) -> None:
    for hook in hooks().values():
        assert bool(re.search(hook["files"], path)) == is_looked_at


def hook_repository(folder: Path) -> tuple[str, str]:
    """A repository of this project as it is now, and its commit."""
    for name in ("pyproject.toml", "README.md", "LICENSE", HOOKS.name):
        write(folder, {name: (PROJECT / name).read_text()})
    leave_out = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in ("scanner", "rules", "fixtures/rules"):
        shutil.copytree(PROJECT / name, folder / name, ignore=leave_out)
    return f"file://{folder}", git(repository(folder, {}), "rev-parse", "HEAD").strip()


def environment(home: Path) -> dict[str, str]:
    """The environment of a developer, but for the registry: what is installed here stands for it."""
    packages = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(packages)),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        # Of this option pip takes the value of what it switches off.
        "PIP_NO_BUILD_ISOLATION": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
    }


@pytest.mark.skipif(
    not (find_spec("pre_commit") and find_spec("hatchling")),
    reason="pre-commit or hatchling is not installed",
)
def test_the_hooks_stop_a_commit_and_a_push_that_open_a_domain(tmp_path: Path) -> None:
    url, revision = hook_repository(tmp_path / "hooks")
    configuration = f"repos:\n- repo: {url}\n  rev: {revision}\n  hooks:\n  - id: osreach-scan\n  - id: osreach-diff\n    args: [--fail-on, high]\n"
    options = 'fail-on = "critical"\n'
    top = repository(
        tmp_path / "work",
        {
            ".pre-commit-config.yaml": configuration,
            "osreach.toml": options,
            "a/main.tf": BEFORE,
            "b/open.tf": OPEN,
        },
    )
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(top, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(top, "push", "-q", "origin", "main")
    home = tmp_path / "home"
    home.mkdir()

    def run(*command: str) -> tuple[int, str]:
        found = subprocess.run(
            command, cwd=top, env=environment(home), capture_output=True, text=True, check=False
        )
        return found.returncode, found.stdout + found.stderr

    code, said = run("pre-commit", "install", "-t", "pre-commit", "-t", "pre-push")
    assert code == 0, said

    # The domain in `b` is open, but has nothing to do with the change.
    write(top, {"a/main.tf": AFTER, "-x; touch x $(touch y).tf": BEFORE.replace("prod", "more")})
    git(top, "add", "-A")
    code, said = run("git", "commit", "-q", "-m", "good")
    assert code == 0, said
    assert "Passed" in said
    assert not (top / "x").exists()
    assert not (top / "y").exists()

    code, said = run("git", "push", "-q", "origin", "main")
    assert code != 0
    assert "this lets `role/etl` delete any index of `aws_opensearch_domain.prod`" in said
    git(top, "push", "-q", "--no-verify", "origin", "main")

    write(top, {"b/open.tf": OPEN + "# changed\n", "README.md": "text"})
    git(top, "add", "-A")
    code, said = run("git", "commit", "-q", "-m", "bad")
    assert code != 0
    assert re.search(r"^b/open\.tf:\d+:\d+ critical OSR101 open-domain$", said, re.MULTILINE), said
    assert "a/main.tf" not in said

    git(top, "reset", "-q", "--hard")
    write(top, {"README.md": "text"})
    git(top, "add", "-A")
    git(top, "commit", "-q", "--no-verify", "-m", "text only")
    code, said = run("git", "push", "origin", "main")
    assert code == 0, said
    assert "no files to check" in said


@pytest.mark.skipif(not find_spec("pre_commit"), reason="pre-commit is not installed")
def test_pre_commit_takes_the_description_of_the_hooks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
