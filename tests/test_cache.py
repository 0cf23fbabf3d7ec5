"""Readings that are kept between runs: the same answer where nothing has changed, none where anything has."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import WANTED
from osreach.cli.main import main
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.iac import cache
from osreach.iac import read as reader
from osreach.iac.plain import decode, encode
from osreach.iac.resource import Circumstance, Inputs, Reading, Resource
from osreach.iac.terraform.scope import SetOfValues, TypedList, TypedMap, Unordered
from osreach.location import Location
from osreach.observation import listing, observing
from osreach.problem import Problem
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"

DOMAIN = """
module "names" {
  source = "./names"
}

variable "stage" {
  default = "test"
}

resource "aws_opensearch_domain" "logs" {
  domain_name     = "${module.names.name}-${var.stage}"
  access_policies = templatefile("${path.module}/policy.json.tftpl", { who = "reader" })
  tags = {
    files  = join(",", fileset("${path.module}/files", "*.json"))
    exists = fileexists("${path.module}/later.txt") ? "yes" : "no"
  }
}
"""
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Sid": "${who}"}]}'


class Project:
    """A folder of Terraform, its readings, and how often they were made anew."""

    def __init__(self, top: Path, counted: list[int]) -> None:
        self.top = top
        self.counted = counted

    def write(self, path: str, text: str) -> None:
        """Put a file below the folder."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(
        self,
        inputs: Inputs | None = None,
        wanted: frozenset[str] = WANTED,
        *,
        every: bool = True,
        paths: Sequence[str] | None = None,
    ) -> tuple[Reading, bool]:
        """The reading, and whether it was made anew. It is always what it is without a cache."""
        given = Inputs() if inputs is None else inputs
        named = [str(self.top)] if paths is None else paths
        before = len(self.counted)
        reading = reader.read_code(named, given, wanted, every=every, use_cache=True)
        made_anew = len(self.counted) > before
        assert reading == reader.read_code(named, given, wanted, every=every)
        return reading, made_anew


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that readings are kept in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_WORTH_SECONDS", 0)
    return tmp_path / "cache" / "osreach" / "readings"


@pytest.fixture
def project(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that depends on files in every way that Terraform knows."""
    assert not folder.exists()
    counted: list[int] = []
    original = reader._read

    def counting(*arguments: object) -> Reading:
        counted.append(1)
        return original(*arguments)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(reader, "_read", counting)
    made = Project(tmp_path / "code", counted)
    made.write("main.tf", DOMAIN)
    made.write("names/main.tf", 'output "name" {\n  value = "logs"\n}\n')
    made.write("policy.json.tftpl", POLICY)
    made.write("files/a.json", "{}")
    made.write("prod.tfvars", 'stage = "prod"\n')
    return made


def _plain_types(value: Value) -> Iterator[type]:
    """The type of each piece of data, in the order of the source."""
    data = value.data
    yield type(data)
    match data:
        case Json(inner):
            yield from _plain_types(inner)
        case tuple() as items:
            for item in items:
                yield from _plain_types(item)
        case Object(entries):
            for entry in entries.values():
                yield from _plain_types(entry)
        case _:
            pass


def _types(reading: Reading) -> list[type]:
    return [kind for resource in reading.resources for kind in _plain_types(resource.attributes)]


def _there_and_back(reading: Reading) -> Reading:
    return decode(marshal.loads(marshal.dumps(encode(reading))))  # noqa: S302 - written in the same line


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("name", ["rules", "projects", "plans", "terraform"])
def test_readings_of_the_fixtures_come_back_as_they_were(name: str) -> None:
    reading = reader.read_code([str(FIXTURES / name)], Inputs(), TYPES | ALSO_NAMED, every=True)
    again = _there_and_back(reading)
    assert again == reading
    assert _types(again) == _types(reading)


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    place, other = Location("a.tf", 1, 2, 3, 4), Location("b/\udcff.tf", 5, 6, 7, 8)
    unknown = Unknown("var.x", "no value", "aws_x.y", many=True)

    def value(data: object, at: Location = place) -> Value:
        return Value(data, at)  # type: ignore[arg-type]  # each kind of data in turn

    shared = value("é\ud800")
    scalars = tuple(map(value, (None, True, 1, 1.0, False, 0, 0.0, -0.0, 2**90, "", float("inf"), "1")))
    text = Text((TextPart("a", place, verbatim=True, indent=2), TextPart(unknown, other)))
    attributes = Object(
        {
            "scalars": value(scalars),
            "set": value(SetOfValues((shared, value(2)))),
            "list": value(TypedList((shared,)), other),
            "unordered": value(Unordered((value(unknown),))),
            "map": value(TypedMap({"b": shared, "a": value(1)}, (unknown,))),
            "json": value(Json(value(Object({}, (unknown, Unknown("x", "y")))))),
            "text": value(text),
        }
    )
    outcome = Circumstance(("IsPublic",), (("IsPublic",), ("not IsPublic",)), usual=True, location=other)
    reading = Reading(
        (
            Resource("aws_x.y", "aws_x", value(attributes), place, "d", outcome, "c", "1", shared),
            Resource("aws_x.z", "aws_x", value(Object()), place, account=unknown),
        ),
        (Problem(other, "odd"),),
        7,
        ((unknown, place),),
        ((unknown, other),),
    )
    again = _there_and_back(reading)
    assert again == reading
    assert repr(again) == repr(reading).replace(
        "mappingproxy({})", "{}"
    )  # tells 1 from True and -0.0 from 0.0
    assert _types(again) == _types(reading)
    entries = again.resources[0].attributes.data
    assert isinstance(entries, Object)
    assert entries.entries["list"].items[0] is entries.entries["set"].items[0]


def test_a_value_of_unknown_making_is_not_kept(project: Project, folder: Path) -> None:
    class Odd(str):
        __slots__ = ()

    place = Location("a.tf", 1, 1, 1, 1)
    reading = Reading((Resource("a.b", "a", Value(Odd("x"), place), place),))
    with pytest.raises(TypeError, match="a value holds `Odd`"):
        encode(reading)
    project.read()
    [entry] = _entries(folder)
    cache._keep(entry.with_name("reading-odd"), b"", {}, reading)
    assert _entries(folder) == [entry]


def test_a_second_run_reads_nothing_anew(project: Project, folder: Path) -> None:
    first, made_anew = project.read()
    assert made_anew
    second, made_anew = project.read()
    assert not made_anew
    assert (second, _types(second)) == (first, _types(first))
    [entry] = _entries(folder)
    if os.name == "posix":
        assert (folder.stat().st_mode & 0o777, entry.stat().st_mode & 0o777) == (0o700, 0o600)


CHANGES: dict[str, Callable[[Project], object]] = {
    "a file of the module": lambda project: project.write("main.tf", DOMAIN.replace("reader", "writer")),
    "a file of the same size": lambda project: project.write("main.tf", DOMAIN.replace("test", "best")),
    "a called module": lambda project: project.write("names/main.tf", 'output "name" {\n  value = "x"\n}\n'),
    "a template": lambda project: project.write("policy.json.tftpl", POLICY.replace("es:*", "es:ESHttpGet")),
    "a template that is gone": lambda project: (project.top / "policy.json.tftpl").unlink(),
    "a file that was not there": lambda project: project.write("later.txt", ""),
    "one more file of a set": lambda project: project.write("files/b.json", "{}"),
    "a file of a set that is gone": lambda project: (project.top / "files/a.json").unlink(),
    "a new file": lambda project: project.write("more.tf", 'resource "aws_opensearch_domain" "b" {}\n'),
    "a file that is gone": lambda project: (project.top / "names/main.tf").unlink(),
    "a new file of values": lambda project: project.write("x.auto.tfvars", 'stage = "x"\n'),
    "a new template": lambda project: project.write(
        "t.yaml", "Resources:\n  Logs:\n    Type: AWS::OpenSearchService::Domain\n"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(project: Project, change: Callable[[Project], object]) -> None:
    before, _ = project.read()
    change(project)
    after, made_anew = project.read()
    assert made_anew
    assert after != before
    assert project.read() == (after, False)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links")
def test_a_link_that_leads_elsewhere_is_seen(project: Project) -> None:
    project.write("other/main.tf", 'output "name" {\n  value = "other"\n}\n')
    project.write("main.tf", DOMAIN.replace("./names", "./link"))
    link = project.top / "link"
    link.symlink_to("names")
    before, _ = project.read()
    link.unlink()
    link.symlink_to("other")
    after, made_anew = project.read()
    assert made_anew
    assert after != before


def test_what_the_user_says_is_part_of_the_question(project: Project) -> None:
    named = Inputs(variable_files=(str(project.top / "prod.tfvars"),))
    questions = [
        Inputs(),
        Inputs(variables={"stage": '"x"'}),
        named,
        Inputs(account="111122223333"),
        Inputs(region="eu-west-1"),
    ]
    readings = [project.read(inputs) for inputs in questions]
    assert [made_anew for _, made_anew in readings] == [True] * 5
    assert [project.read(inputs) for inputs in questions] == [(reading, False) for reading, _ in readings]
    assert project.read(wanted=frozenset({"aws_iam_role"}))[1]
    assert project.read(every=False)[1]
    project.write("prod.tfvars", 'stage = "live"\n')
    assert project.read(named)[1]


@pytest.mark.parametrize(
    "inputs",
    [
        Inputs(variables={"stage": '"x"', "master_password": '"Zebra-Secret-77"'}),
        Inputs(variables={"master": '{ password = "Zebra-Secret-77" }'}),
        Inputs(parameters={"DbSecret": "Zebra-Secret-77"}),
    ],
)
def test_a_secret_that_the_user_types_is_not_kept(project: Project, folder: Path, inputs: Inputs) -> None:
    assert project.read(inputs)[1]
    assert _entries(folder) == []


def test_where_the_run_starts_is_part_of_the_question(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.top)
    assert project.read(paths=["."])[0].resources[0].location.path == "main.tf"
    monkeypatch.chdir(project.top.parent)
    found, made_anew = project.read(paths=["code"])
    assert made_anew
    assert found.resources[0].location.path == "code/main.tf"


@pytest.mark.parametrize("part", ["program", "python", "grammar"])
def test_another_program_reads_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    project.read()
    if part == "program":
        odd = tmp_path / "changed.py"
        odd.touch()
        files = cache._files_of_the_program
        monkeypatch.setattr(cache, "_files_of_the_program", lambda top: [*files(top), str(odd)])
    elif part == "python":
        monkeypatch.setattr(sys, "version", "4.0")
    else:
        monkeypatch.setattr(cache, "grammar_digest", lambda: "another")
    assert project.read()[1]


def test_the_program_is_all_that_reads() -> None:
    top = Path(cache.__file__).parents[1]
    named = {Path(path).relative_to(top).as_posix() for path in cache._files_of_the_program(str(top))}
    assert {
        "value.py",
        "source.py",
        "data/partitions.json",
        "iac/read.py",
        "iac/terraform/evaluate.py",
        "iac/terraform/grammar.json",
        "iac/terraform/well_known/opensearch/main.tf",
        "iac/cloudformation/intrinsics.py",
    } <= named
    assert not [name for name in named if "__pycache__" in name or name.startswith(("cli/", "iam/"))]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[:-1],
    "cut in the head": lambda data: data[:36],
    "one bit": lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
    "other checksum": lambda data: bytes(32) + data[32:],
    "something else": lambda _: b"x" * 1000,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_is_not_there(
    project: Project, folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    project.read()
    [entry] = _entries(folder)
    entry.write_bytes(damage(entry.read_bytes()))
    assert project.read()[1]
    assert not project.read()[1]


@pytest.mark.parametrize("content", [(), (b"", {}, 1), 7, (b"", {("what", "x", 0): b""})], ids=repr)
def test_what_is_no_reading_is_not_there(project: Project, folder: Path, content: Any) -> None:
    project.read()
    [entry] = _entries(folder)
    head = marshal.dumps(content)
    data = len(head).to_bytes(8) + head + marshal.dumps(("no", "reading"))
    entry.write_bytes(cache._checksum(entry, data) + data)
    assert project.read()[1]


def test_an_entry_under_another_name_is_not_there(project: Project, folder: Path) -> None:
    first, _ = project.read()
    project.read(Inputs(variables={"stage": '"x"'}))
    one, two = _entries(folder)
    data = one.read_bytes(), two.read_bytes()
    one.write_bytes(data[1])
    two.write_bytes(data[0])
    assert project.read() == (first, True)


def test_what_changes_while_it_is_read_is_not_kept(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reader._read

    def changing(*arguments: object) -> Reading:
        original(*arguments)  # type: ignore[arg-type]  # passed on as they come
        project.write("policy.json.tftpl", POLICY.replace("es:*", "es:ESHttpGet"))
        return original(*arguments)  # type: ignore[arg-type]  # likewise

    monkeypatch.setattr(reader, "_read", changing)
    project.read()
    assert _entries(folder) == []


def test_a_folder_that_was_seen_in_part_is_not_certain(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with observing() as seen:
        next(listing(str(tmp_path)))
    assert not all(seen.values())
    with observing() as seen:
        assert list(listing(str(tmp_path))) == [(".", []), ("inner", [])]
    assert all(seen.values())


def test_small_things_are_not_kept(project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_WORTH_SECONDS", 1000)
    project.read()
    assert _entries(folder) == []


def test_large_things_are_not_kept(project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_LARGEST_ENTRY", 100)
    project.read()
    assert _entries(folder) == []


def test_the_oldest_reading_makes_room(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (Inputs(variables={"stage": f'"{name}"'}) for name in "abc")
    project.read(first)
    [entry] = _entries(folder)
    monkeypatch.setattr(cache, "_LARGEST_FOLDER", entry.stat().st_size * 5 // 2)
    project.read(second)
    [other] = set(_entries(folder)) - {entry}
    for age, each in ((100, other), (200, entry)):
        os.utime(each, (time.time() - age,) * 2)
    assert not project.read(first)[1]  # which makes it the youngest
    project.read(third)
    assert len(_entries(folder)) == 2
    assert not project.read(first)[1]
    assert project.read(second)[1]


def test_nothing_is_kept_without_a_place(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert [project.read()[1] for _ in range(2)] == [True, True]

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(cache, "cache_folder", homeless)
    assert project.read()[1]


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
def test_a_folder_that_others_can_write_to_is_not_trusted(project: Project, folder: Path) -> None:
    project.read()
    folder.chmod(0o777)
    assert project.read()[1]
    folder.chmod(0o700)
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(elsewhere)
    assert project.read()[1]


def test_nothing_is_kept_inside_of_what_is_scanned(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.top / "cache"))
    assert [project.read()[1] for _ in range(2)] == [True, True]
    assert not (project.top / "cache").exists()


def test_no_cache_neither_uses_nor_keeps(
    project: Project, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def output(*arguments: str) -> str:
        assert main([*arguments]) in {0, 1}
        return capsys.readouterr().out

    for command in (["scan", "--format", "json"], ["graph", "--format", "json"]):
        before = len(_entries(folder))
        count = len(project.counted)
        expected = output(*command, "--no-cache", str(project.top))
        assert len(_entries(folder)) == before
        assert output(*command, str(project.top)) == expected
        assert len(_entries(folder)) == before + 1
        assert len(project.counted) == count + 2
        assert output(*command, str(project.top)) == expected
        assert len(project.counted) == count + 2
        assert output(*command, "--no-cache", str(project.top)) == expected
        assert len(project.counted) == count + 3


WRITER = """
import sys
from osreach.analysis import WANTED
from osreach.iac import cache
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

cache._WORTH_SECONDS = 0
for _ in range(10):
    found = read_code([sys.argv[1]], Inputs(), WANTED, every=True, use_cache=True)
    for entry in (cache.cache_folder() / "readings").glob("reading-?*"):
        if not entry.name.endswith(".new"):
            entry.unlink(missing_ok=True)
print(found == read_code([sys.argv[1]], Inputs(), WANTED, every=True), len(found.resources))
"""


def test_two_processes_do_not_disturb_each_other(project: Project, folder: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(project.top)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    reading, _ = project.read()
    written = [process.communicate()[0] for process in processes]
    assert written == [f"True {len(reading.resources)}\n"] * 2
    assert [process.returncode for process in processes] == [0, 0]
    assert not [entry for entry in _entries(folder) if entry.name.endswith(".new")]


def test_the_account_of_a_resource_may_be_unknown() -> None:
    place = Location("a.tf", 1, 1, 1, 1)
    plain = Resource("a.b", "a", Value(None, place), place)
    accounts = (None, "", "111122223333", Unknown("var.account", "no value"))
    reading = Reading(tuple(replace(plain, account=account) for account in accounts))
    assert [resource.account for resource in decode(encode(reading)).resources] == list(accounts)
