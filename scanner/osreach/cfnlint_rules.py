"""The rules of osreach inside cfn-lint: `cfn-lint template.yaml -a osreach.cfnlint_rules`.

The module stands behind the templates, or `--` or `-t` between the two: cfn-lint
takes every word behind `-a` for a module.

Every rule of osreach is a rule of cfn-lint: `OSR101` is `E9101` where it is
critical or high, `W9101` where it is medium or low, and `I9101` where it is
informational (cfn-lint leaves these out without `--include-checks I`). The
template is read and judged by osreach itself, once for all rules, so findings
stand where `osreach scan` shows them. What suppresses a finding for either of
the two suppresses it here: ignore comments and `osreach.toml`, `Metadata` of the
template or the resource, and cfn-lint's own options and configuration.

`E9000` says that osreach itself failed, `W9000` what it could not read.

Rules of one's own: https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/getting_started/rules.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from osreach.configuration import Configuration, find_configuration, read_configuration
from osreach.engine import Options, scan
from osreach.file_kind import looks_like_template
from osreach.finding import Finding, Report
from osreach.iac.resource import Inputs
from osreach.location import Location
from osreach.report.printable import printable
from osreach.rule import Rule, Severity
from osreach.source import shown_path
from osreach.usage import UsageError
from osreach.witness import Confidence
from osreach_rules import RULES

_LETTERS: Final = {
    Severity.CRITICAL: "E",
    Severity.HIGH: "E",
    Severity.MEDIUM: "W",
    Severity.LOW: "W",
    Severity.INFO: "I",
}
_FAILURE: Final = "E9000"
_PROBLEM: Final = "W9000"
_HOME: Final = "https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What osreach has to say about one template: matches of cfn-lint by the code of their rule."""

    matches: Mapping[str, tuple[RuleMatch, ...]]


def code_of(rule: Rule) -> str:
    """The code of a rule in cfn-lint: `E9101`, `W9101` or `I9101` for `OSR101`."""
    return f"{_LETTERS[rule.severity]}9{rule.code.removeprefix('OSR')}"


# A template is judged when the first rule asks; the answer goes when cfn-lint lets go of the template.
_judged: WeakKeyDictionary[Any, Judgement] = WeakKeyDictionary()


def judgement_of(template: Any) -> Judgement:
    """What osreach says about a `cfnlint.template.Template`, worked out once; never raises."""
    found = _judged.get(template)
    if found is None:
        found = _judged[template] = _judge(template)
    return found


def _judge(template: Any) -> Judgement:
    matches: dict[str, list[RuleMatch]] = {}
    try:
        for code, match in _matches(template):
            matches.setdefault(code, []).append(match)
    except Exception as error:  # noqa: BLE001 - a fault of osreach must not cost the findings of cfn-lint
        words = f"osreach could not judge this template: {type(error).__name__}: {error}"
        if isinstance(error, UsageError):
            words = f"osreach could not judge this template: {error}"
        matches.setdefault(_FAILURE, []).append(_match(words, None, template, ""))
    return Judgement({code: tuple(listed) for code, listed in matches.items()})


def _matches(template: Any) -> Iterator[tuple[str, RuleMatch]]:
    """Code and match of everything to report."""
    name = template.filename
    if not name:
        words = "osreach reads templates from files, not from standard input"
        yield _PROBLEM, _match(words, None, template, "")
        return
    if not looks_like_template(Path(name).read_bytes()):
        return
    codes = {rule.name: code_of(rule) for rule in RULES}
    shown = shown_path(str(Path(name).resolve()), str(Path.cwd().resolve()))
    for report in _reports(name, template):
        for finding in report.findings:
            if finding.suppressed is None:
                place = finding.location
                yield (
                    codes[finding.rule.name],
                    _match(_message(finding), place, template, finding.match.resource),
                )
        for problem in report.problems:
            # An ignore in the configuration may be meant for another template.
            if problem.location.path == shown:
                yield _PROBLEM, _match(problem.message, problem.location, template, "")
        for rule, error in report.failures:
            yield _FAILURE, _match(f"the rule `{rule}` of osreach crashed: {error}", None, template, "")


def _reports(name: str, template: Any) -> Iterator[Report]:
    """One scan for each set of parameters that cfn-lint was given, or one without."""
    path = find_configuration(Path(name))
    configuration = Configuration() if path is None else read_configuration(path)
    options = Options(
        today=date.today(),  # noqa: DTZ011 - an ignore ends with the user's own day
        select=configuration.select,
        ignore=configuration.ignore,
        profile="strict",  # cfn-lint itself leaves informational rules out
        ignores=configuration.ignores,
        trusted_accounts=configuration.trusted_accounts,
        exclude=configuration.exclude,
    )
    for parameters in _parameters(template):
        inputs = Inputs(
            parameters={**configuration.parameters, **parameters},
            account=configuration.account,
            region=configuration.region,
            partition=configuration.partition,
        )
        yield scan([name], RULES, inputs, options)


def _parameters(template: Any) -> list[dict[str, str]]:
    """The sets of parameters of cfn-lint's `--parameters`, `--parameter-files` and `--deployment-files`."""
    sets = getattr(template.context, "parameter_sets", None) or ()
    return [
        {str(name): _parameter(value) for name, value in one.parameters.items()} for one in sets if one
    ] or [{}]


def _parameter(value: object) -> str:
    """A value as a deployment passes it: a list with commas between its elements."""
    if isinstance(value, list | tuple):
        return ",".join(map(_parameter, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _message(finding: Finding) -> str:
    """What is wrong, how certain that is, and what to do about it."""
    remarks = [str(finding.severity)] if finding.severity is not finding.rule.severity else []
    if finding.match.confidence is Confidence.POSSIBLE:
        remarks.append("possible")
    remark = f" ({', '.join(remarks)})" if remarks else ""
    return f"{finding.match.message}{remark}; remedy: {finding.remedy} [osreach {finding.rule.name}]"


def _match(message: str, place: Location | None, template: Any, address: str) -> RuleMatch:
    """A match of cfn-lint at a place; its path names the resource, by which `Metadata` can ignore it."""
    place = place or Location("", 1, 1, 1, 2)
    ends = (place.end_line - 1, place.end_column - 1)
    location = (place.line - 1, place.column - 1, *ends)
    name = _resource_at(template, place) or _resource_called(template, address)
    path = ["Resources", name] if name else []
    return RuleMatch(path, printable(message), location=location)


def _resources(template: Any) -> Mapping[Any, Any]:
    resources = template.template.get("Resources")
    return resources if isinstance(resources, dict) else {}


def _resource_at(template: Any, place: Location) -> str:
    """The logical id of the resource around a place, empty where there is none."""
    where = (place.line - 1, place.column - 1)
    for name, body in _resources(template).items():
        start, end = _mark(name, "start_mark"), _mark(body, "end_mark")
        if start is not None and end is not None and start <= where < end:
            return str(name)
    return ""


def _mark(node: object, name: str) -> tuple[int, int] | None:
    """Line and column of a mark, counted from 0; None for what a transform has made."""
    mark = getattr(node, name, None)
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return (line, column) if isinstance(line, int) and isinstance(column, int) else None


def _resource_called(template: Any, address: str) -> str:
    """The logical id in an address such as `Logs` or `Logs (if IsPublic)`."""
    found = re.match(r"\w+", address)
    return found[0] if found and found[0] in _resources(template) else ""


class _OsreachRule(CloudFormationLintRule):  # type: ignore[misc]  # cfn-lint is not typed
    """What all rules have in common; without an id, cfn-lint passes it over."""

    def match(self, cfn: Any) -> Sequence[RuleMatch]:
        """The findings of this rule in a template."""
        return judgement_of(cfn).matches.get(self.id, ())


def _class(name: str, code: str, short: str, description: str, source: str, *tags: str) -> type[_OsreachRule]:
    """A class as cfn-lint wants one for each rule."""
    attributes = {
        "__module__": __name__,
        "__doc__": short,
        "id": code,
        "shortdesc": short,
        "description": description,
        "source_url": source,
        "tags": ["osreach", *tags],
    }
    return type(name, (_OsreachRule,), attributes)


def _class_name(rule: Rule) -> str:
    return "".join(word.capitalize() for word in rule.name.split("-"))


def rule_classes() -> dict[str, type[_OsreachRule]]:
    """A class of cfn-lint for each rule of osreach, and for its problems and its own failures, by name."""
    classes = [
        _class(
            _class_name(rule),
            code_of(rule),
            rule.summary,
            rule.documentation,
            rule.references[0],
            rule.name,
            rule.code,
            str(rule.severity),
        )
        for rule in RULES
    ]
    failure = "osreach itself failed"
    problem = "osreach could not read a part of the template"
    explained = "What is not read is not judged."
    classes += [
        _class("OsreachFailure", _FAILURE, failure, f"{failure}. {explained}", _HOME),
        _class("OsreachProblem", _PROBLEM, problem, f"{problem}. {explained}", _HOME),
    ]
    return {one.__name__: one for one in classes}


# cfn-lint looks for classes among the names of the module.
globals().update(rule_classes())
