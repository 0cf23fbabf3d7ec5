"""Everything below some paths, in every language that osreach reads, as one reading."""

from __future__ import annotations

from collections.abc import Sequence

from osreach.iac.resource import SECURITY_FILE, Change, Inputs, Reading
from osreach.source import Sources, discover


def read_code(
    paths: Sequence[str],
    inputs: Inputs,
    wanted: frozenset[str],
    *,
    every: bool = False,
    root: str | None = None,
    use_cache: bool = False,
) -> Reading:
    """The resources of the types in `wanted` that the files below `paths` describe.

    Where `every`, files that do not mention search clusters are read too. Paths
    are relative to `root`, the working directory if not given. Where `use_cache`,
    what an earlier run has read of the same files counts, and what takes long to
    read is kept for later runs in the user's cache folder.
    """
    sources = discover(paths, root, every=every)
    return read_sources(sources, inputs, wanted, paths, every=every, use_cache=use_cache)


def read_sources(
    sources: Sources,
    inputs: Inputs,
    wanted: frozenset[str],
    asked: Sequence[str],
    *,
    every: bool = False,
    use_cache: bool = False,
) -> Reading:
    """As `read_code`, for files that were found already; `asked` tells for which paths."""
    if not use_cache or not (sources.folders or sources.templates or sources.plans or sources.security):
        return _read(sources, inputs, wanted)
    from osreach.iac.cache import kept_or_read  # noqa: PLC0415 - only where there is something to keep

    def read() -> Reading:
        return _read(sources, inputs, wanted)

    return kept_or_read(read, sources, inputs, wanted, asked, every=every)


def _read(sources: Sources, inputs: Inputs, wanted: frozenset[str]) -> Reading:
    """The reading of files that were found. A reader is loaded only where there is something for it to read."""
    readings: list[Reading] = []
    if sources.folders or not (sources.templates or sources.security):
        from osreach.iac.terraform.read import read_terraform  # noqa: PLC0415 - see above

        readings.append(read_terraform(sources, inputs, wanted))
    if sources.templates:
        from osreach.iac.cloudformation.read import read_templates  # noqa: PLC0415 - see above

        readings.append(read_templates(sources, inputs, wanted))
    resources = tuple(resource for reading in readings for resource in reading.resources)
    missing = tuple(missing for reading in readings for missing in reading.missing)
    changes: tuple[Change, ...] = ()
    if sources.plans:
        from osreach.iac.plan.join import join, still_missing  # noqa: PLC0415 - see above
        from osreach.iac.plan.read import read_plans, unknowns_in_plan  # noqa: PLC0415 - see above

        plans = read_plans(sources, inputs, wanted.__contains__)
        resources, changes = join(resources, plans)
        missing = still_missing(missing, plans)
        readings.extend(Reading(problems=plan.problems, unknowns=unknowns_in_plan(plan)) for plan in plans)
    if sources.security and SECURITY_FILE in wanted:
        from osreach.iac.security_files import read_security_files  # noqa: PLC0415 - see above

        found = read_security_files(sources)
        resources = (*resources, *found.resources)
        readings.append(found)
    return Reading(
        resources=resources,
        problems=tuple(sorted({*sources.problems, *(each for one in readings for each in one.problems)})),
        files=sources.files,
        unknowns=tuple(unknown for reading in readings for unknown in reading.unknowns),
        missing=missing,
        changes=changes,
    )
