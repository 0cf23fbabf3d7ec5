"""The fixture projects as templates: what they are read with, and what their resources are called there."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from osreach.analysis import Analysis, analyse
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs, Reading

FIXTURES = Path(__file__).parent.parent / "fixtures"


def table(project: str) -> dict[str, Any]:
    """The questions about a project, with its twin under `template`.

    A twin has `stacks` (each a path below the projects, and the account and Region it is deployed to),
    `addresses` (the logical id for each address), `left_out` (addresses with the reason why the twin cannot
    have them) and `unknown` (questions that the twin leaves open, with the reason).
    """
    found: dict[str, Any] = json.loads(
        (FIXTURES / "questions" / f"{project}.json").read_text(encoding="utf-8")
    )
    return found


def address_in_template(text: str, project: str) -> str | None:
    """What an address, perhaps with a path behind it, is called in the twin; None where it is left out.

    Everything that is no address is called the same. Raises KeyError for an address that the table lacks.
    """
    twin = table(project)["template"]
    address, slash, path = text.partition("/")
    if not address.startswith("aws_"):
        return text
    if address in twin["left_out"]:
        return None
    return f"{twin['addresses'][address]}{slash}{path}"


@cache
def analysis_of_template(project: str) -> Analysis:
    """The twin of a project, each of its stacks read as deployed to its account and Region."""
    readings = []
    for stack in table(project)["template"]["stacks"]:
        account = stack.get("account")
        inputs = Inputs(account=account, region=stack["region"])
        path = str(FIXTURES / "projects" / stack["path"])
        reading = read_code([path], inputs, TYPES | ALSO_NAMED, every=True)
        placed = tuple(replace(resource, account=account) for resource in reading.resources)
        readings.append(replace(reading, resources=placed))
    joined = Reading(
        tuple(resource for reading in readings for resource in reading.resources),
        tuple(problem for reading in readings for problem in reading.problems),
        sum(reading.files for reading in readings),
    )
    found = analyse(joined)
    assert (joined.problems, found.problems, found.model.problems) == ((), (), ())
    return found
