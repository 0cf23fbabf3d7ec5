"""What the README and the pages of `docs/` show is what osreach prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from osreach.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
EXAMPLES = [
    pytest.param(command, shown, id=f"{path.name}: {command}")
    for path in PAGES
    for command, shown in re.findall(
        r"```console\n\$ osreach ([^\n]+)\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL
    )
]


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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_link_to_a_file_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [one for one in targets if not (path.parent / one).exists()] == []
