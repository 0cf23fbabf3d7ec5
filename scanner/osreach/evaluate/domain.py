"""What a domain's access policy lets a caller do, asked of the decision procedure.

The access policy is the layer at the edge of the domain: it decides by HTTP
verb and path, before fine-grained access control inside the cluster.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from osreach.access.domain import Domain
from osreach.access.network import Exposure
from osreach.iam.address import AddressSet
from osreach.iam.document import Document
from osreach.iam.question import (
    Absent,
    Answer,
    AnyAddress,
    AnyOf,
    AnyText,
    Fixed,
    Found,
    KeyDomain,
    Mode,
    Question,
    Scope,
    TooComplex,
    Unconstrained,
    addresses,
    find,
)
from osreach.iam.request import Anonymous, Principal
from osreach.witness import Witness

HTTP_ACTIONS = (
    "es:ESHttpGet",
    "es:ESHttpPost",
    "es:ESHttpPut",
    "es:ESHttpDelete",
    "es:ESHttpHead",
    "es:ESHttpPatch",
)
"""The actions of requests to the domain's endpoint, one for each HTTP verb.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html
"""

_ONLY_SIGNED = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:tokenissuetime",
    "aws:assumedroot",
    "aws:ec2instancesource",
    "aws:chatbotsourcearn",
)
_ONLY_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorg", "aws:calledvia")
_ONLY_ENDPOINTS = ("aws:sourcevpc", "aws:vpcsourceip", "aws:vpce")


def ask(
    domain: Domain,
    caller: Principal,
    *,
    actions: tuple[str, ...] = HTTP_ACTIONS,
    paths: tuple[str, ...] = ("*",),
    without: tuple[str, ...] = (),
    mode: Mode = Mode.CERTAIN,
) -> Witness | None:
    """One request of `caller` that the access policy allows, or None where there is none.

    `paths` and `without` are patterns of the path behind the domain's ARN,
    without a leading `/`. A question that is too complex to decide counts as
    None in mode CERTAIN; nothing is claimed that was not shown.
    """
    answer = find(_question(domain, caller, actions, paths, without, mode))
    return witness_of(answer, domain) if isinstance(answer, Found) else None


def ask_refused(
    domain: Domain,
    caller: Principal,
    *,
    actions: tuple[str, ...],
    paths: tuple[str, ...],
    without: tuple[str, ...] = (),
) -> Witness | None:
    """One request of `caller` that the access policy does not allow, or None where all are allowed."""
    documents = domain.documents
    scope = _scope(domain, caller, actions, paths, without, documents)
    answer = find(Question(layers=(), unless=(documents,), scope=scope, mode=Mode.CERTAIN))
    return witness_of(answer, domain) if isinstance(answer, Found) else None


def open_addresses(domain: Domain, mode: Mode = Mode.CERTAIN) -> AddressSet | TooComplex:
    """The internet addresses from which some unsigned request is allowed."""
    return addresses(_question(domain, Anonymous(), HTTP_ACTIONS, ("*",), (), mode))


def _question(
    domain: Domain,
    caller: Principal,
    actions: tuple[str, ...],
    paths: tuple[str, ...],
    without: tuple[str, ...],
    mode: Mode,
) -> Question:
    documents = domain.documents
    scope = _scope(domain, caller, actions, paths, without, documents)
    return Question(layers=(documents,), scope=scope, mode=mode)


def _scope(
    domain: Domain,
    caller: Principal,
    actions: tuple[str, ...],
    paths: tuple[str, ...],
    without: tuple[str, ...],
    documents: Iterable[Document],
) -> Scope:
    base = domain.arn
    return Scope(
        principal=caller,
        actions=actions,
        resources=tuple(f"{base}/{path}" for path in paths),
        without=tuple(f"{base}/{path}" for path in without),
        keys=_keys(domain, caller, documents),
        other_keys=Absent(),
        resource_account=domain.account,
    )


def _keys(domain: Domain, caller: Principal, documents: Iterable[Document]) -> Mapping[str, KeyDomain]:
    """What each condition key of the policy may be in a request of `caller`; the address is always asked for.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    mentioned = {
        condition.key.lower()
        for document in documents
        for statement in document.statements
        for condition in statement.conditions
    }
    return {key: _key(key, domain, caller) for key in sorted(mentioned | {"aws:sourceip"})}


def _key(key: str, domain: Domain, caller: Principal) -> KeyDomain:
    signed = not isinstance(caller, Anonymous)
    if key == "aws:sourceip":
        return AnyAddress(optional=domain.exposure is not Exposure.PUBLIC)
    if key == "aws:securetransport":
        return Fixed(("true",)) if domain.https_only.is_certainly(value=True) else AnyOf(("true", "false"))
    if key == "aws:viaawsservice":
        return Fixed(("false",))
    if key in ("aws:useragent", "aws:referer"):
        return AnyText(optional=True)
    if key == "aws:principaltype":
        return Unconstrained() if signed else Fixed(("Anonymous",))
    if key.startswith(_ONLY_SIGNED):
        return Unconstrained() if signed else Absent()
    if key.startswith(_ONLY_SERVICES):
        return Absent()
    if key.startswith(_ONLY_ENDPOINTS):
        # nobody reaches a public endpoint through a VPC; whether a VPC domain fills these keys is not documented
        return Absent() if domain.exposure is Exposure.PUBLIC else Unconstrained()
    if key.startswith(("aws:resource", "aws:currenttime", "aws:epochtime", "aws:requestedregion")):
        return Unconstrained()
    return Absent()


def answer_to(domain: Domain, caller: Principal, mode: Mode = Mode.CERTAIN) -> Answer:
    """Whether the access policy allows `caller` anything at all, with the reason where that is undecided."""
    return find(_question(domain, caller, HTTP_ACTIONS, ("*",), (), mode))


def witness_of(found: Found, domain: Domain) -> Witness:
    """The request that was found, with the request line that sends it."""
    request = found.request
    verb = request.action.partition("ESHttp")[2].upper()
    path = request.resource.removeprefix(domain.arn)
    http = f"{verb} {path}" if verb and path.startswith("/") else ""
    return Witness(request, http, found.statements)
