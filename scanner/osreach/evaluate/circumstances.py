"""What each condition key can hold in a request of some caller to some resource.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from osreach.access.serverless import Collection
from osreach.evaluate.serverless_keys import serverless_domain
from osreach.evaluate.target import Target, TargetKind
from osreach.held import Held
from osreach.iam.document import Document
from osreach.iam.facts import facts_of
from osreach.iam.question import (
    Absent,
    AnyAddress,
    AnyText,
    Fixed,
    KeyDomain,
    Unconstrained,
)
from osreach.iam.request import Anonymous, Principal, Request, RoleSession, Service, User
from osreach.iam.variables import Variable, template

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_ONLY_SIGNED = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:tokenissuetime",
    "aws:assumedroot",
    "aws:sourceidentity",
    "aws:ec2instancesource",
)
_ONLY_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorg")
_ONLY_ENDPOINTS = ("aws:sourcevpc", "aws:vpcsourceip", "aws:vpce")
_VIA = "aws:calledvia"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the requests beside caller, action and resource.

    `given` are values of keys that are known, names in lower case. `through` is
    the service that calls with the caller's session (`s3`), empty where the
    caller calls itself; `context` is then the encryption context of the call.
    `tags` are the caller's. `endpoint` are the policies of the VPC endpoint that
    the calls come through, empty where they let everything through.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """

    given: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    through: str = ""
    context: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    endpoint: tuple[Document, ...] = ()


DIRECT = Circumstances()
"""A call of which nothing further is known."""


@lru_cache(maxsize=65_536)
def _keys_of(held: Held[Document]) -> frozenset[str]:
    document = held.value
    found = {condition.key.lower() for statement in document.statements for condition in statement.conditions}
    for statement in document.statements:
        texts = [term.text for term in statement.resources.terms] if statement.resources else []
        texts += [term.text for condition in statement.conditions for term in condition.values]
        for text in texts:
            if "${" in text:
                found.update(piece.key for piece in template(text) if isinstance(piece, Variable))
    return frozenset(found)


def keys_of(documents: Iterable[Document]) -> frozenset[str]:
    """The condition keys that the documents mention, in lower case, those of policy variables included."""
    found: frozenset[str] = frozenset()
    for document in documents:
        keys = _keys_of(Held(document))
        if keys:
            found |= keys
    return found


def key_domains(
    keys: Iterable[str], principal: Principal, target: Target, circumstances: Circumstances = DIRECT
) -> dict[str, KeyDomain]:
    """What each of `keys` can hold; keys that follow from the caller are left to the decision."""
    derived = facts_of(Request(principal, f"{_service(target)}:", target.arn)).keys
    return {
        key: _domain(key, principal, target, circumstances)
        for key in sorted(keys)
        if key in circumstances.given or key not in derived
    }


def _service(target: Target) -> str:
    return {TargetKind.DOMAIN: "es", TargetKind.KEY: "kms", TargetKind.BUCKET: "s3"}.get(target.kind, "sts")


def _domain(key: str, principal: Principal, target: Target, circumstances: Circumstances) -> KeyDomain:
    given = circumstances.given.get(key)
    if given is not None:
        return Fixed(given) if given else Absent()
    if isinstance(target.subject, Collection):
        data = target.kind is TargetKind.COLLECTION
        found = serverless_domain(key, target.subject, target.arn, data=data)
        if found is not None:
            return found
    signed = isinstance(principal, User | RoleSession)
    through = circumstances.through
    match key:
        case "aws:sourceip":
            return AnyAddress(optional=not target.public)
        case "aws:securetransport":
            return Fixed(("true",))
        case "aws:viaawsservice":
            return Fixed(("true" if through else "false",))
        case "aws:useragent" | "aws:referer":
            return AnyText(optional=True)
        case "aws:requestedregion":
            return Fixed((target.region,)) if target.region else Unconstrained()
        case "kms:viaservice":
            return Fixed((f"{through}.{target.region}.amazonaws.com",)) if through else Absent()
    if key.startswith(_VIA):
        return Fixed((f"{through}.amazonaws.com",)) if through else Absent()
    if key.startswith("kms:encryptioncontext:"):
        written = circumstances.context.get(key.removeprefix("kms:encryptioncontext:"))
        if written is not None:
            return Fixed((written,))
        return Absent() if through and not key.endswith(":aws:s3:arn") else Unconstrained()
    if key.startswith("aws:principaltag/"):
        tag = circumstances.tags.get(key.removeprefix("aws:principaltag/"))
        if tag is not None:
            return Fixed((tag,))
        return Unconstrained() if signed else Absent()
    if key.startswith(_ONLY_SIGNED):
        return Unconstrained() if not isinstance(principal, Anonymous) else Absent()
    if key.startswith(_ONLY_SERVICES):
        return Unconstrained() if isinstance(principal, Service) else Absent()
    if key.startswith(_ONLY_ENDPOINTS):
        return Absent() if target.public else Unconstrained()
    return Unconstrained()


def request_of(
    principal: Principal, action: str, resource: str, target: Target, domains: Mapping[str, KeyDomain]
) -> Request:
    """The request of which no more is known than `domains` say: open keys are unknown in it."""
    context: dict[str, tuple[str, ...]] = {}
    unknown: set[str] = set()
    for key, domain in domains.items():
        match domain:
            case Fixed(values):
                context[key] = values
            case Absent():
                pass
            case _:
                unknown.add(key)
    return Request(principal, action, resource, context, target.account, frozenset(unknown))
