"""The graph as text in the formats that other programs read."""

from __future__ import annotations

import json
from html import escape

from osreach.graph.fact import FactKind, Graph, NodeKind
from osreach.graph.network import graphml

_SHAPES = {
    NodeKind.USER: "ellipse",
    NodeKind.ROLE: "ellipse",
    NodeKind.GROUP: "ellipse",
    NodeKind.OUTSIDE: "ellipse",
    NodeKind.POLICY: "note",
    NodeKind.SERVICE: "hexagon",
    NodeKind.ACCOUNT: "folder",
    NodeKind.PROVIDER: "hexagon",
    NodeKind.ANYONE: "doublecircle",
    NodeKind.WORKLOAD: "component",
    NodeKind.DOMAIN: "cylinder",
    NodeKind.COLLECTION: "cylinder",
    NodeKind.KEY: "box",
    NodeKind.BUCKET: "cylinder",
}
_RED = frozenset({FactKind.ESCALATES, FactKind.DENIES})


def exported(graph: Graph, form: str) -> str:
    """The graph as `dot`, `graphml`, `json`, `mermaid` or `html`; raises ValueError for another format."""
    match form:
        case "dot":
            return dot(graph)
        case "graphml":
            return graphml(graph)
        case "json":
            return as_json(graph)
        case "mermaid":
            return mermaid(graph)
        case "html":
            return html(graph)
        case _:
            raise ValueError(f"`{form}` is no format of a graph")


def as_json(graph: Graph) -> str:
    """Nodes and edges as objects."""
    nodes = [
        {
            "id": node.identifier,
            "kind": node.kind.value,
            "label": node.label,
            "location": None
            if node.location is None or not node.location.path
            else {"path": node.location.path, "line": node.location.line, "column": node.location.column},
        }
        for node in graph.nodes
    ]
    edges = [
        {
            "kind": fact.kind.value,
            "source": fact.source,
            "target": fact.target,
            "evidence": fact.evidence,
            "certain": fact.certain,
            "locations": [
                {"path": place.path, "line": place.line, "column": place.column} for place in fact.locations
            ],
        }
        for fact in graph.facts
    ]
    return json.dumps({"version": 1, "nodes": nodes, "edges": edges}, indent=2)


def _quoted(text: str) -> str:
    r"""A text as DOT writes it; a newline in it is `\n`.

    Source: https://graphviz.org/doc/info/lang.html
    """
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n")
    return f'"{body}"'


def dot(graph: Graph) -> str:
    """The graph in the language of Graphviz."""
    lines = ["digraph access {", "  rankdir=LR;"]
    lines += [
        f"  {_quoted(node.identifier)} [label={_quoted(node.label)}, shape={_SHAPES[node.kind]}];"
        for node in graph.nodes
    ]
    for fact in graph.facts:
        label = f"{fact.kind.value}\n{fact.evidence}" if fact.evidence else fact.kind.value
        style = "" if fact.certain else ", style=dashed"
        colour = ", color=red" if fact.kind in _RED else ""
        lines.append(
            f"  {_quoted(fact.source)} -> {_quoted(fact.target)} [label={_quoted(label)}{style}{colour}];"
        )
    return "\n".join([*lines, "}"])


def mermaid(graph: Graph) -> str:
    """The graph as a flowchart of Mermaid.

    Source: https://mermaid.js.org/syntax/flowchart.html
    """
    names = {node.identifier: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f'  {names[node.identifier]}["{_plain(node.label)}"]' for node in graph.nodes]
    for fact in graph.facts:
        arrow = "-->" if fact.certain else "-.->"
        label = _plain(f"{fact.kind.value}: {fact.evidence}" if fact.evidence else fact.kind.value)
        lines.append(f'  {names[fact.source]} {arrow}|"{label}"| {names[fact.target]}')
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A text inside a label of Mermaid, where quotes and brackets would end it."""
    safe = escape(text, quote=True).replace("\r", " ").replace("\n", " ")
    for character, entity in (("[", "#91;"), ("]", "#93;"), ("|", "#124;"), ("`", "#96;"), ("\\", "#92;")):
        safe = safe.replace(character, entity)
    return safe.replace("&", "#").replace("##", "#")


_STYLE = (
    "body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}"
)


def html(graph: Graph) -> str:
    """One page with every edge as a row; it needs nothing from elsewhere."""
    labels = {node.identifier: node for node in graph.nodes}
    rows: list[str] = []
    for fact in graph.facts:
        places = ", ".join(f"{place.path}:{place.line}" for place in fact.locations)
        cells = (
            f"{labels[fact.source].label} ({labels[fact.source].kind.value})",
            fact.kind.value if fact.certain else f"{fact.kind.value} (possibly)",
            f"{labels[fact.target].label} ({labels[fact.target].kind.value})",
            fact.evidence,
            places,
        )
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("from", "what", "to", "evidence", "places"))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Who can reach what</title>'
        f"<style>{_STYLE}</style></head><body><h1>Who can reach what</h1>"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table></body></html>"
    )
