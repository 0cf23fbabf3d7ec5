"""Where a root module keeps its state, in both syntaxes, and whose password is then readable."""

import json
from pathlib import Path

import pytest

from osreach.access.secret import Keeping
from osreach.analysis import WANTED, analyse
from osreach.iac.read import read_code
from osreach.iac.resource import BACKEND, Inputs, Reading

DOMAIN = """
resource "aws_opensearch_domain" "logs" {
  advanced_security_options {
    internal_user_database_enabled = true
    master_user_options {
      master_user_password = var.password
    }
  }
}
"""


def read(folder: Path, **files: str) -> Reading:
    (folder / "main.tf").write_text(DOMAIN, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return read_code(["."], Inputs(), WANTED, root=str(folder))


def kept(reading: Reading) -> list[Keeping]:
    return [stored.keeping for stored in analyse(reading).stored_passwords]


def terraform(body: str) -> str:
    return f"terraform {{\n{body}\n}}\n"


@pytest.mark.parametrize(
    ("settings", "keeping"),
    [
        ('backend "local" {}', Keeping.LOCAL),
        ('backend "local" {\n path = "a.tfstate"\n}', Keeping.LOCAL),
        ('backend "s3" {\n bucket = "a"\n}', Keeping.BUCKET),
        ('backend "s3" {\n bucket = "a"\n encrypt = false\n}', Keeping.BUCKET),
        ('backend "s3" {\n bucket = "a"\n encrypt = "false"\n}', Keeping.BUCKET),
        ('backend "s3" {\n bucket = "a"\n encrypt = true\n}', None),
        ('backend "s3" {\n bucket = "a"\n encrypt = var.encrypt\n}', None),
        ('backend "s3" {\n bucket = "a"\n kms_key_id = "alias/state"\n}', None),
        ('backend "s3" {}', None),
        ('backend "gcs" {\n bucket = "a"\n}', None),
        ('cloud {\n organization = "a"\n}', None),
        ('required_version = ">= 1.5"', None),
        ('backend "local" {}\n encryption {\n state {\n method = method.aes_gcm.a\n }\n }', None),
    ],
)
def test_a_password_is_readable_where_the_state_is(
    tmp_path: Path, settings: str, keeping: Keeping | None
) -> None:
    reading = read(tmp_path, versions__tf=terraform(settings))
    assert reading.problems == ()
    assert kept(reading) == ([] if keeping is None else [keeping])


@pytest.mark.parametrize(
    ("settings", "keeping"),
    [
        ({"backend": {"local": {}}}, Keeping.LOCAL),
        ({"backend": {"s3": {"bucket": "a"}}}, Keeping.BUCKET),
        ({"backend": {"s3": {"bucket": "a", "encrypt": True}}}, None),
        ({"cloud": {"organization": "a"}}, None),
    ],
)
def test_the_json_syntax_says_the_same(
    tmp_path: Path, settings: dict[str, object], keeping: Keeping | None
) -> None:
    reading = read(tmp_path, versions__tf__json=json.dumps({"terraform": settings}))
    assert reading.problems == ()
    assert kept(reading) == ([] if keeping is None else [keeping])


def test_several_blocks_of_settings_are_one(tmp_path: Path) -> None:
    versions = terraform('required_version = ">= 1.5"') + terraform('backend "local" {}')
    (backend,) = (one for one in read(tmp_path, versions__tf=versions).resources if one.type == BACKEND)
    assert (backend.location.path, backend.location.line) == ("versions.tf", 5)


def test_an_override_file_has_the_last_word(tmp_path: Path) -> None:
    secure = terraform('backend "s3" {\n bucket = "a"\n encrypt = true\n}')
    own = terraform('backend "local" {}')
    assert kept(read(tmp_path, a_override__tf=secure, versions__tf=own)) == []


def test_the_backend_of_a_module_that_is_called_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "main.tf").write_text(DOMAIN + terraform('backend "local" {}'), encoding="utf-8")
    (tmp_path / "main.tf").write_text('module "search" {\n source = "./search"\n}\n', encoding="utf-8")
    reading = read_code(["."], Inputs(), WANTED, root=str(tmp_path))
    assert [one.address for one in reading.resources] == ["module.search.aws_opensearch_domain.logs"]
    assert kept(reading) == []
