"""Our reading of Terraform beside what terraform itself says: values as JSON, and where the two differ."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from osreach.iac.resource import Inputs, Reading, Resource
from osreach.iac.terraform.evaluate import evaluate
from osreach.iac.terraform.folder import Tree
from osreach.iac.terraform.module import ModuleInstance, Run
from osreach.iac.terraform.parse import parse_expression
from osreach.iac.terraform.read import read_terraform
from osreach.iac.terraform.rendering import expression_text, json_text
from osreach.iac.terraform.scope import EvaluationError
from osreach.source import discover
from osreach.value import Value
from terraform_project import NOWHERE

UNRESOLVED = "unresolved: "
REFUSES = "refused: "


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What terraform says about something, and what we say."""

    about: str
    terraform: str
    ours: str

    @property
    def left_open(self) -> bool:
        """Whether we merely say that we do not know: incomplete, but not wrong."""
        return self.ours.startswith(UNRESOLVED)


class Ours:
    """Our evaluator in a module that declares nothing but the variable `u`, which has no value."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "main.tf").write_text('variable "u" {}\n# opensearch\n')
            found = Tree(discover([str(folder)], str(folder)))
            root = found.folder(found.sources.folders[str(folder.resolve())])
            self.module = ModuleInstance(Run(found, Inputs(), root), root)
            self.value("var.u")  # the file is read now, while it is there

    def value(self, text: str) -> Value | str:
        """The value of an expression, or the reason for which there is none."""
        run = self.module.run
        run.problems.clear()
        run.budget.left = 1_000_000
        parsed, problems = parse_expression(text, NOWHERE)
        if parsed is None:
            return f"{REFUSES}{problems}"
        try:
            value = evaluate(parsed, self.module.scope)
        except EvaluationError as error:
            return f"{REFUSES}{error}"
        return f"{REFUSES}{next(iter(run.problems)).message}" if run.problems else value

    def __call__(self, text: str) -> str:
        """The value as JSON, or the reason for which there is none."""
        value = self.value(text)
        if isinstance(value, str):
            return value
        return json_text(value) or f"{UNRESOLVED}{expression_text(value)}"


def compare_expressions(
    answers: Mapping[str, str | None], ours: Callable[[str], str]
) -> Iterator[Disagreement]:
    """Where terraform gives a value and we another, or none."""
    for text, answer in answers.items():
        if answer is not None and (mine := ours(text)) != answer:
            yield Disagreement(text, answer, mine)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` by their path below `folder`."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def read(files: Mapping[str, str]) -> Reading:
    """What we read of the same files; folders without a word of OpenSearch are not looked at."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, {path: f"{text}\n# opensearch\n" for path, text in files.items()})
        return read_terraform(discover([str(folder)], str(folder)), None, lambda _type: True)


def shown(resource: Resource) -> str:
    """The `input` of a resource as JSON, or what is not known of it."""
    value = resource.get("input")
    if value is None:
        return "null"
    return json_text(value) or f"{UNRESOLVED}{expression_text(value)}"


def compare_trees(answers: Mapping[str, object], reading: Reading) -> Iterator[Disagreement]:
    """Resources that only one of the two has, and those with another input."""
    ours = {resource.address: shown(resource) for resource in reading.resources}
    for address in sorted(answers.keys() | ours.keys()):
        if address not in ours:
            yield Disagreement(address, json.dumps(answers[address]), "absent")
        elif address not in answers:
            yield Disagreement(address, "absent", ours[address])
        elif ours[address].startswith(UNRESOLVED) or json.loads(ours[address]) != answers[address]:
            yield Disagreement(address, json.dumps(answers[address]), ours[address])
    for problem in reading.problems:
        yield Disagreement(str(problem.location), "no problem", problem.message)
