"""A change of access in words: how bad each gain is, and what a reviewer reads of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from importlib import import_module

from osreach.access.domain import Domain
from osreach.access.network import Exposure
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Level
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import TargetKind
from osreach.graph.access_change import AccessChange, Direction
from osreach.graph.assume import STRANGER
from osreach.iam.hole import Holes, has_hole
from osreach.iam.request import Service
from osreach.location import Location
from osreach.problem import Problem
from osreach.report.printable import printable
from osreach.rule import Severity
from osreach.witness import Witness
from osreach.words import listed

FORMATS = ("text", "json", "github", "markdown")
"""The names of the formats; each is a module here, `change_NAME`, with a function `render(report)`."""

_VERBS: dict[TargetKind, dict[Level, tuple[str, str]]] = {
    TargetKind.DOMAIN: {
        Level.READ: ("read any index of", "read data of"),
        Level.WRITE: ("write to any index of", "write data to"),
        Level.DELETE: ("delete any index of", "delete data of"),
        Level.CONFIGURE: ("change the settings of", "change the settings of"),
        Level.ADMINISTER: ("change who has access to", "change who has access to"),
    },
    TargetKind.KEY: {
        Level.READ: ("decrypt with", "decrypt with"),
        Level.WRITE: ("encrypt with", "encrypt with"),
        Level.DELETE: ("disable or delete", "disable or delete"),
        Level.CONFIGURE: ("change the settings of", "change the settings of"),
        Level.ADMINISTER: ("change who has access to", "change who has access to"),
    },
    TargetKind.BUCKET: {
        Level.READ: ("read any object of", "read objects of"),
        Level.WRITE: ("write any object of", "write objects of"),
        Level.DELETE: ("delete any object of", "delete objects of"),
        Level.CONFIGURE: ("change the settings of", "change the settings of"),
        Level.ADMINISTER: ("change who has access to", "change who has access to"),
    },
}
"""What someone can do at a level: to everything, and to some of it."""

_SEVERITIES = {
    Level.READ: Severity.LOW,
    Level.WRITE: Severity.MEDIUM,
    Level.DELETE: Severity.HIGH,
    Level.CONFIGURE: Severity.MEDIUM,
    Level.ADMINISTER: Severity.HIGH,
}
"""How bad it is that a known identity of the own account gains a level."""


@dataclass(frozen=True, slots=True)
class Row:
    """One change of one caller's access, with every text as people read it.

    `principal` is as `osreach can` takes it, `name` as reviewers call it, `doing`
    what is done to the resource. `severity` is that of a gain, INFO for the rest.
    """

    direction: Direction
    principal: str
    name: str
    resource: str
    level: Level
    doing: str
    before: Outcome
    after: Outcome
    severity: Severity
    conditions: tuple[str, ...]
    witness: Witness | None
    path: tuple[str, ...]
    locations: tuple[Location, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """All that a change does to access, and what of the new code could not be read."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()

    def of(self, direction: Direction) -> tuple[Row, ...]:
        """The rows of one direction; gains begin with the worst."""
        found = [row for row in self.rows if row.direction is direction]
        return tuple(sorted(found, key=lambda row: row.severity.rank))


def report_of(
    changes: Iterable[AccessChange], new: Holes, old: Holes, problems: Iterable[Problem]
) -> ChangeReport:
    """The changes in words; texts of what was lost are those of the old code."""
    rows = {
        _identity(row): row
        for row in (
            _row(one, old if one.direction is Direction.LOST else new) for one in reversed(tuple(changes))
        )
    }
    return ChangeReport(tuple(reversed(rows.values())), tuple(problems))


def render(name: str, report: ChangeReport) -> str:
    """The report in the format `name`, one of `FORMATS`; ends with a line break."""
    function: Callable[[ChangeReport], str] = import_module(f"osreach.report.change_{name}").render
    return function(report)


def severity_of(change: AccessChange) -> Severity:
    """How bad a gain is.

    Critical for everyone on the internet; high for everyone else without a name
    and for other accounts, and whatever deletes data or changes who has access;
    medium for writing and configuring; low for reading.
    """
    if change.direction is not Direction.GAINED:
        return Severity.INFO
    caller, target = change.caller, change.target
    if caller.is_anyone and target.kind is not TargetKind.COLLECTION:
        subject = target.subject
        inside = isinstance(subject, Domain) and subject.exposure is not Exposure.PUBLIC
        restricted = change.access.outcome is Outcome.CONDITIONAL
        return Severity.HIGH if inside or restricted else Severity.CRITICAL
    if caller.name == STRANGER:
        return Severity.CRITICAL
    same = bool(caller.account) and caller.account == target.account
    if caller.credentials is not None or (target.kind is TargetKind.COLLECTION and not caller.account):
        return _SEVERITIES[change.level]
    known = caller.account and target.account and not has_hole(caller.account + target.account)
    is_foreign = not same and bool(known or caller.identity is None)
    if is_foreign and not isinstance(caller.principal, Service):
        return Severity.HIGH
    return _SEVERITIES[change.level]


def _identity(row: Row) -> tuple[object, ...]:
    """What makes two rows the same but for the conditions of a template that they were read under."""
    return (row.direction, _plain(row.principal), _plain(row.resource), row.level, row.path[1:-1])


def _plain(name: str) -> str:
    return name.partition(" (if ")[0]


def _row(change: AccessChange, holes: Holes) -> Row:
    target = change.target
    kinds = _VERBS.get(target.kind, _VERBS[TargetKind.DOMAIN])
    every, some = kinds[change.level]
    return Row(
        change.direction,
        holes.fill(change.caller.name),
        _name(change.caller, change, holes),
        holes.fill(target.address),
        change.level,
        every if change.everything else some,
        change.before,
        change.after,
        severity_of(change),
        tuple(map(holes.fill, change.access.conditions)),
        _filled(change.access.witness, holes),
        tuple(holes.fill(one) for one in (*(one.name for one in change.chain), target.address)),
        change.locations,
        holes.fill(change.reason),
    )


def _name(caller: Standing, change: AccessChange, holes: Holes) -> str:
    """The caller as a reviewer calls it."""
    # Nobody reaches a collection without a name: who deploys, and whoever signs in elsewhere, has one.
    if caller.is_anyone and change.target.kind is not TargetKind.COLLECTION:
        subject = change.target.subject
        public = isinstance(subject, Domain) and subject.exposure is Exposure.PUBLIC
        return "anyone on the internet" if public else "anyone who does not sign"
    if caller.name == STRANGER:
        return STRANGER
    identity = caller.identity
    if identity is not None and not has_hole(identity.name):
        return f"`{identity.kind.value}/{identity.name}`"
    return f"`{holes.fill(caller.name)}`"


def _filled(witness: Witness | None, holes: Holes) -> Witness | None:
    if witness is None:
        return None
    request, words = witness.request, holes.fill
    who = request.principal
    principal = type(who)(**{each.name: words(getattr(who, each.name)) for each in fields(who)})
    written = replace(
        request,
        principal=principal,
        action=words(request.action),
        resource=words(request.resource),
        context={words(key): tuple(map(words, values)) for key, values in request.context.items()},
        resource_account=words(request.resource_account),
    )
    return replace(witness, request=written, http=words(witness.http))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that say the same of several callers, resources or levels: one sentence."""

    names: tuple[str, ...]
    resources: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def severity(self) -> Severity:
        """The worst of them."""
        return min((row.severity for row in self.rows), key=lambda severity: severity.rank)

    @property
    def first(self) -> Row:
        """The row that stands for all: the worst."""
        return min(self.rows, key=lambda row: row.severity.rank)


def groups(rows: Iterable[Row]) -> tuple[Group, ...]:
    """The rows as few sentences, the worst first."""
    by_caller: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        by_caller.setdefault((row.name, row.path, row.conditions, row.reason), []).append(row)
    together: dict[tuple[object, ...], list[Row]] = {}
    for alike in by_caller.values():
        first = alike[0]
        what = (
            first.path[1:-1],
            tuple((row.level, row.doing, row.after) for row in alike),
            first.conditions,
            first.reason,
            min(row.severity.rank for row in alike),
            # What one line does is one thing, to however many resources.
            first.locations[:1] or first.resource,
        )
        together.setdefault(what, []).extend(alike)
    found = (
        Group(
            tuple(dict.fromkeys(row.name for row in alike)),
            tuple(dict.fromkeys(row.resource for row in alike)),
            tuple(alike),
        )
        for alike in together.values()
    )
    return tuple(sorted(found, key=lambda group: group.severity.rank))


_SHOWN = 3


def sentence(group: Group) -> str:
    """What the group says: ``this lets `role/etl` delete any index of `prod` ``."""
    row = group.first
    what = _several([f"`{name}`" for name in group.resources])
    doing = listed(_verbs(list(dict.fromkeys(one.doing for one in group.rows))))
    text = f"{_several(group.names)} {{}} {doing} {what}"
    several = len(group.names) > 1
    match row.direction:
        case Direction.GAINED:
            text = f"this lets {text.format('').replace('  ', ' ')}"
        case Direction.LOST:
            text = text.format("can no longer" if row.after is Outcome.DENIED else "can in fewer cases")
        case Direction.UNKNOWN:
            text = f"whether {text.format('can')} is not known"
    through = row.path[1:-1]
    if through:
        word = "as" if not several else "each as"
        text += f", {word} " + " and then ".join(f"`{name}`" for name in through)
    if row.conditions:
        text += ", if " + " and ".join(f"`{words}`" for words in row.conditions)
    return printable(f"{text}: {row.reason}" if row.reason else text)


def _several(names: Sequence[str]) -> str:
    """All of a few names, else some of them and how many more there are."""
    if len(names) <= _SHOWN + 1:
        return listed(names)
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"


def _verbs(verbs: list[str]) -> list[str]:
    """Several verbs about one thing as one: `read, write to and delete any index of`."""
    for ending in (" any index of", " any object of"):
        if len(verbs) > 1 and all(verb.endswith(ending) for verb in verbs):
            return [listed([verb.removesuffix(ending) for verb in verbs]) + ending]
    return verbs


def place_words(location: Location) -> str:
    """A place for people."""
    return printable(f"{location.path}:{location.line}:{location.column}")
