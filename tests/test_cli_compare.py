from __future__ import annotations

import json
from pathlib import Path

import pytest

from osreach.cli.main import main

DOMAIN = "arn:aws:es:eu-west-1:123456789012:domain/movies"


def policy(**parts: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": f"{DOMAIN}/*", **parts}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("old", "new", "broader"),
    [
        (policy(), policy(), False),
        (policy(), policy(Resource=f"{DOMAIN}/films/*"), False),
        (policy(Resource=f"{DOMAIN}/films/*"), policy(), True),
        (policy(), policy(Action="es:ESHttp*"), True),
        (
            policy(Action="es:*"),
            policy(Action=["es:eshttpget", "es:DescribeDomain"], Resource=f"{DOMAIN}/*"),
            False,
        ),
        (policy(Principal="*"), policy(Principal={"AWS": "123456789012"}), False),
        (policy(Principal={"AWS": "123456789012"}), policy(Principal="*"), True),
        (
            policy(
                Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1", "::/0"]}}, Principal="*"
            ),
            policy(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Principal="*"),
            False,
        ),
    ],
)
def test_the_answer_and_its_exit_code(
    old: object, new: object, broader: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for name, document in (("old", old), ("new", new)):
        paths.append(str(tmp_path / f"{name}.json"))
        Path(paths[-1]).write_text(json.dumps(document))
    assert main(["compare", *paths, "--format", "json"]) == int(broader)
    found = json.loads(capsys.readouterr().out)
    assert found["broader"] is broader
    assert found["exact"] is True
    assert (found["witness"] is not None) is broader


def test_the_witness_is_a_request_that_only_the_new_policy_allows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(policy(Resource=f"{DOMAIN}/films/*")))
    new.write_text(json.dumps(policy()))
    assert main(["compare", str(old), str(new), "--format", "json"]) == 1
    witness = json.loads(capsys.readouterr().out)["witness"]
    question = [
        *("simulate", "--principal", witness["principal"], "--action", witness["action"]),
        *("--resource", witness["resource"]),
    ]
    assert main([*question, "--identity-policy", str(new)]) == 0
    assert main([*question, "--identity-policy", str(old)]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not valid JSON"),
        ("[]", "the policy must be an object"),
        ('{"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]}', "Effect"),
    ],
)
def test_a_file_that_holds_no_policy_is_told(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(policy()))
    new.write_text(text)
    assert main(["compare", str(old), str(new)]) == 2
    assert message in capsys.readouterr().err
