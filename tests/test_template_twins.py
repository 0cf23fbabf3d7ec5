"""The fixture projects in both languages: one graph, whichever of them describes it."""

from __future__ import annotations

import pytest

from osreach.analysis import Analysis, analyse
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.graph.build import build
from osreach.graph.fact import NodeKind
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from template_twins import FIXTURES, address_in_template, analysis_of_template

PROJECTS = ("encrypted-bucket", "logging-platform", "multi-account", "search-backend")


def edges(analysis: Analysis) -> set[tuple[str, str, str, bool]]:
    """The facts by the labels of their nodes, without policies: one language has a resource for each, one has not."""
    graph = build(analysis.reachability)
    labels = {node.identifier: node.label for node in graph.nodes if node.kind is not NodeKind.POLICY}
    return {
        (fact.kind.value, labels[fact.source], labels[fact.target], fact.certain)
        for fact in graph.facts
        if fact.source in labels and fact.target in labels
    }


@pytest.mark.parametrize("project", PROJECTS)
def test_a_template_has_the_same_graph(project: str) -> None:
    folder = str(FIXTURES / "projects" / project)
    original = analyse(read_code([folder], Inputs(), TYPES | ALSO_NAMED, every=True), Inputs())
    expected = set()
    for kind, source, target, certain in edges(original):
        names = address_in_template(source, project), address_in_template(target, project)
        if None not in names:
            expected.add((kind, *names, certain))
    assert edges(analysis_of_template(project)) == expected


def test_a_function_of_sam_runs_as_the_role_made_for_it() -> None:
    assert ("runs as", "Indexer", "IndexerRole", True) in edges(analysis_of_template("search-backend"))
