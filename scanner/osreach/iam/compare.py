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

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from osreach.iam.action import LEGACY_NAMES, is_malformed
from osreach.iam.atoms import representatives
from osreach.iam.document import Condition, Document, Effect, PrincipalKind, Statement
from osreach.iam.glob_match import plain
from osreach.iam.hole import has_hole
from osreach.iam.pattern import MANY_IN_PART, ONE_IN_PART, Form, Glob, glob, glob_of
from osreach.iam.readable import LIKELY_ACTIONS
from osreach.iam.request import (
    Anonymous,
    FederatedUser,
    Principal,
    Request,
    RoleSession,
    RootUser,
    Service,
    User,
    WebIdentity,
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
from osreach.iam.search import STEPS
from osreach.iam.solve import solve

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_SESSION = re.compile(r"arn:([^:]+):sts::([0-9]{12}):assumed-role/(.+)/([^/]+)")
_FOREIGN_ACCOUNTS = ("111122223333", "444455556666", "777788889999")
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
    scopes = list(_scopes(documents, actions))
    reasons: dict[str, None] = {}
    for mode in Mode:
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
    mentioned = {condition.key.lower() for condition in _conditions(documents)}
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


def _conditions(documents: Iterable[Document]) -> Iterator[Condition]:
    for document in documents:
        for statement in document.statements:
            yield from statement.conditions


def _scopes(documents: Sequence[Document], actions: Sequence[str]) -> Iterator[Scope]:
    """The requests that are asked about: every class of callers, of actions, of ways in."""
    groups: dict[tuple[str, ...], list[str]] = {}
    identity = all(one.principals is None for document in documents for one in document.statements)
    for action in _actions(documents, actions):
        services = _RESOURCES.get(action.partition(":")[0].lower())
        resources = tuple(f"arn:*:{service}:*:*:*" for service in services) if services else ("*",)
        groups.setdefault((*resources, "${*}") if identity else resources, []).append(action)
    mentioned = {condition.key.lower() for condition in _conditions(documents)}
    ways: list[dict[str, KeyDomain]] = [{}]
    if "aws:sourceip" in mentioned and mentioned.intersection(_INSIDE):
        # Likely requests first: an address is in requests from outside, the others in those from a VPC.
        outside: dict[str, KeyDomain] = {key: Absent() for key in _INSIDE}
        ways = [{**outside, "aws:sourceip": AnyAddress()}, {"aws:sourceip": Absent()}, {}]
    for way in ways:
        for principal in _principals(documents, identity=identity):
            for resources, names in groups.items():
                yield Scope(principal, tuple(names), resources, keys=way)


def _actions(documents: Sequence[Document], known: Sequence[str]) -> list[str]:
    """Action names, one at least for each combination of patterns that some name matches."""
    literals: dict[str, None] = {}
    globs: dict[Glob, None] = {}
    for document in documents:
        for statement in document.statements:
            for term in statement.actions.terms:
                text = term.text.lower()
                if has_hole(text):
                    globs.setdefault(glob(text, wide=True))
                elif not is_malformed(text):
                    pattern = glob(text)
                    if pattern.literal is None:
                        globs.setdefault(pattern)
                    else:
                        literals.setdefault(pattern.literal)
    current = [f"es:{name}" for name in LEGACY_NAMES]
    named: dict[str, str] = {name.lower(): name for name in (*LIKELY_ACTIONS, *known, *current)}
    globs.setdefault(_NAME)
    found, _ = representatives("", (literals, globs))
    for name in (*literals, *found):
        if _NAME.matches(name):
            named.setdefault(name, name)
    return list(named.values())


_NAME = glob_of((ONE_IN_PART, MANY_IN_PART, ":", ONE_IN_PART, MANY_IN_PART))
"""The names of actions: a service, a colon, a name."""


def _principals(documents: Sequence[Document], *, identity: bool) -> list[Principal]:
    """One caller at least for each way of being named, or not named, by the documents."""
    named: dict[Principal, None] = {}
    accounts: dict[str, None] = {}
    if not identity:
        named.setdefault(Anonymous())
    for document in documents:
        for statement in document.statements:
            if statement.principals is None:
                continue
            for term in statement.principals.terms:
                accounts.update(dict.fromkeys(_ACCOUNT.findall(term.text)))
                match term.kind:
                    case PrincipalKind.AWS:
                        caller = _caller(term.text)
                        if caller is not None:
                            named.setdefault(caller)
                    case PrincipalKind.SERVICE:
                        named.setdefault(Service(plain(term.text)))
                    case PrincipalKind.FEDERATED:
                        named.setdefault(WebIdentity(plain(term.text)))
                    case _:
                        pass
    users: dict[str, None] = {}
    arns: list[Condition] = []
    for condition in _conditions(documents):
        key = condition.key.lower()
        if key == "aws:principalarn":
            arns.append(condition)
        if key in {"aws:principalarn", "aws:principalaccount"}:
            for value in condition.values:
                accounts.update(dict.fromkeys(_ACCOUNT.findall(value.text)))
        if key == "aws:username":
            users.update({term.text: None for term in condition.values if "*" not in term.text})
    accounts.setdefault(next(account for account in _FOREIGN_ACCOUNTS if account not in accounts))
    callers = list(named)
    for account in accounts:
        callers += [
            RoleSession(f"arn:aws:iam::{account}:role/example"),
            User(f"arn:aws:iam::{account}:user/example"),
            *(User(f"arn:aws:iam::{account}:user/{name}") for name in users),
        ]
        if not identity:
            callers.append(RootUser(account))
    callers += _callers_by_arn(arns, accounts)
    if not identity:
        callers += [Service("example.amazonaws.com"), WebIdentity("accounts.example.com")]
    return list(dict.fromkeys(callers))


def _caller(text: str) -> Principal | None:
    """The caller that a principal's text names; None for accounts and for what names nobody."""
    if (session := _SESSION.fullmatch(text)) is not None:
        partition, account, role, name = session.groups()
        return RoleSession(f"arn:{partition}:iam::{account}:role/{role}", name)
    parts = text.split(":", 5)
    if len(parts) < 6 or "*" in text or "?" in text:
        return None
    kind, _, name = parts[5].partition("/")
    match parts[2], kind:
        case "iam", "role" if name:
            return RoleSession(text)
        case "iam", "user" if name:
            return User(text)
        case "sts", "federated-user" if name:
            return FederatedUser(text)
        case _:
            return None


def _callers_by_arn(conditions: Sequence[Condition], accounts: Iterable[str]) -> Iterator[Principal]:
    """A role and a user for each combination of patterns that `aws:PrincipalArn` is held against."""
    literals: dict[str, None] = {}
    globs: dict[Glob, None] = {}
    for condition in conditions:
        for term in condition.values:
            exact = condition.operator in {"StringEquals", "StringNotEquals"}
            form = Form.ARN if condition.operator.startswith("Arn") else Form.TEXT
            pattern = glob_of(tuple(plain(term.text))) if exact else glob(term.text, form)
            if pattern.literal is None:
                globs.setdefault(pattern)
            else:
                literals.setdefault(pattern.literal)
    if not conditions:
        return
    for account in accounts:
        for kind in ("role", "user"):
            globs.setdefault(glob(f"arn:aws:iam::{account}:{kind}/?*"))
    found, _ = representatives("aws:principalarn", (literals, globs))
    for text in found:
        caller = _caller(text)
        if caller is not None:
            yield caller
