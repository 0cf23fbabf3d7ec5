"""Which policies could have anything to say about a resource: the cheap look before the exact question."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.held import Held
from osreach.iam.action import action_matches
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind, Statement
from osreach.iam.glob_match import globs_intersect, has_wildcard, is_everything, widened
from osreach.iam.hole import has_hole, is_hole
from osreach.iam.principal import Level, caller_of, listed
from osreach.truth import Truth

_ARN_COLONS = 5


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
def _patterns(held: Held[Document], actions: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns of all resources on which the document may allow one of the actions; `*` where it may be any."""
    document = held.value
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
def may_cover(pattern: str, arn: str) -> bool:
    """Whether a resource pattern may match the ARN or a path behind it."""
    if is_everything(pattern) or pattern.count(":") < _ARN_COLONS:
        return True
    if not (has_hole(pattern) or has_hole(arn) or "${" in pattern):
        start = pattern.rstrip("*")
        if not has_wildcard(start):
            # a text, or one with a star behind it
            below = start == arn or start.startswith(f"{arn}/")
            return below or (len(start) < len(pattern) and arn.startswith(start))
    loose = _without_variables(widened(pattern)).split(":", _ARN_COLONS)
    itself = widened(arn).split(":", _ARN_COLONS)
    if len(loose) != len(itself) or is_hole(pattern[0]) or is_hole(arn[0]):
        return True
    # no wildcard goes over the first five colons
    if not all(map(globs_intersect, loose[:-1], itself[:-1])):
        return False
    return globs_intersect(loose[-1], itself[-1]) or globs_intersect(loose[-1], f"{itself[-1]}/*")


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


def patterns_of(document: Document, actions: tuple[str, ...]) -> tuple[str, ...]:
    """The same for a document itself."""
    return _patterns(Held(document), actions)


@lru_cache(maxsize=65_536)
def _certain(held: Held[Document]) -> bool:
    document = held.value
    if document.unknown or (document.version is not None and has_hole(document.version)):
        return False
    for statement in document.statements:
        if statement.conditions_unknown or statement.effect is Effect.UNKNOWN:
            return False
        texts = [term.text for term in statement.actions.terms]
        texts += [term.text for term in statement.resources.terms] if statement.resources else []
        if statement.principals is not None:
            texts += [term.text for term in statement.principals.terms]
            if any(term.kind in _DOUBTFUL for term in statement.principals.terms):
                return False
        texts += [text for one in statement.conditions for text in (one.key, *(v.text for v in one.values))]
        if any(map(has_hole, texts)):
            return False
    return True


_DOUBTFUL = frozenset({PrincipalKind.UNKNOWN, PrincipalKind.CANONICAL_USER})


def is_certain(document: Document) -> bool:
    """Whether every part of the document is known."""
    return _certain(Held(document))


_OF_THE_CALLER = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username", "aws:securetransport"}
)
"""Keys that are known of a caller of the code, so that conditions on them leave nothing open."""


@lru_cache(maxsize=65_536)
def _stripped(held: Held[Document]) -> Document:
    document = held.value
    kept = tuple(
        one
        for one in document.statements
        if one.effect is not Effect.ALLOW
        or all(condition.key.lower() in _OF_THE_CALLER for condition in one.conditions)
    )
    return document if len(kept) == len(document.statements) else replace(document, statements=kept)


def without_conditional_allows(document: Document) -> Document:
    """The document without the statements that allow under conditions."""
    return _stripped(Held(document))


def has_conditional_allow(document: Document) -> bool:
    """Whether a statement of the document allows under conditions."""
    return without_conditional_allows(document) is not document


@lru_cache(maxsize=65_536)
def _denies(held: Held[Document]) -> bool:
    return any(statement.effect is not Effect.ALLOW for statement in held.value.statements) or bool(
        held.value.unknown
    )


def may_deny(document: Document) -> bool:
    """Whether the document may deny anything."""
    return _denies(Held(document))


def identity_may_allow(standing: Standing, target: Target, actions: tuple[str, ...]) -> bool:
    """Whether some identity policy of the caller may allow one of the actions on the target."""
    return any(
        may_cover(pattern, target.arn)
        for policy in standing.policies
        for pattern in _patterns(Held(policy.document), actions)
    )


@lru_cache(maxsize=65_536)
def _allowing(held: Held[Document], actions: tuple[str, ...]) -> tuple[Statement, ...] | None:
    """The statements of a resource policy that may allow one of the actions, None where any may."""
    document = held.value
    if document.unknown:
        return None
    return tuple(
        statement
        for statement in document.statements
        if statement.effect is not Effect.DENY and covers_any(statement, actions, PolicyKind.RESOURCE)
    )


@lru_cache(maxsize=32_768)
def naming_level(standing: Standing, target: Target, actions: tuple[str, ...]) -> Level:
    """How strongly the target's policies may name the caller for one of the actions."""
    caller = caller_of(standing.principal)
    strongest = Level.NONE
    for document in target.documents:
        statements = _allowing(Held(document), actions)
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


def singled_out(standing: Standing, target: Target) -> bool:
    """Whether a statement of the target's policies that may deny may be about this caller and not about others."""
    caller = caller_of(standing.principal)
    for document in target.documents:
        for statement in document.statements:
            principals = statement.principals
            if statement.effect is Effect.ALLOW or principals is None:
                continue
            terms = tuple(term for term in principals.terms if term.kind is not PrincipalKind.ANYONE)
            naming = listed(replace(principals, terms=terms), caller, PolicyKind.RESOURCE)
            if principals.negated or naming.possible > Level.ACCOUNT:
                return True
    return False


def may_matter(standing: Standing, target: Target, actions: tuple[str, ...]) -> bool:
    """Whether anything at all may allow the caller one of the actions; where false, nothing does.

    To be named with the whole account is not enough without an identity policy.
    """
    return (
        identity_may_allow(standing, target, actions)
        or naming_level(standing, target, actions) > Level.ACCOUNT
        or caller_of(standing.principal).root
    )
