"""What the tests of CloudFormation share: templates as text, and values without their places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osreach.iac.cloudformation.read import read_templates
from osreach.iac.resource import Inputs, Reading, Resource
from osreach.source import discover
from osreach.value import Json, Object, Text, Unknown, Value


def plain(value: Value | None) -> Any:
    """A value as Python data: unknown parts as `${expression}`, JSON text as what it was made from."""
    if value is None:
        return None
    match value.data:
        case Unknown() as unknown:
            return "${" + unknown.expression + "}" + ("..." if unknown.many else "")
        case Text(parts):
            return "".join(
                "${" + part.text.expression + "}" if isinstance(part.text, Unknown) else part.text
                for part in parts
            )
        case Json(inner):
            return {"json": plain(inner)}
        case tuple() as items:
            return [plain(item) for item in items]
        case Object(entries, rest):
            found = {name: plain(entry) for name, entry in entries.items()}
            return found | {"...": [unknown.expression for unknown in rest]} if rest else found
        case scalar:
            return scalar


def read(folder: Path, files: Mapping[str, str] | str, inputs: Inputs | None = None) -> Reading:
    """The reading of templates by file name (or of one template)."""
    for name, text in ({"template.yaml": files} if isinstance(files, str) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_templates(discover([str(folder)], str(folder)), inputs)


def resource(reading: Reading, address: str) -> Resource:
    """The one resource with this address."""
    (found,) = [each for each in reading.resources if each.address == address]
    return found


def messages(reading: Reading) -> list[tuple[int, str]]:
    """Line and message of every problem."""
    return [(problem.location.line, problem.message) for problem in reading.problems]
