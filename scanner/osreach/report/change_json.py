"""A change of access as JSON, version 1: the form that programs may rely on."""

from __future__ import annotations

import json

from osreach.graph.access_change import Direction
from osreach.location import Location
from osreach.report.change_view import ChangeReport, Row
from osreach.report.witness import witness_object


def render(report: ChangeReport) -> str:
    """One JSON object; places of what was lost are those of the old code."""
    shown = {
        "version": 1,
        **{
            direction.value: [_row(row) for row in report.of(direction)]
            for direction in (Direction.GAINED, Direction.LOST, Direction.UNKNOWN)
        },
        "problems": [
            {
                "path": one.location.path,
                "line": one.location.line,
                "column": one.location.column,
                "message": one.message,
            }
            for one in report.problems
        ],
    }
    return json.dumps(shown, indent=2) + "\n"


def _row(row: Row) -> dict[str, object]:
    shown: dict[str, object] = {
        "principal": row.principal,
        "resource": row.resource,
        "level": row.level.value,
        "before": row.before.value,
        "after": row.after.value,
        "conditions": list(row.conditions),
        "path": list(row.path),
        "witness": witness_object(row.witness) if row.witness is not None else None,
        "locations": [_place(one) for one in row.locations],
    }
    if row.direction is Direction.GAINED:
        shown["severity"] = row.severity.value
    if row.reason:
        shown["reason"] = row.reason
    return shown


def _place(location: Location) -> dict[str, object]:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }
