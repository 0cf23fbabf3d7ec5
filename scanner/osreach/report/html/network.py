"""The graph for the page, and the part of it that shows a finding."""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from osreach.finding import Finding
from osreach.graph.fact import FactKind, Graph, Node, NodeKind
from osreach.graph.overview import Overview
from osreach.location import Location
from osreach.report.html.deployment import short_names
from osreach.report.html.markup import name, prose, words
from osreach.report.printable import printable
from osreach.report.view import count
from osreach.report.witness import principal_text

_LEADS = frozenset(
    {
        FactKind.MEMBER_OF,
        FactKind.RUNS_AS,
        FactKind.MAY_ASSUME,
        FactKind.ALLOWS,
        FactKind.EXPOSES,
        FactKind.ESCALATES,
    }
)
"""The facts along which a principal comes to a resource."""

_SAID = {
    FactKind.ATTACHED: "is attached to",
    FactKind.MEMBER_OF: "is a member of",
    FactKind.RUNS_AS: "runs as",
    FactKind.MAY_ASSUME: "may assume",
    FactKind.MAY_PASS: "may pass",
    FactKind.ALLOWS: "can reach",
    FactKind.DENIES: "is denied something on",
    FactKind.ENCRYPTS_WITH: "is encrypted with",
    FactKind.EXPOSES: "can connect to",
    FactKind.ESCALATES: "can give itself access to",
}
"""A fact as the verb between its source and its target."""

_ANYONE = frozenset({"*", "anonymous", "anyone"})


@dataclass(frozen=True, slots=True)
class Edge:
    """All facts of one kind between two nodes, which are given by their numbers."""

    kind: FactKind
    source: int
    target: int
    evidence: tuple[str, ...]
    locations: tuple[Location, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The numbers of the nodes and edges that show a finding."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]


def edges_of(graph: Graph) -> tuple[Edge, ...]:
    """The facts of the graph with those between the same two nodes put together."""
    numbers = {node.identifier: number for number, node in enumerate(graph.nodes)}
    found: dict[tuple[FactKind, int, int], Edge] = {}
    for fact in graph.facts:
        key = fact.kind, numbers[fact.source], numbers[fact.target]
        known = found.get(key)
        evidence = (fact.evidence,) if fact.evidence else ()
        found[key] = Edge(
            *key,
            tuple(dict.fromkeys((*(known.evidence if known else ()), *evidence))),
            tuple(dict.fromkeys((*(known.locations if known else ()), *fact.locations))),
            fact.certain or (known.certain if known else False),
        )
    return tuple(replace(edge, evidence=_together(edge.evidence)) for edge in found.values())


def _together(evidence: Iterable[str]) -> tuple[str, ...]:
    """What several levels of access share, the conditions after `; if`, said once: `read, write; if ...`."""
    found: dict[str, list[str]] = {}
    for one in evidence:
        first, mark, conditions = one.partition("; if ")
        found.setdefault(mark + conditions, []).append(first)
    return tuple(", ".join(firsts) + conditions for conditions, firsts in found.items())


def routes_of(findings: Sequence[Finding], graph: Graph, edges: Sequence[Edge]) -> dict[int, Route]:
    """For each finding that the graph can show, by its number, where."""
    labels: dict[str, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        labels.setdefault(node.label, []).append(number)
    files = [node.location.path if node.location is not None else "" for node in graph.nodes]
    anyone = [number for number, node in enumerate(graph.nodes) if node.kind is NodeKind.ANYONE]
    found: dict[int, Route] = {}
    for number, finding in enumerate(findings):
        near = {name: _near(numbers, finding, files) for name, numbers in _named(finding, labels)}
        route = _route(finding, near, anyone, edges)
        if route is not None:
            found[number] = route
    return found


def _named(finding: Finding, labels: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Sequence[int]]]:
    """The nodes by the names that the finding speaks of."""
    match = finding.match
    names = {match.resource, match.principal}
    if match.witness is not None:
        names.add(principal_text(match.witness.request.principal))
    found = ((name, labels.get(name)) for name in sorted(names))
    yield from ((name, numbers) for name, numbers in found if numbers is not None)


def _near(numbers: Sequence[int], finding: Finding, files: Sequence[str]) -> Sequence[int]:
    """Of several nodes of one name, in several deployments, those in the finding's files or else in its folder."""
    paths = {place.location.path for place in finding.match.places}
    folders = {posixpath.dirname(path) for path in paths}
    return (
        [number for number in numbers if files[number] in paths]
        or [number for number in numbers if posixpath.dirname(files[number]) in folders]
        or numbers
    )


def _route(
    finding: Finding, labels: Mapping[str, Sequence[int]], anyone: Sequence[int], edges: Sequence[Edge]
) -> Route | None:
    match = finding.match
    resources = set(labels.get(match.resource, ()))
    principals = set(labels.get(match.principal, ()))
    if match.witness is not None:
        principals.update(labels.get(principal_text(match.witness.request.principal), ()))
    if match.principal in _ANYONE or (
        match.witness is not None and principal_text(match.witness.request.principal) in _ANYONE
    ):
        principals.update(anyone)
    ends = resources | principals
    shown = {
        number
        for number, edge in enumerate(edges)
        if (edge.source in ends or edge.target in ends)
        and any(_meet(where, place.location) for where in edge.locations for place in match.places)
    }
    shown.update(_shortest(principals, resources, edges))
    nodes = ends | {end for one in shown for end in _ends(edges[one])}
    return Route(tuple(sorted(nodes)), tuple(sorted(shown))) if nodes else None


def _ends(edge: Edge) -> tuple[int, int]:
    return edge.source, edge.target


def _meet(one: Location, other: Location) -> bool:
    """Whether the two places share a line."""
    return one.path == other.path and one.line <= other.end_line and other.line <= one.end_line


def _shortest(starts: Iterable[int], ends: Iterable[int], edges: Sequence[Edge]) -> tuple[int, ...]:
    """The edges of the shortest way from one of the starts to one of the ends, none where there is no way."""
    leaving: dict[int, list[int]] = {}
    for number, edge in enumerate(edges):
        if edge.kind in _LEADS:
            leaving.setdefault(edge.source, []).append(number)
    wanted = set(ends)
    came: dict[int, int] = {}
    known = set(starts)
    waiting = deque(sorted(known))
    while waiting:
        node = waiting.popleft()
        if node in wanted and node in came:
            way = []
            while node in came:
                way.append(came[node])
                node = edges[came[node]].source
            return tuple(reversed(way))
        for number in leaving.get(node, ()):
            target = edges[number].target
            if target not in known:
                known.add(target)
                came[target] = number
                waiting.append(target)
    return ()


def _deployment(node: Node) -> str:
    """The root module or stack of the node, empty for what no file defines."""
    behind = f":{node.label}"
    return node.identifier.removesuffix(behind) if node.identifier.endswith(behind) else ""


def said(edge: Edge, nodes: Sequence[Node]) -> str:
    """The verb of the edge, such as `may assume`."""
    verb = _SAID.get(edge.kind, edge.kind.value)
    if edge.kind is FactKind.DENIES and nodes[edge.source].kind is NodeKind.POLICY:
        verb = "denies something on"
    return verb


def data(nodes: Sequence[Node], edges: Sequence[Edge], routes: Mapping[int, Route]) -> dict[str, object]:
    """The graph as the page's script takes it."""
    deployments = {node.identifier: _deployment(node) for node in nodes}
    apart = short_names(deployments.values())
    return {
        "nodes": [
            {
                "kind": node.kind.value,
                "label": printable(node.label),
                "deployment": printable(apart.get(deployments[node.identifier], "")),
                "place": _where(node.location),
            }
            for node in nodes
        ],
        "edges": [
            {
                "kind": edge.kind.value,
                "said": said(edge, nodes),
                "source": edge.source,
                "target": edge.target,
                "evidence": [printable(one) for one in edge.evidence],
                "places": [_where(where) for where in edge.locations],
                "certain": edge.certain,
            }
            for edge in edges
        ],
        "routes": {
            str(number): {"nodes": list(route.nodes), "edges": list(route.edges)}
            for number, route in routes.items()
        },
    }


def _where(where: Location | None) -> str:
    return printable(f"{where.path}:{where.line}") if where is not None and where.path else ""


def section(
    overview: Overview | None, edges: Sequence[Edge], findings: Sequence[Finding], routes: Mapping[int, Route]
) -> str:
    """The part of the page with the graph; a table of all facts says the same without a picture."""
    graph = overview.graph if overview is not None else None
    head = '<section id="graph" aria-labelledby="graph-title"><h2 id="graph-title">The graph</h2>'
    if graph is None or not graph.nodes:
        why = (
            "It was left out, because it would take too long to work out."
            if overview is not None and overview.left_out
            else "There is nothing to draw."
        )
        return f"{head}<p>{why}</p></section>"
    chosen = "".join(
        f'<option value="finding-{number}">{words(_short(findings[number]))}</option>' for number in routes
    )
    by_label = sorted(enumerate(graph.nodes), key=lambda item: (item[1].kind.value, item[1].label))
    nodes = "".join(
        f'<option value="node-{number}">{words(f"{node.kind.value} {node.label}")}</option>'
        for number, node in by_label
        if node.kind is not NodeKind.POLICY
    )
    choice = _choice(chosen, nodes)
    return f"""{head}
<form class="filter" id="graph-filter" aria-label="The graph">
<label class="wide">Follow {choice}</label>
<label class="check"><input type="checkbox" id="graph-policies"> show policies</label>
<span class="buttons"><button type="button" id="zoom-in" aria-label="Zoom in">+</button>
<button type="button" id="zoom-out" aria-label="Zoom out">&minus;</button>
<button type="button" id="zoom-fit">Fit</button></span>
</form>
<p class="legend"><i class="stroke assume"></i> may become · <i class="stroke allow"></i> may reach · \
<i class="stroke danger"></i> gives itself access, is exposed, or denied · <i class="stroke"></i> belongs to · <i class="stroke maybe"></i> only \
under conditions</p>
<div id="canvas" class="canvas" tabindex="0" role="group" aria-describedby="canvas-help" \
aria-label="Graph of principals and resources"></div>
<p id="canvas-help" class="quiet screen">Drag to move, use the wheel to zoom; with the keyboard: arrows, + and &minus;, \
0 to fit, Escape to let go. Click a box to see all that leads to it and from it.</p>
<div id="graph-detail" class="detail" role="region" aria-live="polite" aria-label="What is followed" hidden></div>
{_facts(graph, edges)}
</section>"""


def _choice(findings: str, nodes: str) -> str:
    groups = f'<optgroup label="findings">{findings}</optgroup>' if findings else ""
    groups += f'<optgroup label="principals and resources">{nodes}</optgroup>'
    return f'<select id="graph-choice"><option value="">everything</option>{groups}</select>'


def _short(finding: Finding) -> str:
    return f"{finding.rule.code} {finding.rule.name}: {finding.match.message.replace('`', '')}"


def _facts(graph: Graph, edges: Sequence[Edge]) -> str:
    rows = []
    for edge in edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        places = "<br>".join(words(_where(where)) for where in edge.locations)
        evidence = "<br>".join(prose(one) for one in edge.evidence)
        sure = "" if edge.certain else " (under conditions)"
        rows.append(
            f'<tr><td><span class="kind">{source.kind.value}</span> {name(source.label)}</td>'
            f'<td>{said(edge, graph.nodes)}{sure}</td><td><span class="kind">{target.kind.value}</span> {name(target.label)}</td>'
            f'<td>{evidence}</td><td class="place">{places}</td></tr>'
        )
    return f"""<details id="facts"><summary>The same as a table: {count(len(edges), "fact")}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Facts of the graph">
<table class="facts"><thead><tr><th scope="col">From</th><th scope="col">What</th><th scope="col">To</th>\
<th scope="col">Evidence</th><th scope="col">Places</th></tr></thead>
<tbody>
{chr(10).join(rows)}
</tbody></table></div></details>"""
