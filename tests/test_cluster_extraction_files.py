"""How the files of the Security plugin and the bodies of its API become the inside of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from access_project import analysis_of
from osreach.access.cluster import ClusterContent, Origin
from osreach.analysis import WANTED, Analysis, analyse
from osreach.changed import only_changed
from osreach.iac.read import read_sources
from osreach.iac.resource import Inputs
from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.fault import Kind, faults
from osreach.opensearch.mapping import Mapping as RoleMapping
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.user import InternalUser
from osreach.source import discover
from osreach.truth import Truth

DOMAIN = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
  advanced_security_options {
    enabled = true
  }
}
"""

ROLES = """---
_meta:
  type: "roles"
  config_version: 2

reader:
  reserved: false
  cluster_permissions:
    - cluster_composite_ops_ro
  index_permissions:
    - index_patterns: ["orders-*"]
      dls: '{"term": {"tenant": "${user.name}"}}'
      fls: ["~card"]
      masked_fields: ["email::/@.*/::@"]
      allowed_actions:
        - read
  tenant_permissions:
    - tenant_patterns: ["sales"]
      allowed_actions: ["kibana_all_read"]
"""

MAPPINGS = """
_meta: {type: rolesmapping, config_version: 2}
reader:
  backend_roles: ["arn:aws:iam::111122223333:role/app"]
  users: [anna]
  hosts: ["10.0.*"]
  and_backend_roles: [sales, europe]
"""

USERS = """
_meta: {type: internalusers, config_version: 2}
anna:
  hash: "$2y$12$nobodykeepsthisatall"
  backend_roles: [sales]
  attributes: {department: sales}
  opendistro_security_roles: [readall]
"""

GROUPS = """
_meta: {type: actiongroups, config_version: 2}
lookup:
  type: index
  allowed_actions: ["indices:data/read/get", search]
"""

TENANTS = """
_meta: {type: tenants, config_version: 2}
sales:
  description: of the sales department
"""

SET = {
    "security/roles.yml": ROLES,
    "security/roles_mapping.yml": MAPPINGS,
    "security/internal_users.yml": USERS,
    "security/action_groups.yml": GROUPS,
    "security/tenants.yml": TENANTS,
}


def read(folder: Path, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Analysis:
    """The analysis of some files, with places relative to `folder`."""
    monkeypatch.chdir(folder)
    return analysis_of(Path(), files)


def only(analysis: Analysis) -> ClusterContent:
    assert len(analysis.clusters) == 1, [content.name for content in analysis.clusters]
    return analysis.clusters[0]


def test_every_entry_of_every_file_is_read_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = only(read(tmp_path, SET, monkeypatch))
    assert content.domain is None
    assert content.origins == {Origin.FILES}
    role = content.roles[0]
    assert (role.address, role.location.path, role.location.line) == (
        "security/roles.yml: reader",
        "security/roles.yml",
        6,
    )
    inner = role.content.index_permissions[0]
    assert inner.location is not None
    assert inner.location.line == 11
    tenant = role.content.tenant_permissions[0]
    assert role.content == Role(
        "reader",
        ("cluster_composite_ops_ro",),
        (
            IndexPermission(
                ("orders-*",),
                ("read",),
                '{"term": {"tenant": "${user.name}"}}',
                ("~card",),
                ("email::/@.*/::@",),
                inner.location,
            ),
        ),
        (TenantPermission(("sales",), ("kibana_all_read",), tenant.location),),
        location=role.location,
    )
    mapping = content.mappings[0].content
    assert mapping == RoleMapping(
        "reader",
        ("anna",),
        ("arn:aws:iam::111122223333:role/app",),
        ("10.0.*",),
        ("sales", "europe"),
        location=mapping.location,
    )
    user = content.users[0].content
    assert user == InternalUser(
        "anna", ("sales",), (("department", "sales"),), ("readall",), location=user.location
    )
    group = content.groups[0].content
    assert group == ActionGroup("lookup", ("indices:data/read/get", "search"), location=group.location)
    assert content.cluster.groups["lookup"] == group
    assert content.cluster.tenants == ("global_tenant", "sales")
    assert "nobodykeeps" not in repr(content)
    assert faults(content.cluster) == ()


def test_files_belong_to_the_only_domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = only(read(tmp_path, {**SET, "main.tf": DOMAIN}, monkeypatch))
    assert content.domain is not None
    assert content.domain.name == "logs"
    assert "reader" in content.cluster.roles
    assert not content.cluster.mappings_partial


def test_files_belong_to_nobody_where_there_are_two_domains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = DOMAIN + DOMAIN.replace("logs", "orders")
    clusters = read(tmp_path, {**SET, "main.tf": two}, monkeypatch).clusters
    assert [content.domain is None for content in clusters] == [False, False, True]
    assert [len(content.roles) for content in clusters] == [0, 0, 1]


def test_the_files_of_two_environments_are_two_clusters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"dev/roles.yml": ROLES, "prod/roles.yml": ROLES, "main.tf": DOMAIN}
    clusters = read(tmp_path, files, monkeypatch).clusters
    assert {(content.deployment, len(content.roles)) for content in clusters if not content.domain} == {
        ("dev", 1),
        ("prod", 1),
    }


def test_what_terraform_makes_of_a_file_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        DOMAIN
        + """
resource "opensearch_role" "all" {
  for_each            = { for name, role in yamldecode(file("roles.yml")) : name => role if name != "_meta" }
  role_name           = each.key
  cluster_permissions = each.value.cluster_permissions
}
"""
    )
    content = only(read(tmp_path, {"main.tf": text, "roles.yml": ROLES}, monkeypatch))
    assert [one.address for one in content.roles] == ['opensearch_role.all["reader"]']


BODIES = {
    "api/roles/reader.json": '{"index_permissions": [{"index_patterns": ["a"], "allowed_actions": ["read"]}]}',
    "api/rolesmapping/reader.json": '{"backend_roles": ["app"], "users": []}',
    "api/internalusers/anna.json": '{"password": "nobody-keeps-this", "backend_roles": ["app"]}',
    "api/actiongroups/lookup.json": '{"allowed_actions": ["search"]}',
}


def test_bodies_of_the_api_are_told_by_their_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = only(read(tmp_path, BODIES, monkeypatch))
    assert content.origins == {Origin.REQUESTS}
    assert [one.content.name for one in content.roles] == ["reader"]
    assert [(one.content.role, one.content.backend_roles) for one in content.mappings] == [
        ("reader", ("app",))
    ]
    assert [one.content.name for one in content.users] == ["anna"]
    assert [one.content.name for one in content.groups] == ["lookup"]
    assert "nobody-keeps" not in repr(content)


def test_a_wrapping_object_tells_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"reader": {"cluster_permissions": ["*"]}, "writer": {"cluster_permissions": []}}'
    content = only(read(tmp_path, {"roles.json": text}, monkeypatch))
    assert [(one.content.name, one.address) for one in content.roles] == [
        ("reader", "roles.json: reader"),
        ("writer", "roles.json: writer"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"backend_roles": ["a"], "something": "else"}',
        '{"steps": [{"allowed_actions": ["x"]}]}',
        "allowed_actions: [x]\nname: a workflow\n",
        "- backend_roles: [a]\n",
        "a:\n  backend_roles: [x]\nb: 5\n",
        "{{ if .Values.x }}\nbackend_roles: [a]\n{{ end }}\n",
    ],
)
def test_files_of_others_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    analysis = read(tmp_path, {"values.yaml": text}, monkeypatch)
    assert analysis.clusters == ()
    assert analysis.reading.problems == ()


def test_files_without_the_words_are_not_even_found(tmp_path: Path) -> None:
    (tmp_path / "roles.yml").write_text("- role: common\n", encoding="utf-8")
    (tmp_path / "config.yml").write_text("port: 80\n", encoding="utf-8")
    assert discover([str(tmp_path)]).security == ()


def test_a_file_that_is_no_yaml_loses_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ROLES + "writer:\n  cluster_permissions: [a, b\nother: 1\n"
    files = {**SET, "security/roles.yml": broken, "main.tf": DOMAIN}
    analysis = read(tmp_path, files, monkeypatch)
    problem = analysis.reading.problems[0]
    assert len(analysis.reading.problems) == 1
    assert problem.location.path == "security/roles.yml"
    assert problem.location.line >= 19
    assert "not valid YAML" in problem.message
    content = only(analysis)
    assert content.roles == ()
    assert [one.content.role for one in content.mappings] == ["reader"]


BAD = """
_meta: {type: roles, config_version: 2}
one:
  cluster_permissions: [no_such_group]
two:
  index_permissions:
    - index_patterns: [a]
      allowed_actions: [read]
      dls: "{not json"
"""

CIRCLE = """
_meta: {type: actiongroups, config_version: 2}
first:
  allowed_actions: [second]
second:
  allowed_actions: [first]
"""


def test_faults_inside_the_files_have_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "roles.yml": BAD,
        "action_groups.yml": CIRCLE,
        "roles_mapping.yml": "_meta: {type: rolesmapping, config_version: 2}\nnobody:\n  users: [anna]\n",
    }
    content = only(read(tmp_path, files, monkeypatch))
    found = {
        (fault.kind, fault.location.path, fault.location.line)
        for fault in faults(content.cluster)
        if fault.location is not None
    }
    assert found == {
        (Kind.UNKNOWN_GROUP, "roles.yml", 3),
        (Kind.QUERY_IS_NO_JSON, "roles.yml", 7),
        (Kind.CIRCULAR_GROUP, "action_groups.yml", 3),
        (Kind.UNDEFINED_ROLE, "roles_mapping.yml", 2),
    }


def test_older_files_mean_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "roles.yml": """
reader:
  cluster: [CLUSTER_COMPOSITE_OPS_RO]
  indices:
    'orders-*':
      '*': [READ]
      _dls_: '{"match_all": {}}'
      _fls_: ['~card']
  tenants:
    sales: RW
""",
        "roles_mapping.yml": "reader:\n  backendroles: [sales]\n  users: [anna]\n",
    }
    content = only(read(tmp_path, files, monkeypatch))
    role = content.roles[0].content
    assert role.cluster_permissions == ("CLUSTER_COMPOSITE_OPS_RO",)
    assert [
        (one.patterns, one.actions, one.document_query, one.fields) for one in role.index_permissions
    ] == [(("orders-*",), ("READ",), '{"match_all": {}}', ("~card",))]
    assert [(one.patterns, one.actions) for one in role.tenant_permissions] == [
        (("sales",), ("kibana_all_write",))
    ]
    assert content.mappings[0].content.backend_roles == ("sales",)


CONFIGURATION = """
_meta: {type: config, config_version: 2}
config:
  dynamic:
    do_not_fail_on_forbidden: true
    http:
      anonymous_auth_enabled: true
    authc:
      basic:
        http_enabled: true
        http_authenticator: {type: basic}
      saml:
        http_enabled: false
        http_authenticator: {type: saml}
"""


def test_the_configuration_counts_where_the_cluster_is_nobodys_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = only(read(tmp_path, {**SET, "security/config.yml": CONFIGURATION}, monkeypatch))
    login = content.login
    assert (login.passwords, login.saml, login.anonymous) == (Truth.TRUE, Truth.FALSE, Truth.TRUE)
    assert content.cluster.settings.forbidden_indexes_left_out is Truth.TRUE
    joined = only(
        read(tmp_path, {**SET, "security/config.yml": CONFIGURATION, "main.tf": DOMAIN}, monkeypatch)
    )
    assert joined.login.anonymous is Truth.FALSE
    assert joined.cluster.settings.forbidden_indexes_left_out is Truth.UNKNOWN


def test_an_audit_file_says_whether_it_audits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "_meta: {type: audit, config_version: 2}\nconfig:\n  enabled: false\n"
    content = only(read(tmp_path, {"audit.yml": text}, monkeypatch))
    assert [one.content for one in content.audit] == [False]


def test_a_changed_file_is_judged_with_the_whole_code(tmp_path: Path) -> None:
    for name, text in {**SET, "infra/main.tf": DOMAIN}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources = only_changed(discover([str(tmp_path)], str(tmp_path)), ["security/roles.yml"])
    reading = read_sources(sources, Inputs(), WANTED, [str(tmp_path)])
    content = only(analyse(reading))
    assert content.domain is not None
    assert "reader" in content.cluster.roles
