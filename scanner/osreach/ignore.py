"""Findings that someone has decided to live with: ignore comments and ignores of the configuration.

A comment `# osreach: ignore[rule-name, other] reason` (also `//`) counts on a
line where a place of the finding begins or ends, alone on the line above, and
anywhere within the finding's first place, such as a statement. A reason is required. A template's resource can say the same in its metadata, since
JSON has no comments. `until=2027-01-01` in front of the reason lets the ignore
count up to and including that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from osreach.finding import Finding, Suppression
from osreach.iac.resource import Resource
from osreach.location import Location
from osreach.problem import Problem
from osreach.rule import Rule
from osreach.usage import nearest
from osreach.value import Value

MARKER = "osreach:"
"""What every ignore comment contains; a file without it holds none."""

_COMMENT = re.compile(r"(?:#|//)[ \t]*osreach:[ \t]*(?P<rest>ignore\b.*)$")
_IGNORE = re.compile(r"ignore[ \t]*\[(?P<rules>[^\]]*)\](?P<text>.*)$")
_UNTIL = re.compile(r"(?:^|(?<=\s))until=(?P<day>\S*)")
_CIRCUMSTANCE = re.compile(r" \((?:if|in) [^()]*\)$")
_MOST_LINES = 1_000
"""A comment further down in a place than this is not looked for."""

_FORM = "an ignore comment is written `# osreach: ignore[rule-name] reason`"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore comment.

    `rules` are names or codes as written, `line` is the line that the comment
    speaks about (its own, or the one below where the comment stands alone) and
    `location` the comment itself.
    """

    rules: tuple[str, ...]
    reason: str
    until: date | None
    line: int
    location: Location


@dataclass(frozen=True, slots=True)
class ConfiguredIgnore:
    """An ignore written in the configuration file.

    `rule` is a name or a code, `resource` an address in which `*` stands for
    any text; `location` is the entry in the configuration file.
    """

    rule: str
    resource: str
    reason: str
    until: date | None
    location: Location

    def covers(self, address: str) -> bool:
        """Whether `resource` describes this address, with or without its conditions or deployment."""
        pattern = ".*".join(re.escape(piece) for piece in self.resource.split("*"))
        plain = _CIRCUMSTANCE.sub("", address)
        return any(re.fullmatch(pattern, each, re.DOTALL) is not None for each in (address, plain))


@dataclass(frozen=True, slots=True)
class ResourceIgnore:
    """An ignore written in the metadata of a template's resource; it speaks about that resource.

    `resource` is the address without circumstances, `location` the entry.
    """

    rules: tuple[str, ...]
    resource: str
    reason: str
    until: date | None
    location: Location

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is about the resource, under whatever circumstances, in the same file."""
        address = _CIRCUMSTANCE.sub("", finding.match.resource)
        paths = {place.location.path for place in finding.match.places}
        return address == self.resource and self.location.path in paths


def read_remarks(resources: Iterable[Resource]) -> tuple[tuple[ResourceIgnore, ...], tuple[Problem, ...]]:
    """The ignores in the metadata of resources, and what is wrong with those that do not count.

    Written `Metadata: {osreach: {ignore: [{rule: ..., reason: ..., until: ...}]}}`.
    """
    ignores: dict[ResourceIgnore, None] = {}
    problems: dict[Problem, None] = {}
    for resource in resources:
        written = resource.remarks.get("ignore") if resource.remarks is not None else None
        for entry in written.items if written is not None else ():
            match _parse_remark(entry):
                case str(message):
                    problems.setdefault(Problem(entry.location, message))
                case (rules, until, reason):
                    found = ResourceIgnore(rules, resource.plain_address, reason, until, entry.location)
                    ignores.setdefault(found)
    return tuple(ignores), tuple(problems)


def _parse_remark(entry: Value) -> tuple[tuple[str, ...], date | None, str] | str:
    """Rules, last day and reason of an entry, or what is wrong with it."""
    texts = {
        name: value.text for name in ("rule", "reason", "until") if (value := entry.get(name)) is not None
    }
    rules = tuple(name for piece in (texts.get("rule") or "").split(",") if (name := piece.strip()))
    if not rules:
        return "the ignore names no rule: an entry is written `{rule: rule-name, reason: why}`"
    until: date | None = None
    if "until" in texts:
        try:
            until = date.fromisoformat(texts["until"] or "")
        except ValueError:
            return f"the ignore's `until: {texts['until']}` is not a date such as `2027-01-31`"
    reason = " ".join((texts.get("reason") or "").split())
    if not reason:
        return f"the ignore of `{', '.join(rules)}` gives no reason and does not count"
    return rules, until, reason


def read_ignores(path: str, text: str) -> tuple[tuple[Ignore, ...], tuple[Problem, ...]]:
    """The ignore comments of one file, and what is wrong with those that do not count."""
    ignores: list[Ignore] = []
    problems: list[Problem] = []
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    comments: dict[int, tuple[int, str, bool]] = {}
    for number, line in enumerate(lines, 1):
        if MARKER in line and (found := _comment(path, line)):
            comments[number] = found
    for number, (column, rest, _) in comments.items():
        location = Location(path, number, column, number, len(lines[number - 1]) + 1)
        target = number
        while target in comments and comments[target][2]:
            target += 1
        match _parse(rest):
            case str(message):
                problems.append(Problem(location, message))
            case (rules, until, reason):
                ignores.append(Ignore(rules, reason, until, target, location))
    return tuple(ignores), tuple(problems)


def _comment(path: str, line: str) -> tuple[int, str, bool] | None:
    """Column, text and whether it stands alone, of the ignore comment on this line."""
    for found in _COMMENT.finditer(line):
        before = line[: found.start()]
        if not _in_quotes(before, single=path.endswith((".yaml", ".yml", ".template"))):
            return found.start() + 1, found["rest"].rstrip(), not before.strip()
    return None


def _in_quotes(text: str, *, single: bool) -> bool:
    """Whether a quoted string is open at the end of `text`.

    A single quote opens a string only in YAML, and only at the start of a word:
    `it's` is plain text.
    """
    opened = ""
    previous = " "
    for character in text:
        if opened:
            if character == opened and (opened == "'" or previous != "\\"):
                opened = ""
        elif character == '"' or (single and character == "'" and previous in " \t[{,:("):
            opened = character
        # An escaped backslash does not escape what follows it.
        previous = "" if previous == "\\" and character == "\\" else character
    return bool(opened)


def _parse(rest: str) -> tuple[tuple[str, ...], date | None, str] | str:
    """Rules, last day and reason of an ignore, or what is wrong with it."""
    found = _IGNORE.match(rest)
    if found is None:
        return _FORM
    rules = tuple(name for piece in found["rules"].split(",") if (name := piece.strip()))
    if not rules:
        return f"the ignore names no rule: {_FORM}"
    until: date | None = None
    text = found["text"].replace("*/", "")
    for day in _UNTIL.finditer(text):
        try:
            until = date.fromisoformat(day["day"])
        except ValueError:
            return f"the ignore's `until={day['day']}` is not a date such as `until=2027-01-31`"
    reason = " ".join(_UNTIL.sub("", text).split()).lstrip("-:").strip()
    if not reason:
        names = ", ".join(rules)
        return f"the ignore of `{names}` gives no reason and does not count"
    return rules, until, reason


def read_files(
    paths: Iterable[str], read: Callable[[str], str | None]
) -> tuple[tuple[Ignore, ...], tuple[Problem, ...]]:
    """The ignore comments of all these files; `read` gives a file's text, or None."""
    ignores: list[Ignore] = []
    problems: list[Problem] = []
    for path in sorted(set(paths)):
        text = read(path)
        if text is not None and MARKER in text:
            found, wrong = read_ignores(path, text)
            ignores.extend(found)
            problems.extend(wrong)
    return tuple(ignores), tuple(problems)


def suppress(
    findings: Iterable[Finding],
    comments: Iterable[Ignore],
    configured: Iterable[ConfiguredIgnore],
    *,
    known: Iterable[Rule],
    judged: Iterable[Rule],
    today: date,
    remarks: Iterable[ResourceIgnore] = (),
    is_part: bool = False,
) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """The findings with those that are ignored marked, and ignores that do nothing as problems.

    `known` are all rules there are (a name outside them is a mistake), `judged`
    those that ran to their end (an ignore of another one may well be needed). Where
    `is_part`, the findings are a part of what `configured` speaks about.
    """
    names = {word: rule.name for rule in known for word in (rule.name, rule.code)}
    ran = {rule.name for rule in judged}
    problems: list[Problem] = []
    by_line: dict[tuple[str, int], list[_Entry]] = {}
    by_resource: list[tuple[ConfiguredIgnore, _Entry]] = []
    entries: list[_Entry] = []
    for comment in comments:
        for entry in _entries(comment.rules, comment, names, today, problems):
            by_line.setdefault((comment.location.path, comment.line), []).append(entry)
            entries.append(entry)
    for item in configured:
        for entry in _entries((item.rule,), item, names, today, problems):
            by_resource.append((item, entry))
            entries.append(entry)
    by_remark: list[tuple[ResourceIgnore, _Entry]] = []
    for remark in remarks:
        for entry in _entries(remark.rules, remark, names, today, problems):
            by_remark.append((remark, entry))
            entries.append(entry)
    used: set[_Entry] = set()
    marked: list[Finding] = []
    for finding in findings:
        matching = [
            entry
            for line in _lines(finding)
            for entry in by_line.get(line, ())
            if entry.rule == finding.rule.name
        ]
        matching += [
            entry for remark, entry in by_remark if entry.rule == finding.rule.name and remark.covers(finding)
        ]
        kind = "comment" if matching else "configuration"
        matching += [
            entry
            for item, entry in by_resource
            if entry.rule == finding.rule.name and item.covers(finding.match.resource)
        ]
        used.update(matching)
        if matching:
            first = matching[0]
            marked.append(replace(finding, suppressed=Suppression(kind, first.reason, first.location)))
        else:
            marked.append(finding)
    elsewhere = {entry for _, entry in by_resource} if is_part else set()
    problems.extend(
        Problem(entry.location, f"the ignore of `{entry.rule}` matches no finding and can be removed")
        for entry in entries
        if entry not in used and entry.rule in ran and entry not in elsewhere
    )
    return tuple(marked), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule of one ignore that counts."""

    rule: str
    reason: str
    location: Location


def _entries(
    words: tuple[str, ...],
    ignore: Ignore | ConfiguredIgnore | ResourceIgnore,
    names: Mapping[str, str],
    today: date,
    problems: list[Problem],
) -> Iterator[_Entry]:
    """The rules of an ignore that count today; what does not count goes to `problems`."""
    if ignore.until is not None and ignore.until < today:
        written = ", ".join(words)
        message = f"the ignore of `{written}` counted until {ignore.until.isoformat()} and counts no longer"
        problems.append(Problem(ignore.location, message))
        return
    for word in words:
        if word in names:
            yield _Entry(names[word], ignore.reason, ignore.location)
        else:
            known = (name for pair in names.items() for name in pair)
            message = f"the ignore names the unknown rule `{word}`{nearest(word, known)}"
            problems.append(Problem(ignore.location, message))


def _lines(finding: Finding) -> Iterator[tuple[str, int]]:
    """The lines on which a trailing comment speaks about this finding, each once."""
    seen: dict[tuple[str, int], None] = {}
    first = finding.location
    for line in range(first.line, min(first.end_line, first.line + _MOST_LINES)):
        seen.setdefault((first.path, line))
    for place in finding.match.places:
        where = place.location
        # A place that ends in column 1 ends with the line before.
        last = where.end_line - 1 if where.end_column == 1 else where.end_line
        seen.setdefault((where.path, where.line))
        seen.setdefault((where.path, max(last, where.line)))
    return iter(seen)
