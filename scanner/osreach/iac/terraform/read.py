"""From folders of Terraform files to resources.

A folder that another one calls is judged in its calls only; every other folder
is a root module and a deployment of its own.
Source: https://developer.hashicorp.com/terraform/language/modules#the-root-module
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from osreach.iac.resource import BACKEND, OUTPUT, Inputs, Reading, Resource
from osreach.iac.terraform.backend import backend_of
from osreach.iac.terraform.computed import names_of
from osreach.iac.terraform.expansion import instances_of
from osreach.iac.terraform.folder import Key, ModuleFolder, Tree
from osreach.iac.terraform.instance import ResourceInstance
from osreach.iac.terraform.json_syntax import read_json_values
from osreach.iac.terraform.missing import missing_modules
from osreach.iac.terraform.module import ModuleInstance, Run
from osreach.iac.terraform.output import outputs_of
from osreach.iac.terraform.parse import parse_assignments
from osreach.iac.terraform.scope import SetOfValues, TypedList, Undetermined, Unordered
from osreach.iac.terraform.syntax import Expression
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import Sources, Unread, is_installed, read_inside
from osreach.value import Json, Object, Text, Unknown, Value, unknowns_of

_DEEPEST_CALL = 12_000
"""Enough for a chain of a few hundred locals; Python's own limit is made for people's code."""

_LARGEST = 200_000
"""An attribute of more parts than this is not handed on."""

_OWN_ARN = ("arn", "pipeline_arn")
"""The attributes that are the ARN of a resource, whichever its type calls so."""

_OF_THE_CLUSTER = ("opensearch", "elasticsearch", "aws_osis_")
_BESIDE = (
    "aws_iam_",
    "aws_kms_",
    "aws_security_group",
    "aws_vpc_security_group_",
    "aws_vpc_endpoint",
    "aws_subnet",
    "aws_s3_bucket",
    "aws_cognito_",
    "aws_organizations_",
    "aws_cloudwatch_log_",
    "aws_kinesis_firehose_delivery_stream",
    "aws_lambda_function",
)


_IN_CLUSTERS = ("opensearch", "elasticsearch")
"""Providers that make what is inside a cluster; the types of their resources begin with these words."""


def default_wanted(kind: str) -> bool:
    """Whether resources of this type can say who reaches a cluster's data."""
    return any(name in kind for name in _OF_THE_CLUSTER) or kind.startswith(_BESIDE)


@contextmanager
def _room_for_recursion() -> Iterator[None]:
    """Let expressions refer to one another further than Python's default limit allows."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST_CALL))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def read_terraform(
    sources: Sources,
    inputs: Inputs | None = None,
    wanted: frozenset[str] | Callable[[str], bool] = default_wanted,
) -> Reading:
    """The resources of all root modules in `sources`, their attributes resolved as far as the files allow.

    `inputs` are what the user says about the deployment; `wanted` the resource
    types to return, as a set or a test. Whatever else those refer to is
    evaluated as well, and nothing more. Never raises for what a file says.
    """
    given = Inputs() if inputs is None else inputs
    is_wanted = wanted.__contains__ if isinstance(wanted, frozenset) else wanted
    tree = Tree(sources)
    folders = [tree.folder(folder) for folder in sources.folders.values()]
    problems: dict[Problem, None] = dict.fromkeys(sources.problems)
    values = _variable_files(sources, given, problems)
    resources: list[Resource] = []
    unknowns: dict[tuple[Unknown, Location], None] = {}
    missing: dict[tuple[Unknown, Location], None] = {}
    with _room_for_recursion():
        interesting = _Interesting(tree, is_wanted)
        for root in _roots(tree, folders):
            missing.update(dict.fromkeys(_missing(root, tree)))
            if not interesting(root):
                continue
            run = Run(tree, given, root, _values(root, values))
            configurations: dict[str, Resource] = {}
            module = ModuleInstance(run, root)
            for resource in _walk(module, interesting, unknowns, configurations):
                resources.append(resource)
                unknowns.update(_unknowns(resource))
            resources += configurations.values()
            backend = backend_of(root) if is_wanted(BACKEND) else None
            if backend is not None:
                resources.append(backend)
            if is_wanted(OUTPUT):
                resources += outputs_of(module)
            problems.update(dict.fromkeys(one for one in run.problems if not _in_stand_in(one, tree)))
    for folder in tree.folders.values():
        problems.update(dict.fromkeys(folder.problems))
    return Reading(tuple(resources), tuple(sorted(problems)), sources.files, tuple(unknowns), tuple(missing))


def _variable_files(
    sources: Sources, inputs: Inputs, problems: dict[Problem, None]
) -> Mapping[str, Expression]:
    """The values of the `.tfvars` files that the user names; a later one wins."""
    found: dict[str, Expression] = {}
    for path in inputs.variable_files:
        text = read_inside(sources, path)
        if isinstance(text, Unread):
            problems.setdefault(Problem(Location(path, 1, 1, 1, 1), text.reason))
            continue
        read_values = read_json_values if path.endswith(".json") else parse_assignments
        assignments, faults = read_values(path, text)
        problems.update(dict.fromkeys(faults))
        found.update({assignment.name: assignment.expression for assignment in assignments})
    return found


def _values(root: ModuleFolder, named: Mapping[str, Expression]) -> Mapping[str, Expression]:
    own = {assignment.name: assignment.expression for assignment in root.values()}
    return {**own, **named}


def _calls(folder: ModuleFolder, tree: Tree) -> Iterator[ModuleFolder]:
    for key, _ in folder.of_type("module"):
        source = folder.source_of(key)
        called = None if source is None or not key.labels else tree.called(folder, source, key.labels[0])
        if called is not None:
            yield called


def _roots(tree: Tree, folders: list[ModuleFolder]) -> list[ModuleFolder]:
    """The folders that no other one calls; of folders that call each other in a circle, the first.

    What Terraform has installed is there to be called.
    """
    folders = [folder for folder in folders if not is_installed(tree.sources, folder.folder)]
    called: dict[str, set[str]] = {}
    for folder in folders:
        for inner in _calls(folder, tree):
            if inner is not folder:
                called.setdefault(inner.folder.absolute, set()).add(folder.folder.absolute)
    roots = [folder for folder in folders if folder.folder.absolute not in called]
    reached: set[str] = set()
    for root in roots:
        _reach(root, tree, reached)
    for folder in folders:
        if folder.folder.absolute not in reached:
            roots.append(folder)
            _reach(folder, tree, reached)
    return roots


def _reach(folder: ModuleFolder, tree: Tree, reached: set[str]) -> None:
    pending = [folder]
    while pending:
        current = pending.pop()
        if current.folder.absolute not in reached:
            reached.add(current.folder.absolute)
            pending += _calls(current, tree)


def _missing(root: ModuleFolder, tree: Tree) -> Iterator[tuple[Unknown, Location]]:
    """The modules that `root`, or one that it calls, calls and that are not in the scan."""
    reached: dict[str, ModuleFolder] = {}
    pending = [root]
    while pending:
        folder = pending.pop()
        if folder.folder.absolute not in reached and not tree.stands_in(folder):
            reached[folder.folder.absolute] = folder
            pending += _calls(folder, tree)
    for folder in reached.values():
        yield from missing_modules(folder, tree)


class _Interesting:
    """Whether a folder, or a module that it calls, declares a resource that is wanted, or configures a provider."""

    def __init__(self, tree: Tree, wanted: Callable[[str], bool]) -> None:
        self.tree = tree
        self.wanted = wanted
        self.known: dict[str, bool] = {}

    def __call__(self, folder: ModuleFolder) -> bool:
        """The answer for one folder."""
        key = folder.folder.absolute
        if key not in self.known:
            self.known[key] = False
            own = any(True for _ in self.keys(folder)) or any(
                self.wanted(f"provider.{found.labels[0]}") for found, _ in folder.of_type("provider")
            )
            self.known[key] = own or any(self(inner) for inner in _calls(folder, self.tree))
        return self.known[key]

    def keys(self, folder: ModuleFolder) -> Iterator[Key]:
        """The resources and data sources of a folder that are well formed and wanted."""
        for block_type in ("resource", "data"):
            for key, _ in folder.of_type(block_type):
                if len(key.labels) == 2 and self.wanted(key.labels[0]):
                    yield key


def _in_stand_in(problem: Problem, tree: Tree) -> bool:
    """Whether a problem is about our own words for a well-known module."""
    return any(problem.location.path.startswith(f"{found.path}/") for found in tree.stand_ins.values())


def _walk(
    module: ModuleInstance,
    interesting: _Interesting,
    unknowns: dict[tuple[Unknown, Location], None],
    configurations: dict[str, Resource],
    call: Location | None = None,
) -> Iterator[Resource]:
    """The resources of a module and of those that it calls.

    `configurations` gets the configurations of the providers that make what is
    inside a cluster, by address. `call` is where a module is called that one of
    ours stands in for: what such a module writes itself is written there.
    """
    folder = module.folder
    for name in _IN_CLUSTERS:
        for provider in module.configured(name) if interesting.wanted(f"provider.{name}") else ():
            _configuration(module, name, provider, configurations)
    for key in interesting.keys(folder):
        place = folder.declarations[key].location
        found = module.resource(key.labels[0], key.labels[1], place, data=key.type == "data")
        if isinstance(found, Undetermined):
            unknowns.setdefault((found.unknown, place))
        for instance in instances_of(found).values():
            if isinstance(instance, ResourceInstance):
                found_resource = _resource(instance, module)
                name = instance.kind.partition("_")[0]
                if name in _IN_CLUSTERS and interesting.wanted(f"provider.{name}"):
                    provider = _configuration(module, name, instance.provider or name, configurations)
                    found_resource = replace(found_resource, provider=provider)
                yield found_resource if call is None else _at_call(found_resource, folder.path, call)
    for key, declaration in folder.of_type("module"):
        if len(key.labels) != 1:
            continue
        target = module.target(key)
        if isinstance(target, Unknown):
            continue
        if not interesting(target):
            continue
        found = module.call(key.labels[0], declaration.location)
        if isinstance(found, Undetermined):
            unknowns.setdefault((found.unknown, declaration.location))
        for instance in instances_of(found).values():
            if isinstance(instance, ModuleInstance):
                stands_in = module.run.tree.stands_in(instance.folder)
                inner = (call or declaration.location) if stands_in else None
                yield from _walk(instance, interesting, unknowns, configurations, inner)


def _configuration(module: ModuleInstance, name: str, provider: str, found: dict[str, Resource]) -> str:
    """The address of the configuration that `provider` means in a module, which `found` then holds; or empty."""
    configuration = module.configuration(provider)
    if configuration is None:
        return ""
    address, settings = configuration.address, configuration.settings
    if address not in found:
        found[address] = Resource(
            address, f"provider.{name}", settings, settings.location, module.run.root.path
        )
    return address


def _resource(instance: ResourceInstance, module: ModuleInstance) -> Resource:
    place = instance.block.location
    entries: dict[str, Value] = {}
    for name, value in instance.attributes().items():
        if _size(value, _LARGEST) > _LARGEST:
            message = f"`{instance.address}.{name}` is too large to be looked at"
            module.report(message, value.location)
            entries[name] = Value(Unknown(f"{instance.address}.{name}", "it is too large"), value.location)
        else:
            entries[name] = value
    exported = () if instance.data else names_of(instance.kind, data=False)
    own = next((name for name in _OWN_ARN if name in exported), None)
    if own is not None:
        entries["arn"] = instance.attribute(own, place)
    attributes = Value(Object(entries), place)
    account = instance.facts.account
    return Resource(instance.address, instance.kind, attributes, place, module.run.root.path, account=account)


def _at_call(resource: Resource, folder: str, call: Location) -> Resource:
    """A resource of a module that stands in: the arguments keep their places.

    What is made of arguments stands at the first of them, the rest at the call.
    """

    def moved(value: Value) -> Value:
        place = value.location
        match value.data:
            case Text(parts):
                found = tuple(replace(part, location=at(part.location)) for part in parts)
                return Value(Text(found), at(place))
            case Json(inner):
                inside = moved(inner)
                return Value(Json(inside), at(place, inside))
            case tuple() as items:
                all_of = tuple(moved(item) for item in items)
                marked = isinstance(items, SetOfValues | TypedList | Unordered)
                return Value(type(items)(all_of) if marked else all_of, at(place, *all_of))
            case Object(entries, rest):
                named = {name: moved(entry) for name, entry in entries.items()}
                return Value(Object(named, rest), at(place, *named.values()))
            case data:
                return Value(data, at(place))

    def at(location: Location, *parts: Value) -> Location:
        if not location.path.startswith(f"{folder}/"):
            return location
        places = (part.location for part in parts)
        return min((one for one in places if one.path == call.path and one != call), default=call)

    attributes = moved(resource.attributes).data
    return replace(resource, attributes=Value(attributes, call), location=call)


def _size(value: Value, most: int) -> int:
    """The number of parts of a value, counted up to `most`."""
    pending, count = [value], 0
    while pending and count <= most:
        count += 1
        match pending.pop().data:
            case Json(inner):
                pending.append(inner)
            case tuple() as items:
                pending += items[: most - count + 1]
            case Object(entries):
                pending += entries.values()
            case Text(parts):
                count += len(parts)
            case _:
                pass
    return count


def _unknowns(resource: Resource) -> Mapping[tuple[Unknown, Location], None]:
    """The unknowns in what the resource's own files write."""
    found: dict[tuple[Unknown, Location], None] = {}
    entries = resource.attributes.data
    if isinstance(entries, Object):
        for name, value in entries.entries.items():
            if name != "arn":
                found.update(dict.fromkeys(unknowns_of(value)))
    return found
