"""Well-known modules that are not in the tree: their arguments still tell who reaches the domain."""

from pathlib import Path

import pytest

from osreach.iac.resource import Reading
from osreach.iac.terraform.well_known import well_known
from terraform_project import read, shown

OPENSEARCH = 'source = "terraform-aws-modules/opensearch/aws"\n  domain_name = "logs"'
ELASTICSEARCH = 'source = "cloudposse/elasticsearch/aws"\n  namespace = "eg"\n  name = "logs"'
DOMAIN = "module.m.aws_opensearch_domain.this[0]"
POLICY = "module.m.aws_opensearch_domain_policy.this[0]"
OLD_DOMAIN = "module.m.aws_elasticsearch_domain.default[0]"
OLD_POLICY = "module.m.aws_elasticsearch_domain_policy.default[0]"


def call(folder: Path, source: str, arguments: str = "") -> Reading:
    return read(
        folder, f'provider "aws" {{\n  region = "eu-west-1"\n}}\nmodule "m" {{\n  {source}\n{arguments}\n}}\n'
    )


def addresses(reading: Reading) -> list[str]:
    return sorted(one.address for one in reading.resources if ".data." not in one.address)


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("terraform-aws-modules/opensearch/aws", "opensearch"),
        ("registry.terraform.io/terraform-aws-modules/opensearch/aws", "opensearch"),
        ("registry.opentofu.org/terraform-aws-modules/opensearch/aws", "opensearch"),
        (
            "git::https://github.com/terraform-aws-modules/terraform-aws-opensearch.git?ref=v1.1.0",
            "opensearch",
        ),
        ("github.com/terraform-aws-modules/terraform-aws-opensearch", "opensearch"),
        ("git@github.com:cloudposse/terraform-aws-elasticsearch.git?ref=tags/0.33.0", "elasticsearch"),
        ("cloudposse/elasticsearch/aws", "elasticsearch"),
        ("cloudposse/label/null", "label"),
        # the part of a module behind `//` is another module
        ("terraform-aws-modules/opensearch/aws//modules/collection", None),
        ("git::https://github.com/acme/terraform-aws-opensearch.git", None),
        ("terraform-aws-modules/opensearch/aws2", None),
        ("acme/opensearch/aws", None),
    ],
)
def test_a_well_known_module_is_told_by_its_address(source: str, folder: str | None) -> None:
    found = well_known(source)
    assert (None if found is None else Path(found.absolute).name) == folder


def test_the_documented_defaults_hold_where_nothing_is_given(tmp_path: Path) -> None:
    reading = call(tmp_path, OPENSEARCH)
    assert addresses(reading) == [DOMAIN]
    assert shown(reading, DOMAIN, "encrypt_at_rest") == '[{"enabled" = true, "kms_key_id" = null}]'
    assert shown(reading, DOMAIN, "vpc_options") == "[]"
    assert '"enforce_https" = true' in shown(reading, DOMAIN, "domain_endpoint_options")
    assert (reading.problems, reading.missing) == ((), ())


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [
        ('access_policies = "{}"', '"{}"'),
        (
            (
                'access_policy_statements = [{ sid = "a", principals = [{ type = "*", identifiers = ["*"] }],'
                ' actions = ["es:*"] }]'
            ),
            (
                'jsonencode({"Version" = "2012-10-17", "Statement" = [{"Sid" = "a", "Effect" = "Allow",'
                ' "Principal" = "*", "Action" = "es:*", "Resource" ='
                ' "arn:aws:es:eu-west-1:${data.aws_caller_identity.current.account_id}:domain/logs/*"}]})'
            ),
        ),
        (
            (
                'access_policy_statements = { a = { effect = "Deny", resource_paths = ["x/*"], not_actions = ["es:X"],'
                ' principals = [{ type = "AWS", identifiers = [var.reader] }] } }'
            ),
            (
                'jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Deny",'
                ' "Principal" = {"AWS" = var.reader}, "NotAction" = "es:X", "Resource" ='
                ' "arn:aws:es:eu-west-1:${data.aws_caller_identity.current.account_id}:domain/logs/x/*"}]})'
            ),
        ),
        (
            (
                'access_policy_statements = [{ principals = [{ type = "*", identifiers = ["*"] }], actions = ["es:*"],'
                ' resources = ["*"], conditions = [{ test = "IpAddress", variable = "aws:SourceIp",'
                ' values = ["10.0.0.0/8"] }] }]'
            ),
            (
                'jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Principal" = "*",'
                ' "Action" = "es:*", "Resource" = "*",'
                ' "Condition" = {"IpAddress" = {"aws:SourceIp" = "10.0.0.0/8"}}}]})'
            ),
        ),
    ],
)
def test_the_statements_of_the_call_become_the_policy(tmp_path: Path, arguments: str, policy: str) -> None:
    reading = call(tmp_path, OPENSEARCH, f'{arguments}\n}}\nvariable "reader" {{')
    found = shown(reading, POLICY, "access_policies")
    assert sorted(found.split(", ")) == sorted(policy.split(", "))


@pytest.mark.parametrize("switch", ["create = false", "enable_access_policy = false"])
def test_switches_of_the_module_are_followed(tmp_path: Path, switch: str) -> None:
    reading = call(tmp_path, OPENSEARCH, f'{switch}\n  access_policies = "{{}}"')
    assert addresses(reading) == ([] if switch.startswith("create") else [DOMAIN])


def test_a_group_of_the_module_guards_its_domain(tmp_path: Path) -> None:
    arguments = """
  vpc_options = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  security_group_rules = {
    open  = { cidr_ipv4 = "0.0.0.0/0" }
    out   = { type = "egress", cidr_ipv4 = "0.0.0.0/0" }
  }"""
    reading = call(tmp_path, OPENSEARCH, arguments)
    rule = 'module.m.aws_vpc_security_group_ingress_rule.this["open"]'
    assert addresses(reading) == [DOMAIN, "module.m.aws_security_group.this[0]", rule]
    assert shown(reading, rule, "cidr_ipv4") == '"0.0.0.0/0"'
    assert shown(reading, DOMAIN, "vpc_options") == (
        '[{"subnet_ids" = ["subnet-1"],'
        ' "security_group_ids" = ["sg-1", module.m.aws_security_group.this[0].id]}]'
    )


def test_what_differs_between_releases_is_not_known(tmp_path: Path) -> None:
    reading = call(tmp_path, ELASTICSEARCH)
    assert shown(reading, OLD_DOMAIN, "domain_name") == '"eg-logs"'
    assert shown(reading, OLD_DOMAIN, "domain_endpoint_options") == (
        '[{"enforce_https" = module.m.var.domain_endpoint_options_enforce_https,'
        ' "tls_security_policy" = module.m.var.domain_endpoint_options_tls_security_policy}]'
    )


def test_a_public_domain_of_the_module_lets_addresses_in_unsigned(tmp_path: Path) -> None:
    arguments = """
  vpc_enabled         = false
  iam_role_arns       = ["arn:aws:iam::123456789012:role/reader"]
  iam_actions         = ["es:ESHttpGet"]
  allowed_cidr_blocks = ["198.51.100.0/24"]
  create_elasticsearch_user_role = false"""
    reading = call(tmp_path, ELASTICSEARCH, arguments)
    arn = "arn:aws:es:eu-west-1:${data.aws_caller_identity.current.account_id}:domain/eg-logs"
    statements = (
        (
            '{"Sid" = "User", "Effect" = "Allow", "Principal" = {"AWS" = "arn:aws:iam::123456789012:role/reader"},'
            f' "Action" = "es:ESHttpGet", "Resource" = ["{arn}", "{arn}/*"]}}'
        ),
        (
            '{"Sid" = "Anonymous", "Effect" = "Allow", "Principal" = {"AWS" = "*"}, "Action" = "es:ESHttpGet",'
            f' "Resource" = ["{arn}", "{arn}/*"],'
            ' "Condition" = {"IpAddress" = {"aws:SourceIp" = "198.51.100.0/24"}}}'
        ),
    )
    assert sorted(shown(reading, OLD_POLICY, "access_policies").split(", ")) == sorted(
        f'jsonencode({{"Version" = "2012-10-17", "Statement" = [{", ".join(statements)}]}})'.split(", ")
    )


def test_the_service_decides_about_the_type_of_the_domain(tmp_path: Path) -> None:
    reading = call(tmp_path, ELASTICSEARCH, '  aws_service_type = "opensearch"\n  vpc_enabled = false')
    assert addresses(reading) == ["module.m.aws_opensearch_domain.default[0]"]


def test_places_are_those_of_the_call(tmp_path: Path) -> None:
    arguments = """  access_policy_statements = [
    {
      principals = [{ type = "*", identifiers = ["*"] }]
      actions    = ["es:*"]
    }
  ]"""
    reading = call(tmp_path, OPENSEARCH, arguments)
    assert {one.location.path for one in reading.resources} == {"main.tf"}
    policy = next(one for one in reading.resources if one.address == POLICY)
    assert (policy.location.line, policy.location.column) == (4, 1)
    name, body = policy.get("domain_name"), policy.get("access_policies")
    assert name is not None
    assert body is not None
    assert name.location.line == 6
    assert body.location.line == 9


def test_an_unknown_argument_leaves_what_depends_on_it_unknown(tmp_path: Path) -> None:
    reading = call(tmp_path, OPENSEARCH, '  access_policies = var.policy\n}\nvariable "policy" {')
    assert shown(reading, POLICY.removesuffix("[0]"), "access_policies") == "var.policy"
    assert [unknown.expression for unknown, _ in reading.unknowns].count("var.policy") >= 1
