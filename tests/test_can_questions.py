from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import Analysis, analyse
from osreach.cli.can import answer, given_keys
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

FIXTURES = Path(__file__).parent.parent / "fixtures"


def questions() -> list[Any]:
    found = []
    for path in sorted((FIXTURES / "questions").glob("*.json")):
        table = json.loads(path.read_text(encoding="utf-8"))
        for question in table["questions"]:
            words = f"{question['principal']} {question['action']} {question['resource']}"
            extra = " ".join([question.get("source_ip", ""), *question.get("context", [])]).strip()
            found.append(
                pytest.param(table["project"], question, id=f"{table['project']}: {words} {extra}".strip())
            )
    return found


@cache
def analysis_of(project: str) -> Analysis:
    reading = read_code([str(FIXTURES / "projects" / project)], Inputs(), TYPES | ALSO_NAMED, every=True)
    found = analyse(reading, Inputs())
    assert (reading.problems, found.problems, found.model.problems) == ((), (), ())
    return found


@pytest.mark.parametrize(("project", "question"), questions())
def test_the_documented_answer_is_given(project: str, question: dict[str, Any]) -> None:
    given = given_keys(question.get("context", []), question.get("source_ip"))
    found = answer(
        question["principal"],
        question["action"],
        question["resource"],
        question.get("session", "session"),
        given,
        analysis_of(project),
    )
    got = (found.answer.value, found.deciding.value)
    layers = "\n".join(f"{one.layer.value}: {one.answer.value}: {one.reason}" for one in found.layers)
    assert got == (question["decision"], question["layer"]), layers


def test_every_question_names_its_source() -> None:
    sources = {param.values[1]["source"] for param in questions()}
    assert all(source.startswith("https://docs.aws.amazon.com/") for source in sources)
    assert len(questions()) >= 150
