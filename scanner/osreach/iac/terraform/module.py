"""One instance of a module: its variables, locals, resources and calls, each evaluated once, on demand.

Source: https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from osreach.iac.resource import Inputs
from osreach.iac.terraform.body import body, reference_text, reported
from osreach.iac.terraform.conversion import Collection, Primitive, Type, convert, parse_type
from osreach.iac.terraform.evaluate import evaluate
from osreach.iac.terraform.expansion import expand
from osreach.iac.terraform.folder import Declaration, Key, ModuleFolder, Tree, merged
from osreach.iac.terraform.instance import ResourceInstance
from osreach.iac.terraform.parse import parse_expression
from osreach.iac.terraform.provider import Facts, facts
from osreach.iac.terraform.rendering import known_text, relocated
from osreach.iac.terraform.scope import Budget, EvaluationError, Expansion, Instance, Scope
from osreach.iac.terraform.syntax import Block, Expression, Literal, ObjectExpression
from osreach.location import Location
from osreach.observation import exists, listing, real_path
from osreach.problem import Problem
from osreach.source import Unread, read_inside, shown_path
from osreach.value import Object, Unknown, Value

_DEEPEST = 32
"""Modules nest no deeper than this."""

_CALL_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on", "lifecycle"})


@dataclass(slots=True)
class Run:
    """What all modules of one root module share."""

    tree: Tree
    inputs: Inputs
    root: ModuleFolder
    values: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    budget: Budget = field(default_factory=Budget)
    problems: dict[Problem, None] = field(default_factory=dict)

    def report(self, problem: Problem) -> None:
        """Note a problem once."""
        self.problems.setdefault(problem)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A provider configuration: its address (`module.search.provider.opensearch.logs`) and its arguments."""

    address: str
    settings: Value


@dataclass(slots=True)
class ModuleInstance:
    """A module as it is called; see `scope.Module`, and `scope.Instance` for its outputs.

    `address` is empty for a root module, else as Terraform writes it
    (`module.search["a"]`). `arguments` are the values that the call gives, None
    in a root module. `parent` is the calling module. `perhaps` where it is not
    known whether the module is called at all.
    """

    run: Run
    folder: ModuleFolder
    address: str = ""
    arguments: Mapping[str, Callable[[], Value]] | None = None
    parent: ModuleInstance | None = None
    providers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    perhaps: bool = False
    _values: dict[tuple[str, str], Value] = field(default_factory=dict)
    _active: set[tuple[str, str]] = field(default_factory=set)
    _expansions: dict[Key, Expansion | Unknown] = field(default_factory=dict)
    _facts: dict[str, Facts] = field(default_factory=dict)
    _configurations: dict[str, Configuration | None] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What stands in front of an address or an expression of this module."""
        return f"{self.address}." if self.address else ""

    @property
    def scope(self) -> Scope:
        """The scope of an expression at the top level of this module."""
        return Scope(self, self.run.budget, perhaps=self.perhaps)

    def report(self, message: str, location: Location) -> None:
        """Note a problem; not in a folder that only stands in for a module."""
        if self.run.tree.stands_in(self.folder):
            return
        self.run.report(Problem(location, message))

    def _once(self, kind: str, name: str, location: Location, compute: Callable[[], Value]) -> Value:
        """The value of `kind.name`, computed once; one that refers to itself is a problem."""
        key = (kind, name)
        known = self._values.get(key)
        if known is not None:
            return known
        label = f"{self.prefix}{kind}.{name}"
        if key in self._active:
            self.report(f"`{label}` refers to itself", location)
            return Value(Unknown(label, "refers to itself"), location)
        self._active.add(key)
        try:
            value = compute()
        finally:
            self._active.discard(key)
        self._values[key] = value
        return value

    # Variables and locals

    def variable(self, name: str, location: Location) -> Value:
        """The value of `var.name`: what is given, else the default, as its type says."""
        return self._once("var", name, location, lambda: self._variable(name, location))

    def _variable(self, name: str, location: Location) -> Value:
        label = f"{self.prefix}var.{name}"
        key = Key("variable", (name,))
        declaration = self.folder.declarations.get(key)
        if declaration is None:
            return Value(Unknown(label, "the variable is not declared"), location)
        block = self.folder.block(key)
        if block is None:
            return Value(Unknown(label, "its declaration cannot be read"), declaration.location)
        given = self._given(name, block)
        nullable = block.assignment("nullable")
        refused = nullable is not None and nullable.expression == Literal(
            value=False, location=nullable.expression.location
        )
        if given is None or (given.data is None and refused):
            default = block.assignment("default")
            if default is None:
                return Value(Unknown(label, "no default and no value given"), declaration.location)
            given = reported(default.expression, self.scope, label)
        return self._converted(given, block, label)

    def _given(self, name: str, block: Block) -> Value | None:
        """The value that the call, the command line or a file gives."""
        if self.arguments is not None:
            argument = self.arguments.get(name)
            return None if argument is None else argument()
        text = self.run.inputs.variables.get(name)
        if text is not None:
            return self._from_text(text, name, block)
        expression = self.run.values.get(name)
        return None if expression is None else reported(expression, self.scope, f"var.{name}")

    def _from_text(self, text: str, name: str, block: Block) -> Value:
        """A value of the command line: plain text, unless the variable's type has parts."""
        wanted = self._type(block)
        if wanted is None or (isinstance(wanted, Primitive) and wanted is not Primitive.ANY):
            return Value(text, block.location)
        expression, problems = parse_expression(text, block.location)
        if expression is None:
            for problem in problems:
                self.report(f"the value given for `{name}`: {problem.message}", block.location)
            return Value(Unknown(f"var.{name}", "the value given for it cannot be read"), block.location)
        return reported(expression, self.scope, f"var.{name}")

    def _type(self, block: Block) -> Type | None:
        written = block.assignment("type")
        if written is None:
            return None
        try:
            return parse_type(written.expression, lambda found: evaluate(found, self.scope))
        except EvaluationError as error:
            self.report(error.message, error.location)
            return None

    def _converted(self, value: Value, block: Block, label: str) -> Value:
        wanted = self._type(block)
        if wanted is None or wanted is Primitive.ANY:
            return value
        if isinstance(wanted, Collection) and isinstance(value.data, Unknown):
            return value
        try:
            return convert(value, wanted)
        except EvaluationError as error:
            name = block.labels[0] if block.labels else label
            message = f"the value of `{name}` does not fit its type: {error.message}"
            self.report(message, error.location)
            return Value(Unknown(label, message), value.location)

    def local(self, name: str, location: Location) -> Value:
        """The value of `local.name`."""
        return self._once("local", name, location, lambda: self._local(name, location))

    def _local(self, name: str, location: Location) -> Value:
        label = f"{self.prefix}local.{name}"
        assignment = self.folder.local(name)
        if assignment is None:
            return Value(Unknown(label, "it is not declared"), location)
        return reported(assignment.expression, self.scope, label)

    def path(self, name: str, location: Location) -> Value:
        """`path.module` and `path.root` relative to the root module; `path.cwd` is not known."""
        match name:
            case "root":
                return Value(".", location)
            case "module":
                absolute = self.folder.folder.absolute
                relative = os.path.relpath(absolute, self.run.root.folder.absolute).replace(os.sep, "/")
                return Value(relative, location)
            case _:
                unknown = Unknown(f"path.{name}", "it depends on the machine that Terraform runs on")
                return Value(unknown, location)

    # Resources

    def resource(self, kind: str, name: str, location: Location, *, data: bool) -> Expansion | Unknown:
        """The instances of a resource or data source."""
        key = Key("data" if data else "resource", (kind, name))
        label = f"{self.prefix}{'data.' if data else ''}{kind}.{name}"
        known = self._expansions.get(key)
        if known is not None:
            return known
        if key not in self.folder.declarations:
            return Unknown(label, "it is not declared in the scanned files", label)
        block = self.folder.block(key)
        if block is None:
            return Unknown(label, "its declaration cannot be read", label)

        def make(index: str, scope: Scope) -> Instance:
            return ResourceInstance(kind, data, label + index, block, scope, self.facts, self.run.report)

        return self._expanded(key, block, make, label, location)

    def _expanded(
        self,
        key: Key,
        block: Block,
        make: Callable[[str, Scope], Instance],
        label: str,
        location: Location,
    ) -> Expansion | Unknown:
        marker = (key.type, ".".join(key.labels))
        if marker in self._active:
            self.report(f"the number of instances of `{label}` depends on itself", location)
            return Unknown(label, "refers to itself", label)
        self._active.add(marker)
        try:
            found = expand(block, self.scope, make, label)
        finally:
            self._active.discard(marker)
        self._expansions[key] = found
        return found

    # Calls

    def call(self, name: str, location: Location) -> Expansion | Unknown:
        """The instances of the module that the call `name` makes."""
        key = Key("module", (name,))
        known = self._expansions.get(key)
        if known is not None:
            return known
        label = f"{self.prefix}module.{name}"
        found = self.target(key)
        if isinstance(found, Unknown):
            self._expansions[key] = found
            return found
        block = self.folder.block(key)
        if block is None:
            return Unknown(label, "its declaration cannot be read")

        self._check_arguments(block, found)

        def make(index: str, scope: Scope) -> Instance:
            arguments = {
                assignment.name: _argument(assignment.expression, scope, f"{label}{index}.{assignment.name}")
                for assignment in block.assignments
                if assignment.name not in _CALL_META
            }
            return ModuleInstance(
                self.run, found, label + index, arguments, self, _passed(block), scope.perhaps
            )

        return self._expanded(key, block, make, label, location)

    def _check_arguments(self, block: Block, called: ModuleFolder) -> None:
        """Report arguments that the module does not take: Terraform refuses the call, and nothing hears them."""
        if self.run.tree.stands_in(called) or called.problems:
            # What could not be read may declare it.
            return
        for assignment in block.assignments:
            name = assignment.name
            if name not in _CALL_META and Key("variable", (name,)) not in called.declarations:
                self.report(f"the module has no variable `{name}`", assignment.location)

    def target(self, key: Key) -> ModuleFolder | Unknown:
        """The folder that a call names, or why there is none."""
        label = f"{self.prefix}module.{key.labels[0] if key.labels else ''}"
        declaration = self.folder.declarations.get(key)
        if declaration is None:
            return Unknown(label, "the module is not declared in the scanned files")
        source = self.folder.source_of(key)
        if source is None:
            return Unknown(label, "the source of the module is not a plain string")
        found = self.run.tree.called(self.folder, source, key.labels[0])
        if found is None:
            return Unknown(label, f"module `{source}` is not in the scanned files")
        if found.folder.absolute in self._ancestors():
            self.report(f"the module `{source}` calls itself", declaration.location)
            return Unknown(label, f"module `{source}` calls itself")
        if len(list(self._ancestors())) > _DEEPEST:
            self.report(f"modules are nested deeper than {_DEEPEST} levels", declaration.location)
            return Unknown(label, "modules are nested too deeply")
        return found

    def _ancestors(self) -> Iterator[str]:
        module: ModuleInstance | None = self
        while module is not None:
            yield module.folder.folder.absolute
            module = module.parent

    def attribute(self, name: str, location: Location) -> Value:
        """The output `name`."""
        return self._once("output", name, location, lambda: self._output(name, location))

    def _output(self, name: str, location: Location) -> Value:
        label = f"{self.prefix}{name}"
        block = self.folder.block(Key("output", (name,)))
        written = None if block is None else block.assignment("value")
        if written is None:
            return Value(Unknown(label, "the module has no such output"), location)
        value = reported(written.expression, self.scope, label)
        return relocated(value, location) if self.run.tree.stands_in(self.folder) else value

    def whole(self, location: Location) -> Value:
        """All outputs as one object."""
        names = (key.labels[0] for key, _ in self.folder.of_type("output") if key.labels)
        return Value(Object({name: self.attribute(name, location) for name in names}), location)

    # Files

    def _absolute(self, path: str) -> str | None:
        """A path as Terraform resolves it, in the root module; None for one of another machine."""
        if path.startswith(("/", "~")):
            return None
        return str(Path(self.run.root.folder.absolute, path))

    def shown(self, path: str) -> str:
        """A path that an expression gives, as locations write it."""
        absolute = self._absolute(path)
        if absolute is None:
            return path
        return posixpath.normpath(shown_path(absolute, self.run.tree.sources.root))

    def read(self, path: str, location: Location) -> str | Unknown:
        """The text of a file inside the scanned tree."""
        absolute = self._absolute(path)
        if absolute is None:
            return Unknown(path, f"`{path}` lies outside the scanned files")
        found = read_inside(self.run.tree.sources, absolute)
        if not isinstance(found, Unread):
            return found
        if exists(absolute) or "outside" in found.reason:
            return Unknown(path, found.reason)
        raise EvaluationError(f"there is no file `{self.shown(path)}`", location)

    def files(self, path: str, location: Location) -> tuple[str, ...] | Unknown:
        """All files below a folder of the scanned tree; links are not followed."""
        absolute = self._absolute(path)
        trees = self.run.tree.sources.trees
        real = None if absolute is None else real_path(absolute)
        if real is None or not any(
            real == tree or real.startswith(tree.rstrip(os.sep) + os.sep) for tree in trees
        ):
            return Unknown(path, f"`{path}` lies outside the scanned files")
        found: list[str] = []
        for folder, names in listing(real):
            found += (name if folder == "." else f"{folder}/{name}" for name in names)
            self.run.budget.spend(len(names) + 1, location)
        return tuple(sorted(found))

    # Providers

    def facts(self, provider: str) -> Facts:
        """Where the resources of a provider configuration live (`aws`, `aws.west`)."""
        known = self._facts.get(provider)
        if known is None:
            known = self._facts[provider] = self._find_facts(provider)
        return known

    def _find_facts(self, provider: str) -> Facts:
        alias = provider.partition(".")[2]
        if self.parent is not None and provider in self.providers:
            return self.parent.facts(self.providers[provider])
        found = self._provider_block(provider)
        if found is not None:
            settings = body(found, self.scope, f"{self.prefix}provider.{provider}")
            return facts(settings.data, provider if alias else "", self.run.inputs)
        if self.parent is not None and not alias:
            return self.parent.facts(provider)
        return facts(Object(), provider if alias else "", self.run.inputs)

    def configured(self, provider: str) -> Iterator[str]:
        """The names under which this module itself configures `provider` (`opensearch`, `opensearch.logs`)."""
        for key, declaration in self.folder.of_type("provider"):
            block = self.folder.block(key) if key.labels[0] == provider else None
            if block is not None:
                alias = self._alias(block, declaration)
                yield f"{provider}.{alias}" if alias else provider

    def configuration(self, provider: str) -> Configuration | None:
        """The provider configuration that `provider` (`opensearch.logs`) means here; None where none is written."""
        if provider not in self._configurations:
            self._configurations[provider] = self._find_configuration(provider)
        return self._configurations[provider]

    def _find_configuration(self, provider: str) -> Configuration | None:
        if self.parent is not None and provider in self.providers:
            return self.parent.configuration(self.providers[provider])
        found = self._provider_block(provider)
        if found is not None:
            address = f"{self.prefix}provider.{provider}"
            return Configuration(address, body(found, self.scope, address))
        if self.parent is not None and "." not in provider:
            return self.parent.configuration(provider)
        return None

    def _provider_block(self, provider: str) -> Block | None:
        """The block of this module that configures `provider`."""
        name, _, alias = provider.partition(".")
        found: Block | None = None
        for key, declaration in self.folder.of_type("provider"):
            if key.labels[0] != name:
                continue
            block = self.folder.block(key)
            if block is not None and self._alias(block, declaration) == (alias or None):
                # a second one stands in an override file
                found = block if found is None else merged(found, block)
        return found

    def _alias(self, block: Block, declaration: Declaration) -> str | None:
        written = block.assignment("alias")
        if written is None:
            return None
        return known_text(reported(written.expression, self.scope, f"{declaration.header.labels[0]}.alias"))


def _argument(expression: Expression, scope: Scope, label: str) -> Callable[[], Value]:
    return lambda: reported(expression, scope, label)


def _passed(block: Block) -> Mapping[str, str]:
    """The `providers` of a module call: the name inside by the name outside."""
    written = block.assignment("providers")
    if written is None or not isinstance(written.expression, ObjectExpression):
        return {}
    passed: dict[str, str] = {}
    for item in written.expression.items:
        inner = item.key.value if isinstance(item.key, Literal) else reference_text(item.key)
        outer = item.value.value if isinstance(item.value, Literal) else reference_text(item.value)
        if isinstance(inner, str) and isinstance(outer, str):
            passed[inner] = outer
    return passed
