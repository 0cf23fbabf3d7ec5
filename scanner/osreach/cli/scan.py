"""`osreach scan [PATH...]`: what in this code lets someone reach more than they should."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from osreach.cli.inputs import add_inputs

if TYPE_CHECKING:
    from osreach.analysis import Analysis
    from osreach.engine import Progress
    from osreach.finding import Report
    from osreach.graph.overview import Overview
    from osreach.rule import Rule

# Written out so that `osreach --help` imports no more than it shows; a test compares them with the originals.
FORMATS = ("text", "json", "sarif", "github", "junit", "markdown", "html")
THRESHOLDS = ("critical", "high", "medium", "low", "info", "never")
PROFILES = ("default", "strict")
DEFAULT_THRESHOLD = "medium"


class Destination(argparse.Action):
    """Collects `--format` and `--output` in the order in which they are written."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        value: str | Sequence[object] | None,
        _option: str | None = None,
    ) -> None:
        """Takes note of one of the two options."""
        namespace.destinations = [*namespace.destinations, (self.dest, value)]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "scan",
        help="report where access differs from what the documentation asks for",
        description="Reads Terraform and CloudFormation and reports who can reach OpenSearch data and should not.",
        epilog="Exit codes: 0 nothing at or above the threshold, 1 findings at or above it, "
        "2 the scan could not be carried out (wrong usage, problems under --strict, a crashed rule).",
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files or folders; `.` where none is given")
    parser.set_defaults(run=run, destinations=[])
    parser.add_argument(
        "--changed",
        action="store_true",
        help="each PATH is a file that changed: scan the root modules and templates that it belongs to",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=FORMATS,
        action=Destination,
        default=argparse.SUPPRESS,
        help="text (default), json, sarif, github, junit, markdown or html; may be given several times, "
        "each with its own --output behind it",
    )
    output.add_argument(
        "--output",
        metavar="FILE",
        action=Destination,
        default=argparse.SUPPRESS,
        help="where to write; `-` is standard output (default)",
    )
    output.add_argument(
        "--fail-on",
        choices=THRESHOLDS,
        help="the lowest severity that makes the exit code 1 (default: medium)",
    )
    output.add_argument("--strict", action="store_true", help="exit with 2 where there is a problem")
    output.add_argument("--no-progress", action="store_true", help="draw no progress bar")
    chosen = parser.add_argument_group("rules and findings")
    chosen.add_argument(
        "--select", metavar="RULES", action="append", help="only these codes or names, comma-separated"
    )
    chosen.add_argument("--ignore", metavar="RULES", action="append", help="not these codes or names")
    chosen.add_argument("--profile", choices=PROFILES, help="`strict` adds the informational rules")
    chosen.add_argument(
        "--rules",
        metavar="MODULE",
        action="append",
        default=[],
        help="an installed module with further RULES",
    )
    chosen.add_argument("--no-inline-ignores", action="store_true", help="pay no heed to ignore comments")
    chosen.add_argument(
        "--since", metavar="REF", help="only what was not found in this git revision: a branch, tag or commit"
    )
    chosen.add_argument("--baseline", metavar="FILE", help="suppress the findings that this file holds")
    chosen.add_argument(
        "--write-baseline", metavar="FILE", help="write a baseline of what is found now, and exit with 0"
    )
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Scans and writes the report; the exit code as described in the help. Raises UsageError."""
    # Imported here so that `osreach --help` stays fast.
    from contextlib import nullcontext  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    from osreach import baseline  # noqa: PLC0415
    from osreach.cli import changed as change  # noqa: PLC0415
    from osreach.cli.inputs import check_job_count, configuration_of, existing, inputs_of, read_text  # noqa: PLC0415
    from osreach.cli.output import check_destination, write  # noqa: PLC0415

    paths = (change.scope_of(arguments.paths),) if arguments.changed else existing(arguments.paths)
    destinations = destinations_of(arguments.destinations)
    written = arguments.write_baseline
    for destination in (*destinations.values(), *([written] if written else [])):
        check_destination(destination)
    known = None
    if arguments.baseline:
        known = baseline.read_baseline(read_text(arguments.baseline), arguments.baseline)
    configuration = configuration_of(arguments.config, "." if arguments.changed else paths[0])
    inputs = inputs_of(arguments, configuration)
    changed = change.changed_files(arguments.paths, configuration, inputs) if arguments.changed else None
    sources = None if changed is None else change.sources_of(paths, changed)
    check_job_count(arguments.jobs)
    if sources is not None and change.is_nothing(sources) and destinations == {"text": "-"} and not written:
        # What nearly every commit is: a hook need not even load the rules for it.
        write("no findings: nothing about access belongs to what changed\n", "-")
        return 0

    from osreach import engine  # noqa: PLC0415
    from osreach.cli.modules import all_rules  # noqa: PLC0415
    from osreach.cli.progress import shown_progress  # noqa: PLC0415

    rules = all_rules(arguments.rules, paths)
    with nullcontext(engine.no_progress) if arguments.no_progress else shown_progress() as progress:
        options = engine.Options(
            today=date.today(),  # noqa: DTZ011 - an ignore ends with the user's own day
            select=_words(arguments.select) or configuration.select,
            ignore=_words(arguments.ignore) or configuration.ignore,
            severities=configuration.severity,
            profile=arguments.profile or configuration.profile or PROFILES[0],
            ignores=configuration.ignores,
            inline_ignores=not arguments.no_inline_ignores,
            trusted_accounts=configuration.trusted_accounts,
            exclude=configuration.exclude,
            progress=progress,
            use_cache=not arguments.no_cache,
            is_part=changed is not None,
            ignores_reach_further=not change.is_covered(configuration.path, paths),
        )
        read = None if sources is None else change.reader_of(sources, changed or ())
        found = engine.examine(paths, rules, inputs, options, read=read)
        report = found.report
        if arguments.since is not None:
            from osreach.cli.since import report_at  # noqa: PLC0415
            from osreach.since import only_new  # noqa: PLC0415

            earlier = report_at(arguments.since, paths, rules, inputs, options)
            report = only_new(report, earlier, arguments.since)
        overview = _overview(found.analysis, progress) if "html" in destinations else None
    if written and not report.failures:
        text = baseline.write_baseline(report)
        write(text, written)
        report = baseline.apply_baseline(report, baseline.read_baseline(text, written), written)
    elif known is not None:
        report = baseline.apply_baseline(report, known, arguments.baseline, change.is_gone)
    _write_all(report, engine.choose(rules, options), destinations, overview)
    _warn(report, () if arguments.changed else paths, written)
    threshold = arguments.fail_on or configuration.fail_on or DEFAULT_THRESHOLD
    return exit_code(report, threshold, strict=arguments.strict)


def exit_code(report: Report, threshold: str, *, strict: bool) -> int:
    """2 for a crashed rule (or, where `strict`, a problem), 1 for a finding at or above the threshold, else 0."""
    if report.failures or (strict and report.problems):
        return 2
    if threshold == "never":
        return 0
    lowest = THRESHOLDS.index(threshold)
    counts = (finding.severity.rank <= lowest for finding in report.findings if finding.suppressed is None)
    return 1 if any(counts) else 0


def destinations_of(written: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Where each format goes, from `--format` and `--output` in the order of the command line.

    Each output belongs to the format before it; a first one without a format
    belongs to the first format. Raises UsageError where this does not come out,
    or where two formats go to one place.
    """
    from osreach.usage import UsageError  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    first: str | None = None
    last: str | None = None
    for option, value in written:
        if option == "format":
            if value in found:
                raise UsageError(f"`--format {value}` is given twice")
            found[value] = first if first is not None and not found else ""
            last = None if found[value] else value
        elif last is not None:
            found[last], last = value, None
        elif found or first is not None:
            raise UsageError(f"`--output {value}` has no `--format` before it")
        else:
            first = value
    if not found:
        return {"text": first or "-"}
    found = {form: destination or "-" for form, destination in found.items()}
    for destination in found.values():
        if list(found.values()).count(destination) > 1:
            where = "standard output" if destination == "-" else f"`{destination}`"
            raise UsageError(f"several formats go to {where}: give each its own `--output`")
    return found


def _words(options: Sequence[str] | None) -> tuple[str, ...]:
    """The codes and names of comma-separated options."""
    return tuple(word.strip() for option in options or () for word in option.split(",") if word.strip())


def _overview(analysis: Analysis, progress: Progress) -> Overview:
    """Who reaches what, with what could not be read of it and no rule has asked for."""
    from osreach.graph.overview import overview  # noqa: PLC0415 - as above

    told = set(analysis.problems_so_far)
    return overview(
        analysis.reachability,
        report=progress,
        problems=tuple(one for one in analysis.model.problems if one not in told),
    )


def _write_all(
    report: Report, rules: tuple[Rule, ...], destinations: dict[str, str], overview: Overview | None
) -> None:
    import sys  # noqa: PLC0415 - as above

    from osreach.cli.output import STANDARD_OUTPUT, version, wants_colour, width, write  # noqa: PLC0415
    from osreach.docs import page  # noqa: PLC0415 - as above
    from osreach.engine import text_of  # noqa: PLC0415 - as above
    from osreach.report.view import View, quoted_paths, render, sources_of, trail_paths  # noqa: PLC0415

    quoted = {"text": quoted_paths, "html": trail_paths}
    for form, destination in destinations.items():
        on_terminal = destination == STANDARD_OUTPUT
        view = View(
            rules=rules,
            sources=sources_of(quoted[form](report), text_of) if form in quoted else {},
            help={rule.name: page(rule) for rule in rules} if form == "sarif" else {},
            version=version() if form in {"sarif", "html"} else "",
            width=width(sys.stdout) if on_terminal else 100,
            colour=on_terminal and wants_colour(sys.stdout),
            overview=overview if form == "html" else None,
        )
        write(render(form, report, view), destination)


def _warn(report: Report, paths: Sequence[str], baseline: str | None) -> None:
    """Says on standard error what must not be overlooked, whatever format was asked for."""
    import sys  # noqa: PLC0415 - as above

    from osreach.report.printable import printable  # noqa: PLC0415 - as above

    for name, error in report.failures:
        sys.stderr.write(printable(f"osreach: the rule `{name}` crashed: {error}") + "\n")
    if report.failures and baseline:
        sys.stderr.write("osreach: no baseline was written, since it would lack the findings of that rule\n")
    if paths and not report.coverage.files:
        names = ", ".join(f"`{path}`" for path in paths)
        sys.stderr.write(printable(f"osreach: nothing about access was found to read in {names}") + "\n")
