"""Callers and resources by what people call them: an address, an ARN, a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.model import Model
from osreach.evaluate.standing import Standing, outside, standing_of
from osreach.evaluate.target import (
    Target,
    TargetKind,
    collections_of,
    of_bucket,
    of_domain,
    of_key,
    of_role,
    targets_of,
)
from osreach.extract.attribute import with_holes
from osreach.iac.resource import Resource
from osreach.iam.arn import parts_of
from osreach.iam.document import Document, Term
from osreach.iam.glob_match import texts_equal
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import Anonymous, RoleSession, User
from osreach.location import Location
from osreach.opensearch.authentication import Assertion, CognitoUser, Credentials, Password, Token
from osreach.truth import Truth

_NEAREST = 3
_NO_RESOURCE = "*"
_NOWHERE = Location("", 0, 0, 0, 0)
_NOT_IAM = ("internal:", "saml:", "token:")
"""Users that sign in at the cluster: what they send reaches the domain unsigned."""
_COGNITO = "cognito:"
_OF_COLLECTIONS = ("saml/", "iamidentitycenter/", "iamfederation/")
"""Users of OpenSearch Serverless as its data access policies name them."""


class UnknownName(ValueError):  # noqa: N818 - the word for it
    """A name that means nothing in these files, in a sentence."""


def nearest(text: str, names: Iterable[str]) -> str:
    """A clause that offers the names most like `text`, empty where none is."""
    found = get_close_matches(text, list(dict.fromkeys(names)), n=_NEAREST, cutoff=0.5)
    return f"; did you mean {' or '.join(f'`{name}`' for name in found)}?" if found else ""


def find_caller(
    text: str,
    model: Model,
    session: str = "session",
    backend_roles: tuple[str, ...] = (),
    *,
    wrong: bool = False,
) -> Standing:
    """The caller that `text` names; raises `UnknownName` where it names none.

    An address, the ARN of an identity or of a role's session, `anonymous`,
    `service:NAME`, `internal:NAME`, `saml:NAME`, `token:NAME` or
    `cognito:NAME` (with the user pool in front: `cognito:POOL/NAME`). An ARN
    that no file defines is a caller of which no policies are known.
    `backend_roles` are what a login brings along; of a user of Amazon Cognito
    the role of IAM. `wrong` says that password or token are.
    """
    if text.startswith(_COGNITO):
        return _cognito(text, model, backend_roles)
    if text.startswith(_OF_COLLECTIONS):
        return Standing(text, Anonymous())
    if text.startswith(_NOT_IAM):
        return Standing(text, Anonymous(), credentials=_login(text, backend_roles, wrong=wrong))
    if backend_roles:
        raise UnknownName(f"`{text}` brings no backend roles of its own; only a login to the cluster does")
    if wrong:
        raise UnknownName(f"`{text}` has neither a password nor a token that could be wrong")
    identity = _identity(text, model)
    if identity is not None:
        if identity.kind is IdentityKind.GROUP:
            raise UnknownName(f"`{text}` is a group, which sends no requests; name one of its users")
        return standing_of(identity, model, session)
    try:
        principal = principal_from_text(text, session)
    except ValueError:
        if text.startswith("arn:"):
            raise UnknownName(f"`{text}` is not the ARN of a caller") from None
        names = [one.address for one in model.identities.values() if one.kind is not IdentityKind.GROUP]
        raise UnknownName(f"no file defines the caller `{text}`{nearest(text, names)}") from None
    if isinstance(principal, User | RoleSession):
        arn = principal.arn if isinstance(principal, User) else principal.role_arn
        known = _by_arn(arn, model)
        if known is not None:
            name = principal.session_name if isinstance(principal, RoleSession) else session
            return standing_of(known, model, name)
    return outside(principal, text, model)


def _login(text: str, backend_roles: tuple[str, ...], *, wrong: bool) -> Credentials:
    kind, _, name = text.partition(":")
    right = Truth.FALSE if wrong else Truth.TRUE
    if not name:
        raise UnknownName(f"`{text}` names nobody; it is written `{kind}:NAME`")
    match kind:
        case "internal":
            if backend_roles:
                raise UnknownName("the backend roles of an internal user stand on the user, not in a login")
            return Password(name, right)
        case "token":
            return Token(name, backend_roles, valid=right)
        case _:
            if wrong:
                raise UnknownName(f"`{text}` has neither a password nor a token that could be wrong")
            return Assertion(name, backend_roles)


def _cognito(text: str, model: Model, backend_roles: tuple[str, ...]) -> Standing:
    """A user who signs with the role of IAM that the identity pool gives.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html
    """
    pool, _, name = text.removeprefix(_COGNITO).rpartition("/")
    if len(backend_roles) != 1 or not name:
        raise UnknownName(
            f"`{text}` needs the role of IAM that the identity pool gives: its address or ARN as `--backend-role`"
        )
    role = find_caller(backend_roles[0], model)
    if not isinstance(role.principal, RoleSession):
        raise UnknownName(f"`{backend_roles[0]}` is no role of IAM")
    return replace(role, name=text, credentials=CognitoUser(pool, name, role.principal.role_arn))


def _identity(text: str, model: Model) -> Identity | None:
    found = [one for one in model.identities.values() if one.address == text]
    _one_only(text, [one.deployment for one in found])
    return found[0] if found else None


def _one_only(text: str, deployments: Sequence[str]) -> None:
    if len(deployments) > 1:
        places = ", ".join(f"`{each}`" for each in deployments)
        raise UnknownName(
            f"`{text}` stands in several deployments: {places}; read one of them, or give an ARN"
        )


def _by_arn(arn: str, model: Model) -> Identity | None:
    """The identity with this ARN; one that may have it where no other may. A session's ARN lacks the path."""
    known = [one for one in model.identities.values() if one.kind is not IdentityKind.GROUP]
    for spelling in (lambda one: one.arn, _without_path):
        certain = [one for one in known if texts_equal(spelling(one), arn) is Truth.TRUE]
        if certain:
            return certain[0]
        possible = [one for one in known if texts_equal(spelling(one), arn) is Truth.UNKNOWN]
        if len(possible) == 1:
            return possible[0]
    return None


def _without_path(identity: Identity) -> str:
    head, _, rest = identity.arn.partition(f":{identity.kind.value}/")
    return f"{head}:{identity.kind.value}/{rest.rpartition('/')[2]}"


def find_target(text: str, model: Model, resources: Iterable[Resource] = ()) -> tuple[Target, str]:
    """The resource that `text` names and the path behind it (`/movies`), empty where there is none.

    An address or an ARN, either with a path; `*` for actions that name no resource. `resources` are further ones that
    can be named by address. Raises `UnknownName` where `text` names none.
    """
    if text == _NO_RESOURCE:
        return Target(TargetKind.OTHER, _NO_RESOURCE, "", _NO_RESOURCE, "", "", (), None), ""
    found = [
        (address, make)
        for address, make in _targets(model)
        if text == address or text.startswith(f"{address}/")
    ]
    if found:
        longest = max(len(address) for address, _ in found)
        best = [make for address, make in found if len(address) == longest]
        _one_only(text, [one.deployment for one in best])
        return best[0], text[longest:]
    if text.startswith("arn:"):
        return _target_of_arn(text, model)
    for resource in resources:
        arn = resource.get("arn")
        if arn is not None and (text == resource.address or text.startswith(f"{resource.address}/")):
            written = with_holes(arn, model.holes)
            found_there = _unseen(written, resource.address, model, resource.location)
            return _with_own_policy(found_there, resource, model), text[len(resource.address) :]
    for key in model.keys:
        if text in key.names:
            return of_key(key), ""
    names = [address for address, _ in _targets(model)]
    raise UnknownName(f"no file defines the resource `{text}`{nearest(text, names)}")


def _targets(model: Model) -> list[tuple[str, Target]]:
    found = [(target.address, target) for target in (*targets_of(model), *collections_of(model))]
    found += [
        (one.address, of_role(one)) for one in model.identities.values() if one.kind is IdentityKind.ROLE
    ]
    return found


def _target_of_arn(text: str, model: Model) -> tuple[Target, str]:
    parts = parts_of(text)
    if parts is None or not parts[2] or not parts[5]:
        raise UnknownName(f"`{text}` is not an ARN: it needs six parts between colons")
    base, path = _base(parts)
    candidates: list[Target] = []
    match parts[2]:
        case "es":
            candidates = [of_domain(domain, model) for domain in model.domains]
        case "s3":
            candidates = [of_bucket(bucket) for bucket in model.buckets]
        case "kms":
            candidates = [of_key(key) for key in model.keys]
        case "aoss":
            candidates = list(collections_of(model))
        case "iam":
            candidates = [target for _, target in _targets(model) if target.kind is TargetKind.ROLE]
    for wanted in (Truth.TRUE, Truth.UNKNOWN):
        found = [target for target in candidates if texts_equal(target.arn, base) is wanted]
        if wanted is Truth.TRUE and found:
            return found[0], path
        if len(found) == 1 and _name_known(found[0]):
            return found[0], path
    return _unseen(base, base, model, None), path


def _name_known(target: Target) -> bool:
    """Whether at least the name of a resource is known, so that an ARN of that name means it."""
    return target.arn.rpartition(":")[2].isascii()


def _base(parts: Sequence[str]) -> tuple[str, str]:
    """The ARN of the resource itself, and the path of an index, a document or an object behind it."""
    head = ":".join(parts[:5])
    pieces = parts[5].split("/")
    length = {"es": 2, "s3": 1, "aoss": 2}.get(parts[2], len(pieces))
    rest = "/".join(pieces[length:])
    name = "/".join(pieces[:length])
    return f"{head}:{name}", f"/{rest}" if len(pieces) > length else ""


_KINDS = {"es": TargetKind.DOMAIN, "s3": TargetKind.BUCKET, "kms": TargetKind.KEY, "iam": TargetKind.ROLE}
_WITH_POLICY = frozenset({"es", "s3", "kms", "iam"})


def _with_own_policy(target: Target, resource: Resource, model: Model) -> Target:
    """The target with the resource policy that a pipeline of the code has.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-security-overview.html
    """
    for pipeline in model.integrations.pipelines:
        if (pipeline.address, pipeline.deployment) == (resource.address, resource.deployment):
            policies = (pipeline.policy,) if pipeline.policy is not None else ()
            return replace(target, policies=(*target.policies, *policies))
    return target


def _unseen(arn: str, address: str, model: Model, location: Location | None) -> Target:
    """A resource that no file defines: of its resource policy nothing is known, where its service has such."""
    parts = arn.split(":", 5)
    service, region, account = parts[2], parts[3], parts[4]
    policies: tuple[Attachment, ...] = ()
    if service in _WITH_POLICY:
        name = f"policy of {model.holes.fill(address)}"
        term = Term(model.holes.hole(name), None, many=True)
        policies = (Attachment(name, address, Document((), None, (term,), name), _NOWHERE),)
    if not account and service == "s3":
        account = model.holes.hole(f"account of {arn}")
    kind = _KINDS.get(service, TargetKind.OTHER)
    return Target(kind, address, "", arn, account, region, policies, location)
