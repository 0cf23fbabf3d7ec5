"""Which policies could have anything to say about a resource: the cheap look before the exact question."""

from __future__ import annotations

from functools import lru_cache

from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.iam.action import action_matches
from osreach.iam.document import Document, Effect, PolicyKind, Statement
from osreach.iam.glob_match import globs_intersect, has_wildcard, is_everything, widened
from osreach.iam.hole import has_hole
from osreach.iam.principal import Level, caller_of, listed
from osreach.iam.truth import Truth

_ARN_COLONS = 5


class _Held:
    """A document as a key by identity: comparing whole documents would cost more."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.document is other.document


def covers_any(statement: Statement, actions: tuple[str, ...], kind: PolicyKind) -> bool:
    """Whether the statement may cover one of the actions."""
    terms = statement.actions
    for action in actions:
        truths = [action_matches(term.text, action, kind) for term in terms.terms]
        if terms.negated:
            if not any(truth is Truth.TRUE for truth in truths):
                return True
        elif any(truth is not Truth.FALSE for truth in truths):
            return True
    return False


@lru_cache(maxsize=262_144)
def _patterns(held: _Held, actions: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns of all resources on which the document may allow one of the actions; `*` where it may be any."""
    document = held.document
    if document.unknown:
        return ("*",)
    found: dict[str, None] = {}
    for statement in document.statements:
        if statement.effect is Effect.DENY or not covers_any(statement, actions, PolicyKind.IDENTITY):
            continue
        resources = statement.resources
        if resources is None or resources.negated:
            return ("*",)
        for term in resources.terms:
            found.setdefault(term.text)
    return tuple(found)


@lru_cache(maxsize=2_097_152)
def _may_cover(pattern: str, arn: str) -> bool:
    """Whether a resource pattern may match the ARN or a path behind it."""
    if is_everything(pattern) or pattern.count(":") < _ARN_COLONS:
        return True
    if not (has_wildcard(pattern) or "${" in pattern or has_hole(pattern) or has_hole(arn)):
        return pattern == arn or pattern.startswith(f"{arn}/")
    loose = _without_variables(widened(pattern))
    return globs_intersect(loose, f"{widened(arn)}*")


def _without_variables(pattern: str) -> str:
    pieces: list[str] = []
    rest = pattern
    while "${" in rest:
        before, _, behind = rest.partition("${")
        pieces.append(f"{before}*")
        _, closed, rest = behind.partition("}")
        if not closed:
            return "*"
    return "".join((*pieces, rest))


def identity_may_allow(standing: Standing, target: Target, actions: tuple[str, ...]) -> bool:
    """Whether some identity policy of the caller may allow one of the actions on the target."""
    return any(
        _may_cover(pattern, target.arn)
        for policy in standing.policies
        for pattern in _patterns(_Held(policy.document), actions)
    )


@lru_cache(maxsize=65_536)
def _allowing(held: _Held, actions: tuple[str, ...]) -> tuple[Statement, ...] | None:
    """The statements of a resource policy that may allow one of the actions, None where any may."""
    document = held.document
    if document.unknown:
        return None
    return tuple(
        statement
        for statement in document.statements
        if statement.effect is not Effect.DENY and covers_any(statement, actions, PolicyKind.RESOURCE)
    )


def naming_level(standing: Standing, target: Target, actions: tuple[str, ...]) -> Level:
    """How strongly the target's policies may name the caller for one of the actions."""
    caller = caller_of(standing.principal)
    strongest = Level.NONE
    for document in target.documents:
        statements = _allowing(_Held(document), actions)
        if statements is None:
            return Level.DIRECT
        for statement in statements:
            if statement.principals is None:
                continue
            if statement.principals.negated:
                return Level.DIRECT
            naming = listed(statement.principals, caller, PolicyKind.RESOURCE)
            strongest = max(strongest, naming.possible)
    names = (*caller.direct, *caller.entity)
    if any(grant.grantee in names or has_hole(grant.grantee) for grant in target.grants):
        return Level.DIRECT
    return strongest


def may_matter(standing: Standing, target: Target, actions: tuple[str, ...]) -> bool:
    """Whether anything at all may allow the caller one of the actions; where false, nothing does."""
    return (
        identity_may_allow(standing, target, actions)
        or naming_level(standing, target, actions) > Level.NONE
        or caller_of(standing.principal).root
    )
