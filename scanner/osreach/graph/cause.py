"""The lines of the new code that gave someone access."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from osreach.access.identity import Attachment
from osreach.evaluate.content import Contents
from osreach.evaluate.effective import Access
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.iam.document import Statement
from osreach.location import Location


@dataclass(frozen=True, slots=True, eq=False)
class Former:
    """The caller and the resource as they were, and how the two versions are read; None for what is new."""

    caller: Standing | None
    target: Target | None
    before: Contents
    after: Contents


def causes(
    access: Access, caller: Standing, target: Target, former: Former | None = None
) -> tuple[Location, ...]:
    """Where the change is written that allows the witness, then the statements that allow it; each once.

    A word that is new in a statement comes first, else the statement where it
    is new, else the place where its policy is newly attached.
    """
    first = fresh_causes(access, caller, target, former) if former is not None else ()
    deciding = _deciding(access, tuple(_policies(caller, target)))
    return tuple(dict.fromkeys(one for one in (*first, *_places(deciding)) if one.path))


def fresh_causes(access: Access, caller: Standing, target: Target, former: Former) -> tuple[Location, ...]:
    """The same without the statements that allow the witness as they did before."""
    deciding = _deciding(access, tuple(_policies(caller, target)))
    first: list[Location] = []
    old = tuple(_policies(former.caller, former.target))
    had = {former.before.of(one) for policy in old for one in policy.document.statements}
    # A statement that is still there did not become another one.
    kept = {
        former.after.of(one) for policy in _policies(caller, target) for one in policy.document.statements
    }
    texts = [
        (one.sid, frozenset(_texts(one, former)))
        for policy in old
        for one in policy.document.statements
        if former.before.of(one) not in kept
    ]
    for (policy, statement), place in zip(deciding, _places(deciding), strict=True):
        if former.after.of(statement) in had:
            continue
        first += _fresh(statement, texts, former, access)
        if not first and _is_known(statement, former):
            first.append(policy.location)
        first.append(place)
    return tuple(dict.fromkeys(one for one in first if one.path))


def _places(deciding: list[tuple[Attachment, Statement]]) -> list[Location]:
    return [one.location or policy.document.location or policy.location for policy, one in deciding]


def _policies(caller: Standing | None, target: Target | None) -> Iterator[Attachment]:
    if caller is not None:
        yield from caller.policies
    if target is not None:
        yield from target.policies


def _deciding(access: Access, policies: tuple[Attachment, ...]) -> list[tuple[Attachment, Statement]]:
    """The statements that allow the witness, with the policies that hold them."""
    return [
        (policy, statement)
        for one in access.because
        for policy in policies
        if policy.document.source == one.source
        for statement in policy.document.statements
        if statement.index == one.index and statement.location == one.location
    ]


def _is_known(statement: Statement, former: Former) -> bool:
    """Whether the old code had the statement too, in a policy of someone else."""
    wanted = former.after.of(statement)
    return any(
        former.before.of(one) == wanted
        for identity in former.before.model.identities.values()
        for policy in identity.policies
        for one in policy.document.statements
    )


def _terms(statement: Statement) -> Iterator[tuple[str, str, Location | None]]:
    if statement.principals is not None:
        for principal in statement.principals.terms:
            yield "principal", principal.text, principal.location
    for action in statement.actions.terms:
        yield "action", action.text.lower(), action.location
    if statement.resources is not None:
        for resource in statement.resources.terms:
            yield "resource", resource.text, resource.location


def _texts(statement: Statement, former: Former) -> Iterator[Hashable]:
    """The words of an old statement, each with what it is."""
    for kind, text, _ in _terms(statement):
        yield kind, former.before.words(text)


def _fresh(
    statement: Statement, old: list[tuple[str, frozenset[Hashable]]], former: Former, access: Access
) -> list[Location]:
    """The places of the words that the most similar old statement did not have, and that the witness needs."""
    terms = [(kind, former.after.words(text), location) for kind, text, location in _terms(statement)]
    now = {(kind, text) for kind, text, _ in terms}
    likeness = [(bool(sid) and sid == statement.sid, len(texts & now)) for sid, texts in old]
    before = old[likeness.index(max(likeness))][1] if old else frozenset[Hashable]()
    if not before & now:
        return []
    action = access.witness.request.action.lower() if access.witness is not None else ""
    return [
        location
        for kind, text, location in terms
        if location is not None
        and (kind, text) not in before
        and (kind != "action" or not action or fnmatchcase(action, text))
    ]
