"""One comment on the pull request that is kept up to date.

Source: https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from osreach_action.event import read_event, table, text
from osreach_action.workflow import StepError, say, shortened, variable

_MOST_BYTES = 60_000
"""GitHub takes 65,536 characters."""

_MOST_PAGES = 30
_NOTHING = "This change gives nobody access, takes none away, and brings no findings.\n"


def comment() -> None:
    """Writes the summary as a comment, or changes the one that an earlier run has written.

    Nothing is written where there is nothing to say and no comment yet, nor
    where the token may only read. Raises StepError where GitHub refuses.
    """
    event = read_event()
    if event.number is None:
        say("notice", "there is no comment: this run is about no pull request")
        return
    if not event.may_write:
        say(
            "notice",
            "there is no comment: the token of this run may only read; the summary of the job says all",
        )
        return
    marker = _marker()
    is_quiet = variable("QUIET") == "true"
    written = _NOTHING if is_quiet else Path(variable("MARKDOWN")).read_text(encoding="utf-8")
    body = f"{marker}\n{shortened(written, _MOST_BYTES)}"
    comments = f"/repos/{variable('GITHUB_REPOSITORY')}/issues/{event.number}/comments"
    for address, old in _own(comments, marker):
        if old == body:
            return
        if _changed(address, body):
            return
    if not is_quiet:
        _ask("POST", comments, {"body": body})


def _marker() -> str:
    """What tells this job's comment from those of other jobs; nobody sees it."""
    job = "\0".join(map(variable, ("GITHUB_WORKFLOW", "GITHUB_JOB")))
    return f"<!-- osreach {hashlib.sha256(job.encode()).hexdigest()[:16]} -->"


def _own(comments: str, marker: str) -> Iterator[tuple[str, str]]:
    """Path and text of the comments that begin with the marker and come from a program."""
    for page in range(1, _MOST_PAGES + 1):
        listed = _ask("GET", f"{comments}?per_page=100&page={page}")
        rows = listed if isinstance(listed, list) else []
        for row in rows:
            number = table(row).get("id")
            # A person can write the marker too, and the text of persons is theirs.
            is_program = text(row, "user", "type") == "Bot"
            if is_program and isinstance(number, int) and text(row, "body").startswith(marker):
                yield f"/repos/{variable('GITHUB_REPOSITORY')}/issues/comments/{number}", text(row, "body")
        if len(rows) < 100:
            return


def _changed(address: str, body: str) -> bool:
    """Whether the comment could be changed; one of another program cannot."""
    try:
        _ask("PATCH", address, {"body": body})
    except _RefusedError:
        return False
    return True


class _RefusedError(StepError):
    """GitHub does not let this token do that."""


def _ask(method: str, path: str, body: object = None) -> object:
    """What GitHub's API answers. Raises StepError."""
    address = f"{variable('GITHUB_API_URL').rstrip('/')}{path}"
    if not address.startswith(("https://", "http://")):
        raise StepError("the run names no address of GitHub's API")
    request = Request(  # noqa: S310 - of the two schemes above
        address,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {variable('INPUT_TOKEN')}",
            "Content-Type": "application/json",
            "User-Agent": "osreach",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
            return json.loads(answer.read() or b"null")
    except HTTPError as error:
        words = f"GitHub does not let the comment be written ({error.code})"
        if error.code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            raise _RefusedError(f"{words}: the job needs `permissions: pull-requests: write`") from None
        raise StepError(words) from None
    except (URLError, OSError, ValueError) as error:
        raise StepError(f"GitHub could not be asked about the comment: {error}") from None
