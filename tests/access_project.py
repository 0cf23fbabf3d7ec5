"""Small projects in either language for tests about identities, keys and buckets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from osreach.access.identity import Identity
from osreach.access.model import Model
from osreach.analysis import Analysis, analyse
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs


def analysis_of(folder: Path, files: Mapping[str, str], inputs: Inputs | None = None) -> Analysis:
    """Everything in the files, which are written below `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    given = inputs or Inputs()
    return analyse(read_code([str(folder)], given, TYPES | ALSO_NAMED, every=True), given)


def terraform(folder: Path, text: str, inputs: Inputs | None = None) -> Model:
    """The access model of one Terraform file."""
    return analysis_of(folder, {"main.tf": text}, inputs).model


def template(folder: Path, text: str, inputs: Inputs | None = None) -> Model:
    """The access model of one CloudFormation template."""
    return analysis_of(folder, {"template.yaml": text}, inputs).model


def identity(model: Model, address: str) -> Identity:
    """The identity at an address."""
    found = [one for one in model.identities.values() if one.address == address]
    assert len(found) == 1, sorted(one.address for one in model.identities.values())
    return found[0]


def policy_names(model: Model, address: str) -> list[str]:
    """The names of the policies that are attached to an identity, in order of names."""
    return sorted(policy.name for policy in identity(model, address).policies)
