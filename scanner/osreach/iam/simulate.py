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
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.decision import Decision, decide
from osreach.iam.document import Document, PolicyKind
from osreach.iam.parse import DocumentError, distinct, document_from_json
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


_MEMBERS = (
    "identityPolicies",
    "resourcePolicy",
    "permissionBoundaries",
    "sessionPolicies",
    "endpointPolicies",
    "scps",
    "rcps",
)
_MEMBER = re.compile(rf'"({"|".join(_MEMBERS)})"\s*:\s*(?=[\[{{])')
"""Such a member with a list or an object; inside a string its quotes would be escaped."""

_DECODER = json.JSONDecoder()
_SEEN_FROM = 160
_SEEN_MOST = 64
"""How many texts with the same beginning (of that many characters) are remembered."""


_MARK = "osreach policy "


class RequestError(ValueError):
    """What is wrong in one request, in a sentence."""


def answer(line: str | Mapping[str, object]) -> Answer:
    """The answer to one request; never raises."""
    identifier: object = None
    try:
        data = _read(line) if isinstance(line, str) else line
        identifier = data.get("id")
        request = _request(data)
        policies = _policies(data, trust=_is_trust(request))
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


class _Written(str):
    """JSON text that is the value of one of a request's policy members, read only when it is new."""

    __slots__ = ()


def _read(line: str) -> Mapping[str, object]:
    """The request in a line, with the texts of its policies unread where they are known.

    The lines of a batch repeat their policies. A text that stands where such a
    value begins and that was a whole value before is that value again, for
    objects and lists end with their own bracket.
    """
    try:
        rest, written = _without_policies(line)
        data = _loaded(rest)
        if isinstance(data, dict):
            for index, (name, text) in enumerate(written):
                if data.get(name) != f"{_MARK}{index}":
                    data = json.loads(line)  # a member of that name elsewhere, or twice
                    break
                data[name] = text
    except RecursionError:
        raise RequestError("the request is nested too deeply") from None
    except ValueError as error:
        raise RequestError(f"the request is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise RequestError("the request must be an object")
    return data


def _loaded(text: str) -> object:
    """What `json.loads` gives, sooner for text without space around it."""
    try:
        data, end = _DECODER.raw_decode(text)
    except ValueError:
        return json.loads(text)
    return data if end == len(text) or text[end:].isspace() else json.loads(text)


def _without_policies(line: str) -> tuple[str, list[tuple[str, _Written]]]:
    """The line with a mark in place of each policy text, and the name and text of each."""
    rest = ""
    written: list[tuple[str, _Written]] = []
    end = 0
    while found := _MEMBER.search(line, end):
        start = found.end()
        text = _value_at(line, start)
        rest += f'{line[end:start]}"{_MARK}{len(written)}"'
        written.append((found[1], text))
        end = start + len(text)
    return rest + line[end:], written


def _value_at(line: str, start: int) -> _Written:
    """The text of the object or list that begins at `start`."""
    known = _seen(line[start : start + _SEEN_FROM])
    for text in known:
        if line.startswith(text, start):
            return text
    _, end = _DECODER.raw_decode(line, start)
    text = _Written(line[start:end])
    if len(known) < _SEEN_MOST:
        known.append(text)
    return text


@lru_cache(maxsize=4096)
def _seen(beginning: str) -> list[_Written]:  # noqa: ARG001  # the key of the cache
    """The values met so far that begin like this."""
    return []


@lru_cache(maxsize=16384)
def _principal(text: str) -> Principal:
    return principal_from_text(text)


def _request(data: Mapping[str, object]) -> Request:
    if not data.keys() <= _KEYS:
        name = next(name for name in data if name not in _KEYS)
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
    if isinstance(value, str):
        return value
    if value is not None or default is None:
        raise RequestError(f"`{name}` is missing" if value is None else f"`{name}` must be a string")
    return default


def _context(data: object) -> Mapping[str, tuple[str, ...]]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise RequestError("`context` must be an object")
    return {
        key: (value,)
        if isinstance(value, str)
        else tuple([_scalar(key, item) for item in (value if isinstance(value, list) else [value])])
        for key, value in data.items()
    }


def _scalar(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        try:
            return json.dumps(value)
        except ValueError:  # Python refuses to write numbers of thousands of digits
            raise RequestError(f"`context.{key}` is too large a number") from None
    raise RequestError(f"`context.{key}` must be a value or a list of values")


def _is_trust(request: Request) -> PolicyKind:
    trust = request.action.lower().startswith("sts:") and ":role/" in request.resource
    return PolicyKind.TRUST if trust else PolicyKind.RESOURCE


def _policies(data: Mapping[str, object], *, trust: PolicyKind) -> Policies:
    members = tuple(map(data.get, _MEMBERS))
    for member in members:
        if member is not None and not isinstance(member, _Written):
            return _assembled(members, trust)
    found = _remembered(members, trust is PolicyKind.TRUST)
    if isinstance(found, RequestError):
        raise RequestError(*found.args)
    return found


@lru_cache(maxsize=16384)
def _remembered(members: tuple[object, ...], trusted: bool) -> Policies | RequestError:  # noqa: FBT001  # keys of the cache
    """The policies, or what is wrong with them, in texts that were met before."""
    try:
        return _assembled(members, PolicyKind.TRUST if trusted else PolicyKind.RESOURCE)
    except RequestError as error:
        return error


def _assembled(members: tuple[object, ...], trust: PolicyKind) -> Policies:
    """The policies in the values of `_MEMBERS`, in that order."""
    identity, resource, boundaries, sessions, endpoint, scps, rcps = members
    return Policies(
        _documents(identity, PolicyKind.IDENTITY, "identityPolicies"),
        () if resource is None else (_document(resource, trust, "resourcePolicy"),),
        _documents(boundaries, PolicyKind.BOUNDARY, "permissionBoundaries"),
        _documents(sessions, PolicyKind.SESSION, "sessionPolicies"),
        _levels(scps, PolicyKind.SERVICE_CONTROL, "scps"),
        _levels(rcps, PolicyKind.RESOURCE_CONTROL, "rcps"),
        _documents(endpoint, PolicyKind.RESOURCE, "endpointPolicies"),
    )


def _documents(data: object, kind: PolicyKind, name: str) -> tuple[Document, ...]:
    match data:
        case None:
            return ()
        case _Written():
            return _documents_in(data, kind, name)
        case list():
            return tuple(_document(policy, kind, f"{name}[{index}]") for index, policy in enumerate(data))
        case _:
            raise RequestError(f"`{name}` must be a list of policies")


@lru_cache(maxsize=4096)
def _documents_in(text: _Written, kind: PolicyKind, name: str) -> tuple[Document, ...]:
    return _documents(_policy_in(text, name), kind, name)


def _levels(data: object, kind: PolicyKind, name: str) -> tuple[OrganizationLevel, ...]:
    """Levels from the root of the organization down; one that is null allows everything."""
    match data:
        case None:
            return ()
        case _Written():
            return _levels_in(data, kind, name)
        case list():
            return tuple(
                None if level is None else _documents(level, kind, f"{name}[{index}]")
                for index, level in enumerate(data)
            )
        case _:
            raise RequestError(f"`{name}` must be a list of levels")


@lru_cache(maxsize=4096)
def _levels_in(text: _Written, kind: PolicyKind, name: str) -> tuple[OrganizationLevel, ...]:
    return _levels(_policy_in(text, name), kind, name)


def _policy_in(text: str, name: str) -> object:
    """The JSON in the text of a policy member, in which no name may stand twice in one object."""
    try:
        return json.loads(text, object_pairs_hook=distinct)
    except DocumentError as error:
        raise RequestError(f"`{name}`: {error.message}") from None


def _document(policy: object, kind: PolicyKind, name: str) -> Document:
    if isinstance(policy, _Written):
        return _document_in(policy, kind, name)
    try:
        return document_from_json(policy, kind, name)
    except DocumentError as error:
        raise RequestError(f"`{name}`: {error.message}") from None


@lru_cache(maxsize=4096)
def _document_in(text: _Written, kind: PolicyKind, name: str) -> Document:
    return _document(_policy_in(text, name), kind, name)
