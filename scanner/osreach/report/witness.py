"""The request that shows a finding, for people and for programs."""

from __future__ import annotations

from osreach.iam.key_name import key_name
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
from osreach.witness import Witness


def principal_text(principal: Principal) -> str:
    """The principal as the command line takes it: an ARN, `anonymous`, `service:NAME`."""
    match principal:
        case Anonymous():
            return "anonymous"
        case RootUser(account, partition):
            return f"arn:{partition}:iam::{account}:root"
        case User(arn) | FederatedUser(arn):
            return arn
        case RoleSession(role_arn):
            return role_arn
        case Service(name):
            return f"service:{name}"
        case WebIdentity(provider):
            return f"federated:{provider}"


def witness_object(witness: Witness) -> dict[str, object]:
    """The witness as in the JSON report; a condition key with several values holds a list."""
    request = witness.request
    return {
        "principal": principal_text(request.principal),
        "action": request.action,
        "resource": request.resource,
        "context": {
            key_name(key): values[0] if len(values) == 1 else list(values)
            for key, values in sorted(request.context.items())
        },
        "http": witness.http,
    }


def witness_sentence(witness: Witness) -> str:
    """The witness in one line: `anonymous: GET /x/_search (es:ESHttpGet on arn:...) with key = value`."""
    request = witness.request
    call = f"{request.action} on {request.resource}"
    asked = f"{witness.http} ({call})" if witness.http else call
    context = ", ".join(
        f"{key_name(key)} = {' and '.join(values) or 'nothing'}"
        for key, values in sorted(request.context.items())
    )
    return f"{principal_text(request.principal)}: {asked}" + (f" with {context}" if context else "")
