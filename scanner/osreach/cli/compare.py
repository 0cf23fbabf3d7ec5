"""`osreach compare OLD NEW`: whether the new policy is broader than the old one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from osreach.iam.compare import Comparison
    from osreach.iam.document import Document


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "compare",
        help="tell whether a policy is broader than another, with a request that shows it",
        description="Whether the policy document NEW allows any request that OLD does not.",
        epilog="Exit codes: 0 no broader, 1 broader, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    parser.add_argument("old", metavar="OLD", help="a policy document, JSON")
    parser.add_argument("new", metavar="NEW", help="a policy document, JSON")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="where to write; `-` is standard output"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the answer. Raises UsageError for a file that holds no policy."""
    import json  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.iam.compare import compare  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    old, new = _document(arguments.old), _document(arguments.new)
    found = compare((old,), (new,), _known_actions((old, new)))
    text = json.dumps(_object(found), indent=2) if arguments.format == "json" else _words(found)
    write(f"{text}\n", arguments.output)
    return 1 if found.broader else 0


def _document(path: str) -> Document:
    """The document in a file; one whose statements name principals is a resource policy."""
    from osreach.cli.documents import read_json_file  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.iam.document import PolicyKind  # noqa: PLC0415 - likewise
    from osreach.iam.parse import DocumentError, document_from_json  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    data = read_json_file(path)
    statements = data.get("Statement") if isinstance(data, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    names = {name for one in listed if isinstance(one, dict) for name in one}
    kind = PolicyKind.RESOURCE if names & {"Principal", "NotPrincipal"} else PolicyKind.IDENTITY
    try:
        return document_from_json(data, kind, path)
    except DocumentError as error:
        raise UsageError(f"`{path}`: {error.message}") from None


def _known_actions(documents: Iterable[Document]) -> tuple[str, ...]:
    """The actions of the services that the documents speak of, as far as they are known."""
    from osreach.data.actions import SERVICES, service  # noqa: PLC0415 - `osreach --help` stays fast

    prefixes = {
        term.text.partition(":")[0].lower()
        for document in documents
        for statement in document.statements
        for term in statement.actions.terms
    }
    wanted = sorted(prefixes & set(SERVICES)) or ["es"]
    found = (service(prefix) for prefix in wanted)
    return tuple(action.full_name for one in found if one is not None for action in one.actions.values())


def _object(found: Comparison) -> dict[str, object]:
    from osreach.report.witness import witness_object  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.witness import Witness  # noqa: PLC0415 - likewise

    answer: dict[str, object] = {
        "broader": found.broader,
        "witness": witness_object(Witness(found.witness)) if found.witness is not None else None,
        "exact": found.exact,
    }
    if found.reason:
        answer["reason"] = found.reason
    return answer


def _words(found: Comparison) -> str:
    from osreach.report.witness import witness_sentence  # noqa: PLC0415 - `osreach --help` stays fast
    from osreach.witness import Witness  # noqa: PLC0415 - likewise

    if found.witness is not None:
        lines = ["broader: only the new policy allows", f"  {witness_sentence(Witness(found.witness))}"]
    elif found.broader:
        lines = ["could be broader: this could not be ruled out"]
    else:
        lines = ["no broader"]
    if found.reason:
        lines.append(f"  not exact: {found.reason}")
    return "\n".join(lines)
