"""What data access policies grant one caller on a collection, permission by permission, to be held against another time.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.level import Level
from osreach.evaluate.serverless_bearing import data_access, data_access_about
from osreach.evaluate.serverless_reach import PERMISSIONS, subject_at
from osreach.evaluate.standing import Standing
from osreach.location import Location
from osreach.serverless.access import Grant, decide_access
from osreach.serverless.operation import need_of_permission
from osreach.serverless.pattern import covers
from osreach.serverless.policy import Pattern, Written
from osreach.truth import Truth

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Granted:
    """One permission on one pattern of indexes; `index` is empty where the pattern is not known."""

    permission: str
    index: str
    truth: Truth
    grant: Grant


def grants_of(
    standing: Standing, collection: Collection, model: Model, level: Level, words: Words
) -> tuple[Granted, ...]:
    """Everything of `level` that is granted, or may be; `words` turns texts into those of the newest version."""
    subject = subject_at(standing, model, collection)
    about = data_access_about(collection, model, subject)
    found: list[Granted] = []
    for permission in PERMISSIONS.get(level, ()):
        need = need_of_permission(permission, "")
        decision = decide_access(about, subject, collection.account, collection.name, need)
        for grant in decision.grants:
            index = (grant.pattern.index if grant.pattern is not None else None) or ""
            found.append(Granted(permission, words(index), grant.truth, grant))
    return tuple(found)


def further(one: Iterable[Granted], other: Iterable[Granted]) -> tuple[Granted, ...]:
    """What only the one grants, or grants more surely."""
    known = tuple(other)
    same = {(each.permission, each.index, each.truth) for each in known}
    return tuple(
        each
        for each in one
        if (each.permission, each.index, each.truth) not in same
        and not any(_covers(theirs, each) for theirs in known)
    )


def _covers(theirs: Granted, mine: Granted) -> bool:
    if theirs.permission != mine.permission or theirs.truth < mine.truth:
        return False
    return theirs.index == mine.index or covers(theirs.index, mine.index) is Truth.TRUE


def limits(found: Iterable[Granted], level: Level) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The patterns of indexes that grants are limited to, none for all; and words for permissions, if not all."""
    listed = tuple(found)
    indexes = tuple(dict.fromkeys(one.index for one in listed if one.index))
    names = tuple(dict.fromkeys(one.permission for one in listed))
    every = "*" in indexes or any(not one.index for one in listed)
    words = () if set(names) == set(PERMISSIONS[level]) else (f"the permission is {' or '.join(names)}",)
    return (() if every else indexes), words


def fresh_lines(
    found: Iterable[Granted],
    former: tuple[Standing, Collection, Model] | None,
    every: tuple[Collection, Model] | None,
    words: Words,
) -> Iterator[Location]:
    """The words of data access policies that were not there: a principal, a permission or a resource.

    `former` is the caller as it was, with the collection and the model of then,
    and `every` these two where there was no such caller.
    """
    had = frozenset(_had(*former, words)) if former is not None else frozenset[tuple[str, str, str]]()
    rules = frozenset(_rules(*every, words)) if every is not None else frozenset[tuple[str, str]]()
    patterns = {pattern for pattern, _ in rules}
    for one in found:
        grant = one.grant
        pattern, permission, principal = grant.pattern, grant.permission, grant.principal
        texts = tuple(part.text if part is not None else "" for part in (pattern, permission, principal))
        if texts in had:
            continue
        if texts[:2] in rules:
            changed: tuple[Written | Pattern | None, ...] = (principal, pattern)
        elif texts[0] in patterns:
            changed = (permission, pattern)
        else:
            changed = (pattern, principal)
        yield from (part.location for part in changed if part is not None)
        if grant.entry is not None and not any(changed):
            yield grant.entry.location


def _had(
    standing: Standing, collection: Collection, model: Model, words: Words
) -> Iterator[tuple[str, str, str]]:
    subject = subject_at(standing, model, collection)
    for policy in data_access_about(collection, model, subject):
        for entry in policy.content.entries:
            for rule in entry.rules:
                for pattern in rule.resources:
                    for permission in rule.permissions:
                        for principal in entry.principals:
                            yield words(pattern.text), permission.text, words(principal.text)


def _rules(collection: Collection, model: Model, words: Words) -> Iterator[tuple[str, str]]:
    for policy in data_access(collection, model):
        for entry in policy.content.entries:
            for rule in entry.rules:
                for pattern in rule.resources:
                    for permission in rule.permissions:
                        yield words(pattern.text), permission.text
