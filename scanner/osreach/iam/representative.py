"""One caller and one action for each of the classes that policies tell apart.

Policies name some callers and some patterns of actions; whoever and whatever
they do not tell apart is represented by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from osreach.iam.action import LEGACY_NAMES, is_malformed
from osreach.iam.arn import account_of
from osreach.iam.atoms import variables_of
from osreach.iam.combination import representatives
from osreach.iam.document import Condition, Document, Effect, PolicyKind, PrincipalKind, Terms
from osreach.iam.glob_match import plain
from osreach.iam.hole import has_hole
from osreach.iam.pattern import MANY_IN_PART, ONE_IN_PART, Form, Glob, glob, glob_of
from osreach.iam.principal import caller_of, naming_of
from osreach.iam.readable import LIKELY_ACTIONS
from osreach.iam.request import (
    Anonymous,
    FederatedUser,
    Principal,
    RoleSession,
    RootUser,
    Service,
    User,
    WebIdentity,
)

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_SESSION = re.compile(r"arn:([^:]+):sts::([0-9]{12}):assumed-role/(.+)/([^/]+)")
_FOREIGN_ACCOUNTS = ("111122223333", "444455556666", "777788889999")


def conditions_of(documents: Iterable[Document]) -> Iterator[Condition]:
    """Every condition of the documents."""
    for document in documents:
        for statement in document.statements:
            yield from statement.conditions


def told_apart(callers: Sequence[Principal], documents: Sequence[Document]) -> list[Principal]:
    """One of each group of callers that no statement and no key tells apart."""
    keys = {condition.key.lower() for condition in conditions_of(documents)}
    for document in documents:
        for statement in document.statements:
            texts = [term.text for condition in statement.conditions for term in condition.values]
            if statement.resources is not None:
                texts += [term.text for term in statement.resources.terms]
            keys.update(key for text in texts if "${" in text for key in variables_of(text))
    found: dict[tuple[object, ...], Principal] = {}
    for principal in callers:
        caller = caller_of(principal)
        names = tuple(
            naming_of(
                statement.principals,
                caller,
                PolicyKind.RESOURCE,
                deny=statement.effect is not Effect.ALLOW,
            )
            for document in documents
            for statement in document.statements
            if statement.principals is not None
        )
        values = tuple(caller.keys.get(key) for key in sorted(keys))
        # Identities have keys that services and callers who do not sign have not.
        sort = type(principal) if isinstance(principal, Anonymous | Service) else None
        found.setdefault((sort, names, values), principal)
    return list(found.values())


def actions_of(documents: Sequence[Document], known: Sequence[str]) -> list[str]:
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


def principals_of(documents: Sequence[Document], *, identity: bool) -> list[Principal]:
    """One caller at least for each way of being named, or not named, by the documents."""
    named: dict[Principal, None] = {}
    accounts: dict[str, None] = {}
    if not identity:
        named.setdefault(Anonymous())
    for document in documents:
        for statement in document.statements:
            if identity and statement.resources is not None:
                # Such a policy works by itself only within the account of its resources.
                accounts.update(dict.fromkeys(_owners(statement.resources)))
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
    for condition in conditions_of(documents):
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


def _owners(resources: Terms) -> Iterator[str]:
    """The account ids in the ARNs of resources."""
    for term in resources.terms:
        owner = account_of(term.text)
        if _ACCOUNT.fullmatch(owner):
            yield owner


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
