"""Which files a scan reads, and what it says of those that it does not."""

import os
from pathlib import Path

import pytest

from osreach.file_kind import Kind, kind_of
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import (
    MAXIMUM_BYTES,
    Folder,
    SourceFile,
    Sources,
    Unread,
    decode,
    discover,
    module_folder,
    read_inside,
    read_text,
)

DOMAIN = 'resource "aws_opensearch_domain" "a" {}\n'
NETWORK = 'resource "aws_vpc" "a" {}\n'


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def read_paths(sources: Sources) -> list[str]:
    return [file.path for folder in sources.folders.values() for file in folder.files]


def messages(sources: Sources) -> list[tuple[str, int, str]]:
    return [(problem.location.path, problem.location.line, problem.message) for problem in sources.problems]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("main.tf", Kind.TERRAFORM),
        ("main.tofu", Kind.TERRAFORM),
        ("main.tf.json", Kind.TERRAFORM_JSON),
        ("main.tofu.json", Kind.TERRAFORM_JSON),
        ("terraform.tfvars", Kind.VARIABLES),
        ("prod.auto.tfvars", Kind.VARIABLES),
        ("terraform.tfvars.json", Kind.VARIABLES_JSON),
        ("a.auto.tfvars.json", Kind.VARIABLES_JSON),
        ("prod.tfvars", None),
        ("README.md", None),
        ("main.tf~", None),
        ("#main.tf#", None),
        (".main.tf", None),
        ("tf", None),
    ],
)
def test_a_file_is_told_by_its_name(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


def test_a_folder_with_a_relevant_file_is_read_whole(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": DOMAIN, "a/vars.tf": "", "a/terraform.tfvars": "", "b/main.tf": NETWORK})
    sources = discover(["."], str(tmp_path))
    real = os.path.realpath(tmp_path / "a")
    assert dict(sources.folders) == {
        real: Folder(
            "a",
            real,
            (
                SourceFile("a/main.tf", f"{real}/main.tf", Kind.TERRAFORM),
                SourceFile("a/terraform.tfvars", f"{real}/terraform.tfvars", Kind.VARIABLES),
                SourceFile("a/vars.tf", f"{real}/vars.tf", Kind.TERRAFORM),
            ),
        )
    }
    assert sources.files == 4
    assert sources.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_elasticsearch_domain" "a" {}',
        'module "m" {\n source = "terraform-aws-modules/opensearch/aws"\n}',
        'actions = ["es:ESHttpGet"]',
        '{"Action": "aoss:APIAccessAll"}',
        'resource "aws_osis_pipeline" "a" {}',
        'resource "aws_opensearchserverless_collection" "a" {}',
    ],
)
def test_every_kind_of_search_access_makes_a_folder_relevant(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"main.tf": text})
    assert read_paths(discover(["."], str(tmp_path))) == ["main.tf"]


def test_callers_and_called_modules_of_a_relevant_folder_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "live/main.tf": 'module "s" {\n  source = "../modules/search"\n}\n',
            "modules/search/main.tf": DOMAIN + 'module "n" {\n  source="./names"\n}\n',
            "modules/search/names/main.tf": 'output "name" { value = "x" }\n',
            "modules/other/main.tf": 'module "n" {\n  source = "../search/names"\n}\n',
        },
    )
    sources = discover(["."], str(tmp_path))
    assert read_paths(sources) == ["live/main.tf", "modules/search/main.tf", "modules/search/names/main.tf"]
    live = sources.folders[os.path.realpath(tmp_path / "live")]
    called = module_folder(sources, live, "../modules/search")
    assert called is not None
    assert called.path == "modules/search"
    assert module_folder(sources, live, "../modules/absent") is None


def test_a_called_module_of_the_same_repository_is_read_from_outside_the_given_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "live/main.tf": DOMAIN + 'module "n" {\n  source = "../names"\n}\n',
            "names/main.tf": "",
            "elsewhere/main.tf": DOMAIN,
        },
    )
    assert read_paths(discover(["live"], str(tmp_path))) == ["live/main.tf", "names/main.tf"]
    (tmp_path / ".git/HEAD").unlink()
    (tmp_path / ".git").rmdir()
    assert read_paths(discover(["live"], str(tmp_path))) == ["live/main.tf"]


def test_a_folder_matters_for_the_modules_that_it_calls_from_beside_it(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "../../modules/%s"\n}\n'
    write(
        tmp_path,
        {
            "envs/prod/main.tf": call % "outer",
            "modules/outer/main.tf": 'module "i" {\n  source = "../inner"\n}\n',
            "modules/inner/main.tf": DOMAIN,
            "modules/inner/stack.yaml": "Resources: {A: {Type: AWS::OpenSearchService::Domain}}\n",
            "modules/other/main.tf": DOMAIN,
            "envs/plain/main.tf": call % "network" + '# source = "../../modules/gone"\n',
            "modules/network/main.tf": NETWORK,
        },
    )
    (tmp_path / ".git").mkdir()
    sources = discover(["envs"], str(tmp_path))
    assert read_paths(sources) == [
        "envs/prod/main.tf",
        "modules/inner/main.tf",
        "modules/outer/main.tf",
    ]
    assert (sources.templates, sources.problems) == ((), ())
    (tmp_path / ".git").rmdir()
    (tmp_path / "modules/gone").mkdir()
    assert messages(discover(["envs"], str(tmp_path))) == [
        (
            "envs/plain/main.tf",
            2,
            "the module `../../modules/network` lies outside the scanned folder and is not read",
        ),
        (
            "envs/prod/main.tf",
            2,
            "the module `../../modules/outer` lies outside the scanned folder and is not read",
        ),
    ]


def test_modules_that_call_each_other_end(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": DOMAIN + 'module "a" {\n  source = "../a"\n}\n',
        },
    )
    assert read_paths(discover(["."], str(tmp_path))) == ["a/main.tf", "b/main.tf"]


def test_a_named_file_is_a_module_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"bad.tf": NETWORK, "good.tf": DOMAIN})
    assert read_paths(discover(["bad.tf"], str(tmp_path))) == ["bad.tf"]


def test_folders_of_tools_are_skipped(tmp_path: Path) -> None:
    names = [".git", ".terraform/modules/m", "node_modules/x", ".venv/lib"]
    write(tmp_path, {f"{name}/main.tf": DOMAIN for name in names})
    assert discover(["."], str(tmp_path)) == Sources(
        os.path.realpath(tmp_path), (os.path.realpath(tmp_path),), {}, (), 0
    )


def test_links_inside_are_followed_and_links_out_are_problems(tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret.tf": DOMAIN, "tree/shared/common.tf": DOMAIN, "tree/a/main.tf": DOMAIN})
    tree = tmp_path / "tree"
    (tree / "a/common.tf").symlink_to("../shared/common.tf")
    (tree / "a/loop").symlink_to("..")
    (tree / "a/secret.tf").symlink_to(tmp_path / "outside/secret.tf")
    (tree / "out").symlink_to(tmp_path / "outside")
    sources = discover(["tree"], str(tmp_path))
    assert read_paths(sources) == ["tree/a/common.tf", "tree/a/main.tf", "tree/shared/common.tf"]
    refusal = "the link leads out of the scanned folder and is not followed"
    assert messages(sources) == [("tree/a/secret.tf", 1, refusal), ("tree/out", 1, refusal)]


def test_what_cannot_be_read_is_a_problem_and_the_rest_stays(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "binary.tf": b"a = 1\nb\0c\n",
            "large.tf": b"#" * (MAXIMUM_BYTES + 1),
            "good.tf": DOMAIN,
            "empty.tf": "",
        },
    )
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "gone.tf").symlink_to("nowhere.tf")
    sources = discover([".", "missing", "notes.md"], str(tmp_path))
    assert read_paths(sources) == ["empty.tf", "good.tf"]
    assert messages(sources) == [
        ("binary.tf", 2, "the file is binary, or not UTF-8: it holds a NUL character"),
        ("gone.tf", 1, "the file cannot be read: no such file or directory"),
        ("large.tf", 1, "the file is larger than 10 MB and is not read"),
        ("missing", 1, "there is no such file or folder"),
        ("notes.md", 1, "there is no such file or folder"),
        ("pipe.tf", 1, "this is no regular file"),
    ]


def test_an_unknown_file_that_is_named_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"notes.md": "x"})
    assert messages(discover(["notes.md"], str(tmp_path))) == [
        ("notes.md", 1, "this is neither a file or plan of Terraform nor a CloudFormation template")
    ]


def test_the_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": b"\xef\xbb\xbf" + DOMAIN.encode()})
    sources = discover(["."], str(tmp_path))
    file = next(iter(sources.folders.values())).files[0]
    assert read_text(file) == DOMAIN


def test_a_byte_that_is_no_utf8_is_a_problem_at_its_place() -> None:
    data = b'a = 1\nb = "\xc3\xa9t\xe9"\n'
    message = "the file is not UTF-8: byte 0xe9 cannot stand here"
    assert decode(data, "x.tf") == Problem(Location("x.tf", 2, 8, 2, 9), message)


def test_line_ends_stay_as_they_are() -> None:
    assert decode(b"a\r\nb\n", "x") == "a\r\nb\n"


def test_files_outside_of_the_tree_are_not_read_for_functions(tmp_path: Path) -> None:
    write(
        tmp_path, {"tree/main.tf": DOMAIN, "tree/p.json": "{}", "secret.json": "s", "tree/bad.json": b"\xff"}
    )
    (tmp_path / "tree/link.json").symlink_to(tmp_path / "secret.json")
    sources = discover(["tree"], str(tmp_path))
    assert read_inside(sources, "tree/p.json") == "{}"
    assert read_inside(sources, "tree/../tree/p.json") == "{}"
    assert read_inside(sources, "secret.json") == Unread("`secret.json` lies outside the scanned files")
    assert read_inside(sources, "tree/../secret.json") == Unread(
        "`secret.json` lies outside the scanned files"
    )
    assert read_inside(sources, "tree/link.json") == Unread("`tree/link.json` lies outside the scanned files")
    assert read_inside(sources, "/etc/hostname") == Unread(
        f"`{os.path.relpath('/etc/hostname', os.path.realpath(tmp_path))}` lies outside the scanned files"
    )
    assert read_inside(sources, "tree/none.json") == Unread(
        "`tree/none.json`: the file cannot be read: no such file or directory"
    )
    assert read_inside(sources, "tree/bad.json") == Unread(
        "`tree/bad.json`: the file is not UTF-8: byte 0xff cannot stand here"
    )


def test_paths_are_relative_to_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, {"repo/a/main.tf": DOMAIN, "work/x": ""})
    sources = discover(["../repo"], str(tmp_path / "work"))
    assert read_paths(sources) == ["../repo/a/main.tf"]
