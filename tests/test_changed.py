from __future__ import annotations

import json
from pathlib import Path

import pytest

from git_repository import repository, write
from osreach.changed import only_changed
from osreach.cli.main import main
from osreach.source import discover

DOMAIN = """
resource "aws_opensearch_domain" "logs" {
  domain_name     = "logs"
  access_policies = file("${path.module}/policy.json")
}
"""
OPEN = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*",
 "Resource": "arn:aws:es:eu-west-1:111122223333:domain/logs/*"}]}"""


def call(source: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n}}\n'


TREE = {
    "modules/search/main.tf": DOMAIN + call("../names"),
    "modules/search/policy.json": OPEN,
    "modules/search/policies/one.json": OPEN,
    "modules/names/main.tf": 'output "name" {\n  value = "logs"\n}\n',
    "modules/platform/main.tf": call("../search"),
    "envs/test/main.tf": call("../../modules/platform"),
    "envs/test/terraform.tfvars": 'a = "b"\n',
    "envs/production/main.tf": call("../../modules/search"),
    "alone/main.tf": DOMAIN,
    "network/main.tf": 'resource "aws_vpc" "this" {}\n',
    "templates/search.yaml": "Resources:\n  Logs:\n    Type: AWS::OpenSearchService::Domain\n",
    "templates/outer.yaml": "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n"
    "    Properties:\n      TemplateURL: search.yaml\n",
    "templates/network.yaml": "Resources:\n  V:\n    Type: AWS::EC2::VPC\n"
    "Outputs:\n  V:\n    Value: !Ref V\n    Export: {Name: vpc}\n",
    "templates/imports.yaml": "Resources:\n  Logs:\n    Type: AWS::OpenSearchService::Domain\n"
    "    Properties:\n      DomainName: !ImportValue vpc\n",
    "templates/alone.yaml": "Resources:\n  Logs:\n    Type: AWS::OpenSearchService::Domain\n",
    "package.json": "{}",
}
TEST = ["envs/test", "modules/names", "modules/platform", "modules/search"]
PRODUCTION = ["envs/production", "modules/names", "modules/search"]
BOTH = sorted({*TEST, *PRODUCTION})


@pytest.mark.parametrize(
    ("changed", "belongs"),
    [
        (["alone/main.tf"], ["alone"]),
        (["envs/production/main.tf"], PRODUCTION),
        (["envs/test/main.tf"], TEST),
        (["envs/test/terraform.tfvars"], TEST),
        (["envs/test/extra.tfvars"], TEST),
        (["modules/platform/main.tf"], TEST),
        (["modules/search/main.tf"], BOTH),
        (["modules/names/main.tf"], BOTH),
        (["modules/search/removed.tf"], BOTH),
        (["modules/search/policies/one.json"], BOTH),
        (["network/main.tf"], []),
        (["gone/main.tf"], []),
        (["package.json"], []),
        (["README.md"], []),
        ([], []),
        (["alone/main.tf", "envs/production/main.tf"], ["alone", *PRODUCTION]),
        (["templates/alone.yaml"], ["templates/alone.yaml"]),
        (["templates/search.yaml"], ["templates/search.yaml"]),
        (["templates/outer.yaml"], ["templates/search.yaml"]),
        (["templates/network.yaml"], ["templates/imports.yaml"]),
        (["templates/imports.yaml"], ["templates/imports.yaml"]),
    ],
)
def test_a_changed_file_belongs_to_its_root_modules_and_templates_and_no_others(
    tmp_path: Path, changed: list[str], belongs: list[str]
) -> None:
    write(tmp_path, TREE)
    (tmp_path / ".git").mkdir()
    found = only_changed(discover(["."], str(tmp_path)), changed)
    folders = [folder.path for folder in found.folders.values()]
    assert sorted([*folders, *(file.path for file in found.templates)]) == sorted(belongs)


def test_a_policy_that_several_folders_name_belongs_to_all_of_them(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    found = only_changed(discover(["."], str(tmp_path)), ["alone/policy.json"])
    assert sorted(folder.path for folder in found.folders.values()) == sorted(["alone", *BOTH])


def scanned(capsys: pytest.CaptureFixture[str], *changed: str) -> list[tuple[str, str]]:
    main(["scan", "--format", "json", "--select", "open-domain", "--no-cache", "--changed", *changed])
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == []
    return [(one["locations"][0]["path"], one["resource"]) for one in found["findings"]]


def test_changed_files_are_scanned_from_anywhere_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {**TREE, "alone/policy.json": OPEN})
    # An ignore of something that does not belong to the change is not called useless.
    ignore = (
        '[[ignores]]\nrule = "open-domain"\nresource = "aws_opensearch_domain.other"\nreason = "public"\n'
    )
    write(tmp_path, {"osreach.toml": ignore})
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    inside = "module.m.aws_opensearch_domain.logs"
    assert scanned(capsys, "alone/main.tf") == [("alone/policy.json", "aws_opensearch_domain.logs")]
    assert scanned(capsys, "envs/production/main.tf") == [("modules/search/policy.json", inside)]
    assert scanned(capsys, "network/main.tf") == []
    assert scanned(capsys) == []
    assert main(["scan", "--changed", "network/main.tf"]) == 0
    assert capsys.readouterr().out == "no findings: nothing about access belongs to what changed\n"
    monkeypatch.chdir(tmp_path / "envs")
    assert scanned(capsys, "production/main.tf") == [("../modules/search/policy.json", inside)]


def test_a_changed_configuration_has_to_do_with_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {**TREE, "alone/policy.json": OPEN, "values.tfvars": ""})
    write(tmp_path, {"osreach.toml": 'variable-files = ["values.tfvars"]\n'})
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for changed in ("osreach.toml", "values.tfvars"):
        assert {path for path, _ in scanned(capsys, changed)} == {
            "alone/policy.json",
            "modules/search/policy.json",
        }


def test_a_changed_file_outside_the_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"r/main.tf": DOMAIN, "other.tf": DOMAIN})
    (tmp_path / "r/.git").mkdir()
    monkeypatch.chdir(tmp_path / "r")
    assert main(["scan", "--changed", "../other.tf"]) == 2
    assert "`../other.tf` lies outside" in capsys.readouterr().err


def test_only_what_is_new_in_the_changed_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    top = repository(tmp_path, {"a/main.tf": DOMAIN, "a/policy.json": OPEN})
    write(top, {"b/main.tf": DOMAIN, "b/policy.json": OPEN})
    monkeypatch.chdir(top)
    options = ["--select", "open-domain", "--since", "HEAD", "--format", "json"]
    main(["scan", *options, "--changed", "a/main.tf", "b/main.tf"])
    found = json.loads(capsys.readouterr().out)["findings"]
    new = [one["locations"][0]["path"] for one in found if one["suppressed"] is None]
    assert new == ["b/policy.json"]


@pytest.mark.parametrize(("path", "problems"), [(".", 1), ("alone", 0)])
def test_an_ignore_of_the_configuration_is_useless_only_where_everything_is_scanned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    path: str,
    problems: int,
) -> None:
    ignore = (
        '[[ignores]]\nrule = "open-domain"\nresource = "aws_opensearch_domain.other"\nreason = "public"\n'
    )
    write(tmp_path, {"alone/main.tf": DOMAIN, "alone/policy.json": OPEN, "osreach.toml": ignore})
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    main(["scan", "--format", "json", "--select", "open-domain", path])
    found = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in found["problems"]] == ["osreach.toml"] * problems
    assert len(found["findings"]) == 1
