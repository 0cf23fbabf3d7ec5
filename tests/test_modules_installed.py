"""Remote modules: read where Terraform has put them, named where they are not."""

import json
from pathlib import Path

import pytest

from osreach.analysis import analyse
from osreach.iac.resource import Reading
from osreach.iac.terraform.read import read_terraform
from osreach.installed import InstalledModule, read_manifest
from osreach.source import discover
from terraform_project import shown

CALL = """
module "search" {
  source  = "example.com/team/opensearch/aws"
  version = "1.2.3"
  name    = "logs"
}
"""
WELL_KNOWN = "terraform-aws-modules/opensearch/aws"
SEARCH = """
variable "name" {}
module "inner" {
  source = "git::https://example.com/naming.git?ref=v1"
  name   = var.name
}
resource "aws_opensearch_domain" "this" {
  domain_name = module.inner.full
}
"""
NAMING = """
variable "name" {}
output "full" {
  value = "company-${var.name}"
}
"""


def manifest(**folders: str) -> str:
    """A `modules.json` with the folder of each call; `__` stands for a call inside a call."""
    modules = [{"Key": "", "Source": "", "Dir": "."}]
    modules += [
        {"Key": name.replace("__", "."), "Source": "example.com/x", "Dir": folder}
        for name, folder in folders.items()
    ]
    return json.dumps({"Modules": modules})


def scan(root: Path, files: dict[str, str], path: str = ".") -> Reading:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return read_terraform(discover([str(root / path)], str(root)))


INSTALLED = {
    "main.tf": CALL,
    ".terraform/modules/modules.json": manifest(
        search=".terraform/modules/search", search__inner=".terraform/modules/search.inner"
    ),
    ".terraform/modules/search/main.tf": SEARCH,
    ".terraform/modules/search.inner/main.tf": NAMING,
}


def test_an_installed_module_is_read_with_those_that_it_calls(tmp_path: Path) -> None:
    reading = scan(tmp_path, INSTALLED)
    assert [resource.address for resource in reading.resources] == [
        "module.search.aws_opensearch_domain.this"
    ]
    assert shown(reading, "module.search.aws_opensearch_domain.this", "domain_name") == '"company-logs"'
    assert reading.resources[0].location.path == ".terraform/modules/search/main.tf"
    assert (reading.problems, reading.missing) == ((), ())


def test_a_call_that_says_nothing_of_search_is_followed_too(tmp_path: Path) -> None:
    files = {**INSTALLED, "main.tf": CALL.replace("opensearch", "x").replace("search", "storage")}
    files[".terraform/modules/modules.json"] = manifest(
        storage=".terraform/modules/search", storage__inner=".terraform/modules/search.inner"
    )
    assert [one.address for one in scan(tmp_path, files).resources] == [
        "module.storage.aws_opensearch_domain.this"
    ]


def test_a_well_known_module_that_is_installed_is_read_itself(tmp_path: Path) -> None:
    files = {**INSTALLED, "main.tf": CALL.replace("example.com/team/opensearch/aws", WELL_KNOWN)}
    reading = scan(tmp_path, files)
    assert [one.address for one in reading.resources] == ["module.search.aws_opensearch_domain.this"]
    assert reading.resources[0].location.path == ".terraform/modules/search/main.tf"


def test_each_root_module_has_modules_of_its_own(tmp_path: Path) -> None:
    files = {
        f"{root}/{name}": text.replace("company-", f"{root}-")
        for root in ("one", "two")
        for name, text in INSTALLED.items()
    }
    reading = scan(tmp_path, files)
    domains = {
        resource.deployment: name.text
        for resource in reading.resources
        if (name := resource.get("domain_name")) is not None
    }
    assert domains == {"one": "one-logs", "two": "two-logs"}


def test_a_module_that_nobody_calls_any_more_is_not_judged(tmp_path: Path) -> None:
    reading = scan(tmp_path, {**INSTALLED, "main.tf": "# opensearch"})
    assert (reading.resources, reading.missing) == ((), ())


def test_an_installed_module_outside_the_tree_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "main.tf").write_text(SEARCH, encoding="utf-8")
    files = {"main.tf": CALL, ".terraform/modules/modules.json": manifest(search="../outside")}
    (tmp_path / "tree").mkdir()
    reading = scan(tmp_path / "tree", files)
    message = "the installed module `search` lies outside the scanned folder and is not read"
    assert [problem.message for problem in reading.problems] == [message]
    assert reading.resources == ()
    assert [unknown.expression for unknown, _ in reading.missing] == ["module.search"]


@pytest.mark.parametrize("link", ["search", "modules.json"])
def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(SEARCH, encoding="utf-8")
    (outside / "modules.json").write_text(manifest(search="."), encoding="utf-8")
    modules = tmp_path / "tree" / ".terraform" / "modules"
    modules.mkdir(parents=True)
    (modules / link).symlink_to(outside / ("" if link == "search" else link))
    files = {"main.tf": CALL}
    if link == "search":
        files[".terraform/modules/modules.json"] = manifest(search=".terraform/modules/search")
    reading = scan(tmp_path / "tree", files)
    assert reading.resources == ()
    assert len(reading.problems) == 1
    assert "out of the scanned folder" in reading.problems[0].message.replace("outside", "out of")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it nests too deeply"),
        ("{}", "it holds no list `Modules`"),
        ('{"Modules": [{"Key": 1}]}', "a module in it has no `Key` or no `Dir`"),
        ('{"Modules": [' + ",".join(["{}"] * 5_001) + "]}", "it lists more than 5,000 modules"),
    ],
)
def test_a_list_of_modules_that_cannot_be_used_is_a_problem(tmp_path: Path, text: str, reason: str) -> None:
    reading = scan(tmp_path, {"main.tf": CALL, ".terraform/modules/modules.json": text})
    assert [(problem.location.path, problem.message) for problem in reading.problems] == [
        (".terraform/modules/modules.json", f"the list of installed modules cannot be used: {reason}")
    ]
    assert len(reading.missing) == 1


def test_callers_come_before_those_they_call() -> None:
    text = manifest(a__b="x/b", a="x/a")
    assert read_manifest(text) == (InstalledModule(("a",), "x/a"), InstalledModule(("a", "b"), "x/b"))


# What is not there


def words(reading: Reading) -> list[tuple[str, str, str, int]]:
    return [
        (unknown.expression, unknown.reason, place.path, place.line) for unknown, place in reading.missing
    ]


GET = "run `terraform get` first, or scan a plan"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (
            '"x" {\n  source = "acme/opensearch/aws"',
            f"the module `acme/opensearch/aws` is not in the scanned files: {GET}",
        ),
        (
            '"x" {\n  source = "github.com/a/terraform-elasticsearch?ref=1"',
            f"the module `github.com/a/terraform-elasticsearch?ref=1` is not in the scanned files: {GET}",
        ),
        (
            '"open_search" {\n  source = "acme/x/aws"',
            f"the module `acme/x/aws` is not in the scanned files: {GET}",
        ),
        ('"opensearch" {\n  source = "../x"', "the folder `../x` is not in the scanned files"),
        ('"opensearch" {\n  source = var.x', "the source of the module is not a plain string"),
    ],
)
def test_a_search_module_that_is_not_there_is_named(tmp_path: Path, call: str, reason: str) -> None:
    name = call.split('"')[1]
    found = words(scan(tmp_path, {"main.tf": f"# opensearch\nmodule {call}\n}}\n"}))
    assert found == [(f"module.{name}", reason, "main.tf", 2)]


def test_other_modules_that_are_not_there_are_no_news(tmp_path: Path) -> None:
    text = '# opensearch\nmodule "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    assert words(scan(tmp_path, {"main.tf": text})) == []


def test_a_call_in_a_module_that_is_called_often_is_named_once(tmp_path: Path) -> None:
    files = {
        "main.tf": "".join(f'module "{name}" {{\n  source = "./inner"\n}}\n' for name in "abc"),
        "inner/main.tf": 'module "opensearch" {\n  source = "acme/opensearch/aws"\n}\n',
    }
    assert [(path, line) for _, _, path, line in words(scan(tmp_path, files))] == [("inner/main.tf", 1)]


def test_the_analysis_lists_it_among_the_unknowns(tmp_path: Path) -> None:
    reading = scan(tmp_path, {"main.tf": CALL})
    assert [unknown.expression for unknown, _ in analyse(reading).unknowns] == ["module.search"]
