"""The graph as networkx sees it: the only door to that library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from osreach.graph.fact import Graph

if TYPE_CHECKING:
    import networkx as nx


def as_networkx(graph: Graph) -> nx.MultiDiGraph[str]:
    """All nodes and facts with what is known of them as texts."""
    import networkx as nx  # noqa: PLC0415 - it costs more to import than most commands take

    found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in graph.nodes:
        place = node.location
        where = f"{place.path}:{place.line}" if place is not None and place.path else ""
        found.add_node(node.identifier, kind=node.kind.value, label=node.label, place=where)
    for fact in graph.facts:
        places = " ".join(f"{place.path}:{place.line}" for place in fact.locations if place.path)
        found.add_edge(
            fact.source,
            fact.target,
            kind=fact.kind.value,
            evidence=fact.evidence,
            place=places,
            certain=str(fact.certain).lower(),
        )
    return found


def graphml(graph: Graph) -> str:
    """The graph in GraphML.

    Source: http://graphml.graphdrawing.org/specification.html
    """
    import networkx as nx  # noqa: PLC0415 - as above

    return "\n".join(nx.generate_graphml(as_networkx(graph)))


def shortest_chains(
    edges: Iterable[tuple[str, str]], ends: Iterable[str]
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each of `ends` the shortest way to it from every node that has one, ends included, along `edges`."""
    import networkx as nx  # noqa: PLC0415 - as above

    backwards: nx.DiGraph[str] = nx.DiGraph()
    backwards.add_edges_from((target, source) for source, target in edges)
    return {
        end: {
            start: tuple(reversed(path))
            for start, path in nx.single_source_shortest_path(backwards, end).items()
        }
        for end in ends
        if end in backwards
    }
