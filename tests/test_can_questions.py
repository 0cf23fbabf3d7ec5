from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import Analysis, analyse
from osreach.cli.can import answer, given_keys, restrictions_object
from osreach.cli.login import Body, Login
from osreach.evaluate.layer import LayerName
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from template_twins import address_in_template, analysis_of_template, table

FIXTURES = Path(__file__).parent.parent / "fixtures"
# Those that have a twin in a template.
PROJECTS = ("encrypted-bucket", "logging-platform", "multi-account", "search-backend")


def questions() -> list[Any]:
    found = []
    for path in sorted((FIXTURES / "questions").glob("*.json")):
        table = json.loads(path.read_text(encoding="utf-8"))
        for question in table["questions"]:
            words = f"{question['principal']} {question['action']} {question['resource']}"
            wrong = "(wrong credentials)" if question.get("wrong_credentials") else ""
            words_of_body = question.get("body", "").replace("\n", " ")
            given = [question.get("source_ip", ""), *question.get("context", []), wrong, words_of_body]
            extra = " ".join(filter(None, given))
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
    login = Login(
        question.get("session", "session"),
        tuple(question.get("backend_roles", ())),
        wrong=question.get("wrong_credentials", False),
        body=Body("body", question["body"]) if "body" in question else None,
    )
    analysis = analysis_of(project)
    found = answer(question["principal"], question["action"], question["resource"], login, given, analysis)
    got = (found.answer.value, found.deciding.value)
    layers = "\n".join(f"{one.layer.value}: {one.answer.value}: {one.reason}" for one in found.layers)
    assert got == (question["decision"], question["layer"]), layers
    if "restrictions" in question:
        assert restrictions_object(found.restrictions, analysis.holes) == question["restrictions"]
    if "says" in question:
        inside = next(one for one in found.layers if one.layer is LayerName.FINE_GRAINED)
        assert question["says"] in inside.reason
    if "note" in question:
        assert question["note"] in "\n".join(found.notes)
    if "no_note" in question:
        assert question["no_note"] not in "\n".join(found.notes)


def test_every_question_names_its_source() -> None:
    sources = {param.values[1]["source"] for param in questions()}
    assert all(source.startswith("https://docs.aws.amazon.com/") for source in sources)
    assert len(questions()) >= 150


def of_templates() -> list[Any]:
    """The questions with the names that the twins in templates use, but for what a twin cannot have."""
    found = []
    for param in questions():
        project, question = param.values
        if project not in PROJECTS:
            continue
        words = [address_in_template(question[name], project) for name in ("principal", "resource")]
        if None in words:
            continue
        asked = {**question, "principal": words[0], "resource": words[1]}
        if words_of(question) in table(project)["template"]["unknown"]:
            asked["decision"] = "unknown"
        found.append(pytest.param(project, asked, id=str(param.id)))
    return found


def words_of(question: dict[str, Any]) -> str:
    return f"{question['principal']} {question['action']} {question['resource']}"


@pytest.mark.parametrize(("project", "question"), of_templates())
def test_a_template_gives_the_same_answers(project: str, question: dict[str, Any]) -> None:
    given = given_keys(question.get("context", []), question.get("source_ip"))
    words = (question["principal"], question["action"], question["resource"])
    found = answer(*words, question.get("session", "session"), given, analysis_of_template(project))
    layers = "\n".join(f"{one.layer.value}: {one.answer.value}: {one.reason}" for one in found.layers)
    assert (found.answer.value, found.deciding.value) == (question["decision"], question["layer"]), layers


def test_only_what_a_template_cannot_say_is_left_out() -> None:
    asked = {param.id for param in questions() if param.values[0] in PROJECTS}
    left_out = asked - {param.id for param in of_templates()}
    assert left_out == {
        "encrypted-bucket: aws_iam_user.mia s3:GetObject aws_s3_bucket.reports/2026.csv",
        "encrypted-bucket: aws_iam_user.mia s3:PutObject aws_s3_bucket.reports/2026.csv",
        "encrypted-bucket: aws_iam_user.mia kms:Decrypt aws_kms_key.reports",
        "encrypted-bucket: aws_iam_user.mia kms:Encrypt aws_kms_key.reports",
    }
    open_ones = {f"{name}: {words}" for name in PROJECTS for words in table(name)["template"]["unknown"]}
    assert open_ones == {"search-backend: aws_iam_user.deployer iam:PassRole aws_iam_role.api"}
    assert open_ones < asked
