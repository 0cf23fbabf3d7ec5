"""Who a caller is to a policy, and how strongly a `Principal` element names it.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (values of the keys by caller)
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from osreach.iam.arn import account_of, parts_of
from osreach.iam.document import PolicyKind, PrincipalKind, Principals, PrincipalTerm
from osreach.iam.glob_match import texts_equal
from osreach.iam.hole import has_hole, is_hole
from osreach.iam.note import Note
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
from osreach.truth import Truth, truth_of

UNKNOWN_ID = chr(0xFFFFD)
"""The hole for the unique id of the caller, which no file tells."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE_LINKED = ":role/aws-service-role/"


class Level(IntEnum):
    """How strongly a principal element names a caller, weakest first.

    `ACCOUNT`: the caller's account; `ENTITY`: the role behind the session, or
    the user behind the federated session; `DIRECT`: the caller itself, or
    everyone.
    """

    NONE = 0
    ACCOUNT = 1
    ENTITY = 2
    DIRECT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """What policies can ask about a principal; compared by identity, made by `caller_of`.

    `direct` and `entity` are the texts under the key `kind` that name it at
    that level; `account` is empty for callers outside every account. `keys` are
    the condition keys (in lower case) that follow from who the caller is.
    """

    kind: PrincipalKind
    direct: tuple[str, ...]
    entity: tuple[str, ...]
    account: str
    partition: str
    keys: Mapping[str, tuple[str, ...]]
    signed: bool = True
    root: bool = False
    federated: bool = False
    session: bool = False
    service_linked: bool = False

    @property
    def account_names(self) -> tuple[str, ...]:
        """Both spellings of the account as a principal; they mean the same."""
        return (self.account, f"arn:{self.partition}:iam::{self.account}:root") if self.account else ()


def _iam_caller(
    arn: str,
    kind: str,
    direct: tuple[str, ...],
    entity: tuple[str, ...],
    keys: Mapping[str, str],
    *,
    federated: bool = False,
    session: bool = False,
    root: bool = False,
    service_linked: bool = False,
) -> Caller:
    parts = parts_of(arn)
    account = parts[4] if parts else ""
    given = {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "aws:principaltype": kind,
        "aws:principalisawsservice": "false",
        **keys,
    }
    return Caller(
        PrincipalKind.AWS,
        direct,
        entity,
        account,
        parts[1] if parts else "aws",
        {key: (value,) for key, value in given.items()},
        federated=federated,
        session=session,
        root=root,
        service_linked=service_linked,
    )


@lru_cache(maxsize=16384)
def caller_of(principal: Principal) -> Caller:
    """What policies can ask about `principal`."""
    match principal:
        case Anonymous():
            keys = {"aws:principaltype": ("Anonymous",)}
            return Caller(PrincipalKind.ANYONE, (), (), "", "aws", keys, signed=False)
        case RootUser(account, partition):
            arn = f"arn:{partition}:iam::{account}:root"
            return _iam_caller(arn, "Account", (arn, account), (), {"aws:userid": account}, root=True)
        case User(arn):
            name = arn.rpartition("/")[2]
            return _iam_caller(arn, "User", (arn,), (), {"aws:username": name, "aws:userid": UNKNOWN_ID})
        case RoleSession(role_arn, session_name):
            return _role_session(role_arn, session_name)
        case FederatedUser(arn, user_arn):
            user_id = f"{account_of(arn)}:{arn.rpartition('/')[2]}"
            behind = (user_arn or _unknown_user(arn),)
            return _iam_caller(
                arn, "FederatedUser", (arn,), behind, {"aws:userid": user_id}, federated=True, session=True
            )
        case Service(name):
            given = {
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (name,),
                "aws:principalservicenameslist": (name,),
            }
            return Caller(PrincipalKind.SERVICE, (name,), (), "", "aws", given)
        case WebIdentity(provider):
            given = {"aws:federatedprovider": (provider,)}
            return Caller(PrincipalKind.FEDERATED, (provider,), (), "", "aws", given)


def _unknown_user(arn: str) -> str:
    """The user behind a federated session of which only the ARN is known: some user of its account."""
    parts = parts_of(arn)
    return f"arn:{parts[1]}:iam::{parts[4]}:user/{UNKNOWN_ID}" if parts else UNKNOWN_ID


def _role_session(role_arn: str, session_name: str) -> Caller:
    """A role session: `aws:PrincipalArn` is the role with its path, the session ARN has no path."""
    parts = parts_of(role_arn)
    partition, account = (parts[1], parts[4]) if parts else ("aws", "")
    name = role_arn.rpartition("/")[2]
    session = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}"
    without_path = f"arn:{partition}:iam::{account}:role/{name}"
    return _iam_caller(
        role_arn,
        "AssumedRole",
        (session,),
        tuple(dict.fromkeys((role_arn, without_path))),
        {"aws:userid": f"{UNKNOWN_ID}:{session_name}"},
        session=True,
        service_linked=_SERVICE_LINKED in role_arn,
    )


@dataclass(frozen=True, slots=True)
class Naming:
    """The strongest level at which a caller is certainly, and possibly, named."""

    certain: Level
    possible: Level
    note: Note | None = None


_UNNAMED = Naming(Level.NONE, Level.NONE)


def _is_all_hole(text: str) -> bool:
    return bool(text) and all(map(is_hole, text))


def _strongest(term: PrincipalTerm, texts: tuple[str, ...]) -> Truth:
    """Whether the term is one of `texts`."""
    if term.text in texts:
        return Truth.TRUE
    return max((_same_name(term.text, text) for text in texts), default=Truth.FALSE)


def _same_name(one: str, other: str) -> Truth:
    """Whether two names of principals are the same; ARNs part by part, for no part holds a colon."""
    first, second = parts_of(one), parts_of(other)
    if first is None or second is None or is_hole(one[0]) or is_hole(other[0]):
        return texts_equal(one, other)
    return min(texts_equal(part, its) for part, its in zip(first, second, strict=True))


def _term_naming(term: PrincipalTerm, caller: Caller, kind: PolicyKind) -> Naming:
    if term.kind is PrincipalKind.ANYONE or (term.kind is PrincipalKind.AWS and term.text == "*"):
        return _anyone(caller, kind)
    if term.kind is PrincipalKind.UNKNOWN or (term.kind is PrincipalKind.AWS and _is_all_hole(term.text)):
        return Naming(Level.NONE, Level.DIRECT)
    if term.kind is PrincipalKind.CANONICAL_USER:
        if not caller.account:
            return _UNNAMED
        return Naming(Level.NONE, Level.ACCOUNT, Note.CANONICAL_USER)
    if term.kind is not caller.kind:
        return _UNNAMED
    # The id of an account holds no colon, known or not: an ARN can only be that of its root user.
    accounts = caller.account_names[1:] if ":" in term.text else caller.account_names
    levels = {
        Level.DIRECT: _strongest(term, caller.direct),
        Level.ENTITY: _strongest(term, caller.entity),
        Level.ACCOUNT: _strongest(term, accounts),
    }
    return Naming(
        max((level for level, truth in levels.items() if truth is Truth.TRUE), default=Level.NONE),
        max((level for level, truth in levels.items() if truth is not Truth.FALSE), default=Level.NONE),
    )


def _anyone(caller: Caller, kind: PolicyKind) -> Naming:
    """`*` names everyone; in a trust policy only callers that sign as IAM principals for certain."""
    if kind is not PolicyKind.TRUST or caller.kind is PrincipalKind.AWS:
        return Naming(Level.DIRECT, Level.DIRECT)
    if not caller.signed:
        return _UNNAMED
    return Naming(Level.NONE, Level.DIRECT, Note.STAR_IN_TRUST)


def listed(principals: Principals, caller: Caller, kind: PolicyKind) -> Naming:
    """How strongly the terms of `Principal` or `NotPrincipal` name the caller."""
    found = [_term_naming(term, caller, kind) for term in principals.terms]
    if not found:
        return _UNNAMED
    certain = max(naming.certain for naming in found)
    possible = max(naming.possible for naming in found)
    note = next((naming.note for naming in found if naming.note and naming.possible > certain), None)
    return Naming(certain, possible, note)


def _not_principal_deny(principals: Principals, caller: Caller, kind: PolicyKind, *, bounded: bool) -> Naming:
    """`NotPrincipal` with `Deny`: who is named by itself is exempt, if its account (and role) is named too."""
    if bounded and caller.kind is PrincipalKind.AWS:
        return Naming(Level.DIRECT, Level.DIRECT, Note.NOT_PRINCIPAL_BOUNDARY)
    naming = listed(principals, caller, kind)
    if naming.possible < Level.ENTITY:
        return Naming(Level.DIRECT, Level.DIRECT)
    if naming.certain < Level.ENTITY:
        return Naming(Level.NONE, Level.DIRECT)
    if caller.kind is not PrincipalKind.AWS or caller.root or _names_everyone(principals):
        return _UNNAMED
    needed = [caller.account_names]
    if caller.session:
        needed.append(caller.entity)
    texts = {term.text for term in principals.terms if term.kind is PrincipalKind.AWS}
    if all(texts.intersection(names) for names in needed):
        return _UNNAMED
    return Naming(Level.NONE, Level.DIRECT, Note.NOT_PRINCIPAL_SERVICE_DEPENDENT)


def _names_everyone(principals: Principals) -> bool:
    return any(term.kind is PrincipalKind.ANYONE or term.text == "*" for term in principals.terms)


def naming_of(
    principals: Principals, caller: Caller, kind: PolicyKind, *, deny: bool, bounded: bool = False
) -> Naming:
    """How strongly a statement applies to the caller by its `Principal` or `NotPrincipal`.

    `bounded` says that the caller has a permissions boundary. A `NotPrincipal`
    statement that applies does so directly.
    """
    if not principals.negated:
        return listed(principals, caller, kind)
    if deny:
        return _not_principal_deny(principals, caller, kind, bounded=bounded)
    naming = listed(principals, caller, kind)
    if naming.certain >= Level.ENTITY:
        return _UNNAMED
    certain = Level.DIRECT if naming.possible is Level.NONE else Level.NONE
    return Naming(certain, Level.DIRECT, Note.NOT_PRINCIPAL_ALLOW)


def same_account(caller: Caller, account: str) -> Truth:
    """Whether the caller belongs to `account`; an empty one counts as the caller's own."""
    if not account or caller.account == account:
        return Truth.TRUE
    if has_hole(account) or has_hole(caller.account):
        return truth_of(must=False, may=texts_equal(caller.account, account))
    return Truth.FALSE


def is_account(text: str) -> bool:
    """Whether `text` is an account id of twelve digits."""
    return _ACCOUNT.fullmatch(text) is not None
