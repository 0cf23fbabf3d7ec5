"""The JSON syntax of Terraform means the same as the native one, and keeps its places."""

import json
from pathlib import Path

import pytest

from osreach.iac.resource import Inputs
from osreach.iac.terraform.json_syntax import (
    MAXIMUM_VALUES,
    json_block,
    json_local,
    read_json_values,
    split_json_file,
)
from osreach.iac.terraform.rendering import expression_text
from osreach.json_text import read_json
from terraform_project import read, root_module, shown, value_of

NATIVE = """
variable "prefix" {
  default = "lo"
}
locals {
  name = "${var.prefix}gs"
}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
data "aws_iam_policy_document" "access" {
  statement {
    actions   = ["es:ESHttpGet"]
    resources = ["${aws_opensearch_domain.logs.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = ["10.0.0.0/8", "192.168.0.0/16"]
      iterator = range
      content {
        test     = "IpAddress"
        variable = "aws:SourceIp"
        values   = [range.value]
      }
    }
  }
}
resource "aws_opensearch_domain" "logs" {
  provider    = aws.west
  domain_name = local.name
  advanced_options = {
    "rest.action.multi.allow_explicit_index" = "false"
  }
  encrypt_at_rest {
    enabled = true
  }
}
resource "aws_opensearch_domain_policy" "logs" {
  for_each        = toset(["a"])
  domain_name     = aws_opensearch_domain.logs.domain_name
  access_policies = data.aws_iam_policy_document.access.json
}
"""

JSON = {
    "//": "made by a tool",
    "variable": {"prefix": {"default": "lo"}},
    "locals": {"name": "${var.prefix}gs"},
    "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "west", "region": "us-west-2"}]},
    "data": {
        "aws_iam_policy_document": {
            "access": {
                "statement": [
                    {
                        "actions": ["es:ESHttpGet"],
                        "resources": ["${aws_opensearch_domain.logs.arn}/*"],
                        "principals": {"type": "AWS", "identifiers": ["*"]},
                        "condition": [
                            {"test": "IpAddress", "variable": "aws:SourceIp", "values": ["10.0.0.0/8"]},
                            {"test": "IpAddress", "variable": "aws:SourceIp", "values": ["192.168.0.0/16"]},
                        ],
                    }
                ]
            }
        }
    },
    "resource": [
        {
            "aws_opensearch_domain": {
                "logs": {
                    "//": "the one for logs",
                    "provider": "aws.west",
                    "domain_name": "${local.name}",
                    "advanced_options": {"rest.action.multi.allow_explicit_index": "false"},
                    "encrypt_at_rest": [{"enabled": True}],
                    "lifecycle": {"ignore_changes": ["tags"]},
                }
            }
        },
        {
            "aws_opensearch_domain_policy": {
                "logs": [
                    {
                        "for_each": '${toset(["a"])}',
                        "domain_name": "${aws_opensearch_domain.logs.domain_name}",
                        "access_policies": "${data.aws_iam_policy_document.access.json}",
                    }
                ]
            }
        },
    ],
}

SEEN = (
    ("aws_opensearch_domain.logs", "domain_name"),
    ("aws_opensearch_domain.logs", "arn"),
    ("aws_opensearch_domain.logs", "advanced_options"),
    ("aws_opensearch_domain.logs", "encrypt_at_rest"),
    ('aws_opensearch_domain_policy.logs["a"]', "domain_name"),
    ('aws_opensearch_domain_policy.logs["a"]', "access_policies"),
)


def test_both_syntaxes_mean_the_same(tmp_path: Path) -> None:
    native = read(tmp_path / "native", NATIVE)
    in_json = read(tmp_path / "json", {"main.tf.json": json.dumps(JSON, indent=1)})
    assert (native.problems, in_json.problems) == ((), ())
    assert [shown(in_json, *one) for one in SEEN] == [shown(native, *one) for one in SEEN]
    assert shown(in_json, *SEEN[-1]).count("us-west-2") == 1


def test_a_module_may_mix_both_syntaxes(tmp_path: Path) -> None:
    domain = {"resource": {"aws_opensearch_domain": {"a": {"domain_name": "${local.name}"}}}}
    files = {"locals.tf": 'locals {\n  name = "mixed"\n}', "main.tofu.json": json.dumps(domain)}
    assert shown(read(tmp_path, files), "aws_opensearch_domain.a", "domain_name") == '"mixed"'


def test_an_override_file_in_json_changes_a_native_block(tmp_path: Path) -> None:
    change = {"resource": {"aws_opensearch_domain": {"a": {"domain_name": "new"}}}}
    files = {
        "main.tf": 'resource "aws_opensearch_domain" "a" {\n  domain_name = "old"\n  engine_version = "x"\n}',
        "main_override.tf.json": json.dumps(change),
    }
    reading = read(tmp_path, files)
    assert shown(reading, "aws_opensearch_domain.a", "domain_name") == '"new"'
    assert shown(reading, "aws_opensearch_domain.a", "engine_version") == '"x"'
    assert reading.problems == ()


def test_places_are_those_in_the_file(tmp_path: Path) -> None:
    text = """{
  "resource": {
    "aws_opensearch_domain": {
      "logs": {
        "access_policies":
          "${jsonencode({\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Resource\\": \\"*\\"}]})}"
      }
    }
  }
}
"""
    resource = read(tmp_path, {"main.tf.json": text}).resources[0]
    assert (resource.location.line, resource.location.column) == (4, 7)
    policy = resource.attributes.get("access_policies")
    assert policy is not None
    found = read_json(policy, "policy").value.get("Statement")
    assert found is not None
    effect = found.items[0].get("Resource")
    assert effect is not None
    line = text.splitlines()[5]
    assert effect.location.line == 6
    assert effect.location.column == line.index('\\"*\\"') + 1


def test_a_dynamic_block_in_json_generates_blocks(tmp_path: Path) -> None:
    domain = {
        "dynamic": {
            "log_publishing_options": {
                "for_each": ["A", "B"],
                "iterator": "kind",
                "content": {"log_type": "${kind.value}", "enabled": True},
            }
        }
    }
    text = json.dumps({"resource": {"aws_opensearch_domain": {"a": domain}}})
    reading = read(tmp_path, {"main.tf.json": text})
    assert shown(reading, "aws_opensearch_domain.a", "log_publishing_options") == (
        '[{"log_type" = "A", "enabled" = true}, {"log_type" = "B", "enabled" = true}]'
    )


def test_defaults_and_types_are_read_as_terraform_reads_them(tmp_path: Path) -> None:
    text = {
        "variable": {
            "text": {"default": "${not.a.template}"},
            "numbers": {"type": "list(string)", "default": [1]},
            "settings": {"type": 'object({a = optional(string, "x")})', "default": {}},
        },
        "locals": {"all": ["${var.text}", "${var.numbers}", "${var.settings.a}"], "${1 + 1}": 1},
    }
    module = root_module(tmp_path, {"main.tf.json": json.dumps(text), "seed.tf": ""})
    assert expression_text(value_of(module, "all")) == '["${not.a.template}", ["1"], "x"]'


def test_values_in_json_come_in_terraforms_order(tmp_path: Path) -> None:
    files = {
        "main.tf": "".join(f'variable "{name}" {{\n  default = 0\n}}\n' for name in "abc")
        + 'resource "aws_opensearch_domain" "a" {\n  tags = [var.a, var.b, var.c]\n}',
        "terraform.tfvars": "a = 1\nb = 1\nc = 1\n",
        "terraform.tfvars.json": '{"b": 2, "c": 2}',
        "a.auto.tfvars.json": '{"c": "${x}"}',
    }
    assert shown(read(tmp_path, files), "aws_opensearch_domain.a", "tags") == '[1, 2, "${x}"]'
    (tmp_path / "more.tfvars.json").write_text('{"a": 3}', encoding="utf-8")
    given = Inputs(variable_files=(str(tmp_path / "more.tfvars.json"),))
    assert shown(read(tmp_path, files, given), "aws_opensearch_domain.a", "tags") == '[3, 2, "${x}"]'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "`a.tf.json` is not valid JSON: it is empty"),
        ("[\n1]", 2, "a Terraform file in JSON must be an object"),
        ('{"resource": {"x": {"y":\n 1}}}', 2, "`resource.x.y` must be an object"),
        ('{"locals": {"a":\n "${"}}', 2, "the template sequence is never closed"),
        ('{"locals": {"a": 1, \n"a": 2}}', 2, "`a` is written twice in one JSON object; the last one counts"),
        ('{"variable": {"a": {"type":\n "list("}}}', 2, "`(` is never closed"),
        ('{"a": ' + "[" * 200, 1, "`a.tf.json` is not valid JSON: it nests deeper than 100 levels"),
        (
            "[" + "1," * MAXIMUM_VALUES + "1]",
            1,
            f"the file holds more than {MAXIMUM_VALUES:,} values and is not read",
        ),
    ],
)
def test_what_cannot_be_read_is_a_problem_at_its_place(text: str, line: int, message: str) -> None:
    file = split_json_file("a.tf.json", text)
    found = [*file.problems, *(fault for one in file.headers for fault in json_block(file, one)[1])]
    assert [(problem.location.line, problem.message) for problem in found] == [(line, message)]


def test_a_fault_in_one_block_leaves_the_others() -> None:
    text = '{"locals": {"a": "${", "b": "x"}, "module": {"m": {"source": "./m", "for_each": "${var.x}"}}}'
    file = split_json_file("a.tf.json", text)
    assert [(one.type, one.labels) for one in file.headers] == [("locals", ()), ("module", ("m",))]
    found, problems = json_block(file, file.headers[0])
    assert found is not None
    assert [one.name for one in found.assignments] == ["a", "b"]
    assert len(problems) == 1
    assert json_local(file, file.headers[0], "b")[1] == ()
    assert json_local(file, file.headers[0], "a")[1] == problems


def test_a_number_too_long_for_python_loses_nothing() -> None:
    found, problems = read_json_values("a.tfvars.json", '{"a": ' + "1" * 5000 + ', "b": 1}')
    assert [one.name for one in found] == ["a", "b"]
    assert problems == ()
