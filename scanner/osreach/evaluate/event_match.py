"""Which caller and which resource of the code an event of CloudTrail means.

What code leaves open (a name that is made up when the resource is) is matched
by what it does say; where several fit, all are named and none is chosen.
Source for generated names of CloudFormation:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from osreach.access.bucket import Bucket
from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.key import Key
from osreach.access.model import Model
from osreach.evaluate.standing import Standing, outside, standing_of
from osreach.evaluate.target import Target, TargetKind, of_bucket, of_domain, of_key, of_role
from osreach.evaluate.unscoped import NO_RESOURCE, names_no_resource
from osreach.events.asked import Asked
from osreach.events.collect import Collected, Denial
from osreach.events.event import CallerKind, EventCaller
from osreach.extract.attached import unknown_attachment
from osreach.extract.key import named_key
from osreach.iam.hole import has_hole, is_hole
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
from osreach.location import Location
from osreach.value import Unknown

T = TypeVar("T")
_ARN_PARTS = 6
_NOWHERE = Location("", 0, 0, 0, 0)
_KINDS = {"kms": TargetKind.KEY, "s3": TargetKind.BUCKET, "sts": TargetKind.ROLE}
_WITHOUT_RESOURCE_POLICIES = frozenset(
    {
        "aoss",
        "autoscaling",
        "cloudformation",
        "cloudwatch",
        "cognito-idp",
        "ec2",
        "ecs",
        "eks",
        "es",
        "firehose",
    }
    | {"iam", "organizations", "osis", "rds", "ssm", "tag"}
)
"""Services on whose resources policies of IAM are not attached, as far as the configuration goes.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
The policies of domains govern their data only.
"""


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why an event could not be joined with the code, and what it could mean."""

    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The resource that an event means: `resource` is its ARN with the path, as policies match it.

    `note` says how it was found, where the event does not name it.
    """

    target: Target
    resource: str
    note: str = ""


@lru_cache(maxsize=8192)
def _expression(text: str) -> re.Pattern[str]:
    pieces = ("[^:]*" if is_hole(character) else re.escape(character) for character in text)
    return re.compile("".join(pieces), re.DOTALL)


def fits(written: str, text: str) -> bool:
    """Whether `text` may be what the code writes with unknown parts."""
    if not has_hole(written):
        return written == text
    return _expression(written).fullmatch(text) is not None


def _says_something(name: str) -> bool:
    """Whether any letter of a name is known."""
    return any(not is_hole(character) for character in name)


def _generated(address: str, name: str, *, lower: bool = False) -> bool:
    """Whether CloudFormation may have made this name for the resource: stack, logical id, random letters."""
    if "." in address or not address:
        return False
    logical = address.partition(" ")[0]
    logical = re.escape(logical.lower() if lower else logical)
    return re.search(f"-{logical[:24]}[A-Za-z0-9]*-[A-Za-z0-9]{{8,}}$", name) is not None


def _best(found: Iterable[T], *tests: Callable[[T], bool]) -> list[T]:
    """Those that pass the first of `tests` that any passes."""
    listed = list(found)
    for test in tests:
        passed = [one for one in listed if test(one)]
        if passed:
            return passed
    return []


def caller_in_code(denial: Denial, model: Model) -> Standing | NoMatch:
    """The caller of the denial with its policies; a stranger where no file defines it."""
    caller = denial.event.caller
    match caller.kind:
        case CallerKind.USER | CallerKind.NAMED | CallerKind.OTHER if caller.arn or caller.name:
            return _user(caller, denial, model)
        case CallerKind.ROLE if caller.role:
            return _role(caller, model)
        case CallerKind.ROOT:
            account = caller.account or denial.event.account
            return outside(RootUser(account), caller.arn or f"the root user of {account}", model)
        case CallerKind.FEDERATED if caller.arn:
            return _federated(caller, model)
        case CallerKind.WEB_IDENTITY if caller.name:
            return outside(WebIdentity(caller.name), caller.name, model)
        case CallerKind.SERVICE if caller.name:
            return outside(Service(caller.name), f"service:{caller.name}", model)
        case CallerKind.ANONYMOUS:
            return outside(Anonymous(), "anonymous", model)
        case CallerKind.ACCOUNT if caller.account or denial.asked.said.caller:
            return _of_account(caller, denial, model)
        case _:
            return NoMatch("the event does not say who asked")


def _of_account(caller: EventCaller, denial: Denial, model: Model) -> Standing:
    """A caller of another account, of whom the message may tell more than the event."""
    said = denial.asked.said.caller
    principal = _principal(said)
    if principal is not None:
        return outside(principal, said, model)
    return outside(RootUser(caller.account), f"someone of account {caller.account}", model)


def _principal(arn: str) -> Principal | None:
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        return None
    if parts[5].startswith("user/"):
        return User(arn)
    if parts[5].startswith("assumed-role/"):
        role, _, session = parts[5].removeprefix("assumed-role/").rpartition("/")
        return RoleSession(f"arn:{parts[1]}:iam::{parts[4]}:role/{role}", session)
    return None


def _identities(model: Model, kind: IdentityKind) -> Iterator[Identity]:
    return (one for one in model.identities.values() if one.kind is kind)


def _by_arn(model: Model, kind: IdentityKind, arn: str) -> tuple[list[Identity], list[Identity]]:
    """The identities that an ARN means, and those of which nothing is known that speaks against it."""
    name = arn.rpartition("/")[2]
    account = arn.split(":", _ARN_PARTS - 1)[4] if arn.count(":") >= _ARN_PARTS - 1 else ""
    here = [one for one in _identities(model, kind) if not account or fits(one.account, account)]
    found = _best(
        here,
        lambda one: one.arn == arn,
        lambda one: one.name == name,
        lambda one: _says_something(one.name) and fits(one.name, name),
        lambda one: has_hole(one.name) and _generated(one.address, name),
    )
    defined = [one for one in found if one.defined] or found
    unnamed = [one for one in here if not _says_something(one.name) and "." in one.address]
    return defined, [] if defined else unnamed


def _user(caller: EventCaller, denial: Denial, model: Model) -> Standing | NoMatch:
    arn = caller.arn or denial.asked.said.caller
    if "assumed-role/" in arn:
        principal = _principal(arn)
        if isinstance(principal, RoleSession):
            return _role(replace(caller, role=principal.role_arn, name=principal.session_name), model)
    found, possible = _by_arn(model, IdentityKind.USER, arn or caller.name)
    if len(found) == 1:
        return standing_of(found[0], model)
    if found:
        return NoMatch(f"several users of the code are called `{caller.name}`", _addresses(found))
    if arn.startswith("arn:") and not possible:
        return outside(User(arn), arn, model)
    if possible:
        return NoMatch(
            f"no user of the code is called `{caller.name}`, but some have no name", _addresses(possible)
        )
    if caller.kind is CallerKind.USER:
        return NoMatch(f"no user of the code is called `{caller.name}`")
    return NoMatch(
        f"no user of the code is called `{caller.name}`; where that is the session of a role, "
        "the CSV does not tell the role, but the event as JSON does"
    )


def _role(caller: EventCaller, model: Model) -> Standing | NoMatch:
    session = caller.name or "session"
    found, possible = _by_arn(model, IdentityKind.ROLE, caller.role)
    if len(found) == 1:
        return standing_of(found[0], model, session)
    if found:
        return NoMatch(f"several roles of the code may be `{caller.role}`", _addresses(found))
    if possible:
        return NoMatch(
            f"no role of the code is called `{caller.role}`, but some have no name", _addresses(possible)
        )
    return outside(RoleSession(caller.role, session), caller.role, model)


def _federated(caller: EventCaller, model: Model) -> Standing:
    """A federated user has at most what the user has who asked for the session."""
    principal = FederatedUser(caller.arn, caller.role)
    found, _ = _by_arn(model, IdentityKind.USER, caller.role) if caller.role else ([], [])
    if len(found) == 1:
        return replace(standing_of(found[0], model), name=caller.arn, principal=principal)
    return outside(principal, caller.arn, model)


def _addresses(found: Iterable[Identity | Key | Bucket]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.address for one in found))


def target_in_code(denial: Denial, model: Model, collected: Collected) -> Matched | NoMatch:
    """The resource of the denial; one without any policy where no file defines it."""
    asked = denial.asked
    service = asked.action.partition(":")[0].lower()
    if asked.resource in {"", NO_RESOURCE} and names_no_resource(asked.action):
        return _unscoped(denial)
    match service:
        case "kms":
            return _key(denial, model, collected)
        case "s3" if asked.bucket:
            bucket = bucket_named(asked.bucket, model)
            if isinstance(bucket, NoMatch):
                return bucket if bucket.candidates else target_elsewhere(denial, model)
            behind = asked.resource.partition(":::")[2].partition("/")
            target = of_bucket(bucket)
            return Matched(target, f"{target.arn}{behind[1]}{behind[2]}")
        case "es" if ":domain/" in asked.resource:
            return _domain(denial, model)
        case "sts" if ":role/" in asked.resource:
            roles, possible = _by_arn(model, IdentityKind.ROLE, asked.resource)
            if len(roles) == 1:
                target = of_role(roles[0])
                return Matched(target, target.arn)
            if roles or possible:
                return NoMatch(
                    f"no single role of the code is `{asked.resource}`", _addresses(roles or possible)
                )
        case _:
            pass
    return target_elsewhere(denial, model)


def _unscoped(denial: Denial) -> Matched:
    """The target of a request that is about no resource."""
    event = denial.event
    account = event.account or event.caller.account
    target = Target(TargetKind.OTHER, NO_RESOURCE, "", NO_RESOURCE, account, event.region, (), None)
    return Matched(target, NO_RESOURCE)


def target_elsewhere(denial: Denial, model: Model) -> Matched | NoMatch:
    """A resource that no file defines."""
    asked, event = denial.asked, denial.event
    if not asked.resource:
        return NoMatch(f"the event does not say on which resource `{asked.action}` was refused")
    if asked.resource == NO_RESOURCE:
        return _unscoped(denial)
    parts = asked.resource.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        return NoMatch(f"`{asked.resource}` is no ARN")
    account = parts[4] or event.account or event.caller.account
    region = parts[3] or event.region
    service = asked.action.partition(":")[0].lower()
    kind = _KINDS.get(service, TargetKind.OTHER)
    arn = asked.resource
    if kind is TargetKind.BUCKET:
        arn = arn.partition("/")[0]
    policies: tuple[Attachment, ...] = ()
    if service not in _WITHOUT_RESOURCE_POLICIES:
        unknown = Unknown(f"the policy of {arn}", "it is not in the scanned files")
        policies = (unknown_attachment(unknown, model.holes, arn, _NOWHERE),)
    return Matched(Target(kind, arn, "", arn, account, region, policies, None), asked.resource)


def bucket_named(name: str, model: Model) -> Bucket | NoMatch:
    """The bucket of this name."""
    found = _best(
        model.buckets,
        lambda one: one.name == name,
        lambda one: _says_something(one.name) and fits(one.name, name),
        lambda one: has_hole(one.name) and _generated(one.address, name, lower=True),
    )
    if len(found) == 1:
        return found[0]
    if found:
        return NoMatch(f"several buckets of the code may be `{name}`", _addresses(found))
    possible = [one for one in model.buckets if not _says_something(one.name) and "." in one.address]
    if possible:
        return NoMatch(
            f"no bucket of the code is called `{name}`, but some have no name", _addresses(possible)
        )
    return NoMatch(f"no bucket of the code is called `{name}`")


def key_of_bucket(bucket: Bucket, model: Model) -> Key | None:
    """The key that new objects of the bucket are encrypted with by default, None where the code defines none."""
    name = bucket.encryption_key.value
    return named_key(model.keys, name, bucket.deployment) if isinstance(name, str) else None


def _domain(denial: Denial, model: Model) -> Matched | NoMatch:
    resource = denial.asked.resource
    head, _, rest = resource.partition(":domain/")
    name, slash, path = rest.partition("/")
    found = _best(
        (one for one in model.domains if fits(one.arn.partition(":domain/")[0], head)),
        lambda one: one.name == name,
        lambda one: _says_something(one.name) and fits(one.name, name),
    )
    if len(found) == 1:
        target = of_domain(found[0], model)
        return Matched(target, f"{target.arn}{slash}{path}")
    if found:
        return NoMatch(f"several domains of the code may be `{name}`", tuple(one.address for one in found))
    return target_elsewhere(denial, model)


def _key(denial: Denial, model: Model, collected: Collected) -> Matched | NoMatch:
    """The key by its name in the event, else by the bucket that it encrypts."""
    asked = denial.asked
    named = [key for key in model.keys if {asked.key, asked.resource} & (key.names - {""})]
    if len(named) == 1:
        return _matched(named[0])
    here = [key for key in model.keys if not asked.resource or _may_be(key, asked)]
    if asked.bucket:
        bucket = bucket_named(asked.bucket, model)
        if isinstance(bucket, Bucket):
            key = key_of_bucket(bucket, model)
            if key is not None and key in here:
                note = f"`{bucket.address}` encrypts its objects with `{key.address}` by default"
                return _matched(key, note)
    elif not asked.key:
        near = _keys_near(denial, model, collected)
        if len(near) == 1:
            ((bucket_address, key),) = near
            note = (
                "the event does not name the key; the same caller used "
                f"`{bucket_address}` at that time, whose objects `{key.address}` encrypts by default"
            )
            return _matched(key, note)
        if near:
            return NoMatch(
                "the event does not name the key, and the caller used several encrypted buckets at that time",
                _addresses(key for _, key in near),
            )
    if len(here) == 1:
        what = "the id of the key is not in the code" if asked.key else "the event does not name the key"
        return _matched(here[0], f"{what}; `{here[0].address}` is the only one that it can be")
    if here:
        reason = (
            f"several keys of the code may be `{asked.key}`"
            if asked.key
            else "the event does not name the key"
        )
        return NoMatch(reason, _addresses(here))
    if not asked.resource:
        return NoMatch("the event does not name the key, and the code defines none")
    return target_elsewhere(denial, model)


def _may_be(key: Key, asked: Asked) -> bool:
    if ":alias/" in asked.resource:
        return False
    return has_hole(key.arn) and fits(key.arn, asked.resource)


def _keys_near(denial: Denial, model: Model, collected: Collected) -> list[tuple[str, Key]]:
    found: dict[str, tuple[str, Key]] = {}
    for name in collected.buckets_near(denial):
        bucket = bucket_named(name, model)
        key = key_of_bucket(bucket, model) if isinstance(bucket, Bucket) else None
        if isinstance(bucket, Bucket) and key is not None:
            found.setdefault(key.key, (bucket.address, key))
    return list(found.values())


def _matched(key: Key, note: str = "") -> Matched:
    return Matched(of_key(key), key.arn, note)
