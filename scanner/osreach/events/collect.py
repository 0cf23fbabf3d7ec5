"""The denials among many events: identical ones once, with how often and when they happened.

What is held does not grow with the number of events, only with the number of
different denials, and that is limited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from osreach.events.asked import Asked, asked_of
from osreach.events.denial import is_denied
from osreach.events.event import Event, EventCaller
from osreach.problem import Problem

LIMIT = 5_000
"""How many different denials are told apart."""

_ALIKE = 10
"""How many resources and addresses are told apart per caller, action and bucket or service."""

_NEAR = 2
"""In minutes: how far apart two events of one action of a person are at most."""

_MINUTES = 200
_TOUCHED = 200_000
_PROBLEMS = 1_000


@dataclass(slots=True, eq=False)
class Denial:
    """Identical refusals: the first of them in the file, what it asked for, and all of their times.

    `others` counts those on further resources of the same kind or from further
    addresses, which are not listed one by one. `first` and `last` are times as written.
    """

    event: Event
    asked: Asked
    count: int = 0
    others: int = 0
    first: str = ""
    last: str = ""
    minutes: set[int] = field(default_factory=set)

    def add(self, event: Event, *, same: bool) -> None:
        """Count one more."""
        self.count += 1
        self.others += not same
        self.first = min(self.first or event.time, event.time)
        self.last = max(self.last, event.time)
        if len(self.minutes) < _MINUTES:
            minute = minute_of(event.time)
            if minute is not None:
                self.minutes.add(minute)

    def join(self, other: Denial, *, same: bool) -> None:
        """Count those of `other` too; `same` says that they are about the same resource."""
        self.count += other.count
        self.others += other.others if same else other.count
        self.first = min(self.first or other.first, other.first)
        self.last = max(self.last, other.last)


@dataclass(slots=True, eq=False)
class Collected:
    """What was found among the events.

    `events` counts those that could be read. `uncounted` counts denials beyond
    `LIMIT`. `touched` says in which minutes which caller used which bucket.
    """

    denials: list[Denial] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    events: int = 0
    uncounted: int = 0
    further_problems: int = 0
    touched: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    marks: int = 0

    def buckets_near(self, denial: Denial) -> tuple[str, ...]:
        """The buckets that the same caller used at the time of the denial, by name."""
        return tuple(
            sorted(
                bucket
                for bucket, minutes in self.touched.get(label_of(denial.event.caller), {}).items()
                if any(
                    minute + step in minutes for minute in denial.minutes for step in range(-_NEAR, _NEAR + 1)
                )
            )
        )


@lru_cache(maxsize=8192)
def minute_of(time: str) -> int | None:
    """The minute of a time as CloudTrail writes it (`2026-01-31T12:00:00Z`), None for anything else."""
    try:
        found = datetime.fromisoformat(time)
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()) // 60


def label_of(caller: EventCaller) -> str:
    """What tells one caller from another: sessions of one role and name are the same."""
    return caller.arn or caller.name or caller.account


def is_named(caller: EventCaller, name: str) -> bool:
    """Whether `name` means this caller: a user, a session, a role, or the ARN of one."""
    role = caller.role.rpartition("/")[2]
    return name in {caller.name, caller.arn, caller.role, role}


def collect(found: Iterable[Event | Problem], user: str | None = None) -> Collected:
    """The denials among `found`; only those of `user`, a name or an ARN, where one is given."""
    collected = Collected()
    groups: dict[tuple[object, ...], Denial] = {}
    alike: dict[tuple[object, ...], int] = {}
    for one in found:
        if isinstance(one, Problem):
            if len(collected.problems) < _PROBLEMS:
                collected.problems.append(one)
            else:
                collected.further_problems += 1
            continue
        collected.events += 1
        if user is not None and not is_named(one.caller, user):
            continue
        if one.source.startswith("s3."):
            _touch(one, collected)
        if is_denied(one.error_code):
            _count(one, groups, alike, collected)
    collected.denials = list(groups.values())
    return collected


def _touch(event: Event, collected: Collected) -> None:
    bucket = event.parameters.get("bucketName", "")
    if not bucket:
        name = next((one.name for one in event.resources if one.type in {"AWS::S3::Bucket", ""}), "")
        bucket = name.rpartition(":::")[2].partition("/")[0]
    minute = minute_of(event.time)
    if not bucket or minute is None or collected.marks >= _TOUCHED:
        return
    minutes = collected.touched.setdefault(label_of(event.caller), {}).setdefault(bucket, set())
    if minute not in minutes:
        minutes.add(minute)
        collected.marks += 1


def _count(
    event: Event,
    groups: dict[tuple[object, ...], Denial],
    alike: dict[tuple[object, ...], int],
    collected: Collected,
) -> None:
    asked = asked_of(event)
    caller = event.caller
    kind = (
        caller.kind,
        caller.role or label_of(caller),
        caller.account,
        caller.multi_factor,
        asked.action,
        asked.bucket or asked.action,
        asked.through,
        asked.said.explicit,
        asked.said.blamed,
        event.account,
        event.region,
    )
    resource = (asked.resource, asked.behind_resource, event.source_ip, event.vpc_endpoint)
    denial = groups.get((kind, resource))
    same = True
    if denial is None:
        count = alike.get(kind, 0)
        same = count < _ALIKE
        key = (kind, resource if same else None)
        denial = groups.get(key)
        if denial is None:
            if len(groups) >= LIMIT:
                collected.uncounted += 1
                return
            denial = groups[key] = Denial(event, asked)
            alike[kind] = count + 1
            same = True
    denial.add(event, same=same)
