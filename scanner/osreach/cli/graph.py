"""`osreach graph [PATH...]`: the graph of principals and resources."""

from __future__ import annotations

import argparse

from osreach.cli.access import add_output, add_paths
from osreach.cli.inputs import add_inputs

FORMATS = ("dot", "graphml", "json", "mermaid", "html")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "graph",
        help="draw who may become whom and reach what",
        description="The graph of principals and resources; every edge is a fact with its place.",
        epilog="Exit codes: 0 drawn, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    add_paths(parser)
    parser.set_defaults(run=run)
    add_output(parser, FORMATS)
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the graph. Raises UsageError."""
    from osreach.cli.access import analysis_of  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.cli.progress import shown_progress  # noqa: PLC0415 - likewise
    from osreach.graph.build import build  # noqa: PLC0415 - likewise
    from osreach.graph.export import exported  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    analysis = analysis_of(arguments)
    with shown_progress() as progress:
        graph = build(analysis.reachability, progress)
    write(f"{exported(graph, arguments.format)}\n", arguments.output)
    return 0
