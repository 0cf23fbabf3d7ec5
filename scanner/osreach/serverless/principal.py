"""Who a data access policy names, and whether that is the caller.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-iam-identity-center.html
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html (patterns of role sessions)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from osreach.serverless.pattern import equal, has_hole, is_hole, name_matches
from osreach.truth import Truth, any_of


class PrincipalKind(StrEnum):
    """What a principal of a data access policy is written as."""

    ROLE = "role"
    USER = "user"
    SESSION = "role session"
    SESSIONS = "every session of a role"
    SAML_USER = "SAML user"
    SAML_GROUP = "SAML group"
    CENTER_USER = "IAM Identity Center user"
    CENTER_GROUP = "IAM Identity Center group"
    ACCOUNT = "account"
    ANYONE = "anyone"
    FEDERATION = "IAM federation"
    UNKNOWN = "unknown"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Named:
    """A principal of a data access policy taken apart.

    `account` is empty where it names none. `name` is that of the role, user or
    group; `session` that of a role session; `provider` the SAML provider or the
    instance of IAM Identity Center.
    """

    kind: PrincipalKind
    text: str
    account: str = ""
    name: str = ""
    session: str = ""
    provider: str = ""


_HOLE = "[\U000f0000-\U000ffffd]"
_ACCOUNT = rf"(?P<account>[0-9]{{12}}|{_HOLE}+)"
_FORMS: tuple[tuple[PrincipalKind, str], ...] = (
    (PrincipalKind.ACCOUNT, rf"arn:[^:]*:iam::{_ACCOUNT}:root|[0-9]{{12}}"),
    (PrincipalKind.ROLE, rf"arn:[^:]*:iam::{_ACCOUNT}:role/(?:[^*]*/)?(?P<name>[^*/]+)"),
    (PrincipalKind.USER, rf"arn:[^:]*:iam::{_ACCOUNT}:user/(?:[^*]*/)?(?P<name>[^*/]+)"),
    (PrincipalKind.SESSIONS, rf"arn:[^:]*:sts::{_ACCOUNT}:assumed-role/(?P<name>[^*/]+)/\*"),
    (
        PrincipalKind.SESSION,
        rf"arn:[^:]*:sts::{_ACCOUNT}:assumed-role/(?P<name>[^*/]+)/(?P<session>[^*/]+)",
    ),
    (PrincipalKind.SAML_USER, rf"saml/{_ACCOUNT}/(?P<provider>[^/]+)/user/(?P<name>.+)"),
    (PrincipalKind.SAML_GROUP, rf"saml/{_ACCOUNT}/(?P<provider>[^/]+)/group/(?P<name>.+)"),
    (PrincipalKind.CENTER_USER, r"iamidentitycenter/(?P<provider>[^/]+)/user/(?P<name>[^/]+)"),
    (PrincipalKind.CENTER_GROUP, r"iamidentitycenter/(?P<provider>[^/]+)/group/(?P<name>[^/]+)"),
    (PrincipalKind.FEDERATION, rf"iamfederation/{_ACCOUNT}/(?:[^/]+/)?(?:user|group)/(?P<name>.+)"),
    (PrincipalKind.ANYONE, r"\*"),
)


@cache
def _compiled() -> tuple[tuple[PrincipalKind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(form, re.DOTALL)) for kind, form in _FORMS)


@lru_cache(maxsize=16_384)
def named(text: str) -> Named:
    """What a principal's text means; kind `UNKNOWN` where unknown parts leave that open."""
    for kind, expression in _compiled():
        match = expression.fullmatch(text)
        if match is not None:
            groups = {name: value for name, value in match.groupdict().items() if value is not None}
            if kind is PrincipalKind.ACCOUNT and "account" not in groups:
                groups["account"] = text
            return Named(kind, text, **groups)
    return Named(PrincipalKind.UNKNOWN if has_hole(text) else PrincipalKind.OTHER, text)


def role_of(text: str) -> str | None:
    """The ARN of the role that a principal names, itself or by its sessions, without the role's path there."""
    match named(text).kind:
        case PrincipalKind.ROLE:
            return text
        case PrincipalKind.SESSION | PrincipalKind.SESSIONS:
            return text.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]
        case _:
            return None


class PrincipalNote(StrEnum):
    """A point that the documentation leaves open, met while principals were compared."""

    WILD = "the documentation does not say that a principal may be `*`, an account or hold a wildcard"
    SESSION = "the policy names one session of the role"


@dataclass(frozen=True, slots=True)
class Subject:
    """The caller as data access policies may name it.

    `arn` is that of the role or user. For a session of a role `role` is the
    role's name without its path, and `session` the name of the session, empty
    where it may be any. `names` are texts for callers who are no identities of
    IAM (`saml/111122223333/okta/user/ann`), with those of their groups.
    `account` is empty for those. `user` is the name of a SAML user of whatever
    provider, `groups` are those that the login is known to bring. `others` are texts (holes) that are certainly somebody else.
    """

    arn: str = ""
    account: str = ""
    role: str = ""
    session: str = ""
    names: tuple[str, ...] = ()
    user: str = ""
    groups: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


def principal_matches(text: str, subject: Subject, account: str) -> tuple[Truth, PrincipalNote | None]:
    """Whether the principal `text` of a policy in `account` is the caller.

    Callers of another account profit from no policy: they have to assume a role
    of the account first.
    """
    if text in subject.others:
        return Truth.FALSE, None
    if text in subject.names:
        return Truth.TRUE, None
    if len(text) == 1 and is_hole(text):
        return Truth.UNKNOWN, None
    if subject.names or subject.user:
        found = any_of(equal(text, name) for name in subject.names)
        who = named(text)
        if found is Truth.FALSE and subject.user and who.kind is PrincipalKind.SAML_USER:
            found = equal(who.name, subject.user)
        if found is Truth.FALSE and subject.user and who.kind is PrincipalKind.SAML_GROUP:
            if not subject.groups:
                return Truth.UNKNOWN, None
            found = any_of(equal(who.name, group) for group in subject.groups)
        return (Truth.UNKNOWN, PrincipalNote.WILD) if who.kind is PrincipalKind.ANYONE else (found, None)
    if not subject.arn or (subject.account and account and equal(subject.account, account) is Truth.FALSE):
        return Truth.FALSE, None
    who = named(text)
    certain = equal(text, subject.arn)
    if certain is Truth.TRUE and who.kind is not PrincipalKind.ACCOUNT:
        return certain, None
    match who.kind:
        case PrincipalKind.SESSIONS | PrincipalKind.SESSION if subject.role:
            return _session(who, subject)
        case PrincipalKind.ANYONE:
            return Truth.UNKNOWN, PrincipalNote.WILD
        case PrincipalKind.ACCOUNT:
            own = equal(who.account, subject.account)
            return (Truth.UNKNOWN, PrincipalNote.WILD) if own is not Truth.FALSE else (Truth.FALSE, None)
        case PrincipalKind.OTHER if "*" in text and name_matches(text, subject.arn) is not Truth.FALSE:
            return Truth.UNKNOWN, PrincipalNote.WILD
        case _:
            return certain, None


def _session(who: Named, subject: Subject) -> tuple[Truth, PrincipalNote | None]:
    role = min(equal(who.account, subject.account), equal(who.name, subject.role))
    if who.kind is PrincipalKind.SESSIONS or role is Truth.FALSE:
        return role, None
    if not subject.session:
        return Truth.UNKNOWN, PrincipalNote.SESSION
    return min(role, equal(who.session, subject.session)), None
