"""What a caller brings along: the session's name, groups of a login, and the body of the request."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.evaluate.cluster import Sent, content_of, recognised
from osreach.evaluate.target import Target
from osreach.opensearch.route import KnownRequest, recognise
from osreach.usage import UsageError


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request and the file that holds it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Login:
    """How the caller comes: the name of a role's session, what a login brings along, and the request's body."""

    session: str = "session"
    backend_roles: tuple[str, ...] = ()
    wrong: bool = False
    body: Body | None = None


def read_body(name: str) -> Body:
    """The body in a file, or on standard input; raises UsageError where it cannot be read."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"`--body {name}` cannot be read: {(error.strerror or 'error').lower()}") from None
    shown = "standard input" if name == "-" else name
    try:
        return Body(shown, raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"`--body {name}` is not text in UTF-8") from None


_MOST_PROBLEMS = 3
_MOST_TARGETS = 20_000


def check_body(body: Body, sent: Sent | None, target: Target, analysis: Analysis) -> None:
    """Raises UsageError for a body that cannot be what the request needs, with the lines."""
    if sent is None:
        raise UsageError("a body belongs to a request line such as `POST /_bulk`")
    domain = target.subject
    content = content_of(analysis.model, domain) if isinstance(domain, Domain) else None
    request = (
        recognised(sent, content) if content is not None else recognise(sent.method, sent.path, sent.body)
    )
    if not isinstance(request, KnownRequest):
        return
    if sum(len(need.targets) for need in request.needs) > _MOST_TARGETS:
        raise UsageError(
            f"`--body {body.name}` names more than {_MOST_TARGETS:,} indexes, too many to decide"
        )
    if not request.problems:
        return
    shown = request.problems[:_MOST_PROBLEMS]
    more = len(request.problems) - len(shown)
    words = "; ".join(f"{body.name}:{one.line}: {one.message}" for one in shown)
    raise UsageError(f"{words}; and {more} more" if more else words)
