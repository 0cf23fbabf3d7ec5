"""A change of access as workflow commands: GitHub shows each gain as an annotation at its line."""

from __future__ import annotations

from osreach.graph.access_change import Direction
from osreach.report.change_view import ChangeReport, Group, groups, sentence
from osreach.report.github import COMMANDS, command
from osreach.report.witness import witness_sentence


def render(report: ChangeReport) -> str:
    """One command for each gain that has a place, the worst first; what is lost needs nobody's eyes."""
    gained = groups(report.of(Direction.GAINED))
    return "".join(f"{_gain(group)}\n" for group in gained if group.first.locations)


def _gain(group: Group) -> str:
    row = group.first
    lines = [sentence(group)]
    if row.witness is not None:
        lines.append(f"request: {witness_sentence(row.witness)}")
    title = f"osreach: access gained ({group.severity})"
    return command(COMMANDS[group.severity], row.locations[0], title, lines)
