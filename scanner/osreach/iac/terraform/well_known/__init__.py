"""Modules that are called everywhere and are never in the tree, said again in a few lines of Terraform.

Each folder beside this file holds the outputs of one public module as far as
they follow from its arguments, written for osreach.
"""

from __future__ import annotations

import re
from pathlib import Path

from osreach.source import Folder, Kind, SourceFile

_SOURCES = (
    (re.compile(r"(registry\.terraform\.io/)?cloudposse/label/null"), "label"),
    (
        re.compile(r"(git::)?(https://|ssh://git@|git@)?github\.com[/:]cloudposse/terraform-null-label.*"),
        "label",
    ),
)


def well_known(source: str) -> Folder | None:
    """The folder that stands in for the module at the address `source`, or None."""
    for pattern, name in _SOURCES:
        if pattern.fullmatch(source):
            place = Path(__file__).resolve().parent / name
            file = SourceFile(f"{source}/main.tf", str(place / "main.tf"), Kind.TERRAFORM)
            return Folder(source, str(place), (file,))
    return None
