"""The sections of a template.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Unknown, Value

_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})

SAM: Final = "AWS::Serverless-2016-10-31"

KNOWN_TRANSFORMS: Final = frozenset(
    {
        "AWS::LanguageExtensions",
        SAM,
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
        "AWS::CodeDeployBlueGreen",
        "AWS::ServiceCatalog",
    }
)
"""Macros of AWS whose effect on access is either read here or none."""

RAIN: Final = ("Fn::Rain::", "Rain::")
"""How directives of a tool begin that completes templates before they are deployed.

https://github.com/aws-cloudformation/rain
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it is written, nothing resolved."""

    path: str
    location: Location
    parameters: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    mappings: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    conditions: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    resources: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    outputs: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    globals: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    transforms: tuple[str, ...] = ()
    macros: tuple[tuple[Unknown, Location], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every resource stands in the template itself; macros and modules of Rain add others."""
        return not self.macros


def read_sections(root: Value, path: str) -> tuple[Template | None, tuple[Problem, ...]]:
    """The template in a file, None where the file is something else, and what is wrong with it."""
    match root.data:
        case Object(entries):
            pass
        case tuple() as items:
            wrong = any(_looks_like_template(item) for item in items)
            message = "a template is a mapping of sections, and this file is a list"
            return None, ((Problem(root.location, message),) if wrong else ())
        case _:
            return None, ()
    if not _looks_like_template(root):
        return None, ()
    problems: list[Problem] = []
    sections = {
        name: _section(entries, name, problems)
        for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals")
    }
    transforms, macros = _transforms(entries.get("Transform"))
    for resource in sections["Resources"].values():
        kind = resource.get("Type")
        if kind is not None and any(kind.get(f"{start}Module") is not None for start in RAIN):
            module = Unknown("!Rain::Module", "Rain adds resources before the deployment")
            macros = (*macros, (module, kind.location))
    template = Template(
        path,
        root.location,
        parameters=sections["Parameters"],
        mappings=sections["Mappings"],
        conditions=sections["Conditions"],
        resources=sections["Resources"],
        outputs=sections["Outputs"],
        globals=sections["Globals"],
        transforms=transforms,
        macros=macros,
    )
    return template, tuple(problems)


def _looks_like_template(value: Value) -> bool:
    """Whether this has the version of templates, or resources with types."""
    if not isinstance(value.data, Object):
        return False
    if "AWSTemplateFormatVersion" in value.data.entries:
        return True
    resources = value.data.entries.get("Resources")
    if resources is None or not isinstance(resources.data, Object):
        return False
    for name, resource in resources.data.entries.items():
        kind = resource.get("Type")
        if name.startswith("Fn::") or (kind is not None and kind.text is not None and "::" in kind.text):
            return True
    return False


def _section(entries: Mapping[str, Value], name: str, problems: list[Problem]) -> Mapping[str, Value]:
    section = entries.get(name)
    match section.data if section is not None else None:
        case None:
            return _NOTHING
        case Object(inner):
            return inner
        case _:
            place = section.location if section is not None else Location("", 1, 1, 1, 1)
            problems.append(Problem(place, f"`{name}` of the template is no mapping and is not read"))
            return _NOTHING


def _transforms(value: Value | None) -> tuple[tuple[str, ...], tuple[tuple[Unknown, Location], ...]]:
    names: list[str] = []
    macros: list[tuple[Unknown, Location]] = []
    for item in value.items if value is not None else ():
        name = item.text
        if name is None:
            given = item.get("Name")
            name = given.text if given is not None else None
        if name in KNOWN_TRANSFORMS:
            names.append(name)
        else:
            reason = "a macro may change the template when it is deployed"
            macros.append((Unknown(f"Transform {name or 'unknown'}", reason), item.location))
    return tuple(names), tuple(macros)
