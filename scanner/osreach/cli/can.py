"""`osreach can PRINCIPAL ACTION RESOURCE [PATH...]`: one question, answered layer by layer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from osreach.cli.access import add_output, add_paths
from osreach.cli.inputs import add_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from osreach.analysis import Analysis
    from osreach.evaluate.explain import Explanation
    from osreach.evaluate.layer import LayerAnswer
    from osreach.iam.hole import Holes

_ALLOWED, _DENIED, _UNKNOWN = 0, 1, 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "can",
        help="tell whether someone may do something, layer by layer",
        description="Whether PRINCIPAL may do ACTION on RESOURCE, as far as the code tells, and which statement decides.",
        epilog="Exit codes: 0 allowed, 1 denied, 2 the request could not be carried out, "
        "3 not knowable from these files.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "principal",
        metavar="PRINCIPAL",
        help="an ARN, an address (`aws_iam_role.etl`), `anonymous`, `service:NAME`, `internal:NAME` or `saml:NAME`",
    )
    parser.add_argument(
        "action",
        metavar="ACTION",
        help="an IAM action (`es:ESHttpGet`), or a request line (`GET /movies/_search`)",
    )
    parser.add_argument(
        "resource", metavar="RESOURCE", help="an ARN, or an address with an optional path behind `/`"
    )
    add_paths(parser)
    parser.set_defaults(run=run)
    circumstances = parser.add_argument_group("circumstances of the request")
    circumstances.add_argument("--source-ip", metavar="IP", help="the address that the request comes from")
    circumstances.add_argument(
        "--context",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="the value of a condition key; given several times for several values, empty for an absent key",
    )
    circumstances.add_argument(
        "--session", metavar="NAME", default="session", help="the name of the role's session"
    )
    add_output(parser, ("text", "json"))
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the answer; the exit code as described in the help. Raises UsageError."""
    from osreach.cli.access import analysis_of  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.evaluate.layer import Answer  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    given = given_keys(arguments.context, arguments.source_ip)
    analysis = analysis_of(arguments)
    found = answer(
        arguments.principal, arguments.action, arguments.resource, arguments.session, given, analysis
    )
    holes = analysis.holes
    if arguments.format == "json":
        import json  # noqa: PLC0415 - likewise

        text = json.dumps(explanation_object(found, holes), indent=2)
    else:
        text = _words(found, arguments.principal, holes)
    write(f"{text}\n", arguments.output)
    match found.answer:
        case Answer.ALLOWED:
            return _ALLOWED
        case Answer.UNKNOWN:
            return _UNKNOWN
        case _:
            return _DENIED


def answer(
    principal: str,
    action: str,
    resource: str,
    session: str,
    given: Mapping[str, tuple[str, ...]],
    analysis: Analysis,
) -> Explanation:
    """The answer to a question in the words of the command line; raises UsageError for words that mean nothing."""
    from osreach.evaluate.circumstances import Circumstances  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.evaluate.explain import explain  # noqa: PLC0415 - likewise
    from osreach.evaluate.naming import find_caller, find_target  # noqa: PLC0415 - likewise
    from osreach.evaluate.request_line import read_action  # noqa: PLC0415 - likewise
    from osreach.evaluate.target import TargetKind  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    try:
        asked = read_action(action)
        standing = find_caller(principal, analysis.model, session)
        target, path = find_target(resource, analysis.model, analysis.reading.resources)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if asked.path is not None:
        if target.kind is not TargetKind.DOMAIN:
            raise UsageError(f"a request line goes to a domain, and `{resource}` is none")
        if path:
            raise UsageError(f"the path stands in the request line already: `{path}`")
        path = asked.path
    return explain(standing, target, asked.action, path, analysis.access, Circumstances(given))


def given_keys(context: list[str], source_ip: str | None) -> dict[str, tuple[str, ...]]:
    """The values of condition keys by their names in lower case. Raises UsageError."""
    from ipaddress import ip_address  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    found: dict[str, tuple[str, ...]] = {}
    for pair in context:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise UsageError(f"`--context {pair}` is not of the form `KEY=VALUE`")
        name = key.strip().lower()
        found[name] = (*found.get(name, ()), value) if value else ()
    if source_ip is not None:
        try:
            ip_address(source_ip)
        except ValueError:
            raise UsageError(f"`--source-ip {source_ip}` is no address") from None
        found["aws:sourceip"] = (source_ip,)
    return found


def explanation_object(found: Explanation, holes: Holes) -> dict[str, object]:
    """The answer as JSON."""
    from osreach.cli.access import because_objects, dependency_objects  # noqa: PLC0415 - as above

    answer: dict[str, object] = {
        "decision": found.answer.value,
        "deciding_layer": found.deciding.value,
        "layers": [
            {
                "layer": layer.layer.value,
                "decision": layer.answer.value,
                "reason": holes.fill(layer.reason),
                "because": because_objects(layer.because, holes),
            }
            for layer in found.layers
        ],
        "restrictions": {
            "documents": [],
            "fields_included": [],
            "fields_excluded": [],
            "fields_masked": [],
        },
        "depends_on": dependency_objects(found.depends_on, holes),
        "request": {
            "action": found.request.action,
            "resource": holes.fill(found.request.resource),
        },
    }
    if found.notes:
        answer["notes"] = list(found.notes)
    return answer


_WORDS = {
    "allowed": "allowed",
    "explicit_deny": "denied by a statement",
    "implicit_deny": "denied because nothing allows it",
    "unknown": "not knowable from these files",
}


def _words(found: Explanation, principal: str, holes: Holes) -> str:
    from osreach.report.printable import printable  # noqa: PLC0415 - as above

    request = found.request
    lines = [
        f"{_WORDS[found.answer.value]}: `{principal}` `{request.action}` on `{holes.fill(request.resource)}`",
        "",
    ]
    lines += [line for layer in found.layers for line in _layer_lines(layer, holes)]
    from osreach.cli.access import dependency_objects  # noqa: PLC0415 - as above

    needed = dependency_objects(found.depends_on, holes)
    if needed:
        lines += ["", "it depends on"]
        for one in needed:
            place = f" ({one['path']}:{one['line']})" if one["path"] else ""
            lines.append(f"  `{one['expression']}`, {one['reason']}{place}")
    lines += [f"note: {note}" for note in found.notes]
    return "\n".join(printable(line) for line in lines)


def _layer_lines(layer: LayerAnswer, holes: Holes) -> list[str]:
    from osreach.cli.access import place_words  # noqa: PLC0415 - as above

    name = layer.layer.value.replace("_", " ")
    said = layer.answer.value.replace("_", " ")
    lines = [f"{name:<22} {said:<15} {holes.fill(layer.reason)}"]
    for one in layer.because:
        place = place_words(one.location)
        if place:
            sid = f" ({holes.fill(one.sid)})" if one.sid else ""
            lines.append(f"{'':<38}   {place} {holes.fill(one.policy)}{sid}")
    return lines
