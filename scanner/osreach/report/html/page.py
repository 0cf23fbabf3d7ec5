"""The whole page: summary, findings, access matrix, graph, and what could not be known.

The page is complete without its script, which adds filters, the picture of the
graph and the switch between light and dark. A policy in the page itself forbids
everything but that script and style, each by its hash. Source:
https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from osreach.finding import Report
from osreach.location import Location
from osreach.report.html import findings as findings_part
from osreach.report.html import matrix, network
from osreach.report.html.markup import data, place, prose, words
from osreach.report.view import View, count
from osreach.rule import Severity

_STYLE = "page.css"
_SCRIPTS = ("theme.js", "findings.js", "matrix.js", "layout.js", "graph.js")
_UNKNOWNS_SHOWN = 200


def render(report: Report, view: View) -> str:
    """The report as one HTML page."""
    style = _part(_STYLE)
    script = "".join(
        f"(() => {{\n{_part(name)}}})();\n" if name != "layout.js" else _part(name) for name in _SCRIPTS
    )
    findings = findings_part.ordered(report)
    overview = view.overview
    graph = overview.graph if overview is not None else None
    edges = network.edges_of(graph) if graph is not None else ()
    routes = network.routes_of(findings, graph, edges) if graph is not None else {}
    known = data(
        {
            "ways": matrix.details(overview),
            "graph": network.data(graph.nodes if graph is not None else (), edges, routes),
        }
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>osreach: {words(_counted(report))}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<header>
<h1>osreach <span>who can reach what</span></h1>
<nav aria-label="Parts of the report"><a href="#findings">Findings</a> <a href="#access">Access</a>
<a href="#graph">Graph</a>{' <a href="#unclear">Not known</a>' if _is_unclear(report) else ""}</nav>
<button type="button" id="theme" hidden>Dark</button>
</header>
<main id="main" tabindex="-1">
{_summary(report, view)}
{_failures(report)}
{findings_part.section(report, findings, routes, view)}
{matrix.section(overview)}
{network.section(overview, edges, findings, routes)}
{_unclear(report)}
</main>
<footer>Made by osreach{f" {words(view.version)}" if view.version else ""} from code alone.</footer>
<script type="application/json" id="data">{known}</script>
<script>{script}</script>
</body>
</html>
"""


def _part(name: str) -> str:
    """A file of this package."""
    return (files("osreach.report.html") / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _counted(report: Report) -> str:
    shown = sum(finding.suppressed is None for finding in report.findings)
    return count(shown, "finding") if shown else "no findings"


def _summary(report: Report, view: View) -> str:
    shown = [finding for finding in report.findings if finding.suppressed is None]
    tiles = "".join(
        f'<li class="tile {severity}{"" if number else " none"}"><strong>{number:,}</strong> {severity}</li>'
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in shown))
        or severity not in {Severity.INFO, Severity.LOW}
    )
    coverage = report.coverage
    suppressed = len(report.findings) - len(shown)
    said = [
        f"Read {count(coverage.files, 'file')} with {count(coverage.resources, 'resource')}, {coverage.access_resources:,} of them about access."
    ]
    if view.rules:
        said.append(f"{count(len(view.rules), 'rule')} asked.")
    if suppressed:
        said.append(f"{count(suppressed, 'finding')} suppressed.")
    if report.problems:
        said.append(f'<a href="#problems">{count(len(report.problems), "problem")}</a>.')
    if coverage.unknowns:
        said.append(f'<a href="#unknowns">{count(len(coverage.unknowns), "value")} could not be known</a>.')
    return f"""<section id="summary" aria-label="Summary">
<ul class="tiles">{tiles}</ul>
<p>{" ".join(said)}</p>
</section>"""


def _failures(report: Report) -> str:
    if not report.failures:
        return ""
    items = "".join(f"<li><code>{words(name)}</code>: {prose(error)}</li>" for name, error in report.failures)
    return (
        '<section id="failures" class="warning" aria-labelledby="failures-title"><h2 id="failures-title">Rules that '
        f"crashed</h2><p>Their findings may be missing.</p><ul>{items}</ul></section>"
    )


def _is_unclear(report: Report) -> bool:
    return bool(report.problems or report.coverage.unknowns)


def _unclear(report: Report) -> str:
    """Problems, and values that could not be known: the same words once, with all their places."""
    if not _is_unclear(report):
        return ""
    parts = [
        '<section id="unclear" aria-labelledby="unclear-title"><h2 id="unclear-title">What is not known</h2>'
    ]
    if report.problems:
        problems: dict[str, list[Location]] = {}
        for problem in report.problems:
            problems.setdefault(prose(problem.message), []).append(problem.location)
        parts.append('<h3 id="problems">What could not be read</h3>')
        parts.append(_table(("Problem", "Places"), list(problems.items())))
    if report.coverage.unknowns:
        unknowns: dict[str, list[Location]] = {}
        for unknown, location in report.coverage.unknowns:
            said = f"<code>{words(unknown.expression)}</code> <span>{prose(unknown.reason)}</span>"
            unknowns.setdefault(said, []).append(location)
        ranked = sorted(unknowns.items(), key=lambda item: -len(item[1]))
        parts.append('<h3 id="unknowns">Values that could not be known</h3>')
        parts.append(_table(("Value", "Places"), ranked[:_UNKNOWNS_SHOWN]))
        if len(ranked) > _UNKNOWNS_SHOWN:
            parts.append(f"<p>And {count(len(ranked) - _UNKNOWNS_SHOWN, 'more value')}.</p>")
    return "\n".join([*parts, "</section>"])


def _table(heads: tuple[str, str], rows: list[tuple[str, list[Location]]]) -> str:
    head = "".join(f'<th scope="col">{words(one)}</th>' for one in heads)
    body = "".join(f'<tr><td>{said}</td><td class="place">{_places(where)}</td></tr>' for said, where in rows)
    return f'<div class="scroll"><table class="facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _places(locations: list[Location]) -> str:
    found = sorted(set(locations))
    shown = "<br>".join(place(one) for one in found[:3])
    return f"{shown}<br>and {count(len(found) - 3, 'more place')}" if len(found) > 3 else shown
