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


LOGICAL_IDS = {
    "aws_s3_bucket.reports": "Reports",
    "aws_s3_bucket.archive": "Archive",
    "aws_s3_bucket.public": "Public",
    "aws_kms_key.reports": "ReportsKey",
    "aws_kms_key.archive": "ArchiveKey",
    "aws_iam_role.key_admin": "KeyAdmin",
    "aws_iam_role.pipeline": "Pipeline",
    "aws_iam_user.kai": "Kai",
    "aws_iam_user.lee": "Lee",
    "anonymous": "anonymous",
}


def in_a_template() -> list[Any]:
    """The questions about the encrypted bucket that the template has everything for."""
    table = json.loads((FIXTURES / "questions" / "encrypted-bucket.json").read_text(encoding="utf-8"))
    found = []
    for question in table["questions"]:
        resource, slash, path = question["resource"].partition("/")
        if question["principal"] in LOGICAL_IDS and resource in LOGICAL_IDS:
            asked = {
                **question,
                "principal": LOGICAL_IDS[question["principal"]],
                "resource": f"{LOGICAL_IDS[resource]}{slash}{path}",
            }
            words = f"{asked['principal']} {asked['action']} {asked['resource']}"
            found.append(pytest.param(asked, id=" ".join([words, *question.get("context", [])])))
    return found


@cache
def template() -> Analysis:
    inputs = Inputs(account="444455556666", region="eu-central-1")
    folder = str(FIXTURES / "projects" / "encrypted-bucket-template")
    return analyse(read_code([folder], inputs, TYPES | ALSO_NAMED, every=True), inputs)


@pytest.mark.parametrize("question", in_a_template())
def test_a_template_gives_the_same_answers(question: dict[str, Any]) -> None:
    given = given_keys(question.get("context", []), None)
    words = (question["principal"], question["action"], question["resource"], "session")
    found = answer(*words, given, template())
    layers = "\n".join(f"{one.layer.value}: {one.answer.value}: {one.reason}" for one in found.layers)
    assert (found.answer.value, found.deciding.value) == (question["decision"], question["layer"]), layers
