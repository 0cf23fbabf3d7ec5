"""A change of access for people at a terminal."""

from __future__ import annotations

from osreach.graph.access_change import Direction
from osreach.report.change_view import ChangeReport, Group, groups, place_words, sentence
from osreach.report.printable import printable
from osreach.report.view import count
from osreach.report.witness import witness_sentence


def render(report: ChangeReport) -> str:
    """A block a gain with its lines and its request, then what was lost and what is not known."""
    gained, lost, unknown = (
        groups(report.of(direction)) for direction in (Direction.GAINED, Direction.LOST, Direction.UNKNOWN)
    )
    if not gained and not lost and not unknown:
        return "access does not change\n"
    blocks = [_gain(group) for group in gained]
    blocks += ["\n".join(_line(group) for group in listed) for listed in (lost, unknown) if listed]
    numbers = (
        f"{count(len(gained), 'gain')} of access",
        f"{count(len(lost), 'loss', 'losses')}",
        f"{len(unknown)} not known",
    )
    return "\n\n".join([*blocks, ", ".join(numbers)]) + "\n"


def _gain(group: Group) -> str:
    row = group.first
    where = f"{place_words(row.locations[0])} " if row.locations else ""
    lines = [f"{where}{group.severity} {sentence(group)}"]
    lines += [f"  = because: {place_words(place)}" for place in row.locations[1:]]
    if row.witness is not None:
        lines.append(f"  = request: {printable(witness_sentence(row.witness))}")
    return "\n".join(lines)


def _line(group: Group) -> str:
    row = group.first
    where = f" ({place_words(row.locations[0])})" if row.locations else ""
    return f"{row.direction.value}: {sentence(group)}{where}"
