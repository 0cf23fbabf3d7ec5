"""Texts, lists and JSON inside the resources and files that say what is in a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.setting import Setting
from osreach.extract.attribute import identity, with_holes
from osreach.iam.hole import Holes
from osreach.value import Json, Object, Unknown, Value


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a list; `partial` where there may be more than these."""

    items: tuple[str, ...] = ()
    partial: bool = False


def texts(value: Value | None, holes: Holes) -> Texts:
    """The texts of a list, with holes for unknown parts; a single text is a list of itself."""
    if value is None:
        return Texts()
    if isinstance(value.data, Unknown):
        return Texts(partial=True)
    found: dict[str, None] = {}
    partial = False
    for item in value.items:
        match item.data:
            case Unknown(many=True):
                partial = True
            case None:
                continue
            case tuple() | Object():
                # No text at all; what Terraform or the cluster makes of it is not known.
                partial = True
            case _:
                found[with_holes(item, holes)] = None
    return Texts(tuple(found), partial)


def one_text(value: Value | None, holes: Holes) -> str:
    """A text with holes for unknown parts, empty where it is not written; JSON as it would be printed."""
    match None if value is None else value.data:
        case None:
            return ""
        case Json(inner):
            return "".join(_json(inner, holes))
        case Object() | tuple():
            # CloudFormation and YAML may hold as structure what the API takes as text.
            return "".join(_json(value, holes)) if value is not None else ""
        case _:
            return with_holes(value, holes) if value is not None else ""


def _json(value: Value, holes: Holes) -> Iterator[str]:
    match value.data:
        case Object(entries):
            yield "{"
            for number, (name, entry) in enumerate(entries.items()):
                yield f"{', ' if number else ''}{json.dumps(name, ensure_ascii=False)}: "
                yield from _json(entry, holes)
            yield "}"
        case tuple() as items:
            yield "["
            for number, item in enumerate(items):
                yield ", " if number else ""
                yield from _json(item, holes)
            yield "]"
        case Json(inner):
            yield json.dumps("".join(_json(inner, holes)), ensure_ascii=False)
        case None | bool() | int() | float() as scalar:
            yield json.dumps(scalar)
        case Unknown() as unknown:
            yield holes.hole(identity(unknown))
        case _:
            yield json.dumps(with_holes(value, holes), ensure_ascii=False)


def text_of(setting: Setting[str | None], holes: Holes) -> str:
    """The text of a setting with a hole where it is unknown, empty where it is not written."""
    match setting.value:
        case Unknown() as unknown:
            return holes.hole(identity(unknown))
        case found:
            return found or ""
