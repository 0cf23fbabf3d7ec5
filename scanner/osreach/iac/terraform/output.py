"""The outputs of a root module that write an address in front of whose host something stands.

An output shows its value to everyone who runs Terraform there, unless it is `sensitive`.
Source: https://developer.hashicorp.com/terraform/language/values/outputs
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.iac.resource import OUTPUT, Resource
from osreach.iac.terraform.body import reported
from osreach.iac.terraform.folder import Declaration
from osreach.iac.terraform.json_syntax import JsonFile
from osreach.iac.terraform.module import ModuleInstance
from osreach.value import Object, Value

_IN_ADDRESS = ("://", "@")


def outputs_of(module: ModuleInstance) -> Iterator[Resource]:
    """The outputs with such an address as resources; the others are not even parsed."""
    for key, declaration in module.folder.of_type("output"):
        if len(key.labels) != 1 or not _may_hold(declaration):
            continue
        block = module.folder.block(key)
        if block is None:
            continue
        address = f"{OUTPUT}.{key.labels[0]}"
        place = declaration.location
        entries = {"value": module.attribute(key.labels[0], place)}
        sensitive = block.assignment("sensitive")
        if sensitive is not None:
            entries["sensitive"] = reported(sensitive.expression, module.scope, f"{address}.sensitive")
        yield Resource(address, OUTPUT, Value(Object(entries), place), place, module.run.root.path)


def _may_hold(declaration: Declaration) -> bool:
    file, header = declaration.file, declaration.header
    text = file.source.text
    if not isinstance(file, JsonFile):
        text = text[header.start : header.end]
    return all(part in text for part in _IN_ADDRESS)
