"""Everything below some paths, in every language that osreach reads, as one reading."""

from __future__ import annotations

from collections.abc import Sequence

from osreach.iac.resource import Inputs, Reading
from osreach.source import discover


def read_code(paths: Sequence[str], inputs: Inputs, wanted: frozenset[str]) -> Reading:
    """The resources of the types in `wanted` that the files below `paths` describe.

    A reader is loaded only where there is something for it to read.
    """
    from osreach.iac.terraform.read import read_terraform  # noqa: PLC0415 - see above

    return read_terraform(discover(paths), inputs, wanted)
