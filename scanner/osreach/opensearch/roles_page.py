"""The page that lists how far every predefined role reaches (`docs/cluster-roles.md`)."""

from __future__ import annotations

from collections.abc import Iterator

from osreach.opensearch.predefined import (
    FINE_GRAINED_ACCESS,
    LATEST,
    NOT_OFFERED,
    RENAMED,
    UNPUBLISHED,
    EngineVersion,
    RoleSpan,
    default_action_groups,
    predefined_roles,
    role_history,
    source_header,
)
from osreach.opensearch.reach import Deed, Reach, reach
from osreach.truth import Truth

_DEEDS = {
    Deed.MONITOR: "monitors",
    Deed.SETTINGS: "changes settings",
    Deed.REGISTER_REPOSITORY: "registers repositories",
    Deed.SNAPSHOT: "takes snapshots",
    Deed.RESTORE: "restores",
    Deed.CHANGE_ROLES: "security API",
}
_OFFERED = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "not documented"}
_NOTHING = "–"  # noqa: RUF001 - a dash in a table


def _reach(span: RoleSpan) -> Reach:
    return reach(span.role, default_action_groups(span.last))


def _patterns(patterns: tuple[str, ...]) -> str:
    if "*" in patterns:
        return "**every index**"
    return ", ".join(f"`{pattern}`" for pattern in patterns) or _NOTHING


def _union(*patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for some in patterns for one in some))


def _range(span: RoleSpan) -> str:
    if span.last == LATEST:
        return f"since {span.first}"
    return f"{span.first}" if span.first == span.last else f"{span.first} to {span.last}"


def _row(name: str, span: RoleSpan) -> str:
    far = _reach(span)
    changes = _union(far.on(Deed.INDEX), far.on(Deed.DELETE_DOCUMENT))
    offered = predefined_roles(span.last).get(name)
    cells = (
        f"`{name}`",
        _range(span),
        _OFFERED[offered.offered] if offered else _NOTHING,
        _patterns(_union(far.on(Deed.SEARCH), far.on(Deed.GET))),
        _patterns(changes),
        _patterns(far.on(Deed.DELETE_INDEX)),
        ", ".join(_DEEDS[deed] for deed in far.cluster) or _NOTHING,
    )
    return f"| {' | '.join(cells)} |"


def _merged(spans: tuple[RoleSpan, ...]) -> Iterator[RoleSpan]:
    """Releases between which nothing changed that the table shows are one row."""
    current: RoleSpan | None = None
    for span in spans:
        if current is not None and _reach(current) == _reach(span) and _adjacent(current.last, span.first):
            current = RoleSpan(current.first, span.last, span.role)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def _adjacent(first: EngineVersion, second: EngineVersion) -> bool:
    releases = [source["release"] for source in source_header()["sources"]]
    order = [release.replace("_", " ") for release in releases]
    return order.index(str(second)) == order.index(str(first)) + 1


def reading_every_index(version: EngineVersion = LATEST) -> tuple[str, ...]:
    """Predefined roles that read every index in this version, by name."""
    groups = default_action_groups(version)
    return tuple(
        name for name, one in predefined_roles(version).items() if reach(one.role, groups).reads_every_index
    )


def roles_page() -> str:
    """The page as Markdown."""
    header = source_header()
    newest = header["sources"][-1]
    old = ", ".join(f"`{one}` is `{new}`" for one, new in RENAMED.items())
    lines = [
        "# Predefined roles and their reach",
        "",
        "<!-- Written by `osreach rules --cluster-roles`; edit `opensearch/predefined.py` instead. -->",
        "",
        "What each role that comes with a cluster lets its holders do, worked out from the Security plugin's",
        f"published configuration ([releases up to {newest['tag']}]({header['repository']}), Apache-2.0).",
        "The managed service may differ: its documentation lists only what it",
        f"[leaves out and adds]({FINE_GRAINED_ACCESS}).",
        "",
        f"In the newest release known here ({LATEST}) these roles read every index:",
        "",
        *(f"- `{name}`" for name in reading_every_index()),
        "",
        f"The service does not offer {', '.join(f'`{name}`' for name in NOT_OFFERED)}.",
        f"It has {', '.join(f'`{name}`' for name in UNPUBLISHED)}, of which no page lists the permissions;",
        'what depends on them is answered with "unknown".',
        f"On domains created with OpenSearch {old}.",
        "",
        "| role | releases | offered | reads | writes or deletes documents | deletes indexes | cluster |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, spans in sorted(role_history().items()):
        lines.extend(_row(name, span) for span in _merged(spans))
    return "\n".join(lines) + "\n"
