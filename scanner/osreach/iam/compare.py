"""Whether a new policy is no broader than an old one.

NEW is broader where some request is allowed by it and not by OLD.

A policy speaks of infinitely many callers and actions, but tells only finitely
many apart: the callers it names, callers it does not name in accounts it
names, callers of no account it knows, those who do not sign, services; the
actions its patterns cover in each combination. One of each is asked about.

An account principal counts as all callers of the account, so that naming one
role instead of its account is narrower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from osreach.iam.document import Condition, Document, Effect, PrincipalKind, Statement
from osreach.iam.glob_match import is_everything
from osreach.iam.hole import has_hole
from osreach.iam.language import STEPS
from osreach.iam.matching import action_truth
from osreach.iam.representative import actions_of, conditions_of, principals_of, told_apart
from osreach.iam.request import (
    Request,
)
from osreach.iam.scope import (
    Absent,
    AnyAddress,
    Found,
    KeyDomain,
    Mode,
    Nothing,
    Question,
    Scope,
    TooComplex,
)
from osreach.iam.solve import solve
from osreach.iam.statement_set import kind_of
from osreach.truth import Truth

_RESOURCES = {
    "aoss": ("aoss",),
    "es": ("es",),
    "firehose": ("firehose",),
    "iam": ("iam",),
    "kms": ("kms",),
    "lambda": ("lambda",),
    "logs": ("logs",),
    "opensearch": ("opensearch",),
    "osis": ("osis",),
    "s3": ("s3",),
    "sts": ("iam", "sts"),
}
"""The services in the ARNs on which a service's actions work.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

_INSIDE = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
_LOOSE = ("aws:username", "aws:userid", "aws:principaltype", "aws:resourceaccount")
"""Keys that follow from caller or resource and of which not every class of values is asked about."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether NEW is broader, with a request that only NEW allows.

    Where not `exact`, `reason` says what could only be approximated: `broader`
    without a witness then means that it could not be ruled out.
    """

    broader: bool
    witness: Request | None = None
    exact: bool = True
    reason: str = ""


def compare(
    old: Sequence[Document], new: Sequence[Document], actions: Sequence[str] = (), budget: int = STEPS
) -> Comparison:
    """Whether the documents of `new` together allow a request that those of `old` do not.

    `actions` are known action names, which are asked about first; names that no
    list holds yet are asked about too. `budget` bounds each of the questions.
    What depends on unknown parts of the policies counts as broader, not exactly.
    """
    documents = (*old, *new)
    changed = _without_common(old, new)
    scopes = list(_scopes(documents, changed, actions))
    reasons: dict[str, None] = {}
    for mode in (Mode.CERTAIN,) if _is_known(documents) else Mode:
        for scope in scopes:
            answer = solve(Question((changed,), scope, unless=(tuple(old),), mode=mode), budget)
            match answer:
                case Found(request) if mode is Mode.CERTAIN:
                    return Comparison(broader=True, witness=request)
                case Found(request):
                    reason = "it depends on parts of the policies that are not known"
                    return Comparison(broader=True, witness=request, exact=False, reason=reason)
                case TooComplex(reason, bound):
                    reason = f"{reason}: undecided within {bound} steps"
                    return Comparison(broader=True, exact=False, reason=reason)
                case Nothing(reason=reason) if reason:
                    reasons.setdefault(reason)
                case Nothing():
                    pass
    mentioned = {condition.key.lower() for condition in conditions_of(documents)}
    loose = ", ".join(f"`{key}`" for key in _LOOSE if key in mentioned)
    if loose and any(document.statements for document in changed):
        reasons.setdefault(f"only likely values of {loose} were tried")
    return Comparison(broader=False, exact=not reasons, reason="; ".join(reasons))


_Shape: TypeAlias = tuple[object, ...]


def _shape(statement: Statement, document: Document) -> _Shape:
    """What a statement says, without where and in which order it is written."""
    principals = statement.principals
    resources = statement.resources
    return (
        statement.effect,
        document.version,
        frozenset(term.text for term in statement.actions.terms),
        statement.actions.negated,
        resources and (frozenset(term.text for term in resources.terms), resources.negated),
        principals and (frozenset((term.kind, term.text) for term in principals.terms), principals.negated),
        frozenset(
            (
                condition.operator,
                condition.key.lower(),
                frozenset(term.text for term in condition.values),
                condition.quantifier,
                condition.if_exists,
            )
            for condition in statement.conditions
        ),
    )


def _without_common(old: Sequence[Document], new: Sequence[Document]) -> tuple[Document, ...]:
    """`new` without the Allow statements that `old` has too.

    What one of these allows, OLD allows as well, whatever its unknown parts
    are, unless OLD denies it; so this holds only where NEW has all its denials.
    """
    olds = [(one, _shape(one, document)) for document in old for one in document.statements]
    news = {_shape(one, document) for document in new for one in document.statements}
    known = {shape for one, shape in olds if not one.conditions_unknown}
    if any(one.effect is not Effect.ALLOW and shape not in news for one, shape in olds) or any(
        one.conditions_unknown and one.effect is not Effect.ALLOW for one, _ in olds
    ):
        return tuple(new)
    unread = {term.text for document in old for term in document.unknown}
    if unread - {term.text for document in new for term in document.unknown}:
        return tuple(new)
    return tuple(
        replace(
            document,
            statements=tuple(
                one
                for one in document.statements
                if one.effect is not Effect.ALLOW
                or one.conditions_unknown
                or _shape(one, document) not in known
            ),
            unknown=tuple(term for term in document.unknown if term.text not in unread),
        )
        for document in new
    )


def _is_known(documents: Iterable[Document]) -> bool:
    """Whether nothing in the documents leaves open what they say; False where that is not quickly seen."""
    for document in documents:
        if document.unknown or (document.version is not None and has_hole(document.version)):
            return False
        for statement in document.statements:
            terms = statement.resources.terms if statement.resources is not None else ()
            principals = statement.principals.terms if statement.principals is not None else ()
            if (
                statement.effect is Effect.UNKNOWN
                or statement.conditions_unknown
                or statement.actions.negated
                or statement.resources is None
                or (statement.resources.negated and any("${" in term.text for term in terms))
                or (statement.principals is not None and statement.principals.negated)
                or any(has_hole(term.text) for term in (*statement.actions.terms, *terms))
                or any(
                    has_hole(term.text) or term.kind is PrincipalKind.CANONICAL_USER for term in principals
                )
                or any(not _is_known_condition(condition) for condition in statement.conditions)
            ):
                return False
    return True


def _is_known_condition(condition: Condition) -> bool:
    arn = condition.operator.startswith("Arn")
    return not (
        has_hole(condition.key)
        or condition.key.lower() == "aws:userid"
        or any(
            has_hole(term.text) or "aws:userid" in term.text.lower() or (arn and is_everything(term.text))
            for term in condition.values
        )
    )


def _scopes(
    documents: Sequence[Document], changed: Sequence[Document], actions: Sequence[str]
) -> Iterator[Scope]:
    """The requests that are asked about: every class of callers, of actions, of ways in."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    identity = all(one.principals is None for document in documents for one in document.statements)
    nothing = ("${*}",) if identity else ()
    for action in actions_of(documents, actions):
        if not any(_may_allow(document, action) for document in changed):
            continue
        services = _RESOURCES.get(action.partition(":")[0].lower())
        if services:
            group: tuple[tuple[str, ...], tuple[str, ...]] = (tuple(map(_arns, services)) + nothing, ())
        else:
            group = ("*", *nothing), tuple(_arns(service) for service in _RESOURCES)
        groups.setdefault(group, []).append(action)
    mentioned = {condition.key.lower() for condition in conditions_of(documents)}
    ways: list[dict[str, KeyDomain]] = [{}]
    if "aws:sourceip" in mentioned and mentioned.intersection(_INSIDE):
        # Likely requests first: an address is in requests from outside, the others in those from a VPC.
        outside: dict[str, KeyDomain] = {key: Absent() for key in _INSIDE}
        ways = [{**outside, "aws:sourceip": AnyAddress()}, {"aws:sourceip": Absent()}, {}]
    principals = told_apart(principals_of(documents, identity=identity), documents)
    for way in ways:
        for principal in principals:
            for (resources, without), names in groups.items():
                yield Scope(principal, tuple(names), resources, without, keys=way)


def _arns(service: str) -> str:
    return f"arn:*:{service}:*:*:*"


def _may_allow(document: Document, action: str) -> bool:
    """Whether the document holds an Allow that may cover the action."""
    if document.unknown:
        return True
    kind = kind_of(document, (action,))
    return any(
        statement.effect is not Effect.DENY
        and action_truth(statement.actions, action, kind) is not Truth.FALSE
        for statement in document.statements
    )
