"""One stack: a template with its parameters and every outcome of its conditions, as resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from osreach.iac.cloudformation.cdk import (
    ACCESS_POLICY,
    LOG_POLICY,
    access_policy,
    asset_path,
    construct_path,
    is_custom,
    log_policy,
)
from osreach.iac.cloudformation.computed import own_arn
from osreach.iac.cloudformation.conditions import MAXIMUM_COMBINATIONS, Combination, combinations, under
from osreach.iac.cloudformation.intrinsics import evaluate
from osreach.iac.cloudformation.loops import unrolled
from osreach.iac.cloudformation.output import outputs_of
from osreach.iac.cloudformation.parameters import read_parameters
from osreach.iac.cloudformation.pseudo import pseudo_parameters
from osreach.iac.cloudformation.references import attribute
from osreach.iac.cloudformation.relevance import is_nested, relevant
from osreach.iac.cloudformation.sam import expanded
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.template import SAM, Template
from osreach.iac.cloudformation.truth import outcome
from osreach.iac.resource import OUTPUT, Circumstance, Inputs, Resource
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Text, Unknown, Value

DEEPEST_STACK: Final = 8
"""Stacks in stacks; people write two or three levels."""


@dataclass(slots=True)
class World:
    """What one scan knows besides the template at hand.

    `find` gives the template that a nested stack names (its file as written,
    and the template that names it), or None where it is not in the scanned
    files. `found` collects the templates that other templates use.
    """

    inputs: Inputs
    wanted: Callable[[str], bool]
    find: Callable[[str, Template], Template | None]
    exports: Mapping[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Variant:
    """A stack under one combination of outcomes."""

    scope: Scope
    circumstance: Circumstance | None
    deployment: str
    first: bool
    chosen: frozenset[str]


def read_stack(template: Template, world: World) -> list[Resource]:
    """The resources of a template that is deployed by itself, and of the stacks in it."""
    found: list[Resource] = []
    for variant in variants(template, world, None, "", template.path, ()):
        found.extend(_resources(variant, world, (template.path,)))
        if variant.first and world.wanted(OUTPUT):
            found.extend(outputs_of(variant.scope, variant.circumstance, variant.deployment))
    return found


def variants(
    template: Template,
    world: World,
    passed: Mapping[str, Value] | None,
    prefix: str,
    deployment: str,
    around: tuple[str, ...],
    outer: Circumstance | None = None,
) -> list[Variant]:
    """The stack under each combination of outcomes that matters, the usual one first.

    `passed` are the parameters that the stack around gives, `around` the
    templates of the stacks around it.
    """
    problems = world.problems
    told = world.inputs.parameters if passed is None else {}
    parameters = read_parameters(template.parameters, told, passed, problems, prefix)
    base = Scope(
        template,
        pseudo_parameters(world.inputs),
        {name: parameter.value for name, parameter in parameters.items()},
        exports=world.exports,
        prefix=prefix,
        problems=problems,
        suffix=outer.suffix if outer is not None else "",
    )
    base.conditions = unrolled(template.conditions, base, evaluate)[0]
    base.resources = expanded_resources(base)
    base.outputs = unrolled(template.outputs, base, evaluate)[0]
    chosen, names = relevant(base.resources, _inner_stacks(base, world, around))
    found, complete = combinations(base, names & base.conditions.keys(), parameters)
    if not complete:
        message = (
            "the conditions of the template have too many combinations; "
            f"{MAXIMUM_COMBINATIONS} of them are judged"
        )
        world.problems.append(Problem(template.location, message))
    circumstances = _circumstances(base, found, outer)
    result: list[Variant] = []
    for number, (combination, circumstance) in enumerate(zip(found, circumstances, strict=True)):
        scope = under(base, combination.values, combination.chosen, combination.others)
        scope.problems = problems
        scope.suffix = circumstance.suffix if circumstance is not None else ""
        scope.child = _child_maker(world, (*around, template.path))
        own = deployment if number == 0 else f"{deployment}{scope.suffix}"
        result.append(Variant(scope, circumstance, own, number == 0, frozenset(chosen)))
    return result


def expanded_resources(scope: Scope) -> dict[str, Value]:
    """The resources of a template with loops written out and SAM's roles made."""
    resources, _ = unrolled(scope.template.resources, scope, evaluate)
    if SAM in scope.template.transforms:
        return expanded(resources, scope.template.globals)
    return resources


def _inner_stacks(base: Scope, world: World, around: tuple[str, ...]) -> set[str]:
    """The nested stacks with something that matters."""
    if len(around) >= DEEPEST_STACK:
        return set()
    found: set[str] = set()
    for name, resource in base.resources.items():
        child = template_of(resource, base.template, world) if is_nested(resource) else None
        if child is not None and child.path not in (*around, base.template.path):
            inner, _ = relevant(child.resources, set())
            if inner or any(is_nested(each) for each in child.resources.values()):
                found.add(name)
    return found


def _circumstances(
    base: Scope, found: tuple[Combination, ...], outer: Circumstance | None
) -> list[Circumstance | None]:
    """A name for each combination: the conditions that not all combinations share."""
    varied = [
        name
        for name in found[0].outcomes
        if len({str(combination.outcomes[name]) for combination in found}) > 1
    ]
    if not varied:
        return [outer for _ in found]
    # a condition behind others says nothing new where the others decide it
    every = tuple(_words(combination, varied) for combination in found)
    place = base.conditions[varied[0]].location
    usual_around = outer is None or outer.usual
    return [
        Circumstance(
            (*outer.outcomes, *words) if outer is not None else words,
            every if outer is None else (),
            combination.usual and usual_around,
            place,
        )
        for combination, words in zip(found, every, strict=True)
    ]


def _words(combination: Combination, varied: list[str]) -> tuple[str, ...]:
    words: list[str] = []
    for name in varied:
        match combination.outcomes[name]:
            case True:
                words.append(name)
            case False:
                words.append(f"not {name}")
            case Unknown():
                words.append(f"{name} is not known")
    return tuple(words)


def _child_maker(world: World, around: tuple[str, ...]) -> Callable[[str, Scope], Scope | None]:
    def make(name: str, scope: Scope) -> Scope | None:
        resource = scope.resources[name]
        found = _children(name, resource, scope, None, "", world, around)
        return found[0].scope if found else None

    return make


def _children(
    name: str,
    resource: Value,
    scope: Scope,
    circumstance: Circumstance | None,
    deployment: str,
    world: World,
    around: tuple[str, ...],
) -> list[Variant]:
    """A nested stack under each combination of its own conditions."""
    template = template_of(resource, scope.template, world)
    if template is None:
        return []
    if template.path in around:
        message = f"the nested stack `{name}` leads back to `{template.path}` in a circle"
        world.problems.append(Problem(header(name, resource), message))
        return []
    if len(around) >= DEEPEST_STACK:
        message = f"nested stacks deeper than {DEEPEST_STACK} levels are not read"
        world.problems.append(Problem(header(name, resource), message))
        return []
    properties = resource.get("Properties")
    given = properties.get("Parameters") if properties is not None else None
    passed: dict[str, Value] = {}
    if given is not None:
        resolved = evaluate(given, scope)
        if isinstance(resolved.data, Object):
            passed = dict(resolved.data.entries)
    prefix = f"{scope.prefix}{name}."
    return variants(template, world, passed, prefix, deployment, around, circumstance)


def template_of(resource: Value, template: Template, world: World) -> Template | None:
    """The scanned template of a nested stack."""
    asset = asset_path(resource)
    if asset:
        return world.find(asset, template)
    properties = resource.get("Properties")
    for name in ("TemplateURL", "Location"):
        written = properties.get(name) if properties is not None else None
        if written is not None:
            address = _end_of(written)
            return world.find(address, template) if address else None
    return None


def _end_of(value: Value) -> str:
    """The written end of an address whose beginning may be unknown (`https://${Bucket}/search.yaml`)."""
    match value.data:
        case str() | Text():
            return value.text or ""
        case Object(entries) if "Fn::Sub" in entries:
            inner = entries["Fn::Sub"]
            first = inner.data[0] if isinstance(inner.data, tuple) and inner.data else inner
            return (first.text or "").rpartition("}")[2]
        case Object(entries) if "Fn::Join" in entries and isinstance(entries["Fn::Join"].data, tuple):
            listed = entries["Fn::Join"].data[-1]
            last = listed.data[-1] if isinstance(listed.data, tuple) and listed.data else listed
            text = last.text or ""
            return text if text.startswith("/") or not text else f"/{text}"
        case _:
            return ""


def _resources(variant: Variant, world: World, around: tuple[str, ...]) -> Iterator[Resource]:
    """The wanted resources that exist under these outcomes."""
    scope = variant.scope
    for name, resource in scope.resources.items():
        if not isinstance(resource.data, Object):
            if variant.first:
                scope.problem(resource.location, f"the resource `{name}` is no mapping")
            continue
        if not variant.first and name not in variant.chosen:
            continue
        kind = resource.get("Type")
        type_name = kind.text if kind is not None else None
        if type_name is None:
            if variant.first and scope.template.complete and "Fn::Transform" not in resource.data.entries:
                scope.problem(resource.location, f"the resource `{name}` has no `Type`")
            continue
        nested = is_nested(resource)
        if not (nested or world.wanted(type_name) or is_custom(type_name)):
            continue
        condition = resource.get("Condition")
        if condition is not None and condition.text is not None:
            exists = outcome(condition.text, condition.location, scope, evaluate)
            if exists is False:
                continue
        if nested:
            found = _children(name, resource, scope, variant.circumstance, variant.deployment, world, around)
            for child in found:
                yield from _resources(child, world, (*around, child.scope.template.path))
        else:
            read = _resource(name, type_name, resource, variant, world)
            if read is not None:
                yield read


def _resource(name: str, kind: str, resource: Value, variant: Variant, world: World) -> Resource | None:
    scope = variant.scope
    properties = resource.get("Properties")
    if properties is None or properties.data is None:
        properties = Value(Object(), resource.location)
    if not isinstance(properties.data, Object):
        scope.problem(properties.location, f"`Properties` of `{name}` is no mapping and is not read")
        properties = Value(
            Unknown(f"{scope.address(name)}.Properties", "it is no mapping"), properties.location
        )
    resolved = evaluate(properties, scope)
    location = header(name, resource)
    if is_custom(kind):
        kind, policy = ACCESS_POLICY, access_policy(resolved)
        if policy is None:
            kind, policy = LOG_POLICY, log_policy(resolved)
        if policy is None or not world.wanted(kind):
            return None
        resolved = policy
    elif isinstance(resolved.data, Object) and (exported := own_arn(kind)) is not None:
        arn = attribute(name, exported, location, scope, evaluate)
        resolved = Value(Object({**resolved.data.entries, "arn": arn}, resolved.data.rest), resolved.location)
    return Resource(
        scope.address(name),
        kind,
        resolved,
        location,
        variant.deployment,
        variant.circumstance,
        construct_path(resource),
        remarks=_remarks(resource),
    )


def _remarks(resource: Value) -> Value | None:
    """`Metadata: {osreach: ...}` of a resource."""
    metadata = resource.get("Metadata")
    return metadata.get("osreach") if metadata is not None else None


def header(name: str, resource: Value) -> Location:
    """The place of a resource's logical id."""
    place = resource.location
    return Location(place.path, place.line, place.column, place.line, place.column + len(name))
