from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from access_project import analysis_of as made_up
from osreach.analysis import Analysis, analyse
from osreach.cli.main import main
from osreach.evaluate.target import targets_of
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.graph.build import build
from osreach.graph.export import exported
from osreach.graph.fact import Fact, FactKind, Graph, Node, NodeKind
from osreach.graph.who import Reachability
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"


def graph_of(analysis: Analysis) -> Graph:
    return build(Reachability(analysis.access))


@cache
def project(name: str) -> Graph:
    reading = read_code([str(PROJECTS / name)], Inputs(), TYPES | ALSO_NAMED, every=True)
    return graph_of(analyse(reading, Inputs()))


def edges(graph: Graph, kind: FactKind) -> set[tuple[str, str]]:
    labels = {node.identifier: node.label for node in graph.nodes}
    return {(labels[fact.source], labels[fact.target]) for fact in graph.facts if fact.kind is kind}


def test_assuming_takes_both_sides() -> None:
    found = edges(project("multi-account"), FactKind.MAY_ASSUME)
    assert {
        ("aws_iam_user.ci", "aws_iam_role.deploy"),
        ("aws_iam_role.deploy", "aws_iam_role.hub"),
        ("aws_iam_role.hub", "aws_iam_role.reader"),
    } <= found
    assert ("aws_iam_user.intern", "aws_iam_role.deploy") not in found
    assert ("aws_iam_role.hub", "aws_iam_role.closed") not in found
    assert ("aws_iam_role.hub_reader", "aws_iam_role.reader") not in found


def test_workloads_groups_and_keys_are_joined() -> None:
    logging = project("logging-platform")
    assert (
        "aws_kinesis_firehose_delivery_stream.logs",
        "aws_iam_role.delivery",
    ) in edges(logging, FactKind.RUNS_AS)
    assert ("aws_iam_user.dana", "aws_iam_group.developers") in edges(logging, FactKind.MEMBER_OF)
    assert ("aws_s3_bucket.snapshots", "aws_kms_key.snapshots") in edges(logging, FactKind.ENCRYPTS_WITH)
    assert ("the internet", "aws_opensearch_domain.logs") in edges(logging, FactKind.EXPOSES)
    assert ("aws_iam_role.batch", "aws_opensearch_domain.logs") in edges(logging, FactKind.ALLOWS)
    search = project("search-backend")
    assert ("aws_opensearch_domain.products", "aws_kms_key.search") in edges(search, FactKind.ENCRYPTS_WITH)
    assert ("service account shop/api", "aws_iam_role.api") in edges(search, FactKind.RUNS_AS)
    assert ("10.20.0.0/16", "aws_opensearch_domain.products") in edges(search, FactKind.EXPOSES)
    assert ("aws_iam_openid_connect_provider.cluster", "aws_iam_role.api") in edges(
        search, FactKind.MAY_ASSUME
    )


def test_ways_to_more_access_are_edges_of_their_own() -> None:
    search = project("search-backend")
    found = edges(search, FactKind.ESCALATES)
    assert ("aws_iam_user.deployer", "aws_opensearch_domain.products") in found
    assert ("aws_iam_user.deployer", "aws_iam_role.indexer") in found
    assert ("aws_iam_user.deployer", "aws_iam_role.api") not in found
    assert ("aws_iam_user.deployer", "aws_iam_role.indexer") in edges(search, FactKind.MAY_PASS)
    assert ("aws_iam_role.key_admin", "aws_kms_key.reports") in edges(
        project("encrypted-bucket"), FactKind.ESCALATES
    )
    assert ("aws_iam_role.operator", "aws_iam_role.snapshot") in edges(
        project("logging-platform"), FactKind.ESCALATES
    )


def test_changing_a_role_leads_to_it(tmp_path: Path) -> None:
    text = """
resource "aws_iam_role" "strong" {
  name               = "strong"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_user_policy" "p" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:UpdateAssumeRolePolicy", Resource = aws_iam_role.strong.arn }] })
}
"""
    graph = graph_of(made_up(tmp_path, {"main.tf": text}))
    found = [fact for fact in graph.facts if fact.kind is FactKind.ESCALATES]
    assert [fact.evidence for fact in found] == ["iam:UpdateAssumeRolePolicy on the role"]


def test_roles_that_assume_each_other_in_a_circle_are_no_problem(tmp_path: Path) -> None:
    blocks = []
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        blocks.append(f"""
resource "aws_iam_role" "{one}" {{
  name               = "{one}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::111122223333:role/{other}" }}, Action = "sts:AssumeRole" }}] }})
}}""")
    blocks.append("""
resource "aws_s3_bucket" "s" { bucket = "s" }
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.a.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.s.arn}/*" }] })
}
provider "aws" { allowed_account_ids = ["111122223333"] }
""")
    analysis = made_up(tmp_path, {"main.tf": "\n".join(blocks)})
    reachability = Reachability(analysis.access)
    (target,) = targets_of(analysis.model)
    chains = [[one.name for one in reach.chain] for reach in reachability.who(target)]
    assert chains == [
        ["aws_iam_role.a"],
        ["aws_iam_role.b", "aws_iam_role.a"],
        ["aws_iam_role.c", "aws_iam_role.b", "aws_iam_role.a"],
    ]


def test_every_edge_joins_nodes_and_most_have_places() -> None:
    for name in ("encrypted-bucket", "logging-platform", "multi-account", "search-backend"):
        graph = project(name)
        known = {node.identifier for node in graph.nodes}
        assert len(known) == len(graph.nodes)
        assert all(fact.source in known and fact.target in known for fact in graph.facts)
        placeless = {fact.kind for fact in graph.facts if not fact.locations}
        assert placeless <= {FactKind.ALLOWS, FactKind.ESCALATES}


def test_graphml_and_json_say_the_same() -> None:
    graph = project("logging-platform")
    shown = json.loads(exported(graph, "json"))
    tree = ET.fromstring(exported(graph, "graphml"))  # noqa: S314 - it is our own
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    assert {node["id"] for node in shown["nodes"]} == {
        str(node.get("id")) for node in tree.findall(".//g:node", space)
    }
    assert sorted((edge["source"], edge["target"]) for edge in shown["edges"]) == sorted(
        (str(edge.get("source")), str(edge.get("target"))) for edge in tree.findall(".//g:edge", space)
    )
    places = [place for edge in shown["edges"] for place in edge["locations"]]
    assert all(place["path"].endswith(".tf") and place["line"] > 0 for place in places)


HOSTILE = 'a"];\n<script>|`[x]\\'


def hostile() -> Graph:
    node = Node(HOSTILE, NodeKind.USER, HOSTILE)
    other = Node("b", NodeKind.DOMAIN, "b")
    return Graph((node, other), (Fact(FactKind.ALLOWS, HOSTILE, "b", HOSTILE),))


@pytest.mark.parametrize("form", ["dot", "mermaid", "html", "graphml", "json"])
def test_names_of_strangers_do_not_break_out(form: str) -> None:
    text = exported(hostile(), form)
    if form == "dot":
        assert re.fullmatch(r'[^"]*(?:"(?:[^"\\]|\\.)*"[^"]*)*', text)
        assert len(text.splitlines()) == 6
    elif form == "mermaid":
        assert len(text.splitlines()) == 4
        assert text.count('"') == 6
    elif form == "html":
        assert "<script>" not in text
    elif form == "graphml":
        ET.fromstring(text)  # noqa: S314 - it is our own
    else:
        assert json.loads(text)["nodes"][0]["label"] == HOSTILE


@pytest.mark.parametrize("form", ["dot", "graphml", "json", "mermaid", "html"])
def test_the_command_writes_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(PROJECTS / "encrypted-bucket"), "--format", form]) == 0
    assert "aws_kms_key.reports" in capsys.readouterr().out


def test_a_scan_does_without_networkx(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_opensearch_domain" "d" {\n  domain_name = "d"\n}\n')
    code = (
        "import sys\nfrom osreach.cli.main import main\n"
        f"main(['scan', {str(tmp_path)!r}, '--fail-on', 'never', '--output', {str(tmp_path / 'o')!r}])\n"
        "print('networkx' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
