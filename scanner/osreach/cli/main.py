"""The command `osreach`: finds the subcommand, runs it, turns every ending into an exit code.

Exit codes: 0 asked and clean, 1 asked and the answer is no, 2 the request could
not be carried out. Importing this costs what `argparse` costs; each command
imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress

from osreach.cli import can, compare, diagnose, diff, graph, rules, scan, simulate, who

COMMANDS = (scan, can, who, diff, diagnose, graph, simulate, compare, rules)
"""Modules with `add_parser(subparsers)` and `run(arguments) -> int`."""

FAILED = 2
"""The exit code of a request that could not be carried out."""


class _Version(argparse.Action):
    """Prints the installed version, looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from osreach.cli.output import version  # noqa: PLC0415 - reading package metadata is slow

        sys.stdout.write(f"osreach {version()}\n")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog="osreach",
        description="Tells from infrastructure code alone who can reach the data in an OpenSearch cluster.",
        epilog="Exit codes: 0 clean, 1 findings or the answer is no, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    subparsers = whole.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (without the program's name) and returns its exit code."""
    try:
        parsed = parser().parse_args(arguments)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    try:
        code: int = parsed.run(parsed)
    except KeyboardInterrupt:
        return _say("interrupted")
    except Exception as error:  # noqa: BLE001 - Python's own exit code for it is 1, which means findings
        from osreach.usage import UsageError  # noqa: PLC0415 - only a mistake pays for it

        if isinstance(error, UsageError):
            return _say(str(error))
        import traceback  # noqa: PLC0415 - likewise

        traceback.print_exc()
        return _say("this is a defect of osreach, please report it with the lines above")
    return code


def _say(message: str) -> int:
    from osreach.report.printable import printable  # noqa: PLC0415 - only a mistake pays for it

    # What is quoted may come from strangers: the names of changed files, for one.
    with suppress(OSError):
        sys.stderr.write(printable(f"osreach: {message}") + "\n")
    return FAILED
