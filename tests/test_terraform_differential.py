"""Whole module trees, and expressions in the vocabulary of policies, held to what terraform made of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osreach.iac.terraform import functions
from osreach.iac.terraform.read import read_terraform
from osreach.iac.terraform.rendering import expression_text, known_text, wholly_known
from osreach.source import discover
from osreach.value import Value
from terraform_comparison import REFUSES, Ours, compare_trees, read
from terraform_expressions import written
from terraform_modules import expression
from test_terraform_evaluate import allows

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "fixtures" / "terraform" / "modules"
PROJECTS = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
TREES = json.loads((MODULES / "generated.json").read_text())


@pytest.mark.parametrize("number", range(len(TREES)))
def test_a_made_up_module_tree_has_the_resources_that_terraform_planned(number: int) -> None:
    tree = TREES[number]
    folder = next(iter(tree["files"])).partition("/")[0]
    root = {"main.tf": f'module "{folder}" {{\n  source = "./{folder}"\n}}\n'}
    assert list(compare_trees(tree["inputs"], read({**root, **tree["files"]}))) == []


def test_the_recording_holds_trees_with_repeated_and_nested_modules() -> None:
    addresses = [address for tree in TREES for address in tree["inputs"]]
    assert len(TREES) >= 20
    for shape in (r"module\.child\[\d", r'module\.child\["', r"child.*child", r"\w\[\d+\]$", r'\w\[".*"\]$'):
        assert any(re.search(shape, address) for address in addresses), shape


@pytest.mark.parametrize("name", PROJECTS)
def test_policies_are_those_that_the_provider_rendered(name: str) -> None:
    expected = json.loads((MODULES / name / "expected.json").read_text())
    reading = read_terraform(discover([str(MODULES / name)]), None, lambda _type: True)
    assert reading.problems == ()
    found = {resource.address: resource for resource in reading.resources}
    policies: dict[str, dict[str, object]] = {}
    for address, attributes in expected.items():
        policies[address] = {}
        for attribute in attributes:
            value = found[address].get(attribute)
            text = None if value is None else known_text(value)
            policies[address][attribute] = None if text is None else json.loads(text)
    assert policies == expected


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the terraform binary")
def test_fresh_expressions_and_trees_give_what_terraform_gives() -> None:
    command = ["bench/differential.py", "--expressions", "100", "--trees", "8", "--seed", "20260721"]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "100 expressions" in done.stdout
    assert "8 module trees" in done.stdout


# Nothing is claimed that may be otherwise, and nothing ends the scan


@cache
def _ours() -> Ours:
    return Ours()


@settings(max_examples=700, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_an_unknown_leaf_of_a_policy_never_changes_what_is_claimed(seed: int, depth: int) -> None:
    random = Random(seed)
    template, leaves = expression(random, depth)
    if not leaves:
        return
    full = written(template, leaves)
    truth = _ours().value(full)
    if isinstance(truth, str) or not wholly_known(truth):
        return
    partly = written(template, leaves, random.randrange(len(leaves)))
    claim = _ours().value(partly)
    assert not isinstance(claim, str), f"{partly}: {claim}; {full} is not refused"
    assert allows(claim, truth), f"{partly}: {expression_text(claim)}; {full}: {expression_text(truth)}"


ODD = (
    "null", "-1", "2.5", "1e30", "0", "3", '""', '"a"', '"a,b"', '"10.0.0.0/8"', '"%s"', '"%5d"', '"("', '"/a(/"',
    '"2020-01-01T00:00:00Z"', '"1h"', "[]", "[null]", '[1, "a"]', "{}", "{ a = null }", '{ a = ["b"] }', "true",
    'toset(["a"])', 'tomap({ a = "x" })', "[[1], [2]]", "var.u", "[var.u]", "{ a = var.u }", '"a${var.u}"', "-0",
    '"\\u0000"', '"\\ud800"', "jsonencode({ a = var.u })", "var.u[*]", "99999999999999999999",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(functions.table()))
def test_no_argument_of_a_function_ends_the_scan(name: str) -> None:
    random = Random(name)
    for _ in range(60):
        arguments = ", ".join(random.choice(ODD) for _ in range(random.choice((1, 1, 2, 2, 3, 4))))
        found = _ours().value(f"{name}({arguments})")
        assert isinstance(found, Value) or found.startswith(REFUSES)
