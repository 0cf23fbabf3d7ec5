"""The tables of fixtures/decisions/cluster: role + subject + request -> decision, each row with its source."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.authentication import (
    Assertion,
    CognitoUser,
    Credentials,
    Login,
    NoCredentials,
    Password,
    Signed,
    Token,
    authenticate,
)
from osreach.opensearch.cluster import Cluster, Settings, cluster_of
from osreach.opensearch.decision import Decision, decide, security_exception
from osreach.opensearch.index import Index, Indexes
from osreach.opensearch.mapping import Mapping as RoleMapping
from osreach.opensearch.mapping import master_mappings, migration_mapping
from osreach.opensearch.predefined import LATEST, engine_version
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.route import recognise
from osreach.opensearch.subject import Subject
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth

FOLDER = Path(__file__).parent.parent / "fixtures" / "decisions" / "cluster"
FILES = sorted(FOLDER.glob("*.json"))
Row = Mapping[str, Any]


def rows() -> Iterator[tuple[str, Row, Row]]:
    for file in FILES:
        table = json.loads(file.read_text(encoding="utf-8"))
        for row in table["rows"]:
            yield f"{file.stem}: {row['name']}", table["clusters"][row["cluster"]], row


ROWS = list(rows())


def role_of(name: str, body: Row) -> Role:
    return Role(
        name,
        tuple(body.get("cluster_permissions", ())),
        tuple(
            IndexPermission(
                tuple(one["index_patterns"]),
                tuple(one["allowed_actions"]),
                one.get("dls", ""),
                tuple(one.get("fls", ())),
                tuple(one.get("masked_fields", ())),
            )
            for one in body.get("index_permissions", ())
        ),
        tuple(
            TenantPermission(tuple(one["tenant_patterns"]), tuple(one["allowed_actions"]))
            for one in body.get("tenant_permissions", ())
        ),
    )


def cluster_from(body: Row) -> Cluster:
    mappings = [
        RoleMapping(
            name,
            tuple(one.get("users", ())),
            tuple(one.get("backend_roles", ())),
            tuple(one.get("hosts", ())),
            tuple(one.get("and_backend_roles", ())),
        )
        for name, one in body.get("mappings", {}).items()
    ]
    master = body.get("master", "")
    if master:
        is_role = ":role/" in master
        mappings += master_mappings(user="" if is_role else master, backend_role=master if is_role else "")
    if body.get("migration"):
        mappings.append(migration_mapping())
    users = [
        InternalUser(
            name,
            tuple(one.get("backend_roles", ())),
            tuple(one.get("attributes", {}).items()),
            tuple(one.get("security_roles", ())),
        )
        for name, one in body.get("users", {}).items()
    ]
    written: dict[str, Any] = {name: Truth[value] for name, value in body.get("settings", {}).items()}
    settings = Settings(**written)
    indexes = [
        Index(name, tuple(one.get("aliases", ())), one.get("data_stream", ""))
        for name, one in body.get("indexes", {}).items()
    ]
    return cluster_of(
        tuple(role_of(name, one) for name, one in body.get("roles", {}).items()),
        tuple(mappings),
        tuple(ActionGroup(name, tuple(one)) for name, one in body.get("action_groups", {}).items()),
        tuple(users),
        version=engine_version(body.get("version", "")) or LATEST,
        indexes=Indexes(tuple(indexes), body.get("all_indexes_known", False)),
        settings=settings,
        in_vpc=body.get("in_vpc"),
    )


def credentials_of(written: Row) -> Credentials:
    match written:
        case {"user": name}:
            return Password(name)
        case {"wrong_password_of": name}:
            return Password(name, Truth.FALSE)
        case {"signed_by": arn}:
            return Signed(arn)
        case {"saml": name, **rest}:
            return Assertion(name, tuple(rest.get("roles", ())), rest.get("browser", True))
        case {"cognito": name, "pool": pool, "role": role}:
            return CognitoUser(pool, name, role)
        case {"token": name, **rest}:
            return Token(name, tuple(rest.get("roles", ())))
        case _:
            return NoCredentials()


def decision_of(body: Row, row: Row) -> tuple[Decision, Subject | None]:
    cluster = cluster_from(body)
    login = Login(**dict.fromkeys(body.get("login", ["passwords"]), Truth.TRUE))
    subject = authenticate(login, cluster.users, credentials_of(row["as"]))
    method, path = row["request"].split(" ", 1)
    request = recognise(method, path, row.get("body"), cluster.version.engine)
    return decide(cluster, subject, request), subject if isinstance(subject, Subject) else None


def shown(decision: Decision) -> dict[str, Any]:
    """The answer in the form in which a row expects it."""
    out: dict[str, Any] = {"verdict": decision.verdict.value, "status": decision.status}
    out["by"] = sorted({grant.role for grant in decision.grants})
    limited = [view for view in decision.views if view.limited]
    out["documents"] = [query for view in limited for query in view.documents]
    out["fields"] = [rule for view in limited for rule in view.fields]
    out["masked"] = [rule for view in limited for rule in view.masked_fields]
    return out


EXPECTED = ("verdict", "status", "by", "documents", "fields", "masked")


@pytest.mark.parametrize(("body", "row"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_cluster_answers_as_documented(body: Row, row: Row) -> None:
    decision, subject = decision_of(body, row)
    answer = shown(decision)
    expected = {key: row[key] for key in EXPECTED if key in row}
    expected.setdefault("status", 403 if row["verdict"] == "denied" else None)
    if row["verdict"] == "allowed":
        for key in ("documents", "fields", "masked"):
            expected.setdefault(key, [])
    assert {key: answer[key] for key in expected} == expected, decision.because
    if "error" in row:
        assert subject is not None
        assert security_exception(decision, subject) == row["error"]


def test_every_row_says_why_and_from_where() -> None:
    bad = [
        name
        for name, _, row in ROWS
        if not row["because"] or not row["source"].startswith(("https://docs.", "https://github.com/"))
    ]
    assert bad == []


def test_no_two_rows_have_the_same_name() -> None:
    assert [name for name, often in Counter(name for name, _, _ in ROWS).items() if often > 1] == []


def test_the_tables_hold_every_kind_of_answer() -> None:
    assert len(ROWS) >= 120
    assert {(row["verdict"], row.get("status")) for _, _, row in ROWS} >= {
        ("allowed", None),
        ("denied", None),
        ("denied", 401),
        ("unknown", None),
    }
