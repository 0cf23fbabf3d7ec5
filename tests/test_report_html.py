from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_up import DUSTY, EMPTY, FULL, HOSTILE, HOSTILE_REPORT, OPEN, QUIET, REPORT, SOURCE, at, match
from osreach.cli.main import main
from osreach.finding import Finding, Report
from osreach.graph.fact import Fact, FactKind, Graph, Node, NodeKind
from osreach.graph.overview import Overview, Party, Way
from osreach.location import Location, Place
from osreach.problem import Problem
from osreach.report.html import network
from osreach.report.html.deployment import short_names
from osreach.report.html.excerpt import excerpt
from osreach.report.printable import printable
from osreach.report.view import View, render

ROOT = Path(__file__).parent.parent
MARKUP = "</script><img src=x onerror=alert(1)>\"'><b>&amp;<!--"


class Page(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, its text and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.open.append(tag)
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        self._apart(tag)

    def _apart(self, tag: str) -> None:
        if tag not in {"code", "mark", "strong", "wbr"}:
            self.said.append(" ")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def named(text: str) -> Overview:
    """An overview and a graph in which everything is called `text`."""
    where = Location(text, 1, 1, 1, 2)
    party = Party("p", text, text, text, where)
    graph = Graph(
        (Node("a", NodeKind.ROLE, text, where), Node("b", NodeKind.DOMAIN, text, where)),
        (Fact(FactKind.ALLOWS, "a", "b", text, (where,)),),
    )
    way = Way("p", "r", (text,), {"read": "allowed"}, (text,), (where,))
    return Overview((party,), (replace(party, identifier="r"),), (way,), (), graph, (Problem(where, text),))


def view(overview: Overview | None = None) -> View:
    sources = {"main.tf": tuple(SOURCE.split("\n"))}
    return View(rules=(OPEN, DUSTY, QUIET), sources=sources, version="0.1.0", overview=overview)


def test_the_page_says_what_the_report_says() -> None:
    page = Page(render("html", REPORT, view()))
    for said in (
        "1 critical",
        'aws_door.front["a"] can be opened by anyone',
        "OSR901 open-door main.tf:4 possible",
        '4 Principal = "*"',
        "main.tf:1 the door",
        "sub dir/net#work.tf:3 it leads to the street",
        "anonymous: GET /x/_search (es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search)",
        "Name who may open it.",
        "https://example.com/doors",
        "Suppressed by comment at other.tf:2: dust is harmless.",
        "The brace of resource is never closed broken.tf:7".lower(),
        "var.principals no default and no value given",
        "Read 3 files with 41 resources, 9 of them about access. 3 rules asked. 1 finding suppressed.",
    ):
        assert said.lower() in page.text.lower()


def test_the_marked_part_is_the_place_of_the_finding() -> None:
    text = render("html", REPORT, view())
    assert "<mark>Principal = &quot;*&quot;</mark>" in text


def test_the_worst_findings_come_first_and_suppressed_ones_last() -> None:
    cards = [
        attributes
        for attributes in Page(
            render("html", Report((REPORT.findings[1], Finding(DUSTY, match()), Finding(OPEN, FULL))), View())
        ).all("details")
        if "finding" in attributes.get("class", "")
    ]
    assert [(card["data-severity"], card["data-suppressed"], "hidden" in card) for card in cards] == [
        ("critical", "no", False),
        ("low", "no", False),
        ("low", "yes", True),
    ]


def test_a_clean_report_says_so() -> None:
    page = Page(render("html", EMPTY, View()))
    assert "Nothing was found." in page.text
    assert page.all("title") == [{}]
    assert "osreach: no findings" in page.text


def test_the_page_allows_its_own_script_and_style_only() -> None:
    page = Page(render("html", REPORT, view(named("x"))))
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv")]
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    scripts = page.raw["script"]
    code = next(each for each in scripts if "layered" in each)

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert directives["script-src"] == digest(code)
    assert directives["style-src"] == digest("".join(page.raw["style"]))
    # Whatever loads, names another place or runs would be an attribute of these.
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {
        name for name in names if name in {"src", "srcset", "action", "style"} or name.startswith("on")
    }
    assert {each["href"] for each in page.all("a") if not each["href"].startswith("#")} == {
        "https://example.com/doors"
    }
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.elements)


def elements_of(text: str) -> tuple[list[tuple[str, tuple[str, ...]]], str]:
    """The elements of a page in which everything has one name, with the names of their attributes, and its data."""
    place = Place(at(text, 1), text)
    found = Finding(
        replace(OPEN, name=text, remedy=text, references=(text,)),
        replace(FULL, message=text, resource=text, principal=text, places=(place, place), remedy=text),
    )
    report = Report((found,), (Problem(at(text, 1), text),), failures=((text, text),))
    page = Page(
        render("html", report, View(sources={text: (text.replace("\n", " "),)}, overview=named(text)))
    )
    elements = [(tag, tuple(attributes)) for tag, attributes in page.elements if tag not in {"code", "wbr"}]
    return elements, page.raw["script"][0]


@given(st.text(min_size=1))
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_no_name_becomes_an_element(name: str) -> None:
    known, _ = elements_of("x")
    for text in (name, f"{MARKUP}{name}", HOSTILE + name):
        found, data = elements_of(text)
        # Marks and lines depend on how long the source is; nothing else depends on names.
        assert {each for each in found if each[0] not in {"mark", "a"}} <= set(known)
        assert json.loads(data)["graph"]["nodes"][0]["label"] == printable(text)


def test_hostile_names_are_shown_as_they_are() -> None:
    page = Page(render("html", HOSTILE_REPORT, View()))
    assert printable(HOSTILE) in "".join(page.said)


SECRETS = [
    ('  master_user_password = "hunter2hunter2"', 1, "hunter2"),
    ("      MasterUserPassword: hunter2hunter2", 1, "hunter2"),
    ('variable "master_password" {\n  type    = string\n  default = "hunter2"\n}', 3, "hunter2"),
    ("  MasterPassword:\n    Type: String\n    Default: hunter2\n", 3, "hunter2"),
    ("  private_key = <<EOT\n    hunter2\n    hunter2\n    hunter2\n  EOT", 4, "hunter2"),
    ("      Password: |\n        hunter2\n        hunter2\n      Next: 1", 3, "hunter2"),
    ("  db_password = <<-EOT\n  hunter2\n  EOT", 2, "hunter2"),
    ("  private_key = <<EOT\nhunter2\nhunter2\nhunter2\nEOT\n}", 4, "hunter2"),
]


@pytest.mark.parametrize(("source", "line", "secret"), SECRETS)
def test_no_excerpt_shows_a_secret(source: str, line: int, secret: str) -> None:
    lines = source.split("\n")
    found = excerpt(Location("a", line, 1, line, 200), lines, {})
    shown = "\n".join("".join(text for text, _ in parts) for _, parts in found.lines)
    assert secret not in shown
    assert len(found.lines) > 0


def test_references_to_secrets_are_shown() -> None:
    lines = ['variable "password" {', "  default = var.other", "}", "  password = var.password"]
    found = excerpt(Location("a", 3, 1, 3, 2), lines, {})
    assert ["".join(text for text, _ in parts) for _, parts in found.lines] == lines


def test_a_long_line_shows_its_marked_part_only() -> None:
    line = "a" * 30_000 + "MARKED" + "b" * 30_000
    found = excerpt(Location("plan.json", 2, 30_001, 2, 30_007), ("x", line, line), {})
    assert found.lines == ((1, (("x", False),)), (2, (("…", False), ("MARKED", True), ("…", False))))


@pytest.mark.parametrize("where", [Location("a", 9, 1, 9, 2), Location("a", 0, 1, 0, 2)])
def test_a_file_that_changed_has_no_excerpt(where: Location) -> None:
    assert excerpt(where, ("one",), {}).lines == ()


def test_many_lines_are_cut() -> None:
    found = excerpt(Location("a", 3, 5, 30, 6), [f"line {number}" for number in range(1, 41)], {})
    assert [number for number, _ in found.lines] == list(range(1, 13))
    assert found.more == 20
    assert found.lines[2] == (3, (("line", False), (" 3", True)))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("html") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        found = main(
            [
                "scan",
                "--fail-on",
                "never",
                "--format",
                "html",
                "--output",
                str(target),
                "fixtures/projects/multi-account",
            ]
        )
    assert found == 0
    return target.read_text()


def test_the_matrix_says_who_reaches_what(project: str) -> None:
    page = Page(project)
    cells = {each["aria-label"] for each in page.all("button") if each.get("class") == "cell"}
    assert (
        "aws_iam_role.reader on aws_opensearch_domain.orders: read allowed, delete allowed, configure allowed, administer allowed"
        in cells
    )
    assert "111111111111 on aws_opensearch_domain.orders: read conditional" in cells
    ways = json.loads(page.raw["script"][0])["ways"]
    chains = [chain for _, _, chain, *_ in ways]
    assert [
        "aws_iam_user.ci",
        "aws_iam_role.deploy",
        "aws_iam_role.hub",
        "aws_opensearch_domain.orders",
    ] in chains


def test_a_finding_leads_to_its_part_of_the_graph(project: str) -> None:
    page = Page(project)
    graph = json.loads(page.raw["script"][0])["graph"]
    (number,) = [
        each["id"].removeprefix("finding-")
        for each in page.all("details")
        if each.get("data-rule") == "domain-takeover"
    ]
    route = graph["routes"][number]
    labels = [graph["nodes"][node]["label"] for node in route["nodes"]]
    assert labels == ["aws_iam_role.reader", "aws_iam_role_policy.reader", "aws_opensearch_domain.orders"]
    kinds = {graph["edges"][edge]["kind"] for edge in route["edges"]}
    assert "can give itself access to" in kinds
    assert f'data-finding="{number}"' in project


def node(label: str, kind: NodeKind = NodeKind.ROLE) -> Node:
    return Node(label, kind, label)


def test_the_route_of_a_finding_is_the_shortest_way_from_its_principal() -> None:
    graph = Graph(
        (node("ann", NodeKind.USER), node("etl"), node("other"), node("logs", NodeKind.DOMAIN), node("x")),
        (
            Fact(FactKind.MAY_ASSUME, "ann", "etl", "", (at("a.tf", 3),)),
            Fact(FactKind.MAY_ASSUME, "ann", "other", ""),
            Fact(FactKind.MAY_ASSUME, "other", "etl", ""),
            Fact(FactKind.ALLOWS, "etl", "logs", "read"),
            Fact(FactKind.ALLOWS, "etl", "logs", "write", (at("a.tf", 9),)),
            Fact(FactKind.DENIES, "x", "logs", "no"),
        ),
    )
    edges = network.edges_of(graph)
    assert edges[3] == network.Edge(FactKind.ALLOWS, 1, 3, ("read, write",), (at("a.tf", 9),), certain=True)
    found = Finding(OPEN, replace(match("a.tf", 1, "m", "logs"), principal="ann"))
    denied = Finding(OPEN, match("a.tf", 9, "m", "logs"))
    nothing = Finding(OPEN, match("b.tf", 9, "m", "elsewhere"))
    assert network.routes_of((found, denied, nothing), graph, edges) == {
        0: network.Route((0, 1, 3), (0, 3)),
        1: network.Route((1, 3), (3,)),
    }


def test_of_several_deployments_the_findings_own_is_shown() -> None:
    nodes = tuple(
        Node(f"{folder}:logs", NodeKind.DOMAIN, "logs", at(f"{folder}/main.tf", 1))
        for folder in ("dev", "prod")
    )
    graph = Graph(nodes, ())
    found = Finding(OPEN, match("prod/roles.tf", 1, "m", "logs"))
    assert network.routes_of((found,), graph, ()) == {0: network.Route((1,), ())}
    shown = network.data(nodes, (), {})["nodes"]
    assert isinstance(shown, list)
    assert [node["deployment"] for node in shown] == ["dev", "prod"]


@pytest.mark.parametrize(
    ("deployments", "names"),
    [
        ([], {}),
        (["a/b", "a/b", ""], {}),
        (["../x/a", "../x/b/c", ""], {"../x/a": "a", "../x/b/c": "b/c"}),
        (["a", "b"], {"a": "a", "b": "b"}),
        (["/a/x", "b"], {"/a/x": "/a/x", "b": "b"}),
        (["a", "a/b"], {"a": ".", "a/b": "b"}),
    ],
)
def test_deployments_have_short_names(deployments: list[str], names: dict[str, str]) -> None:
    assert short_names(deployments) == names


def test_what_is_left_out_is_said() -> None:
    party = Party("r", "aws_opensearch_domain.big", "domain")
    page = Page(render("html", EMPTY, View(overview=Overview(left_out=(party,)))))
    assert (
        "1 resource left out, because working out who reaches everything here would take too long"
        in page.text
    )
    assert "aws_opensearch_domain.big" in page.text
    assert "It was left out, because it would take too long to work out." in page.text
    assert "The matrix of this report was not worked out" in Page(render("html", EMPTY, View())).text


def contrast(one: str, other: str) -> float:
    """How far two colours are apart; https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        digits = colour * 2 if len(colour) == 3 else colour
        parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_is_readable_on_its_ground() -> None:
    style = (ROOT / "scanner/osreach/report/html/page.css").read_text()
    themes = [
        dict(re.findall(r"--([\w-]+): #([0-9a-f]+);", block))
        for block in re.findall(r"\{[^{}]*--paper: #[^{}]*\}", style)
    ]
    assert len(themes) == 4
    assert themes[1] == themes[2]
    for theme in themes:
        full = {**themes[0], **theme}
        written = ("ink", "quiet", "link", "critical", "high", "medium", "low", "info")
        for ink, ground in (
            *product(written, ("paper", "panel")),
            ("mark-ink", "mark"),
            ("allowed-ink", "allowed"),
        ):
            assert contrast(full[ink], full[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("rule", ["plaintext-password", "provider-credentials", "pipeline-credentials"])
def test_no_password_of_the_code_is_in_the_page(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (ROOT / "fixtures" / "rules" / rule / "bad.tf").read_text()
    # What refers to a password may be shown.
    secrets = set(
        re.findall(r'(?:password|_key)["\']?\s*[=:]\s*"?(?!var\.|local\.)([^\s"${}]{8,})"?', source)
    )
    assert secrets
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(source)
    assert main(["scan", "--fail-on", "never", "--format", "html", "--output", "report.html", "."]) == 0
    page = Page(Path("report.html").read_text())
    assert f'"{rule}"' in Path("report.html").read_text()
    assert not {secret for secret in secrets if secret in page.text or secret in page.raw["script"][0]}


def test_only_those_who_ask_for_the_page_load_it(tmp_path: Path) -> None:
    text = (
        "import sys; sys.argv = ['osreach', 'scan', '--output', 'o.txt', '.']\n"
        "from osreach.cli.main import main; main(sys.argv[1:])\n"
        "print(*(name for name in sys.modules if name.startswith(('osreach.report.html', 'osreach.graph.overview'))))"
    )
    (tmp_path / "main.tf").write_text('resource "aws_opensearch_domain" "x" {\n}\n')
    found = subprocess.run(
        [sys.executable, "-I", "-c", text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert found.stdout.strip() == ""
