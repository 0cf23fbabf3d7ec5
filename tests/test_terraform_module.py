"""Modules, instances, variables, references and the attributes that resources export."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.iac.resource import Inputs
from osreach.iac.terraform.read import read_terraform
from osreach.iac.terraform.rendering import expression_text
from osreach.json_text import read_json
from osreach.source import discover
from terraform_project import problems_of, read, root_module, shown, value_of, write

ACCOUNT = "${data.aws_caller_identity.current.account_id}"
REGION = "${data.aws_region.current.name}"
PARTITION = "${data.aws_partition.current.partition}"
DOMAIN = 'resource "aws_opensearch_domain" "x" {\n  domain_name = %s\n}\n'


def _name(folder: Path, text: str, address: str = "aws_opensearch_domain.x", **inputs: object) -> str:
    return shown(read(folder, text, Inputs(**inputs)), address, "domain_name")  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("files", "variables", "named", "expected"),
    [
        ({}, {}, (), '"default"'),
        ({"terraform.tfvars": 'n = "plain"'}, {}, (), '"plain"'),
        ({"terraform.tfvars": 'n = "plain"', "a.auto.tfvars": 'n = "auto"'}, {}, (), '"auto"'),
        ({"b.auto.tfvars": 'n = "b"', "a.auto.tfvars": 'n = "a"'}, {}, (), '"b"'),
        ({"a.auto.tfvars": 'n = "a"', "x.tfvars": 'n = "named"'}, {}, ("x.tfvars",), '"named"'),
        ({"x.tfvars": 'n = "named"', "y.tfvars": 'n = "later"'}, {}, ("x.tfvars", "y.tfvars"), '"later"'),
        ({"x.tfvars": 'n = "named"'}, {"n": "given"}, ("x.tfvars",), '"given"'),
        ({"x.tfvars": 'n = "named"'}, {}, (), '"default"'),
    ],
)
def test_values_of_variables_come_in_terraforms_order(
    files: dict[str, str], variables: dict[str, str], named: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    text = 'variable "n" {\n  default = "default"\n}\n' + DOMAIN % "var.n"
    inputs = Inputs(variables=variables, variable_files=named)
    reading = read(tmp_path, {"main.tf": text, **files}, inputs)
    assert reading.problems == ()
    assert shown(reading, "aws_opensearch_domain.x", "domain_name") == expected


@pytest.mark.parametrize(
    ("declaration", "given", "expression", "expected"),
    [
        ("type = string", "5", "var.v", '"5"'),
        ("type = number", "5", "var.v", "5"),
        ("type = list(string)", "[1, 2]", "var.v", '["1", "2"]'),
        ("", "[1, 2]", "var.v", '"[1, 2]"'),
        ("type = any", "[1, 2]", "var.v", "[1, 2]"),
        ("type = map(string)", "{ a = true }", "var.v.a", '"true"'),
        ("type = set(string)", '["b", "a", "b"]', "var.v", '["a", "b"]'),
        ("type = object({ a = string, b = optional(number, 3) })", "{ a = 1, c = 2 }", "var.v",
         '{"a" = "1", "b" = 3}'),
        ("type = object({ a = optional(string) })", "{}", "var.v", '{"a" = null}'),
        ('type = list(object({ a = optional(list(string), ["x"]) }))', "[{}]", "var.v", '[{"a" = ["x"]}]'),
        ("type = tuple([string, number])", '[1, "2"]', "var.v", '["1", 2]'),
        ("type = list(string)", "[]", "var.v == []", "false"),
        ("type = list(string)", "[]", "length(var.v) == 0", "true"),
    ],
)  # fmt: skip
def test_values_are_converted_to_the_type_of_the_variable(
    declaration: str, given: str, expression: str, expected: str, tmp_path: Path
) -> None:
    text = f'variable "v" {{\n  {declaration}\n}}\n' + DOMAIN % expression
    assert _name(tmp_path, text, variables={"v": given}) == expected


def test_null_takes_the_default_only_where_null_is_refused(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  a = null\n  b = null\n}\n',
        "m/main.tf": 'variable "a" {\n  default = "x"\n  nullable = false\n}\n'
        'variable "b" {\n  default = "y"\n}\n' + DOMAIN % '"${var.a}-${coalesce(var.b, "none")}"',
    }
    reading = read(tmp_path, files)
    assert shown(reading, "module.m.aws_opensearch_domain.x", "domain_name") == '"x-none"'


def test_a_value_that_does_not_fit_its_type_is_a_problem_and_unknown(tmp_path: Path) -> None:
    text = 'variable "v" {\n  type = number\n  default = "many"\n}\n' + DOMAIN % "var.v"
    reading = read(tmp_path, text)
    assert shown(reading, "aws_opensearch_domain.x", "domain_name") == "var.v"
    assert [(problem.location.line, problem.message) for problem in reading.problems] == [
        (3, "the value of `v` does not fit its type: a number is required")
    ]


@pytest.mark.parametrize(
    ("resource", "reference", "expected"),
    [
        (DOMAIN % '"logs"', "aws_opensearch_domain.x.arn",
         f'"arn:{PARTITION}:es:{REGION}:{ACCOUNT}:domain/logs"'),
        (DOMAIN % '"logs"', "aws_opensearch_domain.x.domain_id", f'"{ACCOUNT}/logs"'),
        (DOMAIN % '"logs"', "aws_opensearch_domain.x.endpoint", "aws_opensearch_domain.x.endpoint"),
        ('resource "aws_iam_role" "r" {\n  name = "reader"\n}', "aws_iam_role.r.arn",
         f'"arn:{PARTITION}:iam::{ACCOUNT}:role/reader"'),
        ('resource "aws_iam_role" "r" {\n  name = "reader"\n  path = "/team/"\n}', "aws_iam_role.r.arn",
         f'"arn:{PARTITION}:iam::{ACCOUNT}:role/team/reader"'),
        ('resource "aws_iam_role" "r" {\n  name_prefix = "re-"\n}', "aws_iam_role.r.name",
         '"re-${aws_iam_role.r.name}"'),
        ('resource "aws_iam_role" "r" {\n  name = "reader"\n}', "aws_iam_role.r.unique_id",
         "aws_iam_role.r.unique_id"),
        ('resource "aws_kms_key" "k" {}', "aws_kms_key.k.arn",
         f'"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/${{aws_kms_key.k.key_id}}"'),
        ('resource "aws_kms_key" "k" {}', "aws_kms_key.k.id == aws_kms_key.k.key_id", "true"),
        ('resource "aws_s3_bucket" "b" {\n  bucket = "data"\n}', "aws_s3_bucket.b.arn",
         f'"arn:{PARTITION}:s3:::data"'),
        ('resource "aws_security_group" "g" {}', "aws_security_group.g.id", "aws_security_group.g.id"),
        ('data "aws_caller_identity" "me" {}', "data.aws_caller_identity.me.account_id",
         ACCOUNT[2:-1]),
        ('data "aws_caller_identity" "me" {}', "data.aws_caller_identity.me.arn",
         "data.aws_caller_identity.current.arn"),
        ('data "aws_region" "here" {}', "data.aws_region.here.name", REGION[2:-1]),
        ('data "aws_partition" "p" {}', "data.aws_partition.p.partition", PARTITION[2:-1]),
        ('data "aws_iam_role" "r" {\n  name = "reader"\n}', "data.aws_iam_role.r.arn",
         f'"arn:{PARTITION}:iam::{ACCOUNT}:role${{data.aws_iam_role.r.path}}reader"'),
        ('data "aws_iam_policy" "p" {\n  arn = "arn:aws:iam::aws:policy/A"\n}', "data.aws_iam_policy.p.arn",
         '"arn:aws:iam::aws:policy/A"'),
        ('resource "aws_iam_openid_connect_provider" "o" {\n  url = "https://a.b/c"\n}',
         "aws_iam_openid_connect_provider.o.arn", f'"arn:{PARTITION}:iam::{ACCOUNT}:oidc-provider/a.b/c"'),
        ('resource "aws_opensearchserverless_collection" "c" {\n  name = "n"\n}',
         "aws_opensearchserverless_collection.c.arn",
         f'"arn:{PARTITION}:aoss:{REGION}:{ACCOUNT}:collection/${{aws_opensearchserverless_collection.c.id}}"'),
        ('resource "random_id" "r" {}', "random_id.r.hex", "random_id.r.hex"),
        ('data "terraform_remote_state" "s" {}', "data.terraform_remote_state.s.outputs.x",
         "data.terraform_remote_state.s.outputs.x"),
        ('resource "terraform_data" "t" {\n  input = [1]\n}', "terraform_data.t.output", "[1]"),
        ('data "template_file" "t" {\n  template = "a$${x}"\n  vars = { x = 1 }\n}',
         "data.template_file.t.rendered", '"a1"'),
        ('resource "aws_eks_cluster" "c" {\n  vpc_config {\n    subnet_ids = ["a"]\n  }\n}',
         "[aws_eks_cluster.c.vpc_config[0].subnet_ids, aws_eks_cluster.c.vpc_config[0].vpc_id]",
         '[["a"], aws_eks_cluster.c.vpc_config.vpc_id]'),
    ],
)  # fmt: skip
def test_exported_attributes_are_known_as_far_as_they_follow(
    resource: str, reference: str, expected: str, tmp_path: Path
) -> None:
    module = root_module(tmp_path, resource + f"\nlocals {{\n  found = {reference}\n}}\n")
    assert expression_text(value_of(module, "found")) == expected
    assert problems_of(module) == []


@pytest.mark.parametrize(
    ("provider", "inputs", "expected"),
    [
        ('provider "aws" {\n  region = "eu-west-1"\n}', Inputs(), f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/d"),
        ('provider "aws" {\n  region = "cn-north-1"\n}', Inputs(),
         f"arn:aws-cn:es:cn-north-1:{ACCOUNT}:domain/d"),
        ('provider "aws" {\n  region = "us-gov-west-1"\n}', Inputs(),
         f"arn:aws-us-gov:es:us-gov-west-1:{ACCOUNT}:domain/d"),
        ('provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}', Inputs(region="us-east-1"),
         "arn:aws:es:us-east-1:111122223333:domain/d"),
        ('provider "aws" {\n  assume_role {\n    role_arn = "arn:aws:iam::111122223333:role/d"\n  }\n}',
         Inputs(), f"arn:{PARTITION}:es:{REGION}:111122223333:domain/d"),
        ("", Inputs(account="444455556666", region="eu-central-1"),
         "arn:aws:es:eu-central-1:444455556666:domain/d"),
        ("", Inputs(partition="aws"), f"arn:aws:es:{REGION}:{ACCOUNT}:domain/d"),
        ('provider "aws" {\n  region = "eu-west-1"\n}', Inputs(region="us-east-1"),
         f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/d"),
        ('variable "r" {}\nprovider "aws" {\n  region = var.r\n}', Inputs(),
         f"arn:{PARTITION}:es:{REGION}:{ACCOUNT}:domain/d"),
    ],
)  # fmt: skip
def test_arns_take_region_and_account_from_provider_and_user(
    provider: str, inputs: Inputs, expected: str, tmp_path: Path
) -> None:
    reading = read(tmp_path, DOMAIN % '"d"' + provider, inputs)
    assert shown(reading, "aws_opensearch_domain.x", "arn") == f'"{expected}"'


def test_aliased_providers_have_their_own_region_and_account(tmp_path: Path) -> None:
    files = {
        "main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'provider "aws" {\n  alias = "w"\n  region = "us-west-2"\n  profile = "other"\n}\n'
        'resource "aws_sns_topic" "t" {\n  provider = aws.w\n  name = "n"\n}\n'
        'module "m" {\n  source = "./m"\n  providers = {\n    aws = aws.w\n  }\n}\n',
        "m/main.tf": DOMAIN % '"d"',
    }
    reading = read(tmp_path, files)
    assert reading.problems == ()
    other = "${provider.aws.w.account_id}"
    assert shown(reading, "aws_sns_topic.t", "arn") == f'"arn:aws:sns:us-west-2:{other}:n"'
    found = shown(reading, "module.m.aws_opensearch_domain.x", "arn")
    assert found == f'"arn:aws:es:us-west-2:{other}:domain/d"'


@pytest.mark.parametrize(
    ("meta", "addresses"),
    [
        ("", ["x"]),
        ("count = 2", ["x[0]", "x[1]"]),
        ("count = 0", []),
        ("count = false ? 1 : 0", []),
        ('for_each = toset(["b", "a"])', ['x["a"]', 'x["b"]']),
        ("for_each = { k = 1 }", ['x["k"]']),
        ("for_each = {}", []),
        ("count = var.u", ["x"]),
        ("for_each = var.u", ["x"]),
        ('for_each = toset(["a", var.u])', ['x["a"]']),
    ],
)  # fmt: skip
def test_instances_are_addressed_as_terraform_does(meta: str, addresses: list[str], tmp_path: Path) -> None:
    text = f'variable "u" {{}}\nresource "aws_opensearch_domain" "x" {{\n  {meta}\n}}\n'
    reading = read(tmp_path, text)
    assert [found.address for found in reading.resources] == [
        f"aws_opensearch_domain.{address}" for address in addresses
    ]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_sns_topic.one.name", '"one"'),
        ("aws_sns_topic.many[1].name", '"many-1"'),
        ("aws_sns_topic.many[*].name", '["many-0", "many-1"]'),
        ("aws_sns_topic.many.*.name", '["many-0", "many-1"]'),
        ("[for t in aws_sns_topic.many : t.name]", '["many-0", "many-1"]'),
        ("length(aws_sns_topic.many)", "2"),
        ('aws_sns_topic.each["a"].name', '"each-a-1"'),
        ("values(aws_sns_topic.each)[*].name", '["each-a-1", "each-b-2"]'),
        ("{ for k, t in aws_sns_topic.each : k => t.name }", '{"a" = "each-a-1", "b" = "each-b-2"}'),
        ("keys(aws_sns_topic.each)", '["a", "b"]'),
        ('try(aws_sns_topic.none[0].name, "none")', '"none"'),
        ("one(aws_sns_topic.none[*].name)", "null"),
        ("aws_sns_topic.maybe[0].name", '"maybe-0"'),
        ('try(aws_sns_topic.maybe[0].name, "none")', "aws_sns_topic.maybe[0].name"),
        ("aws_sns_topic.maybe[*].name", "[aws_sns_topic.maybe[*].name]"),
        ('join("", aws_sns_topic.one[*].name)', '"one"'),
        ("aws_sns_topic.gone.name", "aws_sns_topic.gone.name"),
        ("module.m.name", '"inner"'),
        ("module.far.name", "module.far.name"),
        ("module.many[*].name", '["inner", "inner"]'),
        ('module.each["k"].name', '"inner"'),
    ],
)
def test_references_reach_instances(expression: str, expected: str, tmp_path: Path) -> None:
    text = """
variable "u" {}
resource "aws_sns_topic" "one" {
  name = "one"
}
resource "aws_sns_topic" "many" {
  count = 2
  name  = "many-${count.index}"
}
resource "aws_sns_topic" "each" {
  for_each = { a = 1, b = 2 }
  name     = "each-${each.key}-${each.value}"
}
resource "aws_sns_topic" "none" {
  count = 0
  name  = "none"
}
resource "aws_sns_topic" "maybe" {
  count = var.u ? 1 : 0
  name  = "maybe-${count.index}"
}
module "m" {
  source = "./m"
}
module "many" {
  source = "./m"
  count  = 2
}
module "each" {
  source   = "./m"
  for_each = toset(["k"])
}
module "far" {
  source = "git::https://example.com/far.git"
}
"""
    inner = 'output "name" {\n  value = "inner"\n}\n'
    module = root_module(
        tmp_path, {"main.tf": text + f"locals {{\n  found = {expression}\n}}\n", "m/main.tf": inner}
    )
    assert expression_text(value_of(module, "found")) == expected
    assert problems_of(module) == []


@pytest.mark.parametrize(
    ("condition", "other", "expected"),
    [
        ("var.u", "var.u", '"n-x"'),
        ("var.u && var.v", "var.u", '"n-x"'),
        ("var.u && true", "var.u", '"n-x"'),
        ("local.both", "local.both", '"n-x"'),
        ("var.u", "var.u && var.v", None),
        ("var.u || var.v", "var.u", None),
        ("!var.u", "var.u", None),
        ("var.v", "var.u", None),
    ],
)
def test_what_exists_under_the_same_condition_is_there(
    condition: str, other: str, expected: str | None, tmp_path: Path
) -> None:
    text = f"""
variable "u" {{}}
variable "v" {{}}
locals {{
  both = var.u && var.v
}}
resource "aws_opensearch_domain" "x" {{
  count       = {condition} ? 1 : 0
  domain_name = "${{join("", aws_sns_topic.t[*].name)}}-${{{other} ? "x" : "y"}}"
}}
resource "aws_sns_topic" "t" {{
  count = {other} ? 1 : 0
  name  = "n"
}}
"""
    found = shown(read(tmp_path, text), "aws_opensearch_domain.x", "domain_name")
    if expected is None:
        assert "aws_sns_topic.t[*].name" in found
    else:
        assert found == expected


def test_modules_are_read_in_their_calls(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "outer" {\n  source = "./outer"\n  for_each = toset(["a", "b"])\n  n = each.key\n}\n',
        "outer/main.tf": 'variable "n" {}\nmodule "inner" {\n  source = "../inner"\n  n = "${var.n}-x"\n}\n',
        "inner/main.tf": 'variable "n" {}\n' + DOMAIN % "var.n",
    }
    reading = read(tmp_path, files)
    assert reading.problems == ()
    found = [(resource.address, resource.deployment) for resource in reading.resources]
    assert found == [
        ('module.outer["a"].module.inner.aws_opensearch_domain.x', "."),
        ('module.outer["b"].module.inner.aws_opensearch_domain.x', "."),
    ]
    assert shown(reading, found[1][0], "domain_name") == '"b-x"'
    assert reading.resources[0].location.path == "inner/main.tf"


def test_a_module_that_is_not_here_says_so_with_its_source(tmp_path: Path) -> None:
    text = 'module "m" {\n  source = "git::https://example.com/m?ref=1"\n}\n' + DOMAIN % "module.m.name"
    reading = read(tmp_path, text)
    reasons = [(unknown.expression, unknown.reason) for unknown, _ in reading.unknowns]
    expected = "module `git::https://example.com/m?ref=1` is not in the scanned files"
    assert ("module.m.name", expected) in reasons
    assert reading.problems == ()


def test_unknown_arguments_name_the_variable_of_the_root(tmp_path: Path) -> None:
    files = {
        "main.tf": 'variable "given" {}\nmodule "m" {\n  source = "./m"\n  n = var.given\n}\n',
        "m/main.tf": 'variable "n" {}\nvariable "o" {}\n' + DOMAIN % '"${var.n}-${var.o}"',
    }
    found = shown(read(tmp_path, files), "module.m.aws_opensearch_domain.x", "domain_name")
    assert found == '"${var.given}-${module.m.var.o}"'


@pytest.mark.parametrize(
    ("template", "files", "place"),
    [
        ('file("${path.module}/p.tpl")', {"p.tpl": '[\n  "${who}"\n]'}, ("p.tpl", 2, 3)),
        ('"${file("p.tpl")}"', {"p.tpl": '[\n  "${who}"\n]'}, ("p.tpl", 2, 3)),
        ('<<EOT\n[\n  "$${who}"\n]\nEOT', {}, ("main.tf", 4, 3)),
    ],
)
def test_a_rendered_template_keeps_the_places_of_its_text(
    template: str, files: dict[str, str], place: tuple[str, int, int], tmp_path: Path
) -> None:
    data = f'data "template_file" "t" {{\n  template = {template}\n  vars = {{ who = "*" }}\n}}'
    resource = 'resource "aws_opensearch_domain" "d" {\n  access_policies = data.template_file.t.rendered\n}'
    reading = read(tmp_path, {"main.tf": f"{data}\n{resource}", **files})
    domain = next(found for found in reading.resources if found.address == "aws_opensearch_domain.d")
    policy = domain.get("access_policies")
    assert policy is not None
    where = read_json(policy, "access_policies").value.items[0].location
    assert (Path(where.path).name, where.line, where.column) == place


def test_override_files_change_single_arguments(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "aws_opensearch_domain" "x" {\n  domain_name = "a"\n  engine_version = "1"\n}\n',
        "override.tf": 'resource "aws_opensearch_domain" "x" {\n  domain_name = "b"\n}\n',
        "z_override.tf": "locals {\n  unused = 1\n}\n",
    }  # fmt: skip
    reading = read(tmp_path, files)
    assert shown(reading, "aws_opensearch_domain.x", "domain_name") == '"b"'
    assert shown(reading, "aws_opensearch_domain.x", "engine_version") == '"1"'
    assert reading.problems == ()


def test_dynamic_blocks_are_entries_like_written_ones(tmp_path: Path) -> None:
    text = """
variable "u" {}
resource "aws_security_group" "g" {
  ingress {
    from_port = 1
  }
  dynamic "ingress" {
    for_each = { a = 2, b = 3 }
    content {
      from_port   = ingress.value
      description = ingress.key
    }
  }
  dynamic "egress" {
    for_each = var.u
    content {
      from_port = egress.value
    }
  }
}
"""
    reading = read(tmp_path, text)
    assert shown(reading, "aws_security_group.g", "ingress") == (
        '[{"from_port" = 1}, {"from_port" = 2, "description" = "a"}, {"from_port" = 3, "description" = "b"}]'
    )
    assert (
        shown(reading, "aws_security_group.g", "egress") == "[aws_security_group.g.egress for each of var.u]"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("locals {\n  a = local.b\n  b = local.a\n}\n" + DOMAIN % "local.a", 3, "`local.a` refers to itself"),
        (DOMAIN % "aws_opensearch_domain.x.domain_name", 2, "`aws_opensearch_domain.x.domain_name` refers to itself"),
        ("locals {\n  x = [1]\n}\n" + DOMAIN % "local.x[3]", 5,
         "the list has 1 elements, none with the index 3"),
        (DOMAIN % '"x${[]}"', 2, "a list cannot stand in a text"),
        (DOMAIN % "upper()", 2, "`upper` does not take 0 arguments"),
        (DOMAIN % "each.key", 2, "`each` is used where there is none"),
        ('resource "aws_sns_topic" "t" {\n  for_each = [1]\n}\n', 2,
         "`for_each` is a list; it needs a set of strings or a map"),
        ('resource "aws_sns_topic" "t" {\n  count = -1\n}\n', 2, "`count` is negative"),
        (DOMAIN % '"a"' + DOMAIN % '"b"', 4,
         "`resource.aws_opensearch_domain.x` is declared a second time, first in main.tf line 1"),
    ],
)  # fmt: skip
def test_faults_are_problems_at_their_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    reading = read(tmp_path, text)
    assert [(problem.location.line, problem.message) for problem in reading.problems] == [(line, message)]


def test_one_fault_leaves_the_rest_of_the_resource(tmp_path: Path) -> None:
    text = (
        'resource "aws_opensearch_domain" "x" {\n  tags = { a = upper(), b = "c" }\n  domain_name = "d"\n}\n'
    )
    reading = read(tmp_path, text)
    assert shown(reading, "aws_opensearch_domain.x", "domain_name") == '"d"'
    assert '"b" = "c"' in shown(reading, "aws_opensearch_domain.x", "tags")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main.tf": 'module "m" {\n  source = "./"\n}\n' + DOMAIN % '"a"'}, "the module `./` calls itself"),
        ({"main.tf": 'resource "aws_sns_topic" "t" {\n  count = 1000000\n}\n'},
         "`count` is 1000000; the first 1,000 instances are read"),
        ({"main.tf": DOMAIN % "range(1000000)"},
         "`range` gives more than 1024 numbers, which Terraform refuses"),
        ({"main.tf": 'locals {\n  a0 = "0123456789"\n'
          + "".join(f'  a{n + 1} = "${{local.a{n}}}${{local.a{n}}}"\n' for n in range(40))
          + "}\n" + DOMAIN % "local.a40"}, "the text is too long"),
        ({"main.tf": 'locals {\n  a0 = ["x"]\n'
          + "".join(f"  a{n + 1} = [local.a{n}, local.a{n}]\n" for n in range(60))
          + "}\n" + DOMAIN % "local.a60"}, "`aws_opensearch_domain.x.domain_name` is too large to be looked at"),
        ({"main.tf": 'locals {\n  a0 = ["x", "y"]\n'
          + "".join(f"  a{n + 1} = concat(local.a{n}, local.a{n})\n" for n in range(40))
          + "}\n" + DOMAIN % "local.a40"}, "the list has more than 100000 elements"),
        ({"main.tf": DOMAIN % ("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]")},
         "evaluating this module takes too many steps"),
    ],
    ids=["module", "count", "range", "text", "shared", "list", "steps"],
)  # fmt: skip
def test_hostile_input_is_a_clear_problem(files: dict[str, str], message: str, tmp_path: Path) -> None:
    reading = read(tmp_path, files)
    assert message in [problem.message for problem in reading.problems]


def test_a_long_chain_of_locals_is_followed(tmp_path: Path) -> None:
    chain = "".join(f"  a{number + 1} = local.a{number}\n" for number in range(400))
    text = f'locals {{\n  a0 = "x"\n{chain}}}\n' + DOMAIN % "local.a400"
    reading = read(tmp_path, text)
    assert shown(reading, "aws_opensearch_domain.x", "domain_name") == '"x"'


def test_only_wanted_resources_and_what_they_reach_are_evaluated(tmp_path: Path) -> None:
    text = (
        DOMAIN % "local.name"
        + 'locals {\n  name = "n"\n  bad = upper()\n}\nresource "aws_vpc" "v" {\n  x = upper()\n}\n'
    )
    write(tmp_path, {"main.tf": text})
    sources = discover([str(tmp_path)], str(tmp_path))
    reading = read_terraform(sources, wanted=frozenset({"aws_opensearch_domain"}))
    assert [resource.address for resource in reading.resources] == ["aws_opensearch_domain.x"]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("arguments", "output", "expected"),
    [
        ('namespace = "eg"\n stage = "prod"\n name = "Search!"', "id", '"eg-prod-search"'),
        ('name = "a"\n attributes = ["x", "y"]\n delimiter = "_"', "id", '"a_x_y"'),
        ('name = "a"\n namespace = "n"\n label_order = ["name", "namespace"]', "id", '"a-n"'),
        ('name = "a"\n enabled = false', "enabled", "false"),
        ('name = "a"\n enabled = false', "id", '""'),
        ('name = "a"\n context = { enabled = true, namespace = "n" }', "id", '"n-a"'),
        ('name = "a"', "enabled", "true"),
        ('name = "abcdef"\n id_length_limit = 3', "id", "uuid()"),
        ("name = var.u", "enabled", "true"),
    ],
)  # fmt: skip
def test_the_label_module_that_many_others_call_is_known(
    arguments: str, output: str, expected: str, tmp_path: Path
) -> None:
    for source in (
        "cloudposse/label/null",
        "git::https://github.com/cloudposse/terraform-null-label.git?ref=1",
    ):
        call = f'module "this" {{\n source = "{source}"\n {arguments}\n}}\n'
        module = root_module(
            tmp_path, f'variable "u" {{}}\n{call}locals {{\n  found = module.this.{output}\n}}\n'
        )
        found = value_of(module, "found")
        assert expression_text(found).removeprefix("module.this.") == expected
        assert found.location.path == "main.tf"
        assert problems_of(module) == []


def test_a_list_in_place_of_a_set_takes_the_type_of_the_other_side(tmp_path: Path) -> None:
    text = 'variable "f" {\n  default = %s\n}\nresource "aws_sns_topic" "t" {\n  for_each = var.f ? toset(["a"]) : []\n}\n'
    assert [found.address for found in read(tmp_path, text % "true").resources] == ['aws_sns_topic.t["a"]']
    none = read(tmp_path, text % "false")
    assert (none.resources, none.problems) == ((), ())


def test_a_null_that_is_converted_to_a_set_gives_the_other_side_its_type(tmp_path: Path) -> None:
    text = 'variable "n" {\n  default = null\n}\nresource "aws_sns_topic" "t" {\n  for_each = var.n == null ? [] : toset(var.n)\n}\n'
    none = read(tmp_path, text)
    assert (none.resources, none.problems) == ((), ())


@pytest.mark.parametrize(
    ("count", "problems"),
    [
        ("1", ["`size` is asked of null, which has no attributes"]),
        ("0", []),
        ("var.launched ? 1 : 0", []),
    ],
)
@pytest.mark.parametrize("kind", ['module "m"', 'resource "aws_sns_topic" "m"'])
def test_options_that_are_null_are_no_fault_of_what_may_not_be_made(
    kind: str, count: str, problems: list[str], tmp_path: Path
) -> None:
    text = f"""
variable "launched" {{
  type = bool
}}
variable "options" {{
  type    = object({{ size = number }})
  default = null
}}
{kind} {{
  count  = {count}
  source = "./m"
  size   = var.options.size
}}
"""
    inner = 'variable "size" {}\nresource "aws_sns_topic" "inner" {\n  name = var.size\n}\n'
    reading = read(tmp_path, {"main.tf": text, "m/main.tf": inner})
    assert [problem.message for problem in reading.problems] == problems


def test_an_argument_that_the_module_does_not_take_is_a_problem(tmp_path: Path) -> None:
    call = 'module "m" {\n  source  = "./m"\n  count   = 1\n  name    = "a"\n  subnets = ["b"]\n}\n'
    inner = 'variable "name" {}\nresource "aws_sns_topic" "inner" {\n  name = var.name\n}\n'
    reading = read(tmp_path, {"main.tf": call, "m/main.tf": inner})
    found = [(problem.message, problem.location.line) for problem in reading.problems]
    assert found == [("the module has no variable `subnets`", 5)]
    assert shown(reading, "module.m[0].aws_sns_topic.inner", "name") == '"a"'
