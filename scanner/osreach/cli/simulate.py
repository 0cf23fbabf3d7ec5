"""`osreach simulate`: the policy simulator, offline, on raw policy documents."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD_INPUT = "-"

_POLICIES = (
    ("--identity-policy", "identityPolicies", "an identity policy of the principal"),
    ("--resource-policy", "resourcePolicy", "the policy of the resource"),
    ("--permissions-boundary", "permissionBoundaries", "a permissions boundary of the principal"),
    ("--session-policy", "sessionPolicies", "a policy of the session"),
    ("--scp", "scps", "the service control policies of one level, from the root down: a document or a list"),
    ("--rcp", "rcps", "the resource control policies of one level, likewise"),
)
_LEVELS = frozenset({"scps", "rcps"})


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "simulate",
        help="decide one request, or a batch of them, over policy documents",
        description="The policy simulator, offline, on raw policy documents. With --batch, one JSON request a line "
        "is read and one JSON answer a line is printed, in the same order.",
        epilog="Exit codes: 0 allowed (or the batch was answered), 1 denied, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    for option, name, words in _POLICIES:
        action = "store" if name == "resourcePolicy" else "append"
        parser.add_argument(option, metavar="FILE", action=action, dest=name, help=words)
    parser.add_argument("--principal", metavar="ARN", help="an ARN, `anonymous`, or `service:NAME`")
    parser.add_argument("--action", help="an IAM action, such as `es:ESHttpGet`")
    parser.add_argument("--resource", metavar="ARN", default="*")
    parser.add_argument("--resource-account", metavar="ID", help="where the resource's ARN does not tell it")
    parser.add_argument(
        "--context",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a condition key; repeat it for several values",
    )
    parser.add_argument("--batch", metavar="FILE", help="requests, one a line; `-` is standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of a single answer")
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="where to write; `-` is standard output"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answers one request or a batch. Raises UsageError for what cannot be read."""
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - `osreach --help` stays fast

    check_destination(arguments.output)
    if arguments.batch is not None:
        _refuse_both(arguments)
        for piece in _pieces(_answers(_lines(arguments.batch)), arguments.output):
            write(piece, arguments.output)
        return 0
    import json  # noqa: PLC0415 - likewise

    from osreach.iam.simulate import answer  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    found = answer(_request(arguments))
    if "error" in found:
        raise UsageError(str(found["error"]))
    del found["id"]
    text = json.dumps(found, indent=2) if arguments.format == "json" else _words(found)
    write(f"{text}\n", arguments.output)
    return 0 if found["decision"] == "allowed" else 1


def _refuse_both(arguments: argparse.Namespace) -> None:
    from osreach.usage import UsageError  # noqa: PLC0415 - only a mistake pays for it

    given = [option for option, name, _ in _POLICIES if getattr(arguments, name)]
    given += [f"--{name}" for name in ("principal", "action", "context") if getattr(arguments, name)]
    if given:
        raise UsageError(f"`--batch` takes everything from its lines, so `{given[0]}` has no place beside it")


def _request(arguments: argparse.Namespace) -> dict[str, object]:
    from osreach.usage import UsageError  # noqa: PLC0415 - only a mistake pays for it

    for name in ("principal", "action"):
        if getattr(arguments, name) is None:
            raise UsageError(f"`--{name}` is missing")
    request: dict[str, object] = {
        "principal": arguments.principal,
        "action": arguments.action,
        "resource": arguments.resource,
        "context": _context(arguments.context),
    }
    if arguments.resource_account is not None:
        request["resourceAccount"] = arguments.resource_account
    for _, name, _ in _POLICIES:
        given = getattr(arguments, name)
        if given is None:
            continue
        if name == "resourcePolicy":
            request[name] = _policy(given)
        elif name in _LEVELS:
            levels = [_policy(path) for path in given]
            request[name] = [level if isinstance(level, list) else [level] for level in levels]
        else:
            request[name] = [_policy(path) for path in given]
    return request


def _context(given: Iterable[str]) -> dict[str, list[str]]:
    from osreach.usage import UsageError  # noqa: PLC0415 - only a mistake pays for it

    context: dict[str, list[str]] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise UsageError(f"`--context {pair}` is not of the form KEY=VALUE")
        context.setdefault(key, []).append(value)
    return context


def _policy(path: str) -> object:
    from osreach.cli.documents import read_json_file  # noqa: PLC0415 - a batch does not need it

    return read_json_file(path)


def _lines(source: str) -> Iterator[str]:
    """The lines of a file or of standard input; each is read when it is needed."""
    from pathlib import Path  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.usage import UsageError  # noqa: PLC0415 - `osreach --help` stays fast

    if source == STANDARD_INPUT:
        yield from sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError as error:
        raise UsageError(f"cannot read `{source}`: {error.strerror or error}") from None


def _answers(lines: Iterable[str]) -> Iterator[str]:
    import json  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.iam.simulate import answer  # noqa: PLC0415 - `osreach --help` stays fast

    encode = json.JSONEncoder(separators=(", ", ": ")).encode
    for line in lines:
        if line.strip():
            yield encode(answer(line)) + "\n"


_AT_ONCE = 500


def _pieces(answers: Iterator[str], destination: str) -> Iterator[str]:
    """Answers in pieces for standard output, whole for a file."""
    held: list[str] = []
    for found in answers:
        held.append(found)
        if destination == "-" and (len(held) == _AT_ONCE or sys.stdin.isatty()):
            yield "".join(held)
            held.clear()
    if held or destination != "-":
        yield "".join(held)


def _words(found: dict[str, object]) -> str:
    """The answer for people."""
    lines = [str(found["decision"]).replace("_", " ")]
    because = found["because"]
    for one in because if isinstance(because, list) else ():
        sid = f" ({one['sid']})" if one["sid"] else ""
        lines.append(f"  because: {one['policy']}, statement {one['statement']}{sid}")
    if "blocked_by" in found:
        lines.append(f"  refused by: {str(found['blocked_by']).replace('_', ' ')}")
    notes = found.get("notes", ())
    lines.extend(f"  note: {note}" for note in (notes if isinstance(notes, list) else ()))
    return "\n".join(lines)
