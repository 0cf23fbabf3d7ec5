from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_repository import commit, git, repository, write
from osreach import revision
from osreach.revision import tree_at
from osreach.usage import UsageError


def files_of(folder: str) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_a_revision_is_what_was_committed(tmp_path: Path) -> None:
    top = repository(tmp_path / "r", {"a/main.tf": "one\n", "b/template.yaml": "two\n", "c.py": "print()\n"})
    write(top, {"a/main.tf": "changed\n", "new.tf": "new\n"})
    with tree_at("main", str(top / "a")) as tree:
        assert files_of(tree.folder) == {"a/main.tf": "one\n", "b/template.yaml": "two\n"}
        assert tree.place_of(str(top / "a")) == f"{tree.folder}/a"
        assert tree.commit == git(top, "rev-parse", "HEAD").strip()
        assert Path(tree.folder).stat().st_mode & 0o077 == 0
    assert not Path(tree.folder).exists()
    assert git(top, "status", "--porcelain") == " M a/main.tf\n?? new.tf\n"


def test_an_earlier_revision_is_read_by_any_name(tmp_path: Path) -> None:
    top = repository(tmp_path, {"main.tf": "one"})
    first = git(top, "rev-parse", "HEAD").strip()
    git(top, "tag", "v1")
    write(top, {"main.tf": "two"})
    commit(top)
    for name in ("v1", "HEAD^", first, first[:10], "HEAD~1"):
        with tree_at(name, str(top)) as tree:
            assert files_of(tree.folder) == {"main.tf": "one"}, name


def test_files_that_functions_read_come_along(tmp_path: Path) -> None:
    top = repository(
        tmp_path,
        {
            "main.tf": 'x = templatefile("${path.module}/policies/p.tftpl", {})\ny = file("LICENSE-OF-IT")\n',
            "policies/p.tftpl": "{}",
            "policies/other.tftpl": "{}",
            "LICENSE-OF-IT": "text",
            "script.py": "1",
        },
    )
    with tree_at("HEAD", str(top)) as tree:
        assert sorted(files_of(tree.folder)) == [
            "LICENSE-OF-IT",
            "main.tf",
            "policies/other.tftpl",
            "policies/p.tftpl",
        ]


def test_installed_modules_and_ignored_values_are_those_of_the_working_tree(tmp_path: Path) -> None:
    top = repository(tmp_path, {"main.tf": "one", ".gitignore": ".terraform\n*.tfvars\n"})
    write(
        top,
        {
            ".terraform/modules/modules.json": "{}",
            ".terraform/modules/m/main.tf": "module",
            ".terraform/modules/m/run.sh": "echo",
            "terraform.tfvars": 'a = "b"',
            "untracked.tf": "new",
        },
    )
    with tree_at("HEAD", str(top)) as tree:
        assert files_of(tree.folder) == {
            "main.tf": "one",
            ".terraform/modules/modules.json": "{}",
            ".terraform/modules/m/main.tf": "module",
            "terraform.tfvars": 'a = "b"',
        }


def test_links_are_made_only_where_they_stay_inside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.tf"
    secret.write_text("secret")
    top = repository(tmp_path / "r", {"modules/m/main.tf": "module"})
    (top / "inside").symlink_to("modules/m")
    (top / "absolute.tf").symlink_to(secret)
    (top / "outside.tf").symlink_to("../secret.tf")
    (top / "modules/up.tf").symlink_to("../../secret.tf")
    commit(top)
    with tree_at("HEAD", str(top)) as tree:
        links = {
            str(path.relative_to(tree.folder)) for path in Path(tree.folder).rglob("*") if path.is_symlink()
        }
        assert links == {"inside"}
        assert (Path(tree.folder) / "inside/main.tf").read_text() == "module"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("--upload-pack=touch x", "`--upload-pack=touch x` cannot be the name of a revision"),
        ("-q", "`-q` cannot be the name of a revision"),
        ("", "`` cannot be the name of a revision"),
        ("main\nHEAD", "`main\nHEAD` cannot be the name of a revision"),
        ("nowhere", "`nowhere` is no commit of the repository `{top}`; in a shallow clone, fetch it first"),
        (
            "HEAD:main.tf",
            "`HEAD:main.tf` is no commit of the repository `{top}`; in a shallow clone, fetch it first",
        ),
    ],
)
def test_what_is_no_revision_is_refused(tmp_path: Path, reference: str, message: str) -> None:
    top = repository(tmp_path, {"main.tf": "one"})
    with pytest.raises(UsageError) as caught, tree_at(reference, str(top)):
        pass
    assert str(caught.value) == message.format(top=top)


def test_a_folder_without_a_repository_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is in no working tree of git"), tree_at("HEAD", str(tmp_path)):
        pass


def test_a_bare_repository_has_no_working_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare")
    with pytest.raises(UsageError, match="is in no working tree of git"), tree_at("HEAD", str(tmp_path)):
        pass


def test_a_broken_repository_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with (
        pytest.raises(UsageError, match="is no repository that git can read"),
        tree_at("HEAD", str(tmp_path)),
    ):
        pass


def test_git_that_is_not_installed_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = repository(tmp_path, {"main.tf": "one"})
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="git is not installed"), tree_at("HEAD", str(top)):
        pass


def test_a_program_called_git_in_a_relative_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = repository(tmp_path / "r", {"main.tf": "one"})
    canary = tmp_path / "canary"
    (top / "git").write_text(f"#!/bin/sh\ntouch {canary}\n")
    (top / "git").chmod(0o755)
    monkeypatch.chdir(top)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    with tree_at("HEAD", ".") as tree:
        assert files_of(tree.folder) == {"main.tf": "one"}
    assert not canary.exists()


def test_the_environment_does_not_steer_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = repository(tmp_path / "r", {"main.tf": "one"})
    other = repository(tmp_path / "other", {"other.tf": "other"})
    canary = tmp_path / "canary"
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {canary}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {canary}")
    with tree_at("HEAD", str(top)) as tree:
        assert files_of(tree.folder) == {"main.tf": "one"}
    assert not canary.exists()


def test_an_owner_whom_git_does_not_trust_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = repository(tmp_path, {"main.tf": "one"})
    environment = revision._environment

    def of_someone_else() -> dict[str, str]:
        return {**environment(), "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}

    monkeypatch.setattr(revision, "_environment", of_someone_else)
    with (
        pytest.raises(UsageError, match=r"git config --global --add safe\.directory"),
        tree_at("HEAD", str(top)),
    ):
        pass


def test_objects_that_are_not_there_are_not_fetched(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    top = repository(tmp_path / "r", {"main.tf": "one", "b.tf": "two"})
    identifier = git(top, "rev-parse", "HEAD:b.tf").strip()
    (top / ".git/objects" / identifier[:2] / identifier[2:]).unlink()
    git(top, "config", "core.repositoryformatversion", "1")
    git(top, "config", "extensions.partialClone", "origin")
    git(top, "config", "remote.origin.promisor", "true")
    git(top, "config", "remote.origin.url", f"ext::touch {canary}")
    git(top, "config", "protocol.ext.allow", "always")
    with pytest.raises(UsageError), tree_at("HEAD", str(top)):
        pass
    assert not canary.exists()


def test_a_submodule_is_named_and_not_read(tmp_path: Path) -> None:
    top = repository(tmp_path, {"main.tf": "one"})
    head = git(top, "rev-parse", "HEAD").strip()
    git(top, "update-index", "--add", "--cacheinfo", f"160000,{head},shared/policies")
    git(top, "commit", "-q", "-m", "a submodule")
    with tree_at("HEAD", str(top)) as tree:
        assert tree.modules == ("shared/policies",)
        assert files_of(tree.folder) == {"main.tf": "one"}


def test_names_that_lead_elsewhere_are_not_written() -> None:
    for path in (
        "../x.tf",
        "a/../../x.tf",
        "/etc/x.tf",
        ".git/config",
        "a/.GIT/x.tf",
        "a//x.tf",
        "a\\..\\x.tf",
    ):
        assert not revision._may_be_written(path), path
    assert revision._may_be_written("a/.github/x.tf")
