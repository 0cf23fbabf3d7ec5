"""A plan and the code that it was made of: the plan knows more values, the code knows the places.

Where the same resource is found in both, the values of the plan count and the
places of the code, down to the statements of a policy; what the plan does not
tell yet is taken from the code.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from osreach.iac.plan.configuration import unindexed
from osreach.iac.plan.read import PlannedResource, PlanReading
from osreach.iac.resource import Change, Resource
from osreach.iac.terraform.rendering import relocated
from osreach.json_text import read_json
from osreach.location import Location
from osreach.value import Json, Object, Text, Unknown, Value


def join(
    code: Sequence[Resource], plans: Sequence[PlanReading]
) -> tuple[tuple[Resource, ...], tuple[Change, ...]]:
    """The resources of the code and of all plans, each once, and what the plans change."""
    by_deployment: dict[str, _Deployment] = {}
    for resource in code:
        by_deployment.setdefault(resource.deployment, _Deployment(resource.deployment)).add(resource)
    chosen = [_deployment_of(plan, by_deployment.values()) for plan in plans]
    replaced: dict[str, set[str]] = {}
    planned: list[Resource] = []
    changes: list[Change] = []
    for plan, deployment in zip(plans, chosen, strict=True):
        alone = deployment is not None and chosen.count(deployment) == 1
        for one in plan.resources:
            after = one.resource
            if deployment is not None:
                replaced.setdefault(deployment.name, set()).add(unindexed(after.address))
                after = _joined(one, deployment.find(after.address))
                after = replace(after, deployment=deployment.name) if alone else after
            planned.append(after)
            if one.before is not None:
                attributes = relocated(one.before.attributes, after.location)
                before = replace(after, attributes=attributes)
                changes.append(Change(before, after, one.before.replaced))
    kept = (one for one in code if unindexed(one.address) not in replaced.get(one.deployment, ()))
    return (*kept, *planned), tuple(changes)


def still_missing(
    missing: Sequence[tuple[Unknown, Location]], plans: Sequence[PlanReading]
) -> tuple[tuple[Unknown, Location], ...]:
    """The calls of modules that are not in the code, without those that a plan in the same folder shows."""
    shown = {
        (posixpath.dirname(plan.path), call)
        for plan in plans
        for address in plan.managed
        for call in unindexed(address).split(".")[1:2]
        if address.startswith("module.")
    }
    return tuple(
        (unknown, place)
        for unknown, place in missing
        if (posixpath.dirname(place.path), unknown.expression.removeprefix("module.")) not in shown
    )


@dataclass(slots=True, eq=False)
class _Deployment:
    """The resources of one root module, by the address that is written in the code."""

    name: str
    resources: dict[str, list[Resource]] = field(default_factory=dict)

    def add(self, resource: Resource) -> None:
        """Takes one resource."""
        self.resources.setdefault(unindexed(resource.address), []).append(resource)

    def find(self, address: str) -> Resource | None:
        """The resource with this address, or the one that stands for all of its instances."""
        written = unindexed(address)
        instances = self.resources.get(written, ())
        same = (one for one in instances if one.address == address)
        return next(same, None) or next(iter(instances), None)


def _deployment_of(plan: PlanReading, deployments: Iterable[_Deployment]) -> _Deployment | None:
    """The root module that a plan was made of: the one around the plan, or the only one that is most alike."""
    written = {unindexed(one.resource.address) for one in plan.resources}
    alike = [(len(written & found.resources.keys()), found) for found in deployments]
    alike = [(count, found) for count, found in alike if count]
    folder = posixpath.dirname(plan.path) or "."
    while alike:
        for _, found in alike:
            if found.name == folder:
                return found
        above = posixpath.dirname(folder)
        if folder in (above, "."):
            break
        folder = above or "."
    most = max((count for count, _ in alike), default=0)
    best = [found for count, found in alike if count == most]
    return best[0] if len(best) == 1 else None


def _joined(planned: PlannedResource, code: Resource | None) -> Resource:
    """The resource of a plan with the places of the code."""
    resource = planned.resource
    if code is None:
        return resource
    own, written = _entries(resource), _entries(code)
    attributes: dict[str, Value] = {}
    for name, value in own.items():
        source = written.get(name)
        attributes[name] = relocated(value, code.location) if source is None else _placed(value, source)
    for name in planned.computed & written.keys():
        # the plan cannot tell what a generated block holds from what the provider chooses
        attributes[name] = written[name]
    return replace(
        resource,
        attributes=Value(Object(attributes), code.location),
        location=code.location,
        provider=resource.provider or code.provider,
    )


def _entries(resource: Resource) -> Mapping[str, Value]:
    data = resource.attributes.data
    return data.entries if isinstance(data, Object) else {}


def _placed(value: Value, source: Value) -> Value:
    """`value` with the places of `source`, which says the same as far as it is known."""
    match value.data, source.data:
        case Unknown(), _:
            return source
        case _, Unknown():
            return relocated(value, source.location)
        case Json(inner), _:
            document = _document(source)
            return (
                relocated(value, source.location)
                if document is None
                else Value(Json(_placed(inner, document)), source.location)
            )
        case str(), Json() | Text() | str():
            return _placed_text(value, source)
        case Object(entries, rest), Object(others):
            found = {
                name: _placed(entry, others[name]) if name in others else relocated(entry, source.location)
                for name, entry in entries.items()
            }
            return Value(Object(found, rest), source.location)
        case tuple() as items, tuple() as sources if len(items) == len(sources):
            pairs = zip(items, sources, strict=True)
            return Value(tuple(_placed(item, other) for item, other in pairs), source.location)
        case tuple() as items, Object() if len(items) == 1:
            return Value((_placed(items[0], source),), source.location)
        case Object(), (Value() as only,):
            return _placed(value, only)
        case _:
            return relocated(value, source.location)


def _placed_text(value: Value, source: Value) -> Value:
    """A text with the places of `source`: JSON part by part, other text as a whole."""
    same = source.text is not None and source.text == value.text
    document = _document(source)
    if document is None:
        return source if same else relocated(value, source.location)
    reading = read_json(value, "policy")
    if reading.problem is not None:
        return relocated(value, source.location)
    return Value(Json(_placed(reading.value, document)), source.location)


def _document(source: Value) -> Value | None:
    """The JSON that a text of the code holds, with its places; None where it holds none."""
    if isinstance(source.data, str) and not source.data.lstrip().startswith("{"):
        return None
    reading = read_json(source, "policy")
    is_document = reading.problem is None and isinstance(reading.value.data, Object)
    return reading.value if is_document else None
