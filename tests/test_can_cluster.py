from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis, analyse
from osreach.cli.main import main
from osreach.evaluate.cluster import Sent, cluster_for, content_of, credentials_of, subject_of
from osreach.evaluate.cluster_bypass import Difference, Trick, bypasses, disagreements
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.explain import explain
from osreach.evaluate.layer import Answer
from osreach.evaluate.naming import UnknownName, find_caller, find_target
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.opensearch.authentication import Assertion, CognitoUser, Password, Signed
from osreach.opensearch.cluster import cluster_of
from osreach.opensearch.escalation import Way, escalations
from osreach.opensearch.mapping import Mapping as RoleMapping
from osreach.opensearch.role import IndexPermission, Role
from osreach.opensearch.subject import Subject
from osreach.truth import Truth

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
MOVIES = ("aws_opensearch_domain.movies", str(PROJECTS / "movies-search"))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(["can", *arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def inside(shown: Any) -> Any:
    (layer,) = (one for one in shown["layers"] if one["layer"] == "fine_grained_access")
    return layer


def analysis_of(folder: Path) -> Analysis:
    reading = read_code([str(folder)], Inputs(), TYPES | ALSO_NAMED, every=True)
    return analyse(reading, Inputs())


@pytest.fixture(scope="module")
def movies() -> Analysis:
    return analysis_of(PROJECTS / "movies-search")


def content(analysis: Analysis, number: int = 0) -> ClusterContent:
    found = content_of(analysis.model, analysis.model.domains[number])
    assert found is not None
    return found


def test_the_role_and_the_mapping_are_named_with_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = asked(capsys, "internal:limited-user", "GET /movies/_search", *MOVIES)
    assert code == 0
    layer = inside(shown)
    assert layer["decision"] == "allowed"
    assert layer["reason"] == "role `thor` (users: limited-user) has `read` on `movies`"
    lines = (PROJECTS / "movies-search" / "inside.tf").read_text().splitlines()
    places = [
        (one["policy"], one["sid"], lines[one["location"]["line"] - 1].strip()) for one in layer["because"]
    ]
    assert places == [
        ("opensearch_role.thor", "read", "index_permissions {"),
        (
            "opensearch_roles_mapping.thor",
            "users: limited-user",
            'resource "opensearch_roles_mapping" "thor" {',
        ),
    ]


def test_text_says_what_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["can", "internal:limited-user", "GET /movies/_search", *MOVIES]) == 0
    text = capsys.readouterr().out
    assert (
        """what is seen of `movies`
  documents matching   {"match": {"title": "thor"}}
  without the fields   actors, directors, genres
  masked fields        release_date
"""
        in text
    )


def test_a_refusal_is_worded_as_the_client_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = asked(capsys, "internal:unmapped-user", "GET /movies/_search", *MOVIES)
    assert code == 1
    assert inside(shown)["reason"] == (
        "no role is mapped to `unmapped-user`, so the client gets a 403: `no permissions for "
        "[indices:data/read/search] and User [name=unmapped-user, backend_roles=[], requestedTenant=null]`"
    )
    code, shown = asked(capsys, "internal:master-user", "GET /movies/_search", *MOVIES, "--wrong-credentials")
    assert code == 1
    assert inside(shown)["reason"] == "the password of `master-user` is wrong, so the client gets a 401"


def test_the_body_comes_from_a_file_or_from_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = '{"delete": {"_index": "ratings-1", "_id": "1"}}\n'
    file = tmp_path / "items.ndjson"
    file.write_text(body, encoding="utf-8")
    question = ("aws_iam_role.recommender", "POST /_bulk", *MOVIES)
    assert asked(capsys, *question)[0] == 3
    assert asked(capsys, *question, "--body", str(file))[0] == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body.encode())))
    assert asked(capsys, *question, "--body", "-")[0] == 0
    file.write_text(body.replace("ratings-1", "accounts"), encoding="utf-8")
    assert asked(capsys, *question, "--body", str(file))[0] == 1


@pytest.mark.parametrize(
    ("action", "body", "message"),
    [
        (
            "POST /_bulk",
            b'{"index": {"_index": "x"}}\n{}\nnot json\n',
            ":3: the line is no JSON, so the body is no NDJSON",
        ),
        (
            "POST /_bulk",
            b'{"raise": {}}\n',
            ":1: the line is none of `index`, `create`, `update` and `delete`",
        ),
        ("POST /_bulk", b"no\n" * 9, "and 6 more"),
        ("POST /_reindex", b'{\n "source": }', ":2: the body is no JSON here"),
        ("POST /_aliases", b"[]", ":1: the body is no JSON object"),
        ("POST /_bulk", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("es:ESHttpPost", b"{}", "a body belongs to a request line such as `POST /_bulk`"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_with_its_line(
    action: str, body: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "body"
    file.write_bytes(body)
    assert main(["can", "internal:master-user", action, *MOVIES, "--body", str(file)]) == 2
    assert message in capsys.readouterr().err


def test_a_body_that_names_too_many_indexes_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "body.ndjson"
    file.write_text("".join(f'{{"delete":{{"_index":"logs-{number}"}}}}\n' for number in range(25_000)))
    assert main(["can", "internal:master-user", "POST /_bulk", *MOVIES, "--body", str(file)]) == 2
    assert "names more than 20,000 indexes, too many to decide" in capsys.readouterr().err


def test_a_body_that_is_missing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["can", "internal:master-user", "POST /_bulk", *MOVIES, "--body", "/nowhere/x"]) == 2
    assert "`--body /nowhere/x` cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("principal", "options", "message"),
    [
        ("internal:", (), "`internal:` names nobody; it is written `internal:NAME`"),
        ("internal:x", ("--backend-role", "y"), "the backend roles of an internal user stand on the user"),
        ("anonymous", ("--backend-role", "y"), "`anonymous` brings no backend roles of its own"),
        ("aws_iam_role.visitor", ("--wrong-credentials",), "has neither a password nor a token"),
        ("saml:x", ("--wrong-credentials",), "has neither a password nor a token"),
        ("cognito:ann", (), "`cognito:ann` needs the role of IAM that the identity pool gives"),
        ("cognito:ann", ("--backend-role", "anonymous"), "`anonymous` is no role of IAM"),
    ],
)
def test_a_login_that_cannot_be_is_told(
    principal: str, options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["can", principal, "GET /movies/_search", *MOVIES, *options]) == 2
    assert message in capsys.readouterr().err


def test_logins_become_what_the_cluster_knows(movies: Analysis) -> None:
    model = movies.model
    assert credentials_of(find_caller("internal:ann", model, wrong=True)) == Password("ann", Truth.FALSE)
    assert credentials_of(find_caller("saml:ann", model, "s", ("ops",))) == Assertion("ann", ("ops",))
    role = "arn:aws:iam::111122223333:role/visitor"
    assert credentials_of(find_caller(f"{role}", model)) == Signed(role)
    user = find_caller("cognito:eu-west-1_pool/ann", model, "s", ("aws_iam_role.visitor",))
    assert credentials_of(user) == CognitoUser("eu-west-1_pool", "ann", role)
    assert credentials_of(find_caller("service:firehose.amazonaws.com", model)) is None
    with pytest.raises(UnknownName, match="needs the role of IAM"):
        find_caller("cognito:ann", model, "s", ("a", "b"))


def test_who_may_change_mappings_may_get_everything(movies: Analysis) -> None:
    found = {}
    for name in ("aws_iam_role.scheduler", "internal:limited-user"):
        subject = subject_of(find_caller(name, movies.model), content(movies))
        assert isinstance(subject, Subject)
        ways = escalations(cluster_for(content(movies), subject), subject)
        found[name] = {one.way: one.truth for one in ways}
    assert found["aws_iam_role.scheduler"][Way.MAPS_ROLES] is Truth.TRUE
    assert found["internal:limited-user"] == {}


def test_an_internal_user_that_no_file_makes_is_taken_to_exist_where_there_may_be_such(
    tmp_path: Path,
) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN)
    analysis = analysis_of(tmp_path)
    found = subject_of(find_caller("internal:ann", analysis.model), content(analysis))
    assert isinstance(found, Subject)
    assert found.partial


DOMAIN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_opensearch_domain" "d" {
  domain_name = "d"

  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {
      master_user_name     = "root"
      master_user_password = "x"
    }
  }
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "*" }, Action = "es:ESHttp*",
        Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/*" },
      { Effect = "Deny", Principal = { AWS = "*" }, Action = "es:ESHttp*",
        Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/secret*" },
    ]
  })
}
"""
INSIDE = """
provider "opensearch" {
  url = "https://${aws_opensearch_domain.d.endpoint}"
}

resource "opensearch_role" "logs" {
  role_name           = "logs"
  cluster_permissions = ["cluster_composite_ops"]
  index_permissions {
    index_patterns  = ["logs-*", "secret"]
    allowed_actions = ["read"]
  }
}

resource "opensearch_roles_mapping" "logs" {
  role_name = "logs"
  users     = ["ann"]
}
"""


def test_requests_around_a_deny_of_a_path_are_found(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN)
    analysis = analysis_of(tmp_path)
    target, _ = find_target("aws_opensearch_domain.d", analysis.model)
    root = find_caller("internal:root", analysis.model)
    found = bypasses(root, target, Sent("GET", "/secret/_search"), analysis.access)
    shown = {one.trick: f"{one.sent.method} {one.sent.path}" for one in found}
    assert shown == {
        Trick.BODY: "POST /_msearch",
        Trick.LIST: "GET /no-such-index*,secret/_search",
        Trick.WILDCARD: "GET /secre*/_search",
        Trick.EVERYTHING: "GET /_all/_search",
        Trick.ENCODED: "GET /%73ecret/_search",
    }
    assert [one.trick for one in found if not one.certain] == [Trick.ENCODED]
    assert (
        bypasses(
            find_caller("anonymous", analysis.model), target, Sent("GET", "/secret/_search"), analysis.access
        )
        == ()
    )


def test_names_in_bodies_are_no_way_around_where_the_domain_refuses_them(tmp_path: Path) -> None:
    closed = DOMAIN.replace(
        '  domain_name = "d"\n',
        '  domain_name = "d"\n  advanced_options = { "rest.action.multi.allow_explicit_index" = "false" }\n',
    )
    (tmp_path / "main.tf").write_text(closed)
    analysis = analysis_of(tmp_path)
    target, _ = find_target("aws_opensearch_domain.d", analysis.model)
    root = find_caller("internal:root", analysis.model)
    found = bypasses(root, target, Sent("DELETE", "/secret"), analysis.access)
    assert [one.trick for one in found] == [Trick.ENCODED]


def test_what_passes_one_of_access_policy_and_cluster_only_is_found(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN + INSIDE)
    analysis = analysis_of(tmp_path)
    target, _ = find_target("aws_opensearch_domain.d", analysis.model)
    ann = find_caller("internal:ann", analysis.model)
    found = {
        (one.index, one.difference, f"{one.sent.method} {one.sent.path}")
        for one in disagreements(ann, target, analysis.access)
    }
    assert ("secret", Difference.CLUSTER_ONLY, "GET /secret/_search") in found
    assert {one[1:] for one in found if one[0] == "logs-x"} == {
        (Difference.EDGE_ONLY, "POST /logs-x/_doc"),
        (Difference.EDGE_ONLY, "DELETE /logs-x/_doc/1"),
        (Difference.EDGE_ONLY, "DELETE /logs-x"),
        (Difference.EDGE_ONLY, "POST /_bulk"),
    }


def test_names_that_only_the_body_shows_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN + INSIDE)
    body = tmp_path / "searches.ndjson"
    body.write_text('{"index": "secret"}\n{}\n{"index": "logs-1"}\n{}\n')
    question = ("internal:ann", "POST /_msearch", "aws_opensearch_domain.d", str(tmp_path))
    code, shown = asked(capsys, *question, "--body", str(body))
    assert code == 0
    assert [note for note in shown["notes"] if "does not see it in the body" in note] == [
        "the access policy refuses requests that name `secret` in their path, and does not see it in the body"
    ]


def test_different_limits_of_several_indexes_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = INSIDE.replace(
        'allowed_actions = ["read"]\n  }',
        'allowed_actions = ["read"]\n  }\n  index_permissions {\n    index_patterns = ["logs-a"]\n'
        '    allowed_actions = ["read"]\n    field_level_security = ["title"]\n  }',
    )
    (tmp_path / "main.tf").write_text(DOMAIN + limited)
    _, shown = asked(
        capsys, "internal:ann", "GET /logs-a,logs-b/_search", "aws_opensearch_domain.d", str(tmp_path)
    )
    assert shown["restrictions"]["fields_included"] == ["title"]


def test_a_session_in_a_mapping_is_remarked_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = INSIDE.replace(
        'users     = ["ann"]', 'users = ["arn:aws:sts::111122223333:assumed-role/etl/i-1"]'
    )
    (tmp_path / "main.tf").write_text(DOMAIN + session)
    code, shown = asked(
        capsys,
        "arn:aws:iam::111122223333:role/etl",
        "GET /logs-1/_search",
        "aws_opensearch_domain.d",
        str(tmp_path),
    )
    assert code == 3
    assert "names a session" in " ".join(shown["notes"])


def test_thousands_of_mappings_are_answered_at_once(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DOMAIN + INSIDE)
    analysis = analysis_of(tmp_path)
    roles = tuple(
        Role(
            f"role-{number}",
            ("cluster_composite_ops",),
            (IndexPermission((f"team-{number}-*", f"shared-{number % 7}"), ("crud",)),),
        )
        for number in range(500)
    )
    mappings = tuple(
        RoleMapping(f"role-{number % 500}", (f"user-{number % 250}",), (f"group-{number}",))
        for number in range(2000)
    )
    cluster = replace(content(analysis), cluster=cluster_of(roles, mappings))
    access = EffectiveAccess(replace(analysis.model, clusters=(cluster,)))
    target, _ = find_target("aws_opensearch_domain.d", analysis.model)
    caller = find_caller("internal:user-7", analysis.model)
    start = time.process_time()
    found = explain(caller, target, "es:ESHttpGet", "/team-257-x/_search", access)
    assert time.process_time() - start < 1
    assert found.answer is Answer.ALLOWED


SAML = """
resource "aws_opensearch_domain_saml_options" "d" {
  domain_name = aws_opensearch_domain.d.domain_name
  saml_options {
    enabled   = true
    roles_key = "groups"
    idp {
      entity_id        = "https://idp.example.com/saml"
      metadata_content = "<EntityDescriptor/>"
    }
  }
}
"""


def test_saml_works_in_a_browser_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = INSIDE.replace('users     = ["ann"]', 'backend_roles = ["operators"]')
    (tmp_path / "main.tf").write_text(DOMAIN + groups + SAML)
    question = ("saml:eve", "GET /logs-1/_search", "aws_opensearch_domain.d", str(tmp_path))
    code, shown = asked(capsys, *question, "--backend-role", "operators", "--backend-role", "others")
    assert code == 0
    assert shown["request"]["resource"].endswith(":domain/d/_dashboards/api/console/proxy")
    notes = " ".join(shown["notes"])
    assert "sent to the API of the cluster itself it gets a 401" in notes
    assert "no role for Dashboards itself" in notes
    code, shown = asked(capsys, *question)
    assert code == 1
    assert "no role is mapped to `eve`" in inside(shown)["reason"]
    code, shown = asked(capsys, "internal:root", "GET /_dashboards", "aws_opensearch_domain.d", str(tmp_path))
    assert "in Dashboards SAML takes the place of the login with user name and password" in shown["notes"]
    code, shown = asked(capsys, "anonymous", "GET /_dashboards", "aws_opensearch_domain.d", str(tmp_path))
    assert code == 1
    assert "the login page of Dashboards itself is shown to everyone" in " ".join(shown["notes"])


def test_a_login_in_a_browser_has_no_way_around_a_block_of_dashboards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = INSIDE.replace('users     = ["ann"]', 'backend_roles = ["operators"]')
    blocked = DOMAIN.replace("domain/d/secret*", "domain/d/_dashboards*")
    (tmp_path / "main.tf").write_text(blocked + groups + SAML)
    question = ("saml:eve", "GET /logs-1/_search", "aws_opensearch_domain.d", str(tmp_path))
    code, shown = asked(capsys, *question, "--backend-role", "operators")
    assert (code, shown["deciding_layer"]) == (1, "resource_policy")
    assert not [note for note in shown["notes"] if "does the same" in note]


def test_users_of_cognito_sign_with_the_role_of_their_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cognito = """
  cognito_options {
    enabled          = true
    user_pool_id     = "eu-west-1_AbCdEf"
    identity_pool_id = "eu-west-1:1b2c3d4e-0000-0000-0000-000000000000"
    role_arn         = "arn:aws:iam::111122223333:role/CognitoAccess"
  }
"""
    users = INSIDE.replace('["ann"]', '["Cognito/eu-west-1_AbCdEf/ann"]')
    domain = DOMAIN.replace('  domain_name = "d"\n', f'  domain_name = "d"\n{cognito}')
    (tmp_path / "main.tf").write_text(domain + users)
    role = "arn:aws:iam::111122223333:role/authenticated"
    question = ("GET /logs-1/_search", "aws_opensearch_domain.d", str(tmp_path), "--backend-role", role)
    code, shown = asked(capsys, "cognito:ann", *question)
    assert inside(shown)["reason"] == (
        "role `logs` (users: Cognito/eu-west-1_AbCdEf/ann) has `read` on `logs-*`"
    )
    code, shown = asked(capsys, "cognito:bob", *question)
    assert code == 1
    assert "no role is mapped to `Cognito/eu-west-1_AbCdEf/bob`" in inside(shown)["reason"]


def test_what_a_role_permits_is_no_name_where_it_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  advanced_security_options {
    enabled = true
    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/admin"
    }
  }
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "es:ESHttp*", Resource = "*" }]
  })
}
provider "opensearch" {
  url = "https://${aws_opensearch_domain.d.endpoint}"
}
resource "opensearch_roles_mapping" "m" {
  role_name     = "security_manager"
  backend_roles = ["arn:aws:iam::111122223333:role/security"]
}
"""
    (tmp_path / "main.tf").write_text(text)
    caller = "arn:aws:iam::111122223333:role/security"
    _, shown = asked(capsys, caller, "GET /a/_search", "aws_opensearch_domain.d", str(tmp_path))
    assert inside(shown)["reason"] == (
        f"role `security_manager` (backend_roles: {caller}) has permissions that are not known on `*`"
    )
