"""Records what the real terraform binary makes of whole module trees.

    python bench/record_modules.py [folder of a provider mirror]

Writes `fixtures/terraform/modules/generated.json`: module trees that a fixed seed
makes up, each with its files and the `input` of every resource by address, as a
plan with the built-in provider shows it. Nothing is downloaded.

With a mirror that holds hashicorp/aws, each folder of `fixtures/terraform/modules`
is planned too, and what the provider renders for policies goes to its
`expected.json`: by address, every attribute of `ATTRIBUTES` that is known.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.differential import generated_trees, plan_trees  # noqa: E402  beside this file
from bench.record_terraform import PROVIDER, _terraform  # noqa: E402  likewise

from terraform_comparison import write  # noqa: E402  beside the tests that use it

MODULES = ROOT / "fixtures" / "terraform" / "modules"
TREES = 30
SEED = 20261121
ATTRIBUTES = ("access_policies", "assume_role_policy", "policy", "json")


def record_generated() -> None:
    """Write the made-up trees with what terraform makes of them."""
    trees = generated_trees(Random(SEED), TREES)
    answers = plan_trees(trees)
    recorded = [{"files": trees[name], "inputs": inputs} for name, inputs in answers.items()]
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (MODULES / "generated.json").write_text(text + "\n")
    print(f"{len(recorded)} trees, {sum(len(one) for one in answers.values())} resources")


def record_folder(source: Path, mirror: str) -> None:
    """Write what the provider renders for the root module in `source`."""
    files = {str(path.relative_to(source)): path.read_text() for path in source.rglob("*.tf")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, {**files, "zz_provider.tf": PROVIDER})
        (folder / "cli.tfrc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        for arguments in (("init", "-no-color"), ("plan", "-no-color", "-refresh=false", "-out=plan")):
            done = _terraform(folder, *arguments)
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
        plan = json.loads(_terraform(folder, "show", "-json", "plan").stdout)
    found = dict(_attributes(plan["planned_values"]["root_module"]))
    found.update(_attributes(plan.get("prior_state", {}).get("values", {}).get("root_module", {})))
    text = json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False)
    (source / "expected.json").write_text(text + "\n")
    print(f"{source.name}: {len(found)} resources")


def _attributes(module: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.get("resources", []):
        known = {name: resource["values"][name] for name in ATTRIBUTES if resource["values"].get(name)}
        if known:
            yield resource["address"], {name: json.loads(text) for name, text in known.items()}
    for child in module.get("child_modules", []):
        yield from _attributes(child)


def main() -> None:
    """Record the made-up trees, and the folders where there is a provider."""
    MODULES.mkdir(exist_ok=True)
    record_generated()
    if len(sys.argv) > 1:
        for folder in sorted(path for path in MODULES.iterdir() if path.is_dir()):
            record_folder(folder, sys.argv[1])


if __name__ == "__main__":
    main()
