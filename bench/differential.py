"""Compares our evaluator with the real terraform binary on generated code.

    python bench/differential.py [--expressions N] [--trees N] [--seed N]

Expressions of the vocabulary of policies are evaluated by a plan with the
built-in provider and by us; so are module trees with locals, `count`, `for_each`,
typed variables and outputs, whose resources are compared by address. Nothing is
downloaded. Prints every disagreement, shrunk as far as it stays one, and counts;
what we leave unknown is counted apart. The exit code is 1 where we are wrong.

Left out on purpose: `yamlencode`, and numbers that need more than a double.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.record_terraform import _terraform, record  # noqa: E402  beside this file

from osreach.iac.terraform.parse import parse_expression  # noqa: E402  likewise
from terraform_comparison import (  # noqa: E402  beside the tests that use it
    Disagreement,
    Ours,
    compare_expressions,
    compare_trees,
    read,
    write,
)
from terraform_expressions import written  # noqa: E402  beside the tests that use it
from terraform_modules import expression, tree  # noqa: E402  likewise
from terraform_project import NOWHERE  # noqa: E402  likewise

LONGEST = 2_000
BATCH = 500
TREES_IN_A_PLAN = 40
_BINDING = re.compile(r"\bfor ([a-z]+)(?:, ([a-z]+))? in\b")
_USED = re.compile(r"""(?:(?<=\$\{)|(?<![\w."]))([a-z])(?![\w"(]|\s*=[^=])""")


def generated(random: Random, count: int) -> list[tuple[str, list[str]]]:
    """Expressions with the literals in them, none twice."""
    found: dict[str, tuple[str, list[str]]] = {}
    while len(found) < count:
        template, leaves = expression(random, random.randrange(1, 4))
        text = written(template, leaves)
        if len(text) < LONGEST:
            found.setdefault(text, (template, leaves))
    return list(found.values())


def planned(files: Mapping[str, str]) -> dict[str, object] | str:
    """The `input` of every resource by its address, or why terraform refuses the whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, files)
        started = _terraform(folder, "init", "-no-color")
        if started.returncode:
            return str(started.stderr)
        done = _terraform(folder, "plan", "-no-color", "-refresh=false", "-out=plan")
        if done.returncode:
            return str(done.stderr)
        shown = json.loads(_terraform(folder, "show", "-json", "plan").stdout)
    return dict(_planned(shown["planned_values"]["root_module"]))


def _planned(module: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, object]]:
    for resource in module.get("resources", []):
        values = resource["values"]
        yield resource["address"], values.get("input")
    for child in module.get("child_modules", []):
        yield from _planned(child)


def _stands_alone(text: str) -> bool:
    """Whether a part of an expression is one itself, without the variables of a `for` around it."""
    if not any(character in text for character in '(["{'):
        return False
    bound = {name for pair in _BINDING.findall(text) for name in pair}
    return set(_USED.findall(text)) <= bound and parse_expression(text, NOWHERE)[0] is not None


def shrunk(template: str, leaves: list[str], ours: Callable[[str], str]) -> Disagreement | None:
    """The smallest part of an expression on which the two disagree."""
    text = written(template, leaves)
    parts: dict[str, None] = {}
    opening, closing = "([{", ")]}"
    for start in range(len(text)):
        if start and (text[start - 1].isalnum() or text[start - 1] in '_."$%'):
            continue
        depth = 0
        for end in range(start, len(text)):
            depth += (text[end] in opening) - (text[end] in closing)
            if depth < 0:
                break
            piece = text[start : end + 1].strip()
            if depth == 0 and len(piece) < len(text) and _stands_alone(piece):
                parts.setdefault(piece)
    answers = record(sorted(parts, key=len)[:400], "")
    return min(compare_expressions(answers, ours), key=lambda found: len(found.about), default=None)


def run_expressions(random: Random, count: int) -> list[Disagreement]:
    """Compare `count` expressions, tell about them, and give the disagreements."""
    ours = Ours()
    found: list[Disagreement] = []
    valued = total = 0
    while total < count:
        batch = generated(random, min(BATCH, count - total))
        by_text = {written(*one): one for one in batch}
        answers = record(list(by_text), "")
        valued += sum(answer is not None for answer in answers.values())
        total += len(batch)
        for disagreement in compare_expressions(answers, ours):
            small = shrunk(*by_text[disagreement.about], ours)
            found.append(small or disagreement)
            tell(small or disagreement)
    print(f"{total} expressions, {valued} with a value, {counts(found)}")
    return found


def _root(names: list[str]) -> dict[str, str]:
    return {"main.tf": "".join(f'module "{name}" {{\n  source = "./{name}"\n}}\n' for name in names)}


def plan_trees(trees: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, object]]:
    """What terraform makes of each tree by its name; without those that it refuses."""
    names = list(trees)
    files = _root(names)
    for one in trees.values():
        files.update(one)
    answers = planned(files)
    if not isinstance(answers, str):
        found: dict[str, dict[str, object]] = {name: {} for name in names}
        for address, value in answers.items():
            found[address.split(".")[1]][address] = value
        return found
    if len(names) == 1:
        return {}
    middle = len(names) // 2
    first = {name: trees[name] for name in names[:middle]}
    second = {name: trees[name] for name in names[middle:]}
    return {**plan_trees(first), **plan_trees(second)}


def generated_trees(random: Random, count: int) -> dict[str, dict[str, str]]:
    """Module trees by the name of their folder."""
    return {f"t{number}": tree(random, f"t{number}") for number in range(count)}


def run_trees(random: Random, count: int) -> list[Disagreement]:
    """Compare `count` module trees, tell about them, and give the disagreements."""
    found: list[Disagreement] = []
    total = valued = resources = 0
    while total < count:
        trees = generated_trees(random, min(TREES_IN_A_PLAN, count - total))
        total += len(trees)
        for name, answers in plan_trees(trees).items():
            valued += 1
            resources += len(answers)
            files = {**_root([name]), **trees[name]}
            listed = list(compare_trees(answers, read(files)))
            if listed:
                folder = Path(tempfile.mkdtemp(prefix="differential-"))
                write(folder, files)
                print(f"disagreements in the tree in {folder}")
            for disagreement in listed:
                found.append(disagreement)
                tell(disagreement)
    print(f"{total} module trees, {valued} valid, {resources} resources, {counts(found)}")
    return found


def counts(found: list[Disagreement]) -> str:
    """How many of them are wrong, and how many only left open."""
    left_open = sum(one.left_open for one in found)
    return f"{len(found) - left_open} disagreements, {left_open} left open"


def tell(disagreement: Disagreement) -> None:
    """Print one disagreement."""
    print(f"{disagreement.about}\n  terraform: {disagreement.terraform}\n  osreach:   {disagreement.ours}")
    sys.stdout.flush()


def main() -> int:
    """Compare, and say 1 where the two disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--expressions", type=int, default=2_000, metavar="N")
    parser.add_argument("--trees", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=int(time.time()), metavar="N")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    random = Random(options.seed)
    found = run_expressions(random, options.expressions) + run_trees(random, options.trees)
    return 1 if any(not one.left_open for one in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
