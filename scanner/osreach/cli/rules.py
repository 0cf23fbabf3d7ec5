"""`osreach rules [NAME]`: the list of rules, or one rule's page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osreach.rule import Rule

FORMATS = ("text", "json", "markdown")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "rules",
        help="list the rules, or explain one",
        description="The list of rules, or one rule's page. As markdown, the list is `docs/rules.md`.",
        allow_abbrev=False,
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="name or code of a rule")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="where to write; `-` is standard output"
    )
    parser.add_argument(
        "--rules",
        metavar="MODULE",
        action="append",
        default=[],
        help="an installed module with further RULES",
    )
    pages = parser.add_mutually_exclusive_group()
    pages.add_argument(
        "--coverage",
        action="store_true",
        help="what the documentation says and which rules watch it, as markdown (`docs/coverage.md`)",
    )
    pages.add_argument(
        "--cluster-roles",
        action="store_true",
        help="how far each predefined role of a cluster reaches, as markdown (`docs/cluster-roles.md`)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the list or the page. Raises UsageError for a rule that does not exist."""
    # Imported here so that `osreach --help` stays fast.
    from osreach.cli.modules import all_rules  # noqa: PLC0415
    from osreach.cli.output import check_destination, write  # noqa: PLC0415
    from osreach.engine import names_of  # noqa: PLC0415

    check_destination(arguments.output)
    if arguments.coverage:
        from osreach_rules.documented import coverage, documented  # noqa: PLC0415

        write(coverage(documented()), arguments.output)
        return 0
    if arguments.cluster_roles:
        from osreach.opensearch.roles_page import roles_page  # noqa: PLC0415

        write(roles_page(), arguments.output)
        return 0
    rules = all_rules(arguments.rules, ["."])
    one: Rule | None = None
    if arguments.name is not None:
        (name,) = names_of(rules, [arguments.name], "the command")
        one = next(rule for rule in rules if rule.name == name)
    write(_rendered(rules, one, arguments.format), arguments.output)
    return 0


def _rendered(rules: tuple[Rule, ...], one: Rule | None, form: str) -> str:
    import json  # noqa: PLC0415 - as above

    from osreach import docs  # noqa: PLC0415 - as above

    if one is None:
        match form:
            case "json":
                ordered = sorted(rules, key=lambda rule: rule.code)
                return json.dumps([docs.rule_object(rule) for rule in ordered], indent=2) + "\n"
            case "markdown":
                return docs.document(rules)
            case _:
                return docs.plain_list(rules)
    match form:
        case "json":
            return json.dumps(docs.rule_object(one), indent=2) + "\n"
        case "markdown":
            return docs.page(one)
        case _:
            return docs.plain_page(one)
