"""The access matrix: principals as rows, resources as columns, levels of access in the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osreach.graph.overview import Overview, Party, Way
from osreach.report.html.deployment import short_names
from osreach.report.html.markup import name, place, prose, words
from osreach.report.view import count

_LEVELS = ("read", "write", "delete", "configure", "administer")
_RANK = ("denied", "unknown", "conditional", "allowed")
_NOT_ASKED = (
    "The matrix of this report was not worked out: `osreach scan` writes it with `--format html` only."
)


def section(overview: Overview | None) -> str:
    """The part of the page with the matrix; where it is left out, it says so."""
    head = '<section id="access" aria-labelledby="access-title"><h2 id="access-title">Who can reach what</h2>'
    if overview is None:
        return f"{head}<p>{prose(_NOT_ASKED)}</p></section>"
    parts = [head, _left_out(overview)]
    if overview.problems:
        items = "".join(
            f'<li><span class="place">{place(one.location)}</span> {prose(one.message)}</li>'
            for one in overview.problems
        )
        parts.append(
            f'<p>Some policies could not be read, so there may be more access than this shows:</p><ul class="places">{items}</ul>'
        )
    if overview.ways:
        parts += [_filter(overview), _table(overview)]
    elif overview.resources:
        parts.append("<p>No principal of these files, and none that they name, reaches a resource.</p>")
    elif not overview.left_out:
        parts.append("<p>These files make no domain, collection, bucket or key.</p>")
    return "\n".join([*(part for part in parts if part), "</section>"])


def _left_out(overview: Overview) -> str:
    if not overview.left_out:
        return ""
    names = ", ".join(f"<code>{words(one.label)}</code>" for one in overview.left_out[:20])
    further = f" and {len(overview.left_out) - 20:,} more" if len(overview.left_out) > 20 else ""
    return (
        f'<p class="warning" role="note"><strong>{count(len(overview.left_out), "resource")} left out</strong>, '
        f"because working out who reaches everything here would take too long: {names}{further}. "
        "<code>osreach who RESOURCE</code> answers for one of them.</p>"
    )


def _filter(overview: Overview) -> str:
    levels = "".join(f'<option value="{level}">{level}</option>' for level in _LEVELS)
    kinds = sorted({one.kind for one in overview.resources})
    options = "".join(f'<option value="{words(kind)}">{words(kind)}s</option>' for kind in kinds)
    return f"""<form class="filter" id="access-filter" role="search" aria-label="Filter the matrix">
<label>Principal <input type="search" id="access-principal" placeholder="role, user, account …"></label>
<label>Resource <input type="search" id="access-resource" placeholder="name …"></label>
<label>Kind <select id="access-kind"><option value="">every kind</option>{options}</select></label>
<label>Can <select id="access-level"><option value="">do anything</option>{levels}</select></label>
<label class="check"><input type="checkbox" id="access-certain"> for certain</label>
</form>
<p class="legend"><span class="cell"><i class="level allowed">R</i><i class="level allowed">W</i><i \
class="level allowed">D</i><i class="level allowed">C</i><i class="level allowed">A</i></span> read, write, \
delete, configure, administer · <i class="level allowed">R</i> allowed · <i class="level conditional">R</i> under \
conditions · <i class="level unknown">R</i> not known · <i class="level denied">·</i> denied</p>
<p id="access-count" class="count" role="status">{count(len(overview.principals), "principal")}, \
{count(len(overview.resources), "resource")}</p>"""


def best(ways: Sequence[Way]) -> dict[str, str]:
    """The most that any of the ways gives, for each level."""
    found: dict[str, str] = {}
    for way in ways:
        for level, outcome in way.levels.items():
            if _RANK.index(outcome) >= _RANK.index(found.get(level, "denied")):
                found[level] = outcome
    return found


def _table(overview: Overview) -> str:
    cells: dict[tuple[str, str], list[Way]] = {}
    for way in overview.ways:
        cells.setdefault((way.principal, way.resource), []).append(way)
    reached = {way.resource for way in overview.ways}
    columns = [one for one in overview.resources if one.identifier in reached]
    nobody = [one for one in overview.resources if one.identifier not in reached]
    apart = short_names(one.deployment for one in (*overview.principals, *columns))
    head = "".join(
        f'<th scope="col" data-column="{number}" data-kind="{words(one.kind)}">{_name(one, apart)}</th>'
        for number, one in enumerate(columns)
    )
    rows = []
    for row, principal in enumerate(overview.principals):
        inside = "".join(
            _cell(cells.get((principal.identifier, one.identifier), ()), row, number, principal, one)
            for number, one in enumerate(columns)
        )
        rows.append(f'<tr data-row="{row}"><th scope="row">{_name(principal, apart)}</th>{inside}</tr>')
    unreached = ""
    if nobody:
        names = ", ".join(f"<code>{words(one.label)}</code>" for one in nobody)
        unreached = f'<p class="quiet">Nobody in these files reaches {names}.</p>'
    return f"""<div class="scroll" tabindex="0" role="region" aria-label="Access matrix">
<table id="matrix"><thead><tr><th scope="col">Principal</th>{head}</tr></thead>
<tbody>
{chr(10).join(rows)}
</tbody></table></div>
<p id="access-none" class="quiet" hidden>Nobody matches.</p>
{unreached}
<div id="access-detail" class="detail" role="region" aria-live="polite" aria-label="How" hidden></div>"""


def _name(one: Party, apart: Mapping[str, str]) -> str:
    where = apart.get(one.deployment, "")
    deployment = f'<span class="deployment">in {words(where)}</span>' if where else ""
    return f'<span class="kind">{words(one.kind)}</span> {name(one.label)}{deployment}'


def _cell(ways: Sequence[Way], row: int, column: int, principal: Party, resource: Party) -> str:
    if not ways:
        return f'<td data-column="{column}"></td>'
    levels = best(ways)
    said = ", ".join(
        f"{level} {'not known' if outcome == 'unknown' else outcome}"
        for level, outcome in levels.items()
        if outcome != "denied"
    )
    label = words(f"{principal.label} on {resource.label}: {said}")
    return (
        f'<td data-column="{column}" data-levels="{_encoded(levels)}">'
        f'<button type="button" class="cell" data-row="{row}" data-column="{column}" aria-label="{label}" '
        f'aria-controls="access-detail" tabindex="-1">{_marks(levels)}</button></td>'
    )


def _encoded(levels: Mapping[str, str]) -> str:
    """What filters ask for: `read:allowed delete:unknown`."""
    return " ".join(f"{level}:{outcome}" for level, outcome in levels.items() if outcome != "denied")


def _marks(levels: Mapping[str, str]) -> str:
    marks = []
    for level in _LEVELS:
        outcome = levels.get(level)
        if outcome is None:
            continue
        text = "·" if outcome == "denied" else level[0].upper()
        marks.append(f'<i class="level {outcome}">{text}</i>')
    return "".join(marks)


def details(overview: Overview | None) -> list[list[object]]:
    """What a cell shows when it is chosen: row, column, and each way with its levels, conditions and places."""
    if overview is None:
        return []
    rows = {one.identifier: number for number, one in enumerate(overview.principals)}
    reached = {way.resource for way in overview.ways}
    columns = {
        one.identifier: number
        for number, one in enumerate(one for one in overview.resources if one.identifier in reached)
    }
    labels = {one.identifier: one.label for one in (*overview.principals, *overview.resources)}
    return [
        [
            rows[way.principal],
            columns[way.resource],
            [labels[way.principal], *way.chain, labels[way.resource]],
            {level: outcome for level, outcome in way.levels.items() if outcome != "denied"},
            list(way.conditions),
            [f"{where.path}:{where.line}" for where in way.locations],
        ]
        for way in overview.ways
    ]
