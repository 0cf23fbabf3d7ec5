"""The commit that a change is compared with, and getting it into a shallow clone."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from osreach.revision import commit_of, run_git, top_of
from osreach.usage import UsageError
from osreach_action.event import PULL_REQUESTS, Event, commit_id, text
from osreach_action.workflow import program_path, variable


@dataclass(frozen=True, slots=True)
class Base:
    """The commit or name of a commit to compare with, empty where there is none; `why` says so to people.

    `is_expected` tells that there is nothing to compare with rather than that it cannot be had.
    """

    commit: str
    why: str
    is_expected: bool = True


def base_of(event: Event, named: str) -> Base:
    """What this run is compared with: the revision that the user names, or the one before the event's change.

    A commit that the clone lacks is fetched. Raises UsageError where git cannot
    be used.
    """
    try:
        top = top_of(".")
    except UsageError:
        return Base("", "nothing is compared: the working directory is in no clone of git", is_expected=False)
    checked_out = commit_of(top, "HEAD")
    if named:
        return _had(top, named, f"compared with {_name(named)}")
    if event.name in PULL_REQUESTS:
        return _before_pull_request(top, checked_out, event)
    if event.name == "merge_group":
        commit = commit_id(text(event.payload, "merge_group", "base_sha"))
        return _had(top, commit, f"compared with `{commit[:10]}`, where the merge group begins")
    if event.name == "push":
        commit = commit_id(text(event.payload, "before"))
        if not commit:
            return Base("", "nothing is compared: the branch is new")
        return _had(top, commit, f"compared with `{commit[:10]}`, the commit before this push")
    return Base("", f"nothing is compared: the event {_name(event.name)} has no earlier commit")


def _name(written: str) -> str:
    """A name in backticks, which it cannot end by itself."""
    return f"`{written.replace('`', chr(39))}`"


def _before_pull_request(top: str, checked_out: str, event: Event) -> Base:
    """Of the merge that GitHub checks out, the side that is merged into; else the branch's beginning."""
    head = commit_id(text(event.pull_request, "head", "sha"))
    base = commit_id(text(event.pull_request, "base", "sha"))
    branch = _name(text(event.pull_request, "base", "ref"))
    parents = _parents(top)
    # Meanwhile the pull request may have got another head, but the merge is the one that this run is about.
    is_merge = event.name == "pull_request" and checked_out == variable("GITHUB_SHA")
    if len(parents) == 2 and (is_merge or parents[1] == head):
        return _had(top, parents[0], f"compared with `{parents[0][:10]}` of {branch}")
    begin = run_git(top, "merge-base", base, "HEAD") if base else None
    if begin is not None and begin.returncode == 0:
        commit = begin.stdout.decode("ascii", "replace").strip()
        return _had(top, commit, f"compared with `{commit[:10]}`, where the branch leaves {branch}")
    words = (
        f"compared with `{base[:10]}`, the tip of {branch}: the clone does not hold where the branch begins "
        "(`fetch-depth: 0` of actions/checkout brings it), so changes of others may show"
    )
    return _had(top, base, words)


def _parents(top: str) -> list[str]:
    """The parents of what is checked out, also those that a shallow clone lacks."""
    found = run_git(top, "cat-file", "commit", "HEAD").stdout.decode("utf-8", "replace")
    head = found.partition("\n\n")[0].split("\n")
    return [line.removeprefix("parent ") for line in head if line.startswith("parent ")]


def _had(top: str, commit: str, why: str) -> Base:
    """The commit where the clone has it or can get it."""
    if not commit:
        return Base("", "nothing is compared: the event names no earlier commit", is_expected=False)
    if _is_there(top, commit):
        return Base(commit, why)
    problem = _fetch(top, commit) if commit_id(commit) else "it is not in this clone"
    if not problem and _is_there(top, commit):
        return Base(commit, why)
    words = f"nothing is compared: {_name(commit[:10] if commit_id(commit) else commit)} cannot be had"
    said = f" ({problem})" if problem else ""
    return Base("", f"{words}{said}; `fetch-depth: 0` of actions/checkout brings it", is_expected=False)


def _is_there(top: str, commit: str) -> bool:
    found = run_git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")
    return found.returncode == 0 and run_git(top, "cat-file", "-e", f"{commit}^{{tree}}").returncode == 0


def _fetch(top: str, commit: str) -> str:
    """Gets one commit from the repository of the run; why that failed, or nothing.

    It is fetched into a repository of its own, so that nothing that the clone
    configures has a say, and its objects, which are only data, are copied.
    """
    server, name = variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY")
    if not server or not name:
        return "the run names no repository to fetch it from"
    url = f"{server.rstrip('/')}/{name}"
    place = run_git(top, "rev-parse", "--git-path", "objects/pack").stdout.decode().strip()
    git = program_path("git")
    if git is None or not place:
        return "git cannot be used"
    with tempfile.TemporaryDirectory(dir=variable("RUNNER_TEMP") or None) as folder:
        environment = _environment(url)
        for command in (
            ["init", "--quiet", "--bare", "--template=", folder],
            [
                "-C",
                folder,
                "-c",
                "transfer.unpackLimit=1",
                "fetch",
                "--quiet",
                "--no-tags",
                "--depth=1",
                url,
                commit,
            ],
        ):
            done = subprocess.run(  # noqa: S603 - git itself, with an address of GitHub and the id of a commit
                [git, *command], env=environment, cwd=folder, capture_output=True, check=False
            )
            if done.returncode:
                said = done.stderr.decode("utf-8", "replace").strip().splitlines()
                return said[-1] if said else "git failed"
        target = Path(top, place)
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(Path(folder, "objects/pack").iterdir(), key=lambda one: one.suffix == ".idx"):
            if not (target / file.name).exists():
                shutil.copyfile(file, target / file.name)
    return ""


def _environment(url: str) -> dict[str, str]:
    """The environment of the fetch: one protocol, no questions, and the token where no other user sees it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept |= {"GIT_ALLOW_PROTOCOL": urlsplit(url).scheme, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    token = variable("INPUT_TOKEN")
    if token and url.startswith("http"):
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        kept |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{variable('GITHUB_SERVER_URL').rstrip('/')}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
        }
    return kept
