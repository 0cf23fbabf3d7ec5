"""Settings by name, in whichever language they are written.

CloudFormation calls a setting `PipelineRoleArn`, Terraform and its Cloud Control
provider `pipeline_role_arn`; without case and underscores they are the same.
A nested block is a list of one object, which a path goes through.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.setting import Setting
from osreach.extract.attribute import boolean_of, with_holes
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.value import Object, Unknown, Value


def entry(value: Value, path: str) -> Value | None:
    """The value at a dotted `path` of names in lower case without underscores; None where it is not written."""
    for name in path.split("."):
        found = _step(value, name)
        if found is None or found.data is None or found.data == ():
            return None
        value = found
    return value


def _step(value: Value, name: str) -> Value | None:
    if isinstance(value.data, tuple):
        return _step(value.data[0], name) if value.data else None
    if isinstance(value.data, Object):
        for key, inner in value.data.entries.items():
            if key.replace("_", "").lower() == name:
                return inner
        return Value(value.data.rest[0], value.location) if value.data.rest else None
    return value.get(name) if isinstance(value.data, Unknown) else None


def setting(resource: Resource, path: str) -> Value | None:
    """The setting of a resource at a dotted `path`, as `entry` finds it."""
    return entry(resource.attributes, path)


def words(value: Value | None, holes: Holes) -> str:
    """The text of a value, holes included; empty where it is not written."""
    return with_holes(value, holes) if value is not None else ""


def switch(resource: Resource, path: str, default: bool) -> Setting[bool]:  # noqa: FBT001 - the default of the service
    """The boolean at `path`."""
    found = setting(resource, path)
    if found is None:
        return Setting(default, resource.location, written=False)
    return Setting(boolean_of(found), found.location)


def texts(value: Value | None, holes: Holes) -> Iterator[tuple[str, Location]]:
    """Each text in a value and its place, wherever in it they stand."""
    if value is None:
        return
    match value.data:
        case tuple() as items:
            for item in items:
                yield from texts(item, holes)
        case Object(entries):
            for inner in entries.values():
                yield from texts(inner, holes)
        case None:
            return
        case _:
            yield with_holes(value, holes), value.location
