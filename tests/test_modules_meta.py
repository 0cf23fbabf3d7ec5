"""What stands around resources: providers of modules, overrides, blocks without values, OpenTofu's files."""

import json
from pathlib import Path

import pytest

from osreach.iac.resource import Reading
from terraform_project import read, shown

DOMAIN = 'resource "aws_opensearch_domain" "a" {\n  domain_name = "a"\n}\n'
ACCOUNT = "${data.aws_caller_identity.current.account_id}"


def arns(reading: Reading) -> dict[str, str]:
    return {one.address: shown(reading, one.address, "arn").strip('"') for one in reading.resources}


def arn(region: str, name: str = "a") -> str:
    return f"arn:aws:es:{region}:{ACCOUNT}:domain/{name}"


PROVIDERS = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
"""


@pytest.mark.parametrize(
    ("passed", "inside", "region"),
    [
        # the default configuration is inherited, others are passed
        ("", "", "eu-west-1"),
        ("providers = { aws = aws.west }", "", "us-west-2"),
        ("providers = { aws.other = aws.west }", "provider = aws.other", "us-west-2"),
        ("providers = { aws.other = aws }", "provider = aws.other", "eu-west-1"),
        ('providers = { "aws" = "aws.west" }', "", "us-west-2"),
    ],
)
def test_modules_work_in_the_region_of_the_provider_they_get(
    tmp_path: Path, passed: str, inside: str, region: str
) -> None:
    files = {
        "main.tf": f'{PROVIDERS}module "m" {{\n  source = "./m"\n  {passed}\n}}\n',
        "m/main.tf": DOMAIN.replace("{\n", f"{{\n  {inside}\n", 1),
    }
    assert arns(read(tmp_path, files)) == {"module.m.aws_opensearch_domain.a": arn(region)}


def test_providers_are_passed_through_several_modules(tmp_path: Path) -> None:
    files = {
        "main.tf": f'{PROVIDERS}module "m" {{\n  source = "./m"\n  providers = {{ aws.one = aws.west }}\n}}\n',
        "m/main.tf": 'module "n" {\n  source = "../n"\n  providers = { aws = aws.one }\n}\n',
        "n/main.tf": DOMAIN,
    }
    assert arns(read(tmp_path, files)) == {"module.m.module.n.aws_opensearch_domain.a": arn("us-west-2")}


def test_each_instance_of_a_module_has_its_own_arguments(tmp_path: Path) -> None:
    files = {
        "main.tf": PROVIDERS
        + 'module "m" {\n  source   = "./m"\n  for_each = { one = 1, "two words" = 2 }\n  name = "n${each.value}"\n}\n'
        + 'module "c" {\n  source = "./m"\n  count = 2\n  name = "c${count.index}"\n}\n'
        + 'module "none" {\n  source = "./m"\n  count = 0\n  name = "x"\n}\n',
        "m/main.tf": 'variable "name" {}\n' + DOMAIN.replace('"a"\n', "var.name\n"),
    }
    assert arns(read(tmp_path, files)) == {
        'module.m["one"].aws_opensearch_domain.a': arn("eu-west-1", "n1"),
        'module.m["two words"].aws_opensearch_domain.a': arn("eu-west-1", "n2"),
        "module.c[0].aws_opensearch_domain.a": arn("eu-west-1", "c0"),
        "module.c[1].aws_opensearch_domain.a": arn("eu-west-1", "c1"),
    }


SILENT = """
moved {
  from = aws_opensearch_domain.old
  to   = aws_opensearch_domain.a
}
moved {
  from = module.x
  to   = module.y["k"]
}
import {
  to = aws_opensearch_domain.a
  id = "a"
}
removed {
  from = aws_opensearch_domain.gone
  lifecycle {
    destroy = false
  }
}
check "health" {
  data "http" "endpoint" {
    url = "https://example.com"
  }
  assert {
    condition     = data.http.endpoint.status_code == 200
    error_message = "${data.http.endpoint.url} does not answer"
  }
}
terraform {
  required_version = ">= 1.0"
  backend "s3" {}
}
terraform {
  cloud {}
}
"""


def test_blocks_that_say_nothing_about_access_are_no_problem(tmp_path: Path) -> None:
    reading = read(tmp_path, SILENT + DOMAIN)
    assert [one.address for one in reading.resources] == ["aws_opensearch_domain.a", "terraform.backend"]
    assert reading.problems == ()


def test_the_same_blocks_in_json_are_no_problem(tmp_path: Path) -> None:
    blocks = {
        "moved": [{"from": "aws_opensearch_domain.old", "to": "aws_opensearch_domain.a"}] * 2,
        "import": {"to": "aws_opensearch_domain.a", "id": "a"},
        "check": {"health": {"assert": {"condition": "${1 == 1}", "error_message": "x"}}},
        "terraform": {"required_version": ">= 1.0"},
        "resource": {"aws_opensearch_domain": {"a": {"domain_name": "a"}}},
    }
    reading = read(tmp_path, {"main.tf.json": json.dumps(blocks)})
    assert [one.address for one in reading.resources] == ["aws_opensearch_domain.a"]
    assert reading.problems == ()


OVERRIDES = [
    # arguments one by one, nested blocks by type
    ("a_override.tf", '{\n  domain_name = "b"\n}', "domain_name", '"b"'),
    (
        "override.tf",
        "{\n  encrypt_at_rest {\n    enabled = false\n  }\n}",
        "encrypt_at_rest",
        '[{"enabled" = false}]',
    ),
    ("override.tf", '{\n  domain_name = "b"\n}', "encrypt_at_rest", '[{"enabled" = true}]'),
    ("override.tofu", '{\n  domain_name = "b"\n}', "domain_name", '"b"'),
]


@pytest.mark.parametrize(("name", "body", "attribute", "expected"), OVERRIDES)
def test_override_files_win_part_by_part(
    tmp_path: Path, name: str, body: str, attribute: str, expected: str
) -> None:
    files = {
        "main.tf": DOMAIN.replace("}\n", "  encrypt_at_rest {\n    enabled = true\n  }\n}\n"),
        name: f'resource "aws_opensearch_domain" "a" {body}\n',
    }
    reading = read(tmp_path, files)
    assert shown(reading, "aws_opensearch_domain.a", attribute) == expected
    assert reading.problems == ()


def test_the_last_override_wins(tmp_path: Path) -> None:
    files = {"main.tf": DOMAIN}
    for name in ("b_override.tf", "a_override.tf", "override.tf"):
        files[name] = DOMAIN.replace('"a"\n', f'"{name[0]}"\n')
    assert shown(read(tmp_path, files), "aws_opensearch_domain.a", "domain_name") == '"o"'


def test_overrides_reach_providers_variables_locals_and_calls(tmp_path: Path) -> None:
    files = {
        "main.tf": PROVIDERS
        + 'variable "name" {\n  type    = string\n  default = "a"\n}\nlocals {\n  end = "x"\n}\n'
        + 'module "m" {\n  source = "./m"\n  name = "${var.name}-${local.end}"\n}\n',
        "override.tf": 'provider "aws" {\n  region = "eu-central-1"\n}\nvariable "name" {\n  default = "b"\n}\n'
        'locals {\n  end = "y"\n}\nmodule "m" {\n  source = "./n"\n}\n',
        "m/main.tf": 'variable "name" {}\n',
        "n/main.tf": 'variable "name" {}\n' + DOMAIN.replace('"a"\n', "var.name\n"),
    }
    assert arns(read(tmp_path, files)) == {"module.m.aws_opensearch_domain.a": arn("eu-central-1", "b-y")}


OBJECT = """
variable "domain" {
  type = object({
    name     = string
    open     = optional(bool, false)
    readers  = optional(list(string), ["nobody"])
    settings = optional(object({
      enabled = optional(bool, true)
      key     = optional(string)
    }), {})
  })
  default = DEFAULT
}
resource "aws_opensearch_domain" "a" {
  tags = var.domain
}
"""


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        (
            '{ name = "a" }',
            '{"name" = "a", "open" = false, "readers" = ["nobody"], "settings" = {"enabled" = true, "key" = null}}',
        ),
        (
            '{ name = 1, open = null, readers = ["*"], settings = { enabled = "false", other = 1 } }',
            '{"name" = "1", "open" = false, "readers" = ["*"], "settings" = {"enabled" = false, "key" = null}}',
        ),
    ],
)
def test_attributes_that_are_not_given_take_the_default_of_the_type(
    tmp_path: Path, default: str, expected: str
) -> None:
    reading = read(tmp_path, OBJECT.replace("DEFAULT", default))
    assert shown(reading, "aws_opensearch_domain.a", "tags") == expected


def test_files_of_opentofu_are_read(tmp_path: Path) -> None:
    files = {
        "main.tofu": 'resource "aws_opensearch_domain" "a" {\n  domain_name = local.name\n}\n# opensearch\n',
        "locals.tf": 'locals {\n  name = "tofu"\n}\n',
    }
    assert shown(read(tmp_path, files), "aws_opensearch_domain.a", "domain_name") == '"tofu"'


def test_a_file_of_opentofu_stands_in_for_the_one_of_terraform(tmp_path: Path) -> None:
    files = {"main.tf": DOMAIN, "main.tofu": DOMAIN.replace('"a"\n', '"tofu"\n') + "# opensearch\n"}
    reading = read(tmp_path, files)
    assert [shown(reading, one.address, "domain_name") for one in reading.resources] == ['"tofu"']
    assert reading.problems == ()
