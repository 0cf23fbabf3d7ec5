"""`osreach diff [--base REF | OLD_PATH NEW_PATH]`: which access a change of the code gives and takes away."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from osreach.cli.inputs import add_inputs
from osreach.cli.scan import Destination, destinations_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from osreach.access.model import Model
    from osreach.analysis import Analysis
    from osreach.configuration import Configuration
    from osreach.evaluate.target import Target
    from osreach.graph.change import Concerns
    from osreach.iac.resource import Inputs
    from osreach.report.change_view import ChangeReport
    from osreach.source import Sources

# Written out so that `osreach --help` imports no more than it shows; a test compares them with the originals.
FORMATS = ("text", "json", "github", "markdown")
THRESHOLDS = ("critical", "high", "medium", "low", "info", "never")
DEFAULT_THRESHOLD = "medium"
DEFAULT_BASE = "HEAD"
PUSHED_FROM = "PRE_COMMIT_FROM_REF"
"""Where pre-commit says what the remote has already: https://pre-commit.com/#pre-commit-during-push"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "diff",
        help="tell which access a change of the code gives and takes away",
        usage="osreach diff [--base REF | --pre-push] [PATH...]\n       osreach diff OLD_PATH NEW_PATH",
        description="Compares who can reach what before and after a change: the working tree with the git "
        "revision REF (HEAD where nothing is given), or two files or folders with each other. Severity of a "
        "gain: critical for everyone on the internet; high for other accounts, and for deleting data or "
        "changing who has access; medium for writing and configuring; low for reading.",
        epilog="Exit codes: 0 no access was gained at or above the threshold, 1 it was, "
        "2 the request could not be carried out.",
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files or folders; `.` where none is given")
    compared = parser.add_mutually_exclusive_group()
    compared.add_argument("--base", metavar="REF", help="the branch, tag or commit to compare with")
    compared.add_argument(
        "--pre-push",
        action="store_true",
        help=f"compare with what the remote has already, as pre-commit says in {PUSHED_FROM}",
    )
    parser.set_defaults(run=run, destinations=[])
    parser.add_argument(
        "--format",
        choices=FORMATS,
        action=Destination,
        default=argparse.SUPPRESS,
        help="text (default), json, github or markdown; may be given several times, "
        "each with its own --output behind it",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        action=Destination,
        default=argparse.SUPPRESS,
        help="where to write; `-` is standard output (default)",
    )
    parser.add_argument(
        "--fail-on",
        choices=THRESHOLDS,
        help="the lowest severity of a gain that makes the exit code 1 (default: medium)",
    )
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the answer. Raises UsageError."""
    # Imported here so that `osreach --help` stays fast.
    import os  # noqa: PLC0415
    import sys  # noqa: PLC0415

    from osreach.cli.inputs import check_job_count, configuration_of, existing, inputs_of  # noqa: PLC0415
    from osreach.cli.output import check_destination, write  # noqa: PLC0415
    from osreach.report.change_view import render  # noqa: PLC0415
    from osreach.report.printable import printable  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415

    destinations = destinations_of(arguments.destinations)
    for destination in destinations.values():
        check_destination(destination)
    check_job_count(arguments.jobs)
    paths = existing(arguments.paths)
    base = arguments.base
    if arguments.pre_push:
        base = os.environ.get(PUSHED_FROM)
        if not base:
            sys.stderr.write("osreach: the remote has nothing yet that could be compared with\n")
            return 0
    two_paths = base is None and len(arguments.paths) == 2
    if base is None and len(arguments.paths) == 1:
        raise UsageError(f"`{paths[0]}` is compared with nothing: give `--base REF` or a second path")
    if base is None and len(arguments.paths) > 2:
        raise UsageError("more than two paths are compared with a revision only: give `--base REF`")
    configuration = configuration_of(arguments.config, paths[-1])
    inputs = inputs_of(arguments, configuration)
    if two_paths:
        report = compare_paths(paths[0], paths[1], inputs, configuration)
    else:
        report = compare_with_revision(base or DEFAULT_BASE, paths, inputs, configuration)
    for problem in report.problems:
        place = problem.location
        sys.stderr.write(printable(f"{place.path}:{place.line}:{place.column}: {problem.message}") + "\n")
    for form, destination in destinations.items():
        write(render(form, report), destination)
    threshold = arguments.fail_on or configuration.fail_on or DEFAULT_THRESHOLD
    return exit_code(report, threshold)


def exit_code(report: ChangeReport, threshold: str) -> int:
    """1 where access was gained at or above the threshold, else 0."""
    from osreach.graph.access_change import Direction  # noqa: PLC0415 - as above

    if threshold == "never":
        return 0
    lowest = THRESHOLDS.index(threshold)
    return 1 if any(row.severity.rank <= lowest for row in report.of(Direction.GAINED)) else 0


def compare_paths(old: str, new: str, inputs: Inputs, configuration: Configuration) -> ChangeReport:
    """The change from one file or folder to another."""
    from osreach.source import discover, shown_path  # noqa: PLC0415 - as above

    tops = tuple(shown_path(_real(path), _real(".")) for path in (old, new))
    before = _analysis((old,), None, inputs, configuration.exclude, configuration)
    after = _analysis((new,), None, inputs, configuration.exclude, configuration)
    return _compared(before, after, (tops[0], tops[1]), (discover((old,)), discover((new,))))


def compare_with_revision(
    base: str, paths: Sequence[str], inputs: Inputs, configuration: Configuration
) -> ChangeReport:
    """The change from the revision `base` to the working tree. Raises UsageError."""
    import os  # noqa: PLC0415 - as above

    from osreach.location import Location  # noqa: PLC0415 - likewise
    from osreach.problem import Problem  # noqa: PLC0415 - likewise
    from osreach.revision import tree_at  # noqa: PLC0415 - likewise
    from osreach.source import discover, shown_path  # noqa: PLC0415 - likewise

    with tree_at(base, paths[0]) as tree:
        here = _real(".")
        root = tree.root_for(here)
        # Seen from outside the repository, all paths of the new code begin with the way to it.
        is_outside = root == tree.folder and here != tree.top
        top = shown_path(tree.top, here) if is_outside else "."
        placed = [tree.place_of(path) for path in paths]
        there = [path for path in placed if os.path.exists(path)]  # noqa: PTH110 - a text, as `discover` takes it
        # A submodule is another repository, whose files at that time are not in this one.
        modules = tuple(shown_path(os.path.join(tree.top, path), here) for path in tree.modules)  # noqa: PTH118 - likewise
        exclude = (*configuration.exclude, *modules)
        before = _analysis(there, root, inputs, exclude, configuration)
        after = _analysis(paths, None, inputs, exclude, configuration)
        looked_at = discover(there, root), discover(paths)
        report = _compared(before, after, (".", top), looked_at)
    notes = [
        *((path, "a submodule is not compared: its files are in another repository") for path in modules),
        *((path, "the file is too large in the revision and is not compared") for path in tree.left_out),
    ]
    problems = tuple(Problem(Location(path, 1, 1, 1, 1), words) for path, words in notes)
    return type(report)(report.rows, tuple(sorted({*report.problems, *problems})))


def _real(path: str) -> str:
    import os  # noqa: PLC0415 - as above

    return os.path.realpath(path)


def _analysis(
    paths: Sequence[str],
    root: str | None,
    inputs: Inputs,
    exclude: Sequence[str],
    configuration: Configuration,
) -> Analysis:
    """Everything below the paths, identities without a word about search clusters too."""
    from osreach.analysis import analyse  # noqa: PLC0415 - as above
    from osreach.engine import leave_out  # noqa: PLC0415 - likewise
    from osreach.extract.model import ALSO_NAMED, TYPES  # noqa: PLC0415 - likewise
    from osreach.iac.read import read_code  # noqa: PLC0415 - likewise

    reading = leave_out(read_code(paths, inputs, TYPES | ALSO_NAMED, every=True, root=root), exclude)
    return analyse(reading, inputs, configuration.trusted_accounts)


def _compared(
    before: Analysis, after: Analysis, tops: tuple[str, str], sources: tuple[Sources, Sources]
) -> ChangeReport:
    from osreach.evaluate.counterpart import Version  # noqa: PLC0415 - as above
    from osreach.graph.change import changes  # noqa: PLC0415 - likewise
    from osreach.graph.change_chain import chain_changes  # noqa: PLC0415 - likewise
    from osreach.graph.comparison import compare_versions  # noqa: PLC0415 - likewise
    from osreach.iac.terraform.moved import read_moves  # noqa: PLC0415 - likewise
    from osreach.report.change_view import report_of  # noqa: PLC0415 - likewise

    old, new = Version(before.model, tops[0]), Version(after.model, tops[1])
    comparison = compare_versions(old, new, read_moves(sources[1]))
    concerns = _concerns(sources)
    found = (*changes(comparison, concerns), *chain_changes(comparison, concerns))
    problems = sorted({*after.reading.problems, *after.problems, *after.model.problems})
    return report_of(found, after.holes, before.holes, problems)


def _concerns(sources: tuple[Sources, Sources]) -> Concerns:
    """Domains and collections, and the keys and buckets that are described beside something about search clusters."""
    from osreach.evaluate.target import TargetKind, collections_of, targets_of  # noqa: PLC0415 - as above

    paths = {path for one in sources for path in _paths(one)}

    def found(model: Model) -> Iterator[Target]:
        for target in targets_of(model):
            if target.kind is TargetKind.DOMAIN or (target.location and target.location.path in paths):
                yield target
        yield from collections_of(model)

    return found


def _paths(sources: Sources) -> Iterator[str]:
    for folder in sources.folders.values():
        yield from (file.path for file in folder.files)
    yield from (file.path for file in (*sources.templates, *sources.plans))
