"""A change of access as markdown: a short table for a reviewer."""

from __future__ import annotations

from osreach.graph.access_change import Direction
from osreach.report.change_view import ChangeReport, Group, groups, sentence
from osreach.report.markdown import code, prose
from osreach.report.view import count
from osreach.report.witness import witness_sentence

_MOST = 50


def render(report: ChangeReport) -> str:
    """A table of gains, the worst first; what was lost or is not known folded away below."""
    gained, lost, unknown = (
        groups(report.of(direction)) for direction in (Direction.GAINED, Direction.LOST, Direction.UNKNOWN)
    )
    lines = ["## Access", ""]
    if not gained and not lost and not unknown:
        return "\n".join([*lines, "This change gives nobody access and takes none away."]) + "\n"
    if gained:
        lines += ["| Severity | What this change does | Where |", "| --- | --- | --- |"]
        lines += [_gain(group) for group in gained[:_MOST]]
        lines += [f"| | and {count(len(gained) - _MOST, 'more gain')} | |"] if len(gained) > _MOST else []
    else:
        lines.append("This change gives nobody access.")
    for title, found in (("Taken away", lost), ("Not known", unknown)):
        if found:
            lines += ["", "<details>", f"<summary>{title}: {len(found)}</summary>", ""]
            lines += [_line(group) for group in found[:_MOST]]
            lines += [f"- and {len(found) - _MOST} more"] if len(found) > _MOST else []
            lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _gain(group: Group) -> str:
    row = group.first
    what = [prose(sentence(group))]
    if row.witness is not None:
        what.append(f"for example {code(witness_sentence(row.witness))}")
    where = code(f"{row.locations[0].path}:{row.locations[0].line}") if row.locations else ""
    return f"| {group.severity} | {'<br>'.join(what)} | {where} |"


def _line(group: Group) -> str:
    row = group.first
    where = (
        f" ({code(f'{row.locations[0].path}:{row.locations[0].line}', in_table=False)})"
        if row.locations
        else ""
    )
    return f"- {prose(sentence(group), in_table=False)}{where}"
