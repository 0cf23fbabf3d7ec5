"""Which outputs of root modules and stacks are read, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.analysis import WANTED
from osreach.iac.read import read_code
from osreach.iac.resource import OUTPUT, Inputs

DOMAIN = 'resource "aws_opensearch_domain" "logs" {\n  domain_name = "logs"\n}\n'
URL = "https://user:${var.password}@${aws_opensearch_domain.logs.endpoint}"
CALL = 'module "search" {\n  source = "./search"\n}\n'


def outputs(folder: Path) -> list[tuple[str, str]]:
    reading = read_code(["."], Inputs(), WANTED, root=str(folder))
    return [(one.address, one.deployment) for one in reading.resources if one.type == OUTPUT]


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("value", "found"), [(f'"{URL}"', ["output.url"]), ("aws_opensearch_domain.logs.endpoint", [])]
)
def test_only_an_output_with_something_before_a_host_is_read(
    tmp_path: Path, value: str, found: list[str]
) -> None:
    text = f'{DOMAIN}variable "password" {{}}\noutput "url" {{\n  value = {value}\n}}\n'
    assert [name for name, _ in outputs(written(tmp_path, {"main.tf": text}))] == found


def test_an_output_of_a_called_module_is_not_shown(tmp_path: Path) -> None:
    inner = f'{DOMAIN}variable "password" {{ default = "x" }}\noutput "url" {{\n  value = "{URL}"\n}}\n'
    assert outputs(written(tmp_path, {"main.tf": CALL, "search/main.tf": inner})) == []


def test_an_output_in_the_json_syntax_is_read(tmp_path: Path) -> None:
    text = '{"output": {"url": {"value": "https://user:secret@search-x.eu-west-1.es.amazonaws.com"}}}'
    assert [name for name, _ in outputs(written(tmp_path, {"main.tf": DOMAIN, "outputs.tf.json": text}))] == [
        "output.url"
    ]


def test_an_output_whose_condition_never_holds_is_not_read(tmp_path: Path) -> None:
    text = """
Conditions:
  Never: !Equals [a, b]
  Always: !Equals [a, a]
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
Outputs:
  Hidden:
    Condition: Never
    Value: !Sub "https://user:secret@${Logs.DomainEndpoint}"
  Shown:
    Condition: Always
    Value: !Sub "https://user:secret@${Logs.DomainEndpoint}"
"""
    assert [name for name, _ in outputs(written(tmp_path, {"stack.yaml": text}))] == ["Outputs.Shown"]
