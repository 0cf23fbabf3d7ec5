"""From `METHOD /path` to the actions that a request needs, and the indexes it means.

The table is `data/routes.txt`. A request that no line of it describes is
unknown, not free of needs.
"""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from osreach.opensearch.body import NAMES_INDEXES_IN_BODY, READERS, BodyProblem
from osreach.opensearch.index import EVERYTHING, Name, Some, Target, parse_expression
from osreach.opensearch.need import Need, When
from osreach.opensearch.predefined import Engine

_INDEX_PLACES = frozenset({"{index}", "{target}", "{alias}"})
_PLUGINS = frozenset({"_plugins", "_opendistro"})
_UNTOLD = Some("*", "nothing in the request names it")


@dataclass(frozen=True, slots=True)
class Route:
    """A line of the table. `parts` are the path's segments; `rest` says that anything may follow.

    `needs` are as written there. `engine` is None for both.
    """

    methods: tuple[str, ...]
    path: str
    parts: tuple[str, ...]
    needs: tuple[str, ...]
    documentation: str
    engine: Engine | None = None

    @property
    def rest(self) -> bool:
        """Whether the path goes on in any way."""
        return bool(self.parts) and self.parts[-1].endswith("...}")

    @property
    def reader(self) -> str:
        """The name of the body's reader, empty where the body says nothing about permissions."""
        return next((need[5:] for need in self.needs if need.startswith("body:")), "")


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """What a request needs. `refused` says why it is refused whoever asks, empty where it is not.

    With no needs at all it is free to everyone who is logged in.
    `indexes_in_body` says that indexes stand in the body, out of sight of a
    policy on URIs.
    """

    route: Route
    needs: tuple[Need, ...]
    problems: tuple[BodyProblem, ...] = ()
    refused: str = ""
    indexes_in_body: bool = False


@dataclass(frozen=True, slots=True)
class UnknownRequest:
    """A request of which the table says nothing, and why."""

    method: str
    path: str
    because: str


@lru_cache(maxsize=1)
def routes() -> tuple[Route, ...]:
    """Every line of the table, in its order."""
    raw = pkgutil.get_data(__package__, "data/routes.txt")
    if raw is None:
        raise OSError("`routes.txt` cannot be read")
    found: list[Route] = []
    engine: Engine | None = None
    documentation = ""
    for line in raw.decode("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("engine: "):
            name = line.removeprefix("engine: ")
            engine = None if name == "both" else Engine(name)
        elif line.startswith("url: "):
            documentation = line.removeprefix("url: ")
        else:
            methods, path, *needs = line.split()
            parts = tuple(part for part in path.split("/") if part)
            found.append(Route(tuple(methods.split(",")), path, parts, tuple(needs), documentation, engine))
    return tuple(found)


def _is_index_segment(segment: str) -> bool:
    """Whether a segment can be an index expression; names cannot begin with `_`, but for `_all`."""
    return segment == "_all" or (segment != "" and not segment.startswith("_"))


def _fits(part: str, segment: str) -> bool:
    if part == "{plugins}":
        return segment in _PLUGINS
    if part in _INDEX_PLACES:
        return _is_index_segment(segment)
    if part.startswith("{"):
        return segment != "" and (part != "{type}" or not segment.startswith("_") or segment == "_doc")
    return part == segment


def _matches(route: Route, segments: tuple[str, ...]) -> bool:
    parts = route.parts
    if route.rest:
        parts = parts[:-1]
        segments = segments[: len(parts)]
    return len(parts) == len(segments) and all(map(_fits, parts, segments))


def _rank(route: Route) -> tuple[int, ...]:
    """Literal segments go before placeholders, from left to right, as in the engine's own table."""
    return tuple(part.startswith("{") for part in route.parts)


@lru_cache(maxsize=2)
def _by_length(engine: Engine) -> dict[int, tuple[Route, ...]]:
    out: dict[int, list[Route]] = {}
    for route in sorted(routes(), key=_rank):
        if route.engine in {None, engine}:
            out.setdefault(-1 if route.rest else len(route.parts), []).append(route)
    return {length: tuple(found) for length, found in out.items()}


def recognise(
    method: str, path: str, body: str | None = None, engine: Engine = Engine.OPENSEARCH
) -> KnownRequest | UnknownRequest:
    """What the request needs. `path` may carry a query string and be percent-encoded; `body` may be missing."""
    method = method.upper()
    bare, _, query = path.partition("?")
    inner = bare.removeprefix("/").removesuffix("/")
    raw = inner.split("/") if inner else []
    segments = tuple(unquote(segment) for segment in raw)
    table = _by_length(engine)
    fitting = [
        route for route in (*table.get(len(segments), ()), *table.get(-1, ())) if _matches(route, segments)
    ]
    if not fitting:
        return UnknownRequest(method, path, f"no documented route is `{bare or '/'}`")
    route = next((route for route in fitting if method in route.methods), None)
    if route is None:
        allowed = ", ".join(sorted({one for route in fitting for one in route.methods}))
        return UnknownRequest(method, path, f"`{bare}` is documented for {allowed} only")
    return _request(route, segments, query, body)


def _request(route: Route, segments: tuple[str, ...], query: str, body: str | None) -> KnownRequest:
    values = dict(zip(route.parts, segments, strict=False))
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    needs: list[Need] = []
    problems: tuple[BodyProblem, ...] = ()
    refused = ""
    for written in route.needs:
        if written == "own":
            continue
        if written.startswith("body:"):
            reading = READERS[written[5:]](body, values.get("{index}"))
            needs.extend(reading.needs)
            problems, refused = reading.problems, reading.refused
        else:
            needs.append(_need(written, values, parameters))
    return KnownRequest(
        route, tuple(dict.fromkeys(needs)), problems, refused, route.reader in NAMES_INDEXES_IN_BODY
    )


_WHEN = {"new?": When.NEW_INDEX, "field?": When.NEW_FIELD}


def _need(written: str, values: dict[str, str], parameters: dict[str, str]) -> Need:
    when = When.ALWAYS
    for prefix, case in _WHEN.items():
        if written.startswith(prefix):
            written, when = written.removeprefix(prefix), case
    action, _, place = written.partition("@")
    return Need(action, _targets(place, values, parameters) if place else (), when)


def _targets(place: str, values: dict[str, str], parameters: dict[str, str]) -> tuple[Target, ...]:
    if place == "*":
        return (EVERYTHING,)
    if place == "?":
        return (_UNTOLD,)
    if place in _INDEX_PLACES:
        return parse_expression(values[place])
    parameter = re.fullmatch(r"\{\?(\w+)\}", place)
    if parameter is not None:
        return parse_expression(parameters.get(parameter[1], ""))
    return (Name(place),)
