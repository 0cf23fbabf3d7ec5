"""What the README shows is what osreach prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from osreach.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```console\n\$ osreach ([^\n]+)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_the_example_shows_the_real_output(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    main(shlex.split(command))  # whatever the answer
    assert capsys.readouterr().out == shown


def test_there_are_two_set_up_commands() -> None:
    assert README.count("python3 -m venv") == len(("scan", "test"))
