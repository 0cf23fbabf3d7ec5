"""The report as JUnit XML, the form that most CI servers show as tests.

There is no standard; what is written fits the schema of the Jenkins plugin:
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from osreach.finding import Finding, Report
from osreach.report.view import View
from osreach.report.witness import witness_sentence

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, also not escaped: https://www.w3.org/TR/xml/#charsets."""


def render(report: Report, view: View) -> str:
    """One suite: a failed case for each finding, a passed one for each rule that found nothing.

    Suppressed findings are skipped cases, problems and crashed rules are errors.
    """
    found = {finding.rule.name for finding in report.findings} | {name for name, _ in report.failures}
    cases = [_case(finding) for finding in report.findings]
    cases += [
        _element(f"{rule.code} {rule.name}", "osreach", "") for rule in view.rules if rule.name not in found
    ]
    cases += [
        _element(
            f"problem at {problem.location.path}:{problem.location.line}:{problem.location.column}",
            problem.location.path,
            f"<error message={_attribute(problem.message)}/>",
        )
        for problem in report.problems
    ]
    cases += [
        _element(name, "osreach", f"<error message={_attribute(f'the rule crashed: {error}')}/>")
        for name, error in report.failures
    ]
    suppressed = sum(finding.suppressed is not None for finding in report.findings)
    counts = (
        f'tests="{len(cases)}" failures="{len(report.findings) - suppressed}" '
        f'errors="{len(report.problems) + len(report.failures)}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="osreach" {counts}>',
        # Only a suite may say how many cases were skipped, as the schema of Jenkins has it.
        f'  <testsuite name="osreach" {counts} skipped="{suppressed}">',
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(finding: Finding) -> str:
    where = finding.location
    name = f"{finding.rule.code} {finding.rule.name} at {where.path}:{where.line}:{where.column}"
    if finding.suppressed:
        return _element(name, where.path, f"<skipped message={_attribute(finding.suppressed.reason)}/>")
    trail = [
        f"{place.location.path}:{place.location.line}:{place.location.column}: {place.note}"
        for place in finding.match.places
    ]
    if finding.match.witness:
        trail.append(f"request: {witness_sentence(finding.match.witness)}")
    trail += [f"remedy: {finding.remedy}", *finding.rule.references]
    inside = (
        f"<failure type={_attribute(str(finding.severity))} message={_attribute(finding.match.message)}>"
        f"{escape(_legal(chr(10).join(trail)))}</failure>"
    )
    return _element(name, where.path, inside)


def _element(name: str, group: str, inside: str) -> str:
    opened = f"    <testcase name={_attribute(name)} classname={_attribute(group)}"
    return f"{opened}>{inside}</testcase>" if inside else f"{opened}/>"


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
