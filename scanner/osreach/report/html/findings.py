"""The findings, worst first, each with its trail of excerpts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from osreach.finding import Finding, Report
from osreach.location import Place
from osreach.report.html.excerpt import excerpt, shown
from osreach.report.html.markup import capital, link, place, prose, sentence, words
from osreach.report.redaction import Hidden, secret_places
from osreach.report.view import View, count
from osreach.report.witness import witness_sentence
from osreach.rule import Severity
from osreach.witness import Confidence


def ordered(report: Report) -> tuple[Finding, ...]:
    """All findings: those that count first, the worst of them first, else in the order of the report."""
    return tuple(
        sorted(report.findings, key=lambda finding: (finding.suppressed is not None, finding.severity.rank))
    )


def section(report: Report, findings: Sequence[Finding], in_graph: Collection[int], view: View) -> str:
    """The part of the page with the findings; those with a number in `in_graph` lead to the graph."""
    if not findings:
        return (
            '<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">Findings</h2>'
            '<p class="clean">Nothing was found.</p></section>'
        )
    hidden = secret_places(report)
    cards = "\n".join(
        _card(number, finding, number in in_graph, hidden, view) for number, finding in enumerate(findings)
    )
    return f"""<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
{_filter(findings)}
<p id="findings-count" class="count" role="status">{count(len(findings), "finding")}</p>
{cards}
<p id="findings-none" class="quiet" hidden>No finding matches.</p>
</section>"""


def _filter(findings: Sequence[Finding]) -> str:
    severities = "".join(
        f'<label class="check"><input type="checkbox" name="severity" value="{severity}" checked> {severity}'
        f"</label>"
        for severity in Severity
        if any(finding.severity is severity for finding in findings)
    )
    names = sorted({finding.rule.name for finding in findings})
    rules = "".join(f'<option value="{words(name)}">{words(name)}</option>' for name in names)
    suppressed = (
        '<label class="check"><input type="checkbox" id="with-suppressed"> also suppressed</label>'
        if any(finding.suppressed for finding in findings)
        else ""
    )
    return f"""<form class="filter" id="findings-filter" role="search" aria-label="Filter findings">
<label>Text <input type="search" id="findings-text" placeholder="resource, principal, file …"></label>
<label>Rule <select id="findings-rule"><option value="">every rule</option>{rules}</select></label>
<fieldset><legend>Severity</legend>{severities}</fieldset>
{suppressed}
<span class="buttons"><button type="button" id="open-all">Open all</button>
<button type="button" id="close-all">Close all</button></span>
</form>"""


def _card(number: int, finding: Finding, in_graph: bool, hidden: Hidden, view: View) -> str:  # noqa: FBT001 - one of two looks
    match = finding.match
    possible = match.confidence is Confidence.POSSIBLE
    tags = '<span class="tag">possible</span>' if possible else ""
    tags += '<span class="tag">suppressed</span>' if finding.suppressed else ""
    opened = " open" if number == 0 and not finding.suppressed else ""
    hide = " hidden" if finding.suppressed else ""
    return f"""<details class="finding {finding.severity}" id="finding-{number}" \
data-severity="{finding.severity}" data-rule="{words(finding.rule.name)}" \
data-suppressed="{"yes" if finding.suppressed else "no"}"{opened}{hide}>
<summary><span class="badge">{finding.severity}</span>
<span class="what">{prose(capital(match.message))}</span>
<span class="where"><span class="rule">{words(finding.rule.code)} {words(finding.rule.name)}</span>
<span class="place">{place(finding.location)}</span>{tags}</span></summary>
<div class="body">
{_body(number, finding, in_graph, hidden, view)}
</div>
</details>"""


def _body(number: int, finding: Finding, in_graph: bool, hidden: Hidden, view: View) -> str:  # noqa: FBT001 - likewise
    match = finding.match
    parts: list[str] = []
    if finding.suppressed:
        parts.append(f"<p><strong>Suppressed</strong> by {prose(_why(finding))}.</p>")
    parts.append(_step(match.places[0], hidden, view))
    if len(match.places) > 1:
        steps = "".join(f"<li>{_step(one, hidden, view)}</li>" for one in match.places[1:])
        parts.append(f'<h3>Because</h3><ol class="trail">{steps}</ol>')
    if match.witness:
        asked = words(witness_sentence(match.witness))
        parts.append(f'<h3>A request that shows it</h3><p class="request"><code>{asked}</code></p>')
    if match.confidence is Confidence.POSSIBLE:
        parts.append('<p class="quiet">Possible: a value that is not known could make this false.</p>')
    if finding.remedy:
        parts.append(f'<h3>What to do</h3><p class="remedy">{sentence(finding.remedy)}</p>')
    if in_graph:
        parts.append(
            f'<p class="to-graph"><button type="button" class="follow" data-finding="{number}">'
            "Follow it in the graph</button></p>"
        )
    if finding.rule.references:
        links = "".join(f"<li>{link(url)}</li>" for url in finding.rule.references)
        parts.append(f'<h3>Read more</h3><ul class="references">{links}</ul>')
    return "\n".join(parts)


def _why(finding: Finding) -> str:
    suppression = finding.suppressed
    if suppression is None:
        return ""
    where = suppression.location
    at = f" at `{where.path}:{where.line}`" if where is not None else ""
    return f"{suppression.kind}{at}: {suppression.reason}"


def _step(one: Place, hidden: Hidden, view: View) -> str:
    note = f' <span class="note">{prose(one.note)}</span>' if one.note else ""
    code = shown(excerpt(one.location, view.sources.get(one.location.path, ()), hidden))
    return f'<div class="step"><p class="at"><span class="place">{place(one.location)}</span>{note}</p>{code}</div>'
