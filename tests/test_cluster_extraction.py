"""How the options of domains and the cluster-side providers of Terraform become the inside of a cluster."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from access_project import analysis_of
from osreach.access.cluster import ClusterContent, Origin, SnapshotRepository
from osreach.access.model import Model
from osreach.extract.model import TYPES
from osreach.iac.plain import decode, encode
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.opensearch.authentication import Login
from osreach.opensearch.index import Index
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth

YES, NO, MAYBE = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
ROLE = "arn:aws:iam::111122223333:role/master"


def domain(options: str, name: str = "logs", kind: str = "aws_opensearch_domain") -> str:
    """A domain with some options."""
    return f'resource "{kind}" "{name}" {{\n  domain_name = "{name}"\n{options}\n}}\n'


def secured(inside: str = "", name: str = "logs") -> str:
    """A domain with fine-grained access control and an IAM master user."""
    return domain(
        f"""
  advanced_security_options {{
    enabled = true
    master_user_options {{
      master_user_arn = "{ROLE}"
    }}
  }}
  {inside}
""",
        name,
    )


def model_of(folder: Path, text: str) -> Model:
    return analysis_of(folder, {"main.tf": text}).model


def only(folder: Path, text: str) -> ClusterContent:
    clusters = model_of(folder, text).clusters
    assert len(clusters) == 1, [content.name for content in clusters]
    return clusters[0]


def told(content: ClusterContent) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The mappings as role, users and backend roles."""
    return {(one.role, one.users, one.backend_roles) for one in content.cluster.mappings}


def of(clusters: tuple[ClusterContent, ...], name: str) -> ClusterContent:
    return next(content for content in clusters if content.domain is not None and content.domain.name == name)


LOGINS = [
    ("", Login()),
    ("advanced_security_options {\n enabled = true\n}", Login()),
    (
        "advanced_security_options {\n enabled = true\n internal_user_database_enabled = true\n}",
        Login(passwords=YES),
    ),
    (
        "advanced_security_options {\n enabled = false\n internal_user_database_enabled = true\n}",
        Login(),
    ),
    (
        "advanced_security_options {\n enabled = var.x\n internal_user_database_enabled = true\n}",
        Login(passwords=MAYBE),
    ),
    (
        "advanced_security_options {\n enabled = true\n anonymous_auth_enabled = true\n}",
        Login(anonymous=YES),
    ),
    (
        "advanced_security_options {\n enabled = true\n jwt_options {\n enabled = true\n }\n}",
        Login(tokens=YES),
    ),
    (
        "advanced_security_options {\n enabled = true\n}\nidentity_center_options {\n enabled_api_access = var.x\n}",
        Login(identity_center=MAYBE),
    ),
    (
        'cognito_options {\n enabled = true\n user_pool_id = "p"\n identity_pool_id = "i"\n role_arn = "r"\n}',
        Login(cognito=YES),
    ),
]


@pytest.mark.parametrize(("options", "login"), LOGINS)
@pytest.mark.parametrize("kind", ["aws_opensearch_domain", "aws_elasticsearch_domain"])
def test_the_options_of_a_domain_say_who_can_log_in(
    tmp_path: Path, options: str, login: Login, kind: str
) -> None:
    content = only(tmp_path, 'variable "x" {}\n' + domain(options, kind=kind))
    assert content.login == login
    assert content.origins == frozenset()
    assert content.cluster.mappings_partial


@pytest.mark.parametrize(
    ("arn", "users", "backend_roles"),
    [
        ('"arn:aws:iam::111122223333:role/path/master"', (), ("arn:aws:iam::111122223333:role/path/master",)),
        ('"arn:aws:iam::111122223333:user/anna"', ("arn:aws:iam::111122223333:user/anna",), ()),
    ],
)
def test_an_iam_master_is_mapped_by_what_the_arn_names(
    tmp_path: Path, arn: str, users: tuple[str, ...], backend_roles: tuple[str, ...]
) -> None:
    content = only(
        tmp_path,
        domain(
            f"advanced_security_options {{\n enabled = true\n master_user_options {{\n master_user_arn = {arn}\n"
            " }\n}"
        ),
    )
    assert told(content) == {
        ("all_access", users, backend_roles),
        ("security_manager", users, backend_roles),
    }
    assert {mapping.location.line for mapping in content.cluster.mappings if mapping.location} == {6}


def test_an_unknown_master_may_be_a_user_or_a_role(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        'variable "master" {}\n'
        + domain(
            "advanced_security_options {\n enabled = true\n"
            " master_user_options {\n master_user_arn = var.master\n }\n}"
        ),
    )
    first = model.clusters[0].cluster.mappings[0]
    assert [model.holes.fill(text) for text in (*first.users, *first.backend_roles)] == ["${var.master}"] * 2


def test_an_internal_master_is_a_user_with_the_roles_of_a_master(tmp_path: Path) -> None:
    content = only(
        tmp_path,
        domain(
            "advanced_security_options {\n enabled = true\n internal_user_database_enabled = true\n"
            ' master_user_options {\n master_user_name = "admin"\n master_user_password = "Secret-1"\n }\n}'
        ),
    )
    assert told(content) == {("all_access", ("admin",), ()), ("security_manager", ("admin",), ())}
    assert list(content.cluster.users) == ["admin"]
    assert "Secret" not in repr(content)


def test_the_migration_period_maps_whoever_comes_without_credentials(tmp_path: Path) -> None:
    content = only(
        tmp_path,
        domain("advanced_security_options {\n enabled = true\n anonymous_auth_enabled = true\n}"),
    )
    assert told(content) == {("default_role", (), ("opendistro_security_anonymous_backendrole",))}


def test_a_separate_resource_holds_the_saml_options(tmp_path: Path) -> None:
    content = only(
        tmp_path,
        secured()
        + """
resource "aws_opensearch_domain_saml_options" "logs" {
  domain_name = aws_opensearch_domain.logs.domain_name
  saml_options {
    enabled                 = true
    master_user_name        = "anna@example.com"
    master_backend_role     = "admins"
    roles_key               = "groups"
    session_timeout_minutes = 720
    idp {
      entity_id        = "https://idp.example.com"
      metadata_content = "<xml/>"
    }
  }
}
""",
    )
    saml = content.options.saml
    assert content.login.saml is YES
    assert saml is not None
    assert saml.address == "aws_opensearch_domain_saml_options.logs"
    assert (saml.entity_id.value, saml.roles_key.value, saml.subject_key.value) == (
        "https://idp.example.com",
        "groups",
        None,
    )
    assert (saml.session_minutes.value, saml.session_minutes.written) == (720, True)
    assert told(content) == {
        (role, *who)
        for role in ("all_access", "security_manager")
        for who in (((), (ROLE,)), (("anna@example.com",), ()), ((), ("admins",)))
    }


def test_cloudformation_says_the_same_in_its_own_words(tmp_path: Path) -> None:
    text = """
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: logs
      EngineVersion: OpenSearch_2.11
      VPCOptions:
        SubnetIds: [subnet-1]
      AdvancedSecurityOptions:
        Enabled: true
        InternalUserDatabaseEnabled: true
        MasterUserOptions:
          MasterUserName: admin
          MasterUserPassword: nobody-keeps-this
        SAMLOptions:
          Enabled: true
          Idp: {EntityId: "https://idp", MetadataContent: x}
          MasterBackendRole: admins
        JWTOptions: {Enabled: true, RolesKey: roles, SubjectKey: sub}
        IAMFederationOptions: {Enabled: true, RolesKey: team}
      IdentityCenterOptions:
        EnabledAPIAccess: true
        SubjectKey: UserName
"""
    content = analysis_of(tmp_path, {"template.yaml": text}).model.clusters[0]
    assert content.login == Login(passwords=YES, saml=YES, tokens=YES, identity_center=YES)
    options = content.options
    assert options.saml is not None
    assert (options.saml.session_minutes.value, options.saml.session_minutes.written) == (60, False)
    assert options.tokens is not None
    assert (options.tokens.subject_key.value, options.tokens.roles_key.value) == ("sub", "roles")
    assert options.federation is not None
    assert options.federation.roles_key.value == "team"
    assert options.identity_center is not None
    assert options.identity_center.subject_key.value == "UserName"
    assert content.cluster.in_vpc is True
    assert str(content.cluster.version) == "OpenSearch 2.11"
    assert ("all_access", (), ("admins",)) in told(content)
    assert ("all_access", ("admin",), ()) in told(content)


INSIDE = """
provider "opensearch" {
  url                 = "https://${aws_opensearch_domain.logs.endpoint}"
  aws_assume_role_arn = "arn:aws:iam::111122223333:role/deployer"
}

resource "opensearch_role" "reader" {
  role_name           = "reader"
  cluster_permissions = ["cluster_composite_ops_ro"]
  index_permissions {
    index_patterns          = ["orders-*"]
    allowed_actions         = ["read"]
    document_level_security = jsonencode({ term = { tenant = "$${user.name}" } })
    field_level_security    = ["~card"]
    masked_fields           = ["email"]
  }
  tenant_permissions {
    tenant_patterns = [opensearch_dashboard_tenant.sales.tenant_name]
    allowed_actions = ["kibana_all_read"]
  }
}

resource "opensearch_roles_mapping" "reader" {
  role_name         = opensearch_role.reader.id
  users             = [opensearch_user.anna.username]
  backend_roles     = ["arn:aws:iam::111122223333:role/app"]
  and_backend_roles = ["sales", "europe"]
}

resource "opensearch_user" "anna" {
  username   = "anna"
  password   = "never-kept"
  attributes = { department = "sales" }
}

resource "opensearch_dashboard_tenant" "sales" {
  tenant_name = "sales"
}

resource "opensearch_audit_config" "audit" {
  enabled = true
}

resource "opensearch_snapshot_repository" "backup" {
  name = "backup"
  type = "s3"
  settings = {
    bucket   = "snapshots"
    role_arn = "arn:aws:iam::111122223333:role/snapshots"
    readonly = "true"
  }
}

resource "opensearch_index" "orders" {
  name    = "orders-1"
  aliases = jsonencode({ orders = {} })
}

resource "opensearch_composable_index_template" "orders" {
  name = "orders"
  body = jsonencode({ index_patterns = ["orders-*"], template = {} })
}
"""


def test_the_provider_of_opensearch_fills_the_cluster_that_its_url_names(tmp_path: Path) -> None:
    text = secured() + INSIDE
    content = only(tmp_path, text)
    assert content.domain is not None
    assert content.domain.address == "aws_opensearch_domain.logs"
    assert content.origins == {Origin.PROVIDER}
    role = content.roles[0].content
    assert content.roles[0].address == "opensearch_role.reader"
    where = {one.location.line for one in role.index_permissions if one.location}
    assert where == {text.splitlines().index("  index_permissions {") + 1}
    assert Role(
        role.name,
        role.cluster_permissions,
        tuple(
            IndexPermission(one.patterns, one.actions, one.document_query, one.fields, one.masked_fields)
            for one in role.index_permissions
        ),
        tuple(TenantPermission(one.patterns, one.actions) for one in role.tenant_permissions),
    ) == Role(
        "reader",
        ("cluster_composite_ops_ro",),
        (
            IndexPermission(
                ("orders-*",), ("read",), '{"term": {"tenant": "${user.name}"}}', ("~card",), ("email",)
            ),
        ),
        (TenantPermission(("sales",), ("kibana_all_read",)),),
    )
    mapping = content.mappings[0].content
    assert mapping == Mapping(
        "reader",
        ("anna",),
        ("arn:aws:iam::111122223333:role/app",),
        (),
        ("sales", "europe"),
        location=mapping.location,
    )
    user = content.users[0].content
    assert user == InternalUser("anna", attributes=(("department", "sales"),), location=user.location)
    assert "never-kept" not in repr(content)
    assert [one.content for one in content.tenants] == ["sales"]
    assert content.cluster.tenants == ("global_tenant", "sales")
    assert [one.content for one in content.audit] == [True]
    assert [one.content for one in content.repositories] == [
        SnapshotRepository(
            "backup",
            "s3",
            "snapshots",
            "arn:aws:iam::111122223333:role/snapshots",
            "arn:aws:iam::111122223333:role/deployer",
            read_only=True,
        )
    ]
    assert content.cluster.indexes.known == (Index("orders-1", ("orders",)),)
    assert not content.cluster.indexes.complete
    assert [one.content for one in content.templates] == [("orders-*",)]
    assert not content.cluster.mappings_partial
    assert not content.users_partial


@pytest.mark.parametrize("prefix", ["elasticsearch_opensearch", "elasticsearch_opendistro"])
def test_the_provider_of_elasticsearch_calls_the_same_by_older_names(tmp_path: Path, prefix: str) -> None:
    content = only(
        tmp_path,
        secured()
        + f"""
provider "elasticsearch" {{
  url = aws_opensearch_domain.logs.endpoint
}}
resource "{prefix}_role" "reader" {{
  role_name = "reader"
  index_permissions {{
    index_patterns  = ["a"]
    allowed_actions = ["read"]
  }}
}}
resource "{prefix}_roles_mapping" "reader" {{
  role_name = {prefix}_role.reader.id
  users     = [{prefix}_user.anna.id]
}}
resource "{prefix}_user" "anna" {{
  username = "anna"
}}
resource "{prefix}_kibana_tenant" "sales" {{
  tenant_name = "sales"
}}
""",
    )
    assert ("reader", ("anna",), ()) in told(content)
    assert "reader" in content.cluster.roles
    assert "anna" in content.cluster.users
    assert content.cluster.tenants == ("global_tenant", "sales")


def mapping_with(url: str, provider: str = "opensearch") -> str:
    """A mapping through a provider with this URL."""
    return f"""
provider "{provider}" {{
  url = {url}
}}
resource "{provider.replace("elasticsearch", "elasticsearch_opensearch")}_roles_mapping" "readall" {{
  role_name = "readall"
  users     = ["anna"]
}}
"""


TWO = secured(name="logs") + secured(name="my-orders")

URLS = [
    ('"https://${aws_opensearch_domain.my-orders.endpoint}"', "my-orders"),
    ('"https://search-my-orders-abc123def456.eu-west-1.es.amazonaws.com"', "my-orders"),
    ('"https://vpc-logs-abc123def456.eu-west-1.es.amazonaws.com:443/"', "logs"),
    ('"search-logs-abc123.aos.eu-west-1.on.aws"', "logs"),
    ('"https://user:secret@search-logs-abc123.cn-north-1.es.amazonaws.com.cn"', "logs"),
    ('"https://search-others-abc123.eu-west-1.es.amazonaws.com"', None),
    ('"https://${data.aws_opensearch_domain.found.endpoint}"', "logs"),
    ('"https://search.example.com"', None),
    ("var.url", None),
    ("data.terraform_remote_state.x.outputs.endpoint", None),
]


@pytest.mark.parametrize(("url", "name"), URLS)
def test_the_url_tells_which_of_two_domains_is_meant(tmp_path: Path, url: str, name: str | None) -> None:
    more = """
variable "url" {}
data "aws_opensearch_domain" "found" {
  domain_name = "logs"
}
data "terraform_remote_state" "x" {
  backend = "s3"
}
"""
    clusters = model_of(tmp_path, TWO + more + mapping_with(url)).clusters
    found = [content for content in clusters if content.mappings]
    assert len(found) == 1
    assert (None if found[0].domain is None else found[0].domain.name) == name
    assert len(clusters) == (2 if name else 3)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("var.url", "logs"),
        ('"https://localhost:9200"', "logs"),
        ('"https://search.example.com"', "logs"),
        ("data.aws_ssm_parameter.endpoint.value", "logs"),
        ('"https://search-others-abc123.eu-west-1.es.amazonaws.com"', None),
        ("data.terraform_remote_state.x.outputs.endpoint", None),
        ("data.aws_opensearch_domain.other.endpoint", None),
    ],
)
def test_an_unknown_url_is_that_of_the_only_domain_unless_it_names_another(
    tmp_path: Path, url: str, name: str | None
) -> None:
    more = """
variable "url" {}
data "aws_ssm_parameter" "endpoint" {
  name = "x"
}
data "terraform_remote_state" "x" {
  backend = "s3"
}
data "aws_opensearch_domain" "other" {
  domain_name = "other"
}
"""
    clusters = model_of(tmp_path, secured() + domain("", "open") + more + mapping_with(url)).clusters
    found = next(content for content in clusters if content.mappings)
    assert (None if found.domain is None else found.domain.name) == name


def test_a_custom_endpoint_names_its_domain(tmp_path: Path) -> None:
    endpoint = (
        'domain_endpoint_options {\n custom_endpoint_enabled = true\n custom_endpoint = "s.example.com"\n}'
    )
    text = secured() + secured(endpoint, "orders") + mapping_with('"https://s.example.com"')
    assert of(model_of(tmp_path, text).clusters, "orders").origins == {Origin.PROVIDER}


def test_a_collection_is_no_cluster(tmp_path: Path) -> None:
    text = """
resource "aws_opensearchserverless_collection" "vectors" {
  name = "vectors"
}
provider "opensearch" {
  url = aws_opensearchserverless_collection.vectors.collection_endpoint
}
resource "opensearch_index" "vectors" {
  name = "vectors"
}
"""
    assert model_of(tmp_path, text).clusters == ()


def test_each_alias_has_a_domain_of_its_own(tmp_path: Path) -> None:
    text = (
        TWO
        + """
provider "opensearch" {
  url = aws_opensearch_domain.logs.endpoint
}
provider "opensearch" {
  alias = "orders"
  url   = aws_opensearch_domain.my-orders.endpoint
}
resource "opensearch_role" "here" {
  role_name = "here"
}
resource "opensearch_role" "there" {
  provider  = opensearch.orders
  role_name = "there"
}
"""
    )
    clusters = model_of(tmp_path, text).clusters
    assert [one.content.name for one in of(clusters, "logs").roles] == ["here"]
    assert [one.content.name for one in of(clusters, "my-orders").roles] == ["there"]


MODULE = """
terraform {
  required_providers {
    opensearch = {
      source                = "opensearch-project/opensearch"
      configuration_aliases = [opensearch.target]
    }
  }
}
variable "name" {}
resource "opensearch_role" "this" {
  role_name = var.name
}
resource "opensearch_role" "other" {
  provider  = opensearch.target
  role_name = "${var.name}-target"
}
"""


def test_configurations_are_passed_into_modules(tmp_path: Path) -> None:
    root = (
        TWO
        + """
provider "opensearch" {
  url = aws_opensearch_domain.logs.endpoint
}
provider "opensearch" {
  alias = "orders"
  url   = aws_opensearch_domain.my-orders.endpoint
}
module "roles" {
  source    = "./roles"
  name      = "reader"
  providers = { opensearch.target = opensearch.orders }
}
module "more" {
  source    = "./roles"
  name      = "writer"
  providers = { opensearch = opensearch.orders, opensearch.target = opensearch }
}
"""
    )
    clusters = analysis_of(tmp_path, {"main.tf": root, "roles/main.tf": MODULE}).model.clusters
    assert {one.content.name for one in of(clusters, "logs").roles} == {"reader", "writer-target"}
    assert {one.content.name for one in of(clusters, "my-orders").roles} == {"reader-target", "writer"}
    assert len(clusters) == 2


def test_a_module_without_a_domain_makes_a_cluster_of_its_own(tmp_path: Path) -> None:
    content = only(tmp_path, MODULE)
    assert content.domain is None
    assert content.login == Login(*[MAYBE] * 6)
    assert content.name == "opensearch_role.this"


def test_what_is_not_known_is_never_taken_for_nothing(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        secured()
        + """
variable "people" {}
variable "patterns" {}
variable "name" {}
resource "opensearch_roles_mapping" "a" {
  role_name     = "readall"
  users         = var.people
  backend_roles = ["arn:aws:iam::111122223333:role/${var.name}"]
}
resource "opensearch_roles_mapping" "b" {
  role_name = var.name
  users     = ["anna"]
}
resource "opensearch_role" "r" {
  role_name = "r"
  index_permissions {
    index_patterns  = var.patterns
    allowed_actions = ["read"]
  }
}
""",
    )
    content = model.clusters[0]
    first, second = (one.content for one in content.mappings)
    assert (first.users, first.partial) == ((), True)
    assert [model.holes.fill(text) for text in first.backend_roles] == [
        "arn:aws:iam::111122223333:role/${var.name}"
    ]
    assert (model.holes.fill(second.role), second.partial) == ("${var.name}", False)
    assert content.roles[0].content.partial
    assert content.cluster.mappings_partial


def test_one_module_of_two_deployments_has_two_clusters(tmp_path: Path) -> None:
    module = secured() + mapping_with("aws_opensearch_domain.logs.endpoint")
    call = 'module "search" {\n  source = "../../search"\n}\n'
    files = {"search/main.tf": module, "envs/dev/main.tf": call, "envs/prod/main.tf": call}
    analysis = analysis_of(tmp_path, files)
    assert len(analysis.clusters) == 2
    for one in analysis.domains:
        content = analysis.cluster(one)
        assert content.domain is not None
        assert content.domain.deployment == one.deployment
        assert [mapping.deployment for mapping in content.mappings] == [one.deployment]


def test_a_kept_reading_keeps_the_configurations(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(secured() + INSIDE, encoding="utf-8")
    reading = read_code([str(tmp_path)], Inputs(), TYPES, every=True)
    assert {one.provider for one in reading.resources if one.type.startswith("opensearch_")} == {
        "provider.opensearch"
    }
    assert decode(encode(reading)) == reading


def test_many_roles_and_mappings_are_extracted_quickly(tmp_path: Path) -> None:
    """Five hundred roles and two thousand mappings: the model of what was read takes a fraction of a second."""
    text = secured() + mapping_with("aws_opensearch_domain.logs.endpoint")
    text += """
resource "opensearch_role" "many" {
  for_each            = toset([for number in range(500) : tostring(number)])
  role_name           = "role-${each.key}"
  cluster_permissions = ["cluster_composite_ops"]
  index_permissions {
    index_patterns  = ["index-${each.key}-*"]
    allowed_actions = ["read", "write"]
  }
}
"""
    for part in range(2):
        text += f"""
resource "opensearch_roles_mapping" "many{part}" {{
  for_each      = toset([for number in range(1000) : tostring(number)])
  role_name     = "role-${{each.key % 500}}"
  backend_roles = ["arn:aws:iam::111122223333:role/app-${{each.key}}"]
}}
"""
    analysis = analysis_of(tmp_path, {"main.tf": text})
    start = time.process_time()
    content = analysis.clusters[0]
    took = time.process_time() - start
    names = {f"role-{number}" for number in range(500)}
    assert {one.content.name for one in content.roles} == names
    assert {one.content.role for one in content.mappings} == {*names, "readall"}
    assert took < 1


def planned(address: str, values: dict[str, object], **more: object) -> dict[str, dict[str, object]]:
    """A resource of a plan: its values, and the block behind it."""
    plain = address.rpartition("module.search.")[2]
    kind, name = plain.split(".")
    header: dict[str, object] = {"mode": "managed", "type": kind, "name": name}
    return {
        "values": {**header, "address": address, "values": values},
        "block": {
            **header,
            "address": plain,
            "provider_config_key": more.get("provider", kind.partition("_")[0]),
            "expressions": {key: {"constant_value": value} for key, value in values.items()},
        },
    }


def test_a_plan_tells_the_configuration_of_a_provider_too(tmp_path: Path) -> None:
    """The shape of provider configurations is documented at
    https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation.
    """
    domains = [
        planned(
            f"aws_opensearch_domain.{name}",
            {"domain_name": name, "advanced_security_options": [{"enabled": True}]},
        )
        for name in ("logs", "orders")
    ]
    role = planned("opensearch_role.here", {"role_name": "here"})
    other = planned(
        "module.search.opensearch_role.there", {"role_name": "there"}, provider="module.search:opensearch"
    )
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {
            "root_module": {
                "resources": [one["values"] for one in (*domains, role)],
                "child_modules": [{"address": "module.search", "resources": [other["values"]]}],
            }
        },
        "configuration": {
            "provider_config": {
                "opensearch": {
                    "name": "opensearch",
                    "expressions": {
                        "url": {
                            "references": [
                                "aws_opensearch_domain.orders.endpoint",
                                "aws_opensearch_domain.orders",
                            ]
                        },
                        "password": {"constant_value": "nobody-keeps-this"},
                    },
                },
                "module.search:opensearch": {"name": "opensearch", "module_address": "module.search"},
            },
            "root_module": {
                "resources": [one["block"] for one in (*domains, role)],
                "module_calls": {"search": {"module": {"resources": [other["block"]]}}},
            },
        },
    }
    model = analysis_of(tmp_path, {"plan.json": json.dumps(plan)}).model
    assert [one.content.name for one in of(model.clusters, "orders").roles] == ["here", "there"]
    assert of(model.clusters, "logs").origins == frozenset()
    assert "nobody-keeps-this" not in repr(model)


WELL_KNOWN = """
module "search" {
  source      = "terraform-aws-modules/opensearch/aws"
  domain_name = "logs"
  advanced_security_options = {
    enabled     = true
    jwt_options = { enabled = true, roles_key = "roles" }
    master_user_options = {
      master_user_arn = "arn:aws:iam::111122223333:role/master"
    }
  }
  identity_center_options = { enabled_api_access = true }
  create_saml_options     = true
  saml_options = {
    enabled             = true
    master_backend_role = "admins"
    idp                 = { entity_id = "https://idp", metadata_content = "<xml/>" }
  }
}
"""


def test_a_module_that_everybody_calls_says_who_can_log_in(tmp_path: Path) -> None:
    text = WELL_KNOWN + mapping_with('"https://${module.search.domain_endpoint}"')
    content = only(tmp_path, text)
    assert content.login == Login(saml=YES, tokens=YES, identity_center=YES)
    assert content.origins == {Origin.PROVIDER}
    assert told(content) == {
        ("all_access", (), (ROLE,)),
        ("security_manager", (), (ROLE,)),
        ("all_access", (), ("admins",)),
        ("security_manager", (), ("admins",)),
        ("readall", ("anna",), ()),
    }


def test_a_domain_that_a_module_looks_up_is_not_the_only_one_of_the_code(tmp_path: Path) -> None:
    inner = """
variable "name" {}
data "aws_opensearch_domain" "found" {
  domain_name = var.name
}
""" + mapping_with("data.aws_opensearch_domain.found.endpoint")
    files = {
        "main.tf": secured() + 'module "x" {\n  source = "./x"\n  name   = "other"\n}\n',
        "x/main.tf": inner,
    }
    clusters = analysis_of(tmp_path, files).model.clusters
    assert [content.domain is None for content in clusters if content.mappings] == [True]


@pytest.mark.parametrize(
    ("url", "more", "name"),
    [
        ("var.url", "", "logs"),
        ('"https://${var.url}"', "", "logs"),
        ("data.terraform_remote_state.x.outputs.endpoint", "", "logs"),
        ("data.aws_ssm_parameter.x.value", "", "logs"),
        ('"https://search.example.com"', "", None),
        ("data.aws_opensearch_domain.x.endpoint", "", None),
        ("module.far.endpoint", "", None),
        ("var.url", secured("", "orders"), None),
        ("var.url", domain("", "open"), "logs"),
    ],
)
def test_a_deployment_that_is_given_its_url_writes_into_the_only_domain_of_the_scan(
    tmp_path: Path, url: str, more: str, name: str | None
) -> None:
    inside = 'variable "url" {}\n' + mapping_with(url)
    inside += 'data "terraform_remote_state" "x" {\n  backend = "s3"\n}\n'
    inside += 'data "aws_ssm_parameter" "x" {\n  name = "x"\n}\n'
    inside += 'data "aws_opensearch_domain" "x" {\n  domain_name = "x"\n}\n'
    inside += 'module "far" {\n  source = "example/search/aws"\n}\n'
    files = {"search/main.tf": secured() + more, "roles/main.tf": inside}
    clusters = analysis_of(tmp_path, files).model.clusters
    found = next(content for content in clusters if content.mappings)
    assert (None if found.domain is None else found.domain.name) == name
