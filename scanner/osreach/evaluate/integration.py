"""Whether what writes to clusters and reads from them has the rights that it needs.

Sources:
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-domain-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-collection-access.html
https://docs.aws.amazon.com/iot/latest/developerguide/opensearch-rule-action.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Elasticsearch.html
https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.access.identity import Identity, IdentityKind
from osreach.access.integration import ClientKind, Destination, Direction, SearchClient
from osreach.access.model import Model
from osreach.evaluate.effective import EffectiveAccess, Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import of_domain
from osreach.iam.document import PrincipalKind
from osreach.iam.glob_match import matcher

_GUIDE = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide"
_WRITES = Requests(("es:ESHttpPost", "es:ESHttpPut"), ("/_bulk", "/*"), ("/_bulk", "/logs/_bulk"))
_PUTS = Requests(("es:ESHttpPut",), ("/*",), ("/logs/_doc/1",))
_SEARCHES = Requests(("es:ESHttpGet", "es:ESHttpPost"), ("/*",), ("/logs/_search",))
_WRITE_PERMISSIONS = ("aoss:CreateIndex", "aoss:UpdateIndex", "aoss:WriteDocument")
_READ_PERMISSIONS = ("aoss:ReadDocument",)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a kind of client asks of its role, and the page that says so.

    `requests` are alternatives for a domain, of which it needs one at least; none
    where the client may log in another way. `permissions` are those of a data
    access policy on the index, beside `aoss:APIAccessAll` of the role itself.
    """

    requests: tuple[Requests, ...]
    permissions: tuple[str, ...]
    documentation: str


_WRITING: Mapping[ClientKind, Needs] = {
    ClientKind.DELIVERY: Needs(
        (_WRITES,),
        _WRITE_PERMISSIONS,
        "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
    ),
    ClientKind.PIPELINE: Needs(
        (_WRITES,), (*_WRITE_PERMISSIONS, "aoss:DescribeIndex"), f"{_GUIDE}/pipeline-collection-access.html"
    ),
    ClientKind.TOPIC_RULE: Needs(
        (_PUTS,), (), "https://docs.aws.amazon.com/iot/latest/developerguide/opensearch-rule-action.html"
    ),
    ClientKind.MIGRATION: Needs(
        (_WRITES,), (), "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Elasticsearch.html"
    ),
    ClientKind.KNOWLEDGE_BASE: Needs(
        (_SEARCHES, _WRITES),
        ("aoss:ReadDocument", "aoss:WriteDocument"),
        "https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html",
    ),
}
_READING: Mapping[ClientKind, Needs] = {
    ClientKind.PIPELINE: Needs(
        (_SEARCHES,), _READ_PERMISSIONS, f"{_GUIDE}/configure-client-self-managed-opensearch.html"
    ),
}


def needs_of(client: SearchClient) -> Needs | None:
    """What the client needs; None for one of which nobody knows, such as a function."""
    table = _READING if client.direction is Direction.READS else _WRITING
    return table.get(client.kind)


def role_named(text: str, deployment: str, model: Model) -> Identity | None:
    """The role that `text` names by ARN or by name, best one of the same deployment."""
    elsewhere: Identity | None = None
    for role in model.identities.values():
        if role.kind is IdentityKind.ROLE and text and text in (role.arn, role.name):
            if role.deployment == deployment:
                return role
            elsewhere = elsewhere or role
    return elsewhere


def role_of(client: SearchClient, model: Model) -> Identity | None:
    """The role that the client runs as, None where the code does not make or name it."""
    return role_named(client.role, client.deployment, model)


def domain_of(destination: Destination, deployment: str, domains: Iterable[Domain]) -> Domain | None:
    """The domain that is meant, None where it is no domain of the code."""
    if not destination.address:
        return None
    return next(
        (
            one
            for one in domains
            if one.deployment == deployment and plain(one.address) == plain(destination.address)
        ),
        None,
    )


def plain(address: str) -> str:
    """An address without the words that tell deployments apart."""
    return address.partition(" (in ")[0]


def lacks_access(client: SearchClient, domain: Domain, access: EffectiveAccess) -> bool:
    """Whether none of the requests that the client needs is certainly or possibly allowed to its role.

    False where the role's policies are not all in the code.
    """
    role, needs = role_of(client, access.model), needs_of(client)
    if role is None or needs is None or not needs.requests or not role.defined:
        return False
    standing = standing_of(role, access.model)
    return access.of(standing, of_domain(domain, access.model), needs.requests).outcome is Outcome.DENIED


def services_trusted(role: Identity) -> Iterator[str]:
    """The services that the role's trust policy names."""
    for policy in role.trust:
        for statement in policy.document.statements:
            for term in statement.principals.terms if statement.principals else ():
                if term.kind is PrincipalKind.SERVICE:
                    yield term.text


def is_trusted(role: Identity, service: str) -> bool:
    """Whether the trust policy may let the service take the role: it names it, or is not wholly known."""
    if any(policy.unknown is not None or policy.document.unknown for policy in role.trust):
        return True
    for policy in role.trust:
        for statement in policy.document.statements:
            principals = statement.principals
            if principals is None:
                continue
            if principals.negated:
                return True
            for term in principals.terms:
                if term.kind in {PrincipalKind.ANYONE, PrincipalKind.UNKNOWN}:
                    return True
                # the service's name may hold the Region: `dms.eu-west-1.amazonaws.com`
                if term.kind is PrincipalKind.SERVICE and (
                    not term.text.isascii() or _same_service(term.text, service)
                ):
                    return True
    return False


def _same_service(written: str, service: str) -> bool:
    first, _, rest = service.partition(".")
    return bool(matcher(f"{first}*.{rest}")(written)) and written.partition(".")[0] == first
