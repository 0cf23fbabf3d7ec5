"""Small Terraform projects for tests: written to a folder, read, and asked for their values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from osreach.iac.resource import Inputs, Reading
from osreach.iac.terraform.folder import Tree
from osreach.iac.terraform.module import ModuleInstance, Run
from osreach.iac.terraform.read import read_terraform
from osreach.iac.terraform.rendering import expression_text
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import discover
from osreach.value import Value

NOWHERE = Location("nowhere", 1, 1, 1, 1)
# Folders without a word of OpenSearch are not read at all.
_SEED = "# opensearch\n"


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` by their path below `folder`; each `.tf` file is made to matter."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + ("\n" + _SEED if name.endswith(".tf") else ""), encoding="utf-8")


def read(folder: Path, files: Mapping[str, str] | str, inputs: Inputs | None = None) -> Reading:
    """The resources of a project; a text alone is its `main.tf`."""
    write(folder, {"main.tf": files} if isinstance(files, str) else files)
    return read_terraform(discover([str(folder)], str(folder)), inputs, lambda _kind: True)


def root_module(folder: Path, files: Mapping[str, str] | str) -> ModuleInstance:
    """The root module of a project, nothing evaluated yet."""
    write(folder, {"main.tf": files} if isinstance(files, str) else files)
    tree = Tree(discover([str(folder)], str(folder)))
    root = tree.folder(tree.sources.folders[str(folder.resolve())])
    return ModuleInstance(Run(tree, Inputs(), root), root)


def value_of(module: ModuleInstance, name: str) -> Value:
    """The value of a local."""
    return module.local(name, NOWHERE)


def problems_of(module: ModuleInstance) -> list[Problem]:
    """What was reported so far."""
    return [*module.run.problems, *module.folder.problems]


def shown(reading: Reading, address: str, attribute: str) -> str:
    """An attribute of a resource as an expression, unknown parts as `${...}`."""
    found = next(resource for resource in reading.resources if resource.address == address)
    value = found.get(attribute)
    return "absent" if value is None else expression_text(value)
