"""Records what the real terraform binary makes of the expressions in fixtures/terraform.

    python bench/record_terraform.py

Reads `context.tf` and `expressions.txt` (one expression a line) and writes
`expressions.json`: each expression with its value as JSON text, or null where
Terraform refuses it. One plan with the built-in provider evaluates all of them;
nothing is downloaded. Tests compare our evaluator with the recording, so they
need no terraform.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"
REFUSED = "__refused__"


def _terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
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


def main() -> None:
    """Record all expressions."""
    lines = (FIXTURES / "expressions.txt").read_text().splitlines()
    expressions = [line for line in lines if line and not line.startswith("#")]
    recorded = record(expressions, (FIXTURES / "context.tf").read_text())
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (FIXTURES / "expressions.json").write_text(text + "\n")
    print(f"{len(recorded)} expressions, {sum(value is None for value in recorded.values())} refused")


if __name__ == "__main__":
    main()
