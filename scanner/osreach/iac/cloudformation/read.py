"""From template files to resources.

Templates that mention a search service are read, the templates that nest them or
that they nest, and those that export what they import. A template that another
one nests is judged there; every other one is a deployment of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from osreach.iac.cloudformation.intrinsics import evaluate
from osreach.iac.cloudformation.load import Loaded, load
from osreach.iac.cloudformation.relevance import is_nested
from osreach.iac.cloudformation.stack import World, read_stack, template_of, variants
from osreach.iac.cloudformation.template import Template, read_sections
from osreach.iac.resource import Inputs, Reading, Resource
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import SourceFile, Sources, read_text
from osreach.value import Object, Unknown, Value

_NESTING = ("CloudFormation::Stack", "Serverless::Application")
_IMPORTING = "ImportValue"
_EXPORTING = "Export"

# The key of the section that every template has, so that a description of a tree
# of constructs, or of some other tool, is not parsed, let alone complained about.
_SECTION = re.compile(r"""(?:^|[{,])[ \t]{0,100}["']?Resources["']?[ \t]{0,100}:""", re.MULTILINE)


@dataclass(slots=True)
class _Library:
    """The templates of a scan, each read when it is asked for."""

    files: dict[str, SourceFile]
    templates: dict[str, Template | None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    by_name: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.files:
            self.by_name.setdefault(posixpath.basename(path), []).append(path)

    def text(self, path: str) -> str:
        """The text of a file, empty where it cannot be read (a problem says so)."""
        if path not in self.texts:
            text = read_text(self.files[path])
            if isinstance(text, Problem):
                self.problems.append(text)
                text = ""
            self.texts[path] = text
        return self.texts[path]

    def template(self, path: str) -> Template | None:
        """The template in a file, or None where it holds none."""
        if path not in self.templates:
            text = self.text(path)
            loaded = load(text, path) if _SECTION.search(text) else Loaded(None)
            self.problems.extend(loaded.problems)
            template = None
            if loaded.value is not None:
                template, problems = read_sections(loaded.value, path)
                self.problems.extend(problems)
            self.templates[path] = template
        return self.templates[path]

    def find(self, address: str, template: Template) -> Template | None:
        """The template behind the address of a nested stack, as `template` writes it.

        A path is one from the template's folder. Of any other address the last
        part is the name of a file, which must be there once, or in that folder.
        """
        folder = posixpath.dirname(template.path)
        if "://" not in address and not address.startswith("/"):
            path = posixpath.normpath(posixpath.join(folder, address))
            if path in self.files:
                return self.template(path)
        name = posixpath.basename(address.partition("?")[0])
        listed = self.by_name.get(name, []) if name else []
        near = [path for path in listed if posixpath.dirname(path) == folder]
        only = near or listed
        return self.template(only[0]) if len(only) == 1 else None


def read_templates(
    sources: Sources,
    inputs: Inputs | None = None,
    wanted: frozenset[str] | Callable[[str], bool] | None = None,
) -> Reading:
    """The resources of all templates in `sources`, resolved as far as the files allow.

    `inputs` are what the user says about the deployment; `wanted` the resource
    types to return, as a set or a test. Never raises for what a file says.
    """
    given = Inputs() if inputs is None else inputs
    library = _Library({file.path: file for file in (*sources.templates, *sources.other_templates)})
    pending = [file.path for file in sources.templates]
    chosen = {path: template for path in pending if (template := library.template(path)) is not None}
    _add_callers(library, chosen, [file.path for file in sources.other_templates])
    is_wanted = _test(wanted)
    world = World(given, is_wanted, library.find, problems=library.problems)
    if any(_IMPORTING in library.text(path) for path in chosen):
        world.exports = _exports(library, world)
    resources: list[Resource] = []
    unknowns: dict[tuple[Unknown, Location], None] = {}
    for template in _roots(chosen, world):
        read = read_stack(template, world)
        resources.extend(read)
        if read:
            unknowns.update(dict.fromkeys(template.macros))
    return Reading(tuple(resources), tuple(sorted(set(library.problems))), len(chosen), tuple(unknowns))


def _test(wanted: frozenset[str] | Callable[[str], bool] | None) -> Callable[[str], bool]:
    if wanted is None:
        return lambda _: True
    return wanted.__contains__ if isinstance(wanted, frozenset) else wanted


def _add_callers(library: _Library, chosen: dict[str, Template], others: list[str]) -> None:
    """Adds the templates that nest chosen ones, and those that nest these."""
    nesting = [path for path in others if any(word in library.text(path) for word in _NESTING)]
    fresh = True
    while fresh and nesting:
        names = {posixpath.basename(path) for path in chosen}
        callers = [path for path in nesting if any(name in library.text(path) for name in names)]
        fresh = False
        for path in callers:
            template = library.template(path)
            nesting.remove(path)
            if template is not None:
                chosen[path] = template
                fresh = True


def _exports(library: _Library, world: World) -> dict[str, Value]:
    """What the scanned templates export, by name; a name that two of them use is not known."""
    found: dict[str, list[Value]] = {}
    for path in library.files:
        template = library.template(path) if _EXPORTING in library.text(path) else None
        if template is None or not any(output.get("Export") for output in template.outputs.values()):
            continue
        quiet = World(world.inputs, world.wanted, world.find)
        scope = variants(template, quiet, None, "", template.path, ())[0].scope
        for output in scope.outputs.values():
            export = output.get("Export")
            name = export.get("Name") if export is not None else None
            value = output.get("Value")
            known = evaluate(name, scope).text if name is not None else None
            if known is not None and value is not None:
                found.setdefault(known, []).append(evaluate(value, scope))
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _roots(chosen: dict[str, Template], world: World) -> Iterator[Template]:
    """The templates that no other one nests; of templates that nest each other in a circle, the first."""
    nested: dict[str, list[str]] = {path: list(_nested(template, world)) for path, template in chosen.items()}
    called = {inner for path, listed in nested.items() for inner in listed if inner != path}
    roots = [path for path in chosen if path not in called]
    reached: set[str] = set()

    def reach(path: str) -> None:
        pending = [path]
        while pending:
            current = pending.pop()
            if current not in reached:
                reached.add(current)
                pending.extend(nested.get(current, ()))

    for path in roots:
        reach(path)
    for path in chosen:
        if path not in reached:
            roots.append(path)
            reach(path)
    for path in sorted(roots):
        yield chosen[path]


def _nested(template: Template, world: World) -> Iterator[str]:
    for resource in template.resources.values():
        if isinstance(resource.data, Object) and is_nested(resource):
            inner = template_of(resource, template, world)
            if inner is not None:
                yield inner.path
