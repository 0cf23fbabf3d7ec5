"""A rule as a page, made of its docstring, its examples and its references.

The examples are the rule's fixtures (`fixtures/rules/<name>/bad.tf` and so on),
so that what the documentation shows is what the tests prove. They stand beside
the rules in a source tree; an installed package may carry them as
`examples/<name>` inside the package of the rules.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from osreach.rule import Rule

_EXPECTATION = re.compile(r'^[ \t]*"# expect[^\n]*\n|[ \t]*(?:#|//)[ \t]*expect(?:ation)?:.*$', re.MULTILINE)
"""The marks that fixtures carry for tests, in JSON as a name of their own; a reader does not need them."""

_LANGUAGES = {"tf": ("hcl", "Terraform"), "yaml": ("yaml", "CloudFormation"), "json": ("json", "Plan")}

NOTE = "<!-- Written by `osreach rules --format markdown`; edit the rules and their fixtures instead. -->"


@dataclass(frozen=True, slots=True)
class Example:
    """Code that a rule reports (`bad`) or does not (`good`), in one language."""

    bad: bool
    language: str
    title: str
    text: str


def examples_of(rule: Rule) -> tuple[Example, ...]:
    """The rule's examples, bad ones first; none where the fixtures are not installed."""
    folder = _folder(rule)
    if folder is None:
        return ()
    found: list[Example] = []
    for stem in ("bad", "good"):
        for suffix, (language, title) in _LANGUAGES.items():
            path = folder / f"{stem}.{suffix}"
            if path.is_file():
                text = _EXPECTATION.sub("", path.read_text(encoding="utf-8")).strip("\n")
                found.append(Example(stem == "bad", language, title, text))
    return tuple(found)


def _folder(rule: Rule) -> Path | None:
    """Where the rule's fixtures are: in the package of its rules, or beside it in a source tree."""
    module = inspect.getmodule(rule.check)
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        return None
    depth = module.__name__.count(".")
    parents = Path(file).resolve().parents
    # `rules/osreach_rules/domain/open_domain.py`: the package is `depth` folders up from the module's.
    if depth < 1 or len(parents) <= depth + 1:
        return None
    package, root = parents[depth - 1], parents[depth + 1]
    for folder in (package / "examples" / rule.name, root / "fixtures" / "rules" / rule.name):
        if folder.is_dir():
            return folder
    return None


def _explanation(rule: Rule) -> str:
    """The documentation without its first line."""
    return rule.documentation.partition("\n")[2].strip("\n")


def page(rule: Rule) -> str:
    """The rule as markdown: `docs/rules/NAME.md`."""
    parts = [
        f"# {rule.code} {rule.name}",
        f"**{rule.severity}**, since {rule.since}. {rule.summary}.",
        _explanation(rule),
        f"**Remedy:** {_sentence(rule.remedy)}" if rule.remedy else "",
    ]
    for example in examples_of(rule):
        verdict = "Reported" if example.bad else "Not reported"
        parts.append(f"{verdict} ({example.title}):\n\n{_fenced(example)}")
    if rule.references:
        links = "\n".join(f"- <{url}>" for url in rule.references)
        parts.append(f"References:\n\n{links}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text and not text.endswith(".") else text


def _fenced(example: Example) -> str:
    longest = max((len(run) for run in re.findall("`{3,}", example.text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{example.language}\n{example.text}\n{fence}"


def document(rules: Iterable[Rule]) -> str:
    """The list of rules as markdown (`docs/rules.md`), with a link to the page of each, by code."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    lines = [
        "# Rules",
        "",
        NOTE,
        "",
        "A rule's name reads as what would be allowed without it: `--ignore open-domain` allows an open domain.",
        "Rules of severity `info` run in the profile `strict` only.",
        "",
        "| Code | Name | Severity | Summary |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {rule.code} | [{rule.name}](rules/{rule.name}.md) | {rule.severity} | {_cell(rule.summary)} |"
        for rule in ordered
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def plain_page(rule: Rule) -> str:
    """The rule for a terminal."""
    parts = [
        f"{rule.code} {rule.name} ({rule.severity}, since {rule.since})",
        f"{rule.summary}.",
        _explanation(rule),
        f"Remedy: {_sentence(rule.remedy)}" if rule.remedy else "",
    ]
    for example in examples_of(rule):
        verdict = "Reported" if example.bad else "Not reported"
        shown = "\n".join(f"    {line}".rstrip() for line in example.text.split("\n"))
        parts.append(f"{verdict} ({example.title}):\n\n{shown}")
    if rule.references:
        parts.append("References:\n" + "\n".join(f"  {url}" for url in rule.references))
    return "\n\n".join(part for part in parts if part) + "\n"


def plain_list(rules: Sequence[Rule]) -> str:
    """One line a rule: code, name, severity, summary."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    name = max((len(rule.name) for rule in ordered), default=0)
    severity = max((len(rule.severity) for rule in ordered), default=0)
    return "".join(
        f"{rule.code}  {rule.name:<{name}}  {rule.severity:<{severity}}  {rule.summary}".rstrip() + "\n"
        for rule in ordered
    )


def rule_object(rule: Rule) -> dict[str, object]:
    """The rule as the JSON of `osreach rules`."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": str(rule.severity),
        "since": rule.since,
        "summary": rule.summary,
        "explanation": _explanation(rule),
        "remediation": rule.remedy,
        "references": list(rule.references),
        "examples": [
            {"reported": example.bad, "language": example.language, "text": example.text}
            for example in examples_of(rule)
        ],
    }
