"""Every row of `fixtures/decisions` is decided as the documentation says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from osreach.iam.decision import Verdict, decide
from osreach.iam.document import Document, PolicyKind
from osreach.iam.hole import Holes
from osreach.iam.parse import parse_document
from osreach.iam.policies import OrganizationLevel, Policies
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import FederatedUser, Principal, Request
from osreach.location import Location
from osreach.value import Object, Text, TextPart, Unknown, Value

FOLDER = Path(__file__).parent.parent / "fixtures" / "decisions"
HERE = Location("policy.json", 1, 1, 1, 2)
MARK = re.compile(r"\{\{(\w+)(\.\.\.)?\}\}")


def read_rows() -> list[Any]:
    return [
        pytest.param(row, id=f"{path.stem}: {row['name']}")
        for path in sorted(FOLDER.glob("*.json"))
        for row in json.loads(path.read_text())
    ]


def value_of(data: Any) -> Value:
    """JSON with `{{name}}` for one unknown text and `{{name...}}` for any number of things."""
    match data:
        case dict():
            return Value(Object({name: value_of(entry) for name, entry in data.items()}), HERE)
        case list():
            return Value(tuple(value_of(item) for item in data), HERE)
        case str() if whole := MARK.fullmatch(data):
            return Value(Unknown(whole[1], "not given", many=bool(whole[2])), HERE)
        case str() if MARK.search(data):
            return Value(Text(tuple(parts_of(data))), HERE)
        case _:
            return Value(data, HERE)


def parts_of(text: str) -> list[TextPart]:
    parts = []
    end = 0
    for mark in MARK.finditer(text):
        parts.append(TextPart(text[end : mark.start()], HERE))
        parts.append(TextPart(Unknown(mark[1], "not given"), HERE))
        end = mark.end()
    return [*parts, TextPart(text[end:], HERE)]


def filled(text: str, holes: Holes) -> str:
    return MARK.sub(lambda mark: holes.hole(mark[1]), text)


def documents(data: list[Any], kind: PolicyKind, holes: Holes, name: str) -> tuple[Document, ...]:
    found = []
    for index, policy in enumerate(data):
        parsed = parse_document(value_of(policy), kind, holes, f"{name}[{index}]")
        assert parsed.errors == ()
        found.append(parsed.document)
    return tuple(found)


def levels(data: list[Any], kind: PolicyKind, holes: Holes, name: str) -> tuple[OrganizationLevel, ...]:
    return tuple(None if level is None else documents(level, kind, holes, name) for level in data)


def caller_of(row: Any, holes: Holes) -> Principal:
    principal = principal_from_text(filled(row["principal"], holes))
    if isinstance(principal, FederatedUser):
        return FederatedUser(principal.arn, row.get("federated_by", ""))
    return principal


def request_of(row: Any, holes: Holes) -> Request:
    context = {
        key: tuple(filled(item, holes) for item in (value if isinstance(value, list) else [value]))
        for key, value in row.get("context", {}).items()
    }
    return Request(
        caller_of(row, holes),
        row["action"],
        filled(row["resource"], holes),
        context,
        row.get("resource_account", ""),
        frozenset(row.get("unknown_keys", ())),
    )


def policies_of(row: Any, action: str, holes: Holes) -> Policies:
    trust = PolicyKind.TRUST if action.startswith("sts:") else PolicyKind.RESOURCE
    return Policies(
        documents(row.get("identity", []), PolicyKind.IDENTITY, holes, "identity"),
        documents(row.get("resource", []), trust, holes, "resource"),
        documents(row.get("boundary", []), PolicyKind.BOUNDARY, holes, "boundary"),
        documents(row.get("session", []), PolicyKind.SESSION, holes, "session"),
        levels(row.get("service_control", []), PolicyKind.SERVICE_CONTROL, holes, "service_control"),
        levels(row.get("resource_control", []), PolicyKind.RESOURCE_CONTROL, holes, "resource_control"),
        documents(row.get("endpoint", []), PolicyKind.RESOURCE, holes, "endpoint"),
        row.get("granted", False),
    )


@pytest.mark.parametrize("row", read_rows())
def test_the_documented_answer_is_given(row: Any) -> None:
    holes = Holes()
    request = request_of(row["request"], holes)
    decision = decide(request, policies_of(row["policies"], request.action, holes))
    assert decision.verdict == Verdict(row["verdict"]), row["because"]
    if "by" in row:
        layers = {deciding.layer for deciding in decision.because}
        if decision.verdict is Verdict.ALLOWED:
            assert row["by"] in layers
        else:
            assert decision.blocked_by == row["by"]
    if "depends_on" in row:
        found = {holes.expression(one.hole) if one.hole else one.key for one in decision.depends_on}
        assert found == set(row["depends_on"])
    if decision.verdict is not Verdict.UNKNOWN:
        assert decision.depends_on == ()
        assert decision.cautious is decision.verdict
    else:
        assert decision.cautious in {Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY}


def test_every_row_says_why_and_where() -> None:
    for row in read_rows():
        (data,) = row.values
        assert data["because"]
        assert data["source"].startswith("https://docs.aws.amazon.com/"), data["name"]
