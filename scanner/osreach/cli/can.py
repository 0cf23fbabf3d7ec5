"""`osreach can PRINCIPAL ACTION RESOURCE [PATH...]`: one question, answered layer by layer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from osreach.cli.access import add_output, add_paths
from osreach.cli.inputs import add_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from osreach.analysis import Analysis
    from osreach.cli.login import Login
    from osreach.evaluate.explain import Explanation
    from osreach.evaluate.layer import LayerAnswer
    from osreach.evaluate.restriction import Restriction, Restrictions
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
        help="an ARN, an address (`aws_iam_role.etl`), `anonymous`, `service:NAME`, or a login to the cluster: "
        "`internal:NAME`, `saml:NAME`, `token:NAME`, `cognito:NAME`",
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
    circumstances.add_argument(
        "--backend-role",
        metavar="NAME",
        action="append",
        default=[],
        help="a group or role that the login brings along (`saml:`, `token:`), repeatable; "
        "of `cognito:` the role of IAM that the identity pool gives",
    )
    circumstances.add_argument(
        "--wrong-credentials", action="store_true", help="the password or token of the login is wrong"
    )
    circumstances.add_argument(
        "--body",
        metavar="FILE",
        help="the body of the request, where it names indexes (`_bulk`, `_msearch`, `_reindex`, ...); `-` is standard input",
    )
    add_output(parser, ("text", "json"))
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the answer; the exit code as described in the help. Raises UsageError."""
    from osreach.cli.access import analysis_of  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.cli.login import Login, read_body  # noqa: PLC0415 - likewise
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.evaluate.layer import Answer  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    given = given_keys(arguments.context, arguments.source_ip)
    body = read_body(arguments.body) if arguments.body is not None else None
    analysis = analysis_of(arguments)
    login = Login(
        arguments.session, tuple(arguments.backend_role), wrong=arguments.wrong_credentials, body=body
    )
    found = answer(arguments.principal, arguments.action, arguments.resource, login, given, analysis)
    holes = analysis.holes
    if arguments.format == "json":
        import json  # noqa: PLC0415 - likewise

        text = json.dumps(explanation_object(found, holes), indent=2)
    else:
        text = _words(found, (arguments.principal, arguments.action, arguments.resource), holes)
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
    login: Login | str,
    given: Mapping[str, tuple[str, ...]],
    analysis: Analysis,
) -> Explanation:
    """The answer to a question in the words of the command line; raises UsageError for words that mean nothing."""
    from osreach.cli.login import Login, check_body  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.evaluate.circumstances import Circumstances  # noqa: PLC0415 - likewise
    from osreach.evaluate.cluster import sent_of  # noqa: PLC0415 - likewise
    from osreach.evaluate.explain import explain  # noqa: PLC0415 - likewise
    from osreach.evaluate.naming import find_caller, find_target  # noqa: PLC0415 - likewise
    from osreach.evaluate.request_line import read_action  # noqa: PLC0415 - likewise
    from osreach.evaluate.target import TargetKind  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    how = Login(login) if isinstance(login, str) else login
    try:
        asked = read_action(action)
        standing = find_caller(principal, analysis.model, how.session, how.backend_roles, wrong=how.wrong)
        target, path = find_target(resource, analysis.model, analysis.reading.resources)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if asked.path is not None:
        if target.kind not in {TargetKind.DOMAIN, TargetKind.COLLECTION}:
            raise UsageError(f"a request line goes to a domain or a collection, and `{resource}` is neither")
        if path:
            raise UsageError(f"the path stands in the request line already: `{path}`")
        path = asked.path
    target_path = f"{path}?{asked.query}" if asked.query else path
    sent = sent_of(asked.action, target_path, how.body.text if how.body is not None else None)
    if how.body is not None:
        check_body(how.body, sent, target, analysis)
    return explain(standing, target, asked.action, path, analysis.access, Circumstances(given), sent)


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


def restrictions_object(restrictions: Restrictions | Restriction, holes: Holes) -> dict[str, object]:
    """What is kept from a reader as JSON; indexes are told apart where not the same is kept of each."""
    found: dict[str, object] = {
        "documents": [holes.fill(one) for one in restrictions.documents],
        "fields_included": [holes.fill(one) for one in restrictions.included],
        "fields_excluded": [holes.fill(one) for one in restrictions.excluded],
        "fields_masked": [holes.fill(one) for one in restrictions.masked],
    }
    indexes: tuple[Restriction, ...] = getattr(restrictions, "indexes", ())
    shown = [restrictions_object(one, holes) for one in indexes]
    if any(one != shown[0] for one in shown):
        found["indexes"] = [
            {"pattern": holes.fill(one.index), **inner} for one, inner in zip(indexes, shown, strict=True)
        ]
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
        "restrictions": restrictions_object(found.restrictions, holes),
        "depends_on": dependency_objects(found.depends_on, holes),
        "request": {
            "action": found.request.action,
            "resource": holes.fill(found.request.resource),
        },
    }
    if found.notes:
        answer["notes"] = [holes.fill(note) for note in found.notes]
    return answer


_WORDS = {
    "allowed": "allowed",
    "explicit_deny": "denied by a statement",
    "implicit_deny": "denied because nothing allows it",
    "unknown": "not knowable from these files",
}


def _header(found: Explanation, asked: tuple[str, str, str], holes: Holes) -> str:
    """The answer, and the request that IAM decides; beside it what was asked where IAM knows that by another name."""
    principal, action, resource = asked
    request = found.request
    by_iam = f"`{request.action}` on `{holes.fill(request.resource)}`"
    answer = _WORDS[found.answer.value]
    is_serverless = request.action.lower().startswith("aoss:")
    if is_serverless and action.lower() != request.action.lower():
        return f"{answer}: `{principal}` `{action}` on `{resource}`, which needs {by_iam} in IAM"
    return f"{answer}: `{principal}` {by_iam}"


def _words(found: Explanation, asked: tuple[str, str, str], holes: Holes) -> str:
    from osreach.report.printable import printable  # noqa: PLC0415 - as above

    lines = [_header(found, asked, holes), ""]
    width = max(_NARROWEST, *(len(layer.layer.value) for layer in found.layers))
    lines += [line for layer in found.layers for line in _layer_lines(layer, holes, width)]
    lines += restriction_lines(found.restrictions.indexes, holes)
    from osreach.cli.access import dependency_objects  # noqa: PLC0415 - as above

    needed = dependency_objects(found.depends_on, holes)
    if needed:
        lines += ["", "it depends on"]
        for one in needed:
            place = f" ({one['path']}:{one['line']})" if one["path"] else ""
            lines.append(f"  `{one['expression']}`, {one['reason']}{place}")
    lines += [f"note: {holes.fill(note)}" for note in found.notes]
    return "\n".join(printable(line) for line in lines)


def restriction_lines(indexes: Iterable[Restriction], holes: Holes) -> list[str]:
    """What is seen of each index, for people."""
    lines: list[str] = []
    for one in indexes:
        may = "" if one.certain else " (it is not known whether all of this applies)"
        lines += ["", f"what is seen of `{holes.fill(one.index)}`{may}"]
        rows = (
            ("documents matching", one.documents),
            ("only the fields", one.included),
            ("without the fields", one.excluded),
            ("masked fields", one.masked),
        )
        lines += [
            f"  {name:<20} {(' or ' if one.documents is found else ', ').join(map(holes.fill, found))}"
            for name, found in rows
            if found
        ]
    return lines


_NARROWEST = 22


def _layer_lines(layer: LayerAnswer, holes: Holes, width: int) -> list[str]:
    from osreach.cli.access import place_words  # noqa: PLC0415 - as above

    name = layer.layer.value.replace("_", " ")
    said = layer.answer.value.replace("_", " ")
    lines = [f"{name:<{width}} {said:<15} {holes.fill(layer.reason)}"]
    for one in layer.because:
        place = place_words(one.location)
        if place:
            sid = f" ({holes.fill(one.sid)})" if one.sid else ""
            lines.append(f"{'':<{width + 16}}   {place} {holes.fill(one.policy)}{sid}")
    return lines
