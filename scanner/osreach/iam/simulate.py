"""The policy simulator as a function from a JSON request to a JSON answer.

`answer(line)` takes one request, as text or as the object in it, with raw policy
documents, and gives what the command prints for it:

    {"id": "1", "principal": "arn:...", "action": "s3:GetObject", "resource": "arn:...",
     "resourceAccount": "123456789012", "context": {"aws:SourceIp": "10.0.0.1"},
     "identityPolicies": [...], "resourcePolicy": {...}, "permissionBoundaries": [...],
     "sessionPolicies": [...], "endpointPolicies": [...], "scps": [[...]], "rcps": [[...]]}
    {"id": "1", "decision": "allowed", "because": [{"policy": "identityPolicies[0]", "statement": 0, "sid": ""}]}

A decision is `allowed`, `explicit_deny` or `implicit_deny`: what the
documentation leaves open counts as a denial here and is named in `notes`. A
request that cannot be evaluated answers `{"id": ..., "error": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.decision import Decision, decide
from osreach.iam.document import Document, PolicyKind
from osreach.iam.parse import DocumentError, document_from_json
from osreach.iam.policies import OrganizationLevel, Policies
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import Principal, Request

Answer: TypeAlias = dict[str, object]

_KEYS = frozenset(
    {
        "id",
        "principal",
        "action",
        "resource",
        "resourceAccount",
        "context",
        "identityPolicies",
        "resourcePolicy",
        "permissionBoundaries",
        "sessionPolicies",
        "endpointPolicies",
        "scps",
        "rcps",
    }
)


class RequestError(ValueError):
    """What is wrong in one request, in a sentence."""


def answer(line: str | Mapping[str, object]) -> Answer:
    """The answer to one request; never raises."""
    identifier: object = None
    try:
        data = _read(line) if isinstance(line, str) else line
        identifier = data.get("id")
        request, policies = _request(data), _policies(data)
    except RequestError as error:
        return {"id": identifier, "error": str(error)}
    decision = decide(request, policies)
    result: Answer = {
        "id": identifier,
        "decision": decision.cautious.value,
        "because": _because(decision),
    }
    if decision.blocked_by is not None:
        result["blocked_by"] = decision.blocked_by.value
    if decision.notes:
        result["notes"] = [note.value for note in decision.notes]
    return result


def _because(decision: Decision) -> list[Answer]:
    return [
        {"policy": deciding.source, "statement": deciding.index, "sid": deciding.sid}
        for deciding in decision.because
    ]


def _read(line: str) -> Mapping[str, object]:
    try:
        data = json.loads(line)
    except RecursionError:
        raise RequestError("the request is nested too deeply") from None
    except ValueError as error:
        raise RequestError(f"the request is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise RequestError("the request must be an object")
    return data


@lru_cache(maxsize=16384)
def _principal(text: str) -> Principal:
    return principal_from_text(text)


def _request(data: Mapping[str, object]) -> Request:
    for name in data:
        if name not in _KEYS:
            raise RequestError(f"`{name}` is no part of a request")
    principal = _text(data, "principal")
    action = _text(data, "action")
    resource = _text(data, "resource", "*")
    account = _text(data, "resourceAccount", "")
    if ":" not in action:
        raise RequestError("`action` must be `service:Name`")
    try:
        caller = _principal(principal)
    except ValueError as error:
        raise RequestError(f"`principal`: {error}") from None
    return Request(caller, action, resource, _context(data.get("context")), account)


def _text(data: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = data.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise RequestError(f"`{name}` is missing" if value is None else f"`{name}` must be a string")
    return value


def _context(data: object) -> Mapping[str, tuple[str, ...]]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise RequestError("`context` must be an object")
    context: dict[str, tuple[str, ...]] = {}
    for key, value in data.items():
        values = value if isinstance(value, list) else [value]
        context[key] = tuple(_scalar(key, item) for item in values)
    return context


def _scalar(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        try:
            return json.dumps(value)
        except ValueError:  # Python refuses to write numbers of thousands of digits
            raise RequestError(f"`context.{key}` is too large a number") from None
    raise RequestError(f"`context.{key}` must be a value or a list of values")


def _policies(data: Mapping[str, object]) -> Policies:
    resource = data.get("resourcePolicy")
    trust = _is_trust(data)
    return Policies(
        _documents(data.get("identityPolicies"), PolicyKind.IDENTITY, "identityPolicies"),
        () if resource is None else (_document(resource, trust, "resourcePolicy"),),
        _documents(data.get("permissionBoundaries"), PolicyKind.BOUNDARY, "permissionBoundaries"),
        _documents(data.get("sessionPolicies"), PolicyKind.SESSION, "sessionPolicies"),
        _levels(data.get("scps"), PolicyKind.SERVICE_CONTROL, "scps"),
        _levels(data.get("rcps"), PolicyKind.RESOURCE_CONTROL, "rcps"),
        _documents(data.get("endpointPolicies"), PolicyKind.RESOURCE, "endpointPolicies"),
    )


def _is_trust(data: Mapping[str, object]) -> PolicyKind:
    action, resource = data.get("action"), data.get("resource")
    trust = isinstance(action, str) and action.lower().startswith("sts:")
    role = isinstance(resource, str) and ":role/" in resource
    return PolicyKind.TRUST if trust and role else PolicyKind.RESOURCE


def _documents(data: object, kind: PolicyKind, name: str) -> tuple[Document, ...]:
    if data is None:
        return ()
    if not isinstance(data, list):
        raise RequestError(f"`{name}` must be a list of policies")
    return tuple(_document(policy, kind, f"{name}[{index}]") for index, policy in enumerate(data))


def _levels(data: object, kind: PolicyKind, name: str) -> tuple[OrganizationLevel, ...]:
    """Levels from the root of the organization down; one that is null allows everything."""
    if data is None:
        return ()
    if not isinstance(data, list):
        raise RequestError(f"`{name}` must be a list of levels")
    return tuple(
        None if level is None else _documents(level, kind, f"{name}[{index}]")
        for index, level in enumerate(data)
    )


def _document(policy: object, kind: PolicyKind, name: str) -> Document:
    """The document; the same text is read once, for batches repeat their policies."""
    text = policy if isinstance(policy, str) else _dumped(policy, name)
    found = _parsed(text, kind, name)
    if isinstance(found, str):
        raise RequestError(found)
    return found


def _dumped(policy: object, name: str) -> str:
    try:
        return json.dumps(policy)
    except (RecursionError, ValueError):
        raise RequestError(f"`{name}` is nested too deeply, or holds too large a number") from None


@lru_cache(maxsize=4096)
def _parsed(text: str, kind: PolicyKind, name: str) -> Document | str:
    try:
        return document_from_json(text, kind, name)
    except DocumentError as error:
        return f"`{name}`: {error.message}"
