"""Everything below some paths, in every language that osreach reads, as one reading."""

from __future__ import annotations

from collections.abc import Sequence

from osreach.iac.resource import Inputs, Reading
from osreach.source import discover


def read_code(
    paths: Sequence[str],
    inputs: Inputs,
    wanted: frozenset[str],
    *,
    every: bool = False,
    root: str | None = None,
) -> Reading:
    """The resources of the types in `wanted` that the files below `paths` describe.

    A reader is loaded only where there is something for it to read. Where
    `every`, files that do not mention search clusters are read too. Paths are
    relative to `root`, the working directory if not given.
    """
    sources = discover(paths, root, every=every)
    readings: list[Reading] = []
    if sources.folders or not sources.templates:
        from osreach.iac.terraform.read import read_terraform  # noqa: PLC0415 - see above

        readings.append(read_terraform(sources, inputs, wanted))
    if sources.templates:
        from osreach.iac.cloudformation.read import read_templates  # noqa: PLC0415 - see above

        readings.append(read_templates(sources, inputs, wanted))
    resources = tuple(resource for reading in readings for resource in reading.resources)
    missing = tuple(missing for reading in readings for missing in reading.missing)
    if sources.plans:
        from osreach.iac.plan.join import join, still_missing  # noqa: PLC0415 - see above
        from osreach.iac.plan.read import read_plans, unknowns_in_plan  # noqa: PLC0415 - see above

        plans = read_plans(sources, inputs, wanted.__contains__)
        resources = join(resources, plans)
        missing = still_missing(missing, plans)
        readings.extend(Reading(problems=plan.problems, unknowns=unknowns_in_plan(plan)) for plan in plans)
    return Reading(
        resources=resources,
        problems=tuple(sorted({*sources.problems, *(each for one in readings for each in one.problems)})),
        files=sources.files,
        unknowns=tuple(unknown for reading in readings for unknown in reading.unknowns),
        missing=missing,
    )
