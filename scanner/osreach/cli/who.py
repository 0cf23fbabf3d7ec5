"""`osreach who RESOURCE [PATH...]`: every principal that can reach a resource."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from osreach.cli.access import add_output, add_paths
from osreach.cli.inputs import add_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from osreach.analysis import Analysis
    from osreach.evaluate.target import Target
    from osreach.graph.assume import Report
    from osreach.graph.who import Reach
    from osreach.iam.hole import Holes


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "who",
        help="list everyone who can reach a resource, and how",
        description="Every principal that can reach RESOURCE, directly or through roles, with levels of access.",
        epilog="Exit codes: 0 answered, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "resource", metavar="RESOURCE", help="an ARN, or an address (`aws_opensearch_domain.logs`)"
    )
    add_paths(parser)
    parser.add_argument("--action", metavar="ACTION", help="only this action or request line")
    parser.set_defaults(run=run)
    add_output(parser, ("text", "json"))
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the answer. Raises UsageError."""
    from osreach.cli.access import analysis_of  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.cli.progress import shown_progress  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    analysis = analysis_of(arguments)
    with shown_progress() as progress:
        target, found = answer(arguments.resource, arguments.action, analysis, progress)
    holes = analysis.holes
    names = names_of(found)
    if arguments.format == "json":
        import json  # noqa: PLC0415 - likewise

        shown = {
            "resource": holes.fill(target.address),
            "access": [reach_object(reach, names, holes) for reach in found],
        }
        text = json.dumps(shown, indent=2)
    else:
        text = _table(target, found, names, holes)
    write(f"{text}\n", arguments.output)
    return 0


def answer(
    resource: str, action: str | None, analysis: Analysis, progress: Report | None = None
) -> tuple[Target, tuple[Reach, ...]]:
    """Who reaches a resource, in the words of the command line; raises UsageError for words that mean nothing."""
    from osreach.evaluate.level import LEVELS, Level, requests_for  # noqa: PLC0415 - as above
    from osreach.evaluate.naming import find_target  # noqa: PLC0415 - likewise
    from osreach.evaluate.request_line import read_action  # noqa: PLC0415 - likewise
    from osreach.evaluate.serverless_reach import collection_wanted  # noqa: PLC0415 - likewise
    from osreach.evaluate.target import TargetKind  # noqa: PLC0415 - likewise
    from osreach.graph.who import Wanted  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    try:
        asked = read_action(action) if action is not None else None
        target, path = find_target(resource, analysis.model, analysis.reading.resources)
    except ValueError as error:
        raise UsageError(str(error)) from None
    wanted: Wanted | None = None
    if target.kind is TargetKind.COLLECTION:
        found_path = asked.path if asked is not None and asked.path is not None else path
        wanted = collection_wanted(asked.action if asked is not None else None, found_path)
    elif asked is not None:
        requests = requests_for(target.kind, asked.action)
        exact = asked.path if asked.path is not None else path
        if exact:
            requests = tuple(type(group)(group.actions, (exact,), (exact,)) for group in requests)
        known = LEVELS[target.kind]
        level = next(
            (
                level
                for level, groups in known.items()
                if any(asked.action.lower() in map(str.lower, group.actions) for group in groups)
            ),
            Level.CONFIGURE,
        )
        wanted = {level: requests}
    elif path:
        wanted = {
            level: tuple(
                type(group)(group.actions, (path,), (path,)) for group in groups if group.paths != ("",)
            )
            for level, groups in LEVELS[target.kind].items()
            if any(group.paths != ("",) for group in groups)
        }
    if not LEVELS[target.kind] and wanted is None:
        raise UsageError(
            f"`{resource}` is of a kind whose levels of access are not known; name an `--action`"
        )
    return target, analysis.reachability.who(target, wanted, progress)


def names_of(found: Sequence[Reach]) -> Mapping[str, str]:
    """What callers are called, by key; those of one name in several deployments with the deployment."""
    callers = {one.key: one for reach in found for one in reach.chain}
    keys: dict[str, set[str]] = {}
    for key, one in callers.items():
        keys.setdefault(one.name, set()).add(key)
    return {
        key: f"{one.name} (in {one.identity.deployment})"
        if one.identity is not None and len(keys[one.name]) > 1
        else one.name
        for key, one in callers.items()
    }


def reach_object(reach: Reach, names: Mapping[str, str], holes: Holes) -> dict[str, object]:
    """One entry as JSON."""
    from osreach.cli.access import place_object  # noqa: PLC0415 - as above
    from osreach.cli.can import restrictions_object  # noqa: PLC0415 - likewise

    shown: dict[str, object] = {
        "principal": holes.fill(names[reach.caller.key]),
        "levels": {level.value: access.outcome.value for level, access in reach.levels.items()},
        "conditions": [holes.fill(words) for words in reach.conditions],
        "path": [*(holes.fill(names[one.key]) for one in reach.chain), holes.fill(reach.target.address)],
        "locations": [place_object(location) for location in reach.locations],
    }
    if reach.indexes:
        shown["indexes"] = [
            {
                "pattern": holes.fill(one.pattern),
                "levels": {level.value: access.outcome.value for level, access in one.levels.items()},
                **restrictions_object(one.seen, holes),
            }
            for one in reach.indexes
        ]
    return shown


def _limits(reach: Reach) -> Iterator[str]:
    """What is kept from the reader of each pattern of indexes."""
    for one in reach.indexes:
        seen = one.seen
        parts = (
            ("documents matching", " or ".join(seen.documents)),
            ("only the fields", ", ".join(seen.included)),
            ("without the fields", ", ".join(seen.excluded)),
            ("masked", ", ".join(seen.masked)),
        )
        words = "; ".join(f"{name} {found}" for name, found in parts if found)
        if words:
            yield f"of {one.pattern} {'' if seen.certain else 'perhaps '}{words}"


_MARKS = {"allowed": "yes", "conditional": "if", "unknown": "?", "denied": "-"}


def _table(target: Target, found: Sequence[Reach], names: Mapping[str, str], holes: Holes) -> str:
    """A row for each way, a column for each level."""
    from osreach.report.printable import printable  # noqa: PLC0415 - as above

    name = holes.fill(target.address)
    if not found:
        return printable(f"nobody in these files can reach `{name}`")
    levels = list(found[0].levels)
    rows = [
        (
            " > ".join(holes.fill(names[one.key]) for one in reach.chain),
            [_MARKS[reach.levels[level].outcome.value] for level in levels],
            [f"if {holes.fill(words)}" for words in reach.conditions]
            + [holes.fill(words) for words in _limits(reach)],
        )
        for reach in found
    ]
    width = max(len(row[0]) for row in rows)
    lines = [f"who can reach `{name}`", "", f"{'':<{width}}  " + "  ".join(level.value for level in levels)]
    for who, marks, conditions in rows:
        cells = "  ".join(f"{mark:<{len(level.value)}}" for mark, level in zip(marks, levels, strict=True))
        lines.append(f"{who:<{width}}  {cells}".rstrip())
        lines += [f"    {words}" for words in conditions]
    return "\n".join(printable(line) for line in lines)
