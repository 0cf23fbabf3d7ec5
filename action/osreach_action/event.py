"""What GitHub says about the event that started the workflow.

Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osreach_action.workflow import StepError, variable

PULL_REQUESTS = ("pull_request", "pull_request_target")


@dataclass(frozen=True, slots=True)
class Event:
    """The name of the event (`push`, `pull_request` ...) and what GitHub tells about it."""

    name: str
    payload: Mapping[str, object]

    @property
    def pull_request(self) -> Mapping[str, object]:
        """The pull request, empty for other events."""
        return table(self.payload.get("pull_request")) if self.name in PULL_REQUESTS else {}

    @property
    def number(self) -> int | None:
        """The number of the pull request."""
        number = self.pull_request.get("number")
        return number if isinstance(number, int) else None

    @property
    def is_from_fork(self) -> bool:
        """Whether the change comes from another repository, or from one that is gone."""
        if not self.pull_request:
            return False
        names = [text(side, "repo", "full_name") for side in map(self.pull_request.get, ("head", "base"))]
        return not names[0] or names[0] != names[1]

    @property
    def may_write(self) -> bool:
        """Whether the token of the run can be one that writes.

        It only reads for pull requests from forks and for those of Dependabot.
        https://docs.github.com/en/actions/concepts/security/github_token
        """
        if self.name != "pull_request":
            return True
        by = text(self.pull_request, "user", "login")
        return not self.is_from_fork and "dependabot[bot]" not in {by, variable("GITHUB_ACTOR")}


def read_event() -> Event:
    """The event of this run, as GITHUB_EVENT_NAME and the file at GITHUB_EVENT_PATH tell it."""
    path = variable("GITHUB_EVENT_PATH")
    payload: object = {}
    if path:
        try:
            payload = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StepError(f"the event of the workflow cannot be read: {error}") from None
    return Event(variable("GITHUB_EVENT_NAME"), table(payload))


def table(value: object) -> Mapping[str, object]:
    """The value as a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def text(value: object, *keys: str) -> str:
    """The text behind keys of nested JSON objects, empty where there is none."""
    for key in keys:
        value = table(value).get(key)
    return value if isinstance(value, str) else ""


def commit_id(value: str) -> str:
    """`value` where it is the id of a commit, else nothing; zeros stand for none."""
    return value if re.fullmatch(r"[0-9a-f]{40,64}", value) and value.strip("0") else ""
