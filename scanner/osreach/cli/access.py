"""What the commands about principals share: reading, and places and unknowns as JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from osreach.analysis import Analysis
    from osreach.evaluate.layer import Because
    from osreach.iam.dependency import Dependency
    from osreach.iam.hole import Holes
    from osreach.location import Location


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Adds the files and folders that are read."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files or folders; `.` where none is given")


def add_output(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    """Adds the format, the first of `formats` by default, and where to write."""
    parser.add_argument(
        "--format", choices=formats, default=formats[0], help=f"{', '.join(formats)} (default: {formats[0]})"
    )
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="where to write; `-` is standard output (default)"
    )


def analysis_of(arguments: argparse.Namespace) -> Analysis:
    """Everything below the paths, with what could not be read said on standard error."""
    import sys  # noqa: PLC0415 - `osreach --help` needs none of this

    from osreach.analysis import analyse  # noqa: PLC0415 - likewise
    from osreach.cli.inputs import check_job_count, configuration_of, existing, inputs_of  # noqa: PLC0415 - likewise
    from osreach.engine import leave_out  # noqa: PLC0415 - likewise
    from osreach.extract.model import ALSO_NAMED, TYPES  # noqa: PLC0415 - likewise
    from osreach.iac.read import read_code  # noqa: PLC0415 - likewise
    from osreach.report.printable import printable  # noqa: PLC0415 - likewise

    paths = existing(arguments.paths)
    check_job_count(arguments.jobs)
    configuration = configuration_of(arguments.config, paths[0])
    inputs = inputs_of(arguments, configuration)
    reading = read_code(paths, inputs, TYPES | ALSO_NAMED, every=True, use_cache=not arguments.no_cache)
    reading = leave_out(reading, configuration.exclude)
    analysis = analyse(reading, inputs, configuration.trusted_accounts)
    problems = sorted({*reading.problems, *analysis.problems, *analysis.model.problems})
    for problem in problems:
        place = problem.location
        sys.stderr.write(printable(f"{place.path}:{place.line}:{place.column}: {problem.message}") + "\n")
    for policy in analysis.model.unplaced:
        place = policy.location
        name = analysis.holes.fill(policy.name)
        where = f"{place.path}:{place.line}:{place.column}"
        words = f"{where}: `{name}` is attached to identities that the files do not tell"
        sys.stderr.write(printable(words) + "\n")
    return analysis


def place_object(location: Location | None) -> Mapping[str, object] | None:
    """A place as JSON, None where there is none."""
    if location is None or not location.path:
        return None
    return {"path": location.path, "line": location.line, "column": location.column}


def because_objects(because: Iterable[Because], holes: Holes) -> list[dict[str, object]]:
    """Statements as JSON."""
    return [
        {
            "policy": holes.fill(one.policy),
            "sid": holes.fill(one.sid),
            "location": place_object(one.location),
        }
        for one in because
    ]


def dependency_objects(found: Iterable[Dependency], holes: Holes) -> list[dict[str, object]]:
    """What must be known, as JSON."""
    objects: list[dict[str, object]] = []
    for one in found:
        filled = holes.fill(one.hole) if one.hole else one.key
        expression = filled[2:-1] if filled.startswith("${") else filled
        place = place_object(one.location) or {"path": "", "line": 0}
        shown: dict[str, object] = {
            "expression": expression,
            "path": place["path"],
            "line": place["line"],
            "reason": one.reason,
        }
        if shown not in objects:
            objects.append(shown)
    return objects


def place_words(location: Location | None) -> str:
    """A place for people, empty where there is none."""
    if location is None or not location.path:
        return ""
    return f"{location.path}:{location.line}:{location.column}"
