"""Records what the real terraform binary makes of the expressions in fixtures/terraform.

    python bench/record_terraform.py [folder of a provider mirror]

Reads `context.tf` and `expressions.txt` (one expression a line) and writes
`expressions.json`: each expression with its value as JSON text, or null where
Terraform refuses it. One plan with the built-in provider evaluates all of them;
nothing is downloaded. Tests compare our evaluator with the recording, so they
need no terraform.

`generated.json` is the same for expressions that a fixed seed makes up.

With a mirror that holds hashicorp/aws, `policy_documents.json` is recorded too:
what the provider renders for the data sources of `policy_documents.tf`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"
REFUSED = "__refused__"


PROVIDER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


def _terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = folder / "cli.tfrc"
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(settings) if settings.exists() else os.devnull,
        "TF_IN_AUTOMATION": "1",
    }
    return subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def _plan(expressions: list[str], context: str) -> dict[str, str | None] | str:
    """The values of all expressions, or what terraform says where it refuses the whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outputs = (
            f'output "e{number}" {{\n  value = try(jsonencode({expression}), "{REFUSED}")\n}}\n'
            for number, expression in enumerate(expressions)
        )
        (folder / "context.tf").write_text(context)
        (folder / "main.tf").write_text("".join(outputs))
        _terraform(folder, "init", "-no-color")
        planned = _terraform(folder, "plan", "-no-color", "-refresh=false", "-out=plan")
        if planned.returncode:
            return planned.stderr
        shown = _terraform(folder, "show", "-json", "plan")
        values = json.loads(shown.stdout)["planned_values"]["outputs"]
    return {
        expression: None if (value := values[f"e{number}"].get("value", REFUSED)) == REFUSED else value
        for number, expression in enumerate(expressions)
    }


def record(expressions: list[str], context: str) -> dict[str, str | None]:
    """Each expression with its value as JSON text; None where terraform refuses it.

    Some faults stop the whole plan in spite of `try`; then the list is halved
    until the culprit is alone.
    """
    found = _plan(expressions, context)
    if not isinstance(found, str):
        return found
    if len(expressions) == 1:
        print(f"{expressions[0]}: {found.strip().splitlines()[-1] if found.strip() else ''}", file=sys.stderr)
        return {expressions[0]: None}
    middle = len(expressions) // 2
    return {**record(expressions[:middle], context), **record(expressions[middle:], context)}


def generated(seed: int, count: int) -> list[str]:
    """Expressions made up at random, none longer than a line."""
    sys.path.insert(0, str(FIXTURES.parent.parent / "tests"))
    from terraform_expressions import Generator, written  # noqa: PLC0415  beside the tests that use it

    random = Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        generator = Generator(random)
        text = written(generator.any(random.randrange(1, 4)), generator.leaves)
        if len(text) < 160:
            found.setdefault(text)
    return list(found)


def record_policies(source: str, mirror: str) -> dict[str, object]:
    """The policy of each data source in `source`, by its name and index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cli.tfrc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        (folder / "main.tf").write_text(source + PROVIDER)
        for arguments in (("init", "-no-color"), ("plan", "-no-color", "-refresh=false", "-out=plan")):
            done = _terraform(folder, *arguments)
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
        shown = json.loads(_terraform(folder, "show", "-json", "plan").stdout)
    resources = shown["prior_state"]["values"]["root_module"]["resources"]
    return {found["address"]: json.loads(found["values"]["json"]) for found in resources}


def _write(name: str, recorded: object) -> None:
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (FIXTURES / name).write_text(text + "\n")


def main() -> None:
    """Record all expressions, and the policy documents where there is a provider."""
    lines = (FIXTURES / "expressions.txt").read_text().splitlines()
    expressions = [line for line in lines if line and not line.startswith("#")]
    recorded = record(expressions, (FIXTURES / "context.tf").read_text())
    _write("expressions.json", recorded)
    context = (FIXTURES / "context.tf").read_text()
    made_up = {text: value for text, value in record(generated(1, 600), context).items() if value is not None}
    _write("generated.json", made_up)
    print(f"{len(recorded)} expressions, {sum(value is None for value in recorded.values())} refused")
    if len(sys.argv) > 1:
        policies = record_policies((FIXTURES / "policy_documents.tf").read_text(), sys.argv[1])
        _write("policy_documents.json", policies)
        print(f"{len(policies)} policy documents")


if __name__ == "__main__":
    main()
