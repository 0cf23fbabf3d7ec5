"""How people write a caller: an ARN, or a word."""

from __future__ import annotations

import re

from osreach.iam.arn import parts_of
from osreach.iam.principal import is_account
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

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")


def principal_from_text(text: str, session: str = "session") -> Principal:
    """The caller that `text` names; raises `ValueError` where it names none.

    An ARN of a user, role, assumed-role session, federated user, identity
    provider or root user; twelve digits for the root user of an account;
    `anonymous` (or `*`); `service:NAME` or the name of a service principal. A
    role stands for its session `session`; the ARN of a session does not tell
    the path of its role, which is then taken to have none.
    """
    if text in {"anonymous", "*"}:
        return Anonymous()
    if is_account(text):
        return RootUser(text)
    if text.startswith("service:"):
        return Service(text.removeprefix("service:"))
    if _SERVICE.fullmatch(text):
        return Service(text)
    parts = parts_of(text)
    if parts is None or parts[0] != "arn" or parts[2] not in {"iam", "sts"}:
        raise ValueError(f"`{text}` names no caller")
    _, partition, service, _, account, name = parts
    kind, _, rest = name.partition("/")
    match service, kind:
        case "iam", "root" if not rest:
            return RootUser(account, partition)
        case "iam", "user" if rest:
            return User(text)
        case "iam", "role" if rest:
            return RoleSession(text, session)
        case "iam", "oidc-provider" | "saml-provider" if rest:
            return WebIdentity(text)
        case "sts", "assumed-role" if "/" in rest:
            role, _, session_name = rest.rpartition("/")
            return RoleSession(f"arn:{partition}:iam::{account}:role/{role}", session_name)
        case "sts", "federated-user" if rest:
            return FederatedUser(text)
        case _:
            raise ValueError(f"`{text}` names no caller")
