"""Runs rules over what was read: `scan(paths, rules) -> Report`."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

from osreach.circumstance import settle_circumstances
from osreach.finding import Coverage, Finding, Report
from osreach.iac.resource import Inputs, Reading
from osreach.iam.request import Request
from osreach.ignore import ConfiguredIgnore, read_files, read_remarks, suppress
from osreach.location import Location
from osreach.problem import Problem
from osreach.rule import Match, Rule, Severity
from osreach.usage import UsageError, nearest

if TYPE_CHECKING:
    from osreach.analysis import Analysis

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and how many there are (0: not known)."""


def no_progress(_doing: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to scan.

    `select` and `ignore` are codes or names of rules; an empty `select` means
    every rule of the profile. `severities` overrides a rule's severity by its
    name or code. Rules of severity `info` belong to the profile `strict`.
    `exclude` are paths that are not judged, in which `*` stands for any text.
    `today` decides which ignores have expired. Where `use_cache`, what was read of
    the code is kept between runs. Where `is_part`, what is scanned is less than what
    ignores speak about, so none is said to be of no use; where `ignores_reach_further`,
    this holds for `ignores`.
    """

    today: date
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    profile: str = "default"
    ignores: tuple[ConfiguredIgnore, ...] = ()
    inline_ignores: bool = True
    trusted_accounts: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    progress: Progress = no_progress
    use_cache: bool = False
    is_part: bool = False
    ignores_reach_further: bool = False


class Read(Protocol):
    """Reads infrastructure code."""

    def __call__(self, paths: Sequence[str], inputs: Inputs, options: Options, /) -> Reading:
        """The resources of these files and folders."""


class Analyse(Protocol):
    """Works out who can reach what."""

    def __call__(
        self,
        reading: Reading,
        inputs: Inputs | None = None,
        trusted_accounts: frozenset[str] = frozenset(),
        /,
    ) -> Analysis:
        """The access model of what was read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules found, sorted and without duplicates, and which of them crashed with what error."""

    findings: tuple[Finding, ...]
    failures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """What a scan found, and the analysis that it found it in."""

    report: Report
    analysis: Analysis


def scan(
    paths: Sequence[str],
    rules: Sequence[Rule],
    inputs: Inputs,
    options: Options,
    *,
    read: Read | None = None,
    analyse: Analyse | None = None,
    text: Callable[[str], str | None] | None = None,
) -> Report:
    """Everything that `rules` have to say about `paths`; arguments and errors as of `examine`."""
    return examine(paths, rules, inputs, options, read=read, analyse=analyse, text=text).report


def examine(
    paths: Sequence[str],
    rules: Sequence[Rule],
    inputs: Inputs,
    options: Options,
    *,
    read: Read | None = None,
    analyse: Analyse | None = None,
    text: Callable[[str], str | None] | None = None,
) -> Examination:
    """Everything that `rules` have to say about `paths`, with what can be asked further.

    `read` and `analyse` stand in for the readers and the analysis of osreach,
    `text` gives the text of a file by its path, from the disk if not given.
    Raises UsageError where `options` name a rule that is not among `rules`.
    """
    chosen = choose(rules, options)
    read = read or _reader()
    analyse = analyse or _analysis()
    options.progress("reading", 0, 0)
    reading = leave_out(read(paths, inputs, options), options.exclude)
    options.progress("working out access", 0, 0)
    analysis = analyse(reading, inputs, options.trusted_accounts)
    outcome = run(analysis, chosen, options.severities, options.progress)
    settled = _sorted_findings(settle_circumstances(outcome.findings, reading.resources))
    outcome = replace(outcome, findings=settled)
    problems = [*reading.problems, *analysis.problems_so_far]
    comments, wrong = (
        read_files(_paths(reading, outcome), text or text_of) if options.inline_ignores else ((), ())
    )
    remarks, unclear = read_remarks(reading.resources) if options.inline_ignores else ((), ())
    crashed = {name for name, _ in outcome.failures}
    findings, useless = suppress(
        outcome.findings,
        comments,
        options.ignores,
        known=rules,
        judged=[rule for rule in chosen if rule.name not in crashed and not options.is_part],
        today=options.today,
        remarks=remarks,
        is_part=options.ignores_reach_further,
    )
    coverage = Coverage(
        reading.files, len(reading.resources), analysis.access_resources, tuple(analysis.unknowns)
    )
    problems = [*problems, *wrong, *unclear, *useless]
    return Examination(Report(findings, _sorted_problems(problems), coverage, outcome.failures), analysis)


def leave_out(reading: Reading, exclude: Sequence[str]) -> Reading:
    """`reading` without what is written in the files and folders that `exclude` describes.

    What they tell others stays: an excluded module still has outputs.
    """
    if not exclude:
        return reading

    def kept(location: Location) -> bool:
        return not any(
            fnmatchcase(location.path, pattern) or fnmatchcase(location.path, f"{pattern.rstrip('/')}/*")
            for pattern in exclude
        )

    return replace(
        reading,
        resources=tuple(each for each in reading.resources if kept(each.location)),
        problems=tuple(each for each in reading.problems if kept(each.location)),
        unknowns=tuple(each for each in reading.unknowns if kept(each[1])),
        missing=tuple(each for each in reading.missing if kept(each[1])),
        changes=tuple(each for each in reading.changes if kept(each.after.location)),
    )


def _reader() -> Read:
    from osreach.analysis import WANTED  # noqa: PLC0415 - heavy, and nothing is read after a wrong name
    from osreach.iac.read import read_code  # noqa: PLC0415 - likewise

    def read(paths: Sequence[str], inputs: Inputs, options: Options) -> Reading:
        return read_code(paths, inputs, WANTED, use_cache=options.use_cache)

    return read


def _analysis() -> Analyse:
    from osreach.analysis import analyse, told_apart  # noqa: PLC0415 - likewise

    def work_out(
        reading: Reading, inputs: Inputs | None = None, trusted_accounts: frozenset[str] = frozenset()
    ) -> Analysis:
        return told_apart(analyse(reading, inputs, trusted_accounts))

    return work_out


def choose(rules: Sequence[Rule], options: Options) -> tuple[Rule, ...]:
    """The rules that `options` ask for, with their overridden severities.

    A rule that is selected by name runs whatever the profile. Raises UsageError
    for the name of a rule that does not exist.
    """
    selected = names_of(rules, options.select, "--select")
    ignored = names_of(rules, options.ignore, "--ignore")
    names_of(rules, options.severities, "`severity` of the configuration")
    chosen = (
        replace(rule, severity=_override(rule, options.severities) or rule.severity)
        for rule in rules
        if rule.name not in ignored and (not selected or rule.name in selected)
    )
    return tuple(
        rule
        for rule in chosen
        if rule.severity is not Severity.INFO or rule.name in selected or options.profile == "strict"
    )


def names_of(rules: Sequence[Rule], words: Iterable[str], where: str) -> frozenset[str]:
    """The names of the rules that `words` (codes or names) stand for.

    Raises UsageError, with `where` the word was written, for one that is no rule.
    """
    names = {word: rule.name for rule in rules for word in (rule.name, rule.code)}
    found: set[str] = set()
    for word in words:
        if word not in names:
            raise UsageError(f"{where} names the unknown rule `{word}`{nearest(word, names)}")
        found.add(names[word])
    return frozenset(found)


def run(
    analysis: Analysis,
    rules: Sequence[Rule],
    severities: Mapping[str, Severity] = MappingProxyType({}),
    progress: Progress = no_progress,
) -> Outcome:
    """Runs each rule; one that crashes is named in the outcome and does not stop the others."""
    findings: list[Finding] = []
    failures: list[tuple[str, str]] = []
    for number, rule in enumerate(rules):
        progress("judging", number, len(rules))
        try:
            for match in rule.check(analysis):
                findings.append(_finding(rule, match, severities, analysis))  # noqa: PERF401 - what it found before a crash counts
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, it is named and the others run
            failures.append((rule.name, _describe(error)))
    return Outcome(_sorted_findings(findings), tuple(failures))


def _override(rule: Rule, severities: Mapping[str, Severity]) -> Severity | None:
    return severities.get(rule.name) or severities.get(rule.code)


def _finding(rule: Rule, match: Match, severities: Mapping[str, Severity], analysis: Analysis) -> Finding:
    """The finding of a match, with unknown parts of texts written as the expressions that stand there."""
    if not match.places:
        raise ValueError(f"a match without a place: {match.message}")
    words = analysis.words
    witness = match.witness
    if witness is not None:
        witness = replace(witness, request=_written(witness.request, words), http=words(witness.http))
    match = replace(
        match,
        message=words(match.message),
        resource=words(match.resource),
        places=tuple(replace(place, note=words(place.note)) for place in match.places),
        witness=witness,
        # What the user says about a rule is said about each of its findings.
        severity=None if _override(rule, severities) else match.severity,
        remedy=words(match.remedy),
        principal=words(match.principal),
    )
    return Finding(rule, match)


def _written(request: Request, words: Callable[[str], str]) -> Request:
    """The request with every text passed through `words`."""
    who = request.principal
    principal = type(who)(**{each.name: words(getattr(who, each.name)) for each in fields(who)})
    return replace(
        request,
        principal=principal,
        action=words(request.action),
        resource=words(request.resource),
        context={words(key): tuple(map(words, values)) for key, values in request.context.items()},
        resource_account=words(request.resource_account),
    )


def _describe(error: Exception) -> str:
    """The error with the innermost place where it was raised, on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}{place}".split())


def _sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By path, line, code; a finding that says the same at the same place comes once."""
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(findings, key=_order):
        match = finding.match
        same = (finding.rule.code, finding.location, match.resource, match.principal, match.message)
        unique.setdefault(same, finding)
    return tuple(unique.values())


def _order(finding: Finding) -> tuple[str, int, str, int, int, int, str, str, str, int]:
    where = finding.location
    match = finding.match
    return (
        where.path,
        where.line,
        finding.rule.code,
        where.column,
        where.end_line,
        where.end_column,
        match.resource,
        match.principal,
        match.message,
        finding.severity.rank,
    )


def _sorted_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems)))


def _paths(reading: Reading, outcome: Outcome) -> set[str]:
    """The files whose ignore comments could matter: those with a resource or with a finding's place."""
    paths = {resource.location.path for resource in reading.resources}
    paths.update(place.location.path for finding in outcome.findings for place in finding.match.places)
    return paths


def text_of(path: str) -> str | None:
    """The text of a file that was scanned, None where it is gone by now."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return None
