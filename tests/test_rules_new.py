from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PACKAGE = '''\
"""Rules."""

from __future__ import annotations

from osreach.rule import Rule
from osreach_rules.domain import (
    open_domain,
    wide_address,
)
from osreach_rules.hygiene import plain_http

RULES: tuple[Rule, ...] = (
    open_domain.RULE,
    wide_address.RULE,
    plain_http.RULE,
)
"""Every rule, by code."""
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small source tree with the script in it."""
    rules = tmp_path / "rules" / "osreach_rules"
    rules.mkdir(parents=True)
    shutil.copy(ROOT / "rules" / "new", tmp_path / "rules" / "new")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    (rules / "__init__.py").write_text(PACKAGE)
    modules = {"domain/open_domain": 101, "domain/wide_address": 107, "hygiene/plain_http": 702}
    for module, number in modules.items():
        path = rules / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").write_text('"""Rules."""\n')
        path.write_text(f'RULE = Rule("OSR{number}")\n')
    return tmp_path


def start(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "rules" / "new"), *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


def package(root: Path) -> str:
    return (root / "rules" / "osreach_rules" / "__init__.py").read_text()


def test_the_script_can_be_executed() -> None:
    assert os.access(ROOT / "rules" / "new", os.X_OK)


def test_a_rule_starts_with_module_fixtures_and_its_line(copy: Path) -> None:
    found = start(
        copy, "shared-password", "--subject", "domain", "--severity", "high", "--summary", "Reports x."
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        "rules/osreach_rules/domain/shared_password.py",
        "fixtures/rules/shared-password/bad.tf",
        "fixtures/rules/shared-password/bad.yaml",
        "fixtures/rules/shared-password/good.tf",
        "fixtures/rules/shared-password/good.yaml",
        "rules/osreach_rules/__init__.py",
        "next: write `check`, the fixtures and the text, then run the tests",
    ]
    module = (copy / "rules/osreach_rules/domain/shared_password.py").read_text()
    assert module.startswith('"""Reports x.\n')
    assert '    "OSR108",\n    "shared-password",\n    Severity.HIGH,\n    since="0.' in module
    assert package(copy) == PACKAGE.replace(
        "    open_domain,\n", "    open_domain,\n    shared_password,\n"
    ).replace("    wide_address.RULE,\n", "    wide_address.RULE,\n    shared_password.RULE,\n")
    fixtures = copy / "fixtures" / "rules" / "shared-password"
    marks = {path.name: path.read_text().count("# expect: shared-password") for path in fixtures.iterdir()}
    assert marks == {"bad.tf": 1, "bad.yaml": 1, "good.tf": 0, "good.yaml": 0}


def test_a_rule_of_a_new_subject_gets_a_folder_and_an_import(copy: Path) -> None:
    assert start(copy, "open-collection", "--subject", "serverless").returncode == 0
    assert (
        copy / "rules/osreach_rules/serverless/__init__.py"
    ).read_text() == '"""Rules about serverless."""\n'
    assert '"OSR301"' in (copy / "rules/osreach_rules/serverless/open_collection.py").read_text()
    assert package(copy) == PACKAGE.replace(
        "\nRULES", "from osreach_rules.serverless import (\n    open_collection,\n)\n\nRULES"
    ).replace("    plain_http.RULE,\n", "    open_collection.RULE,\n    plain_http.RULE,\n")


def test_a_code_can_be_given_and_stands_in_its_order(copy: Path) -> None:
    assert start(copy, "no-logs", "--subject", "hygiene", "--code", "OSR701").returncode == 0
    assert "    no_logs.RULE,\n    plain_http.RULE,\n)" in package(copy)
    assert "from osreach_rules.hygiene import (\n    no_logs,\n    plain_http,\n)\n" in package(copy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Open", "--subject", "domain"], "`Open` is not of the form `open-domain`"),
        (["open-domain", "--subject", "domain"], "the rule `open-domain` exists"),
        (["plain-http", "--subject", "domain"], "the rule `plain-http` exists"),
        (["a", "--subject", "domain", "--code", "OSR101"], "`OSR101` is taken"),
        (["a", "--subject", "domain", "--code", "OSR201"], "a code of `domain` is `OSR1` and two digits"),
        (["a", "--subject", "domain", "--summary", 'x"""'], "the summary is one line without backslashes"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    copy: Path, arguments: list[str], message: str
) -> None:
    before = sorted(copy.rglob("*"))
    found = start(copy, *arguments)
    assert (found.returncode, found.stderr) == (2, f"rules/new: {message}\n")
    assert sorted(copy.rglob("*")) == before
    assert package(copy) == PACKAGE


def test_without_a_terminal_the_subject_must_be_given(copy: Path) -> None:
    found = start(copy, "some-fault")
    assert found.returncode == 2
    assert "--subject is one of domain, network, " in found.stderr


def test_it_works_on_the_rules_that_there_are(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    before = ast.parse(package(tmp_path))
    assert start(tmp_path, "made-up-fault", "--subject", "fine_grained").returncode == 0
    # The text must be whole, and nothing but the new rule may have been added to it.
    added = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(package(tmp_path)))
        if isinstance(node, ast.Attribute)
    }
    assert added - {ast.unparse(node) for node in ast.walk(before) if isinstance(node, ast.Attribute)} == {
        "made_up_fault.RULE"
    }
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "rules"), str(ROOT / "scanner")]),
    }
    text = "from osreach_rules import RULES; print([r.code for r in RULES if r.name == 'made-up-fault'])"
    found = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        cwd=tmp_path,
    )
    assert found.stdout.startswith("['OSR2"), found.stderr
