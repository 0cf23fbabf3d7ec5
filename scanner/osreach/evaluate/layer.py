"""What each kind of policy, taken alone, says to one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from osreach.access.identity import Attachment
from osreach.iam.document import Effect, PolicyKind
from osreach.iam.facts import Facts
from osreach.iam.matching import compile_document
from osreach.iam.principal import Level
from osreach.location import Location
from osreach.truth import Truth


class LayerName(StrEnum):
    """What has a say about a request, in the order in which it is looked at."""

    NETWORK = "network"
    ORGANIZATION = "organization"
    IDENTITY = "identity_policy"
    BOUNDARY = "permissions_boundary"
    RESOURCE = "resource_policy"
    KEY = "key_policy"
    FINE_GRAINED = "fine_grained_access"
    SERVERLESS_NETWORK = "serverless_network_policy"
    SERVERLESS_DATA = "serverless_data_access_policy"
    DEPENDENCY = "dependency"


class Answer(StrEnum):
    """What a layer says, or all of them together."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Because:
    """A statement, or the place where one is missing: the policy, the statement's `Sid`, and where it stands."""

    policy: str
    sid: str
    location: Location | None


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """What one layer says and why, in one sentence."""

    layer: LayerName
    answer: Answer
    reason: str
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What some policies say: `level` is how strongly an allow names the caller."""

    answer: Answer
    because: tuple[Because, ...] = ()
    level: Level = Level.NONE


def said(policies: Iterable[Attachment], kind: PolicyKind, facts: Facts) -> Said:
    """What these policies say to a request, all of them taken as one."""
    denies: list[Because] = []
    allows: list[Because] = []
    unsure: list[Because] = []
    level = Level.NONE
    for policy in policies:
        for compiled in compile_document(policy.document, kind).statements:
            match = compiled.match(facts)
            if match.truth is Truth.FALSE:
                continue
            statement = compiled.statement
            place = statement.location or policy.document.location or policy.location
            because = Because(policy.name, statement.sid, place if place.path else policy.location)
            if match.truth is Truth.UNKNOWN or statement.effect is Effect.UNKNOWN:
                unsure.append(because)
            elif statement.effect is Effect.DENY:
                denies.append(because)
            else:
                allows.append(because)
                level = max(level, match.certain)
    if denies:
        return Said(Answer.EXPLICIT_DENY, tuple(denies))
    if unsure:
        return Said(Answer.UNKNOWN, (*allows, *unsure), level)
    if allows:
        return Said(Answer.ALLOWED, tuple(allows), level)
    return Said(Answer.IMPLICIT_DENY)


def together(answers: Sequence[Answer]) -> Answer:
    """The answer where every layer that applies must allow."""
    for worst in (Answer.EXPLICIT_DENY, Answer.IMPLICIT_DENY, Answer.UNKNOWN):
        if worst in answers:
            return worst
    return Answer.ALLOWED
