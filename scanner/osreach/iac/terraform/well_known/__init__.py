"""Modules that are called everywhere and are rarely in the tree, said again in a few lines of Terraform.

Each folder beside this file holds what one public module makes of its
arguments, as far as it matters for who reaches a search cluster, written for
osreach.
"""

from __future__ import annotations

import re
from pathlib import Path

from osreach.file_kind import Kind
from osreach.source import Folder, SourceFile

_HOST = r"(?:git::)?(?:https://|ssh://git@|git@)?github\.com[/:]"
_END = r"(?:\.git)?/?(?:\?.*)?"
_REGISTRY = r"(?:registry\.(?:terraform\.io|opentofu\.org)/)?"
_SOURCES = tuple(
    (re.compile(rf"{_REGISTRY}{registry}|{_HOST}{repository}{_END}"), name)
    for registry, repository, name in (
        ("cloudposse/label/null", "cloudposse/terraform-null-label", "label"),
        (
            "terraform-aws-modules/opensearch/aws",
            "terraform-aws-modules/terraform-aws-opensearch",
            "opensearch",
        ),
        ("cloudposse/elasticsearch/aws", "cloudposse/terraform-aws-elasticsearch", "elasticsearch"),
    )
)
"""Addresses in a registry and on GitHub; the parts of a module behind `//` are other modules."""


def well_known(source: str) -> Folder | None:
    """The folder that stands in for the module at the address `source`, or None."""
    for pattern, name in _SOURCES:
        if pattern.fullmatch(source):
            place = Path(__file__).resolve().parent / name
            file = SourceFile(f"{source}/main.tf", str(place / "main.tf"), Kind.TERRAFORM)
            return Folder(source, str(place), (file,))
    return None
