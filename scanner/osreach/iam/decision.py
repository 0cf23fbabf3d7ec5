"""Whether one request is allowed by all the policies that have a say, and why.

`decide(request, policies)` goes through the layers. A statement certainly
applies, possibly applies or does not; the request is allowed where it is even
if every uncertain deny applies and no uncertain allow does, denied where it is
even in the opposite case, and `UNKNOWN` between. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from osreach.iam.dependency import Dependency, dependencies_of, holes_in
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind
from osreach.iam.facts import Facts, facts_of
from osreach.iam.matching import Compiled, candidates, compile_document
from osreach.iam.note import Note
from osreach.iam.policies import Layer, Policies
from osreach.iam.principal import Level, same_account
from osreach.iam.request import Request
from osreach.location import Location
from osreach.truth import Truth

RESOURCE_CONTROL_SERVICES = frozenset(
    {
        "aoss",
        "cognito-identity",
        "cognito-idp",
        "ecr",
        "kms",
        "logs",
        "opensearch",
        "s3",
        "secretsmanager",
        "sqs",
        "sts",
    }
)
"""Services to which resource control policies apply, as listed in 2026; `es` is not among them.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

_SIGNED_ONLY = frozenset({"aoss", "iam", "kms", "osis", "sts"})
"""Services that answer no unsigned request whatever a policy says."""

_TRUST_ACTIONS = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")
_DOMAIN_DATA = ("es:eshttp", "es:escrossclusterget")
_LEVELS = tuple(Level)
# Looked up for every statement of every decision.
_FALSE, _TRUE = Truth.FALSE, Truth.TRUE
_ALLOW, _DENY, _EITHER = Effect.ALLOW, Effect.DENY, Effect.UNKNOWN


class Verdict(StrEnum):
    """The answer to one request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Deciding:
    """A statement that decided: the name of its document, its index there, and where it stands."""

    layer: Layer
    source: str
    index: int
    sid: str
    effect: Effect
    location: Location | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and its reasons.

    `because` names the statements that allowed, or denied explicitly, or could
    do either. `blocked_by` is the layer that denied, or lacks an allow.
    `depends_on` says what must be known to replace `UNKNOWN` by an answer.
    `cautious` is the verdict that treats what is not known as a denial.
    """

    verdict: Verdict
    because: tuple[Deciding, ...] = ()
    blocked_by: Layer | None = None
    depends_on: tuple[Dependency, ...] = ()
    notes: tuple[Note, ...] = ()
    cautious: Verdict = Verdict.IMPLICIT_DENY


class _Applied(NamedTuple):
    """A statement that applies, certainly or possibly, in one slot."""

    slot: int
    compiled: Compiled
    effect: Effect
    truth: Truth
    certain: Level
    possible: Level


class _World(NamedTuple):
    """Per slot the level at which an allow applies (and a 0 for no slot), and whether a deny does anywhere."""

    levels: list[int]
    denied: bool


class _Slot(NamedTuple):
    """A layer, or a level of one, that has a say, with its documents."""

    layer: Layer
    documents: tuple[Document, ...]
    kind: PolicyKind


class _Setting(NamedTuple):
    """What of the request decides how the layers combine.

    `resource`, `identity`, `boundary` and `session` are the slots of these
    layers, -1 where there is none; each of the slots `needed` must allow.
    """

    slots: list[_Slot]
    needed: list[int]
    resource: int
    identity: int
    boundary: int
    session: int
    same: Truth
    iam: bool
    root: bool
    trusted_only: bool
    signing_missing: bool
    without_session_policy: bool
    granted: bool


def decide(request: Request, policies: Policies) -> Decision:
    """Whether `policies` allow `request`."""
    facts = facts_of(request, bounded=bool(policies.boundary))
    setting = _setting(facts, policies)
    slots = setting.slots
    applied = _applied(facts, slots)
    must, may = _worlds(applied, len(slots))
    if may.denied:
        denials = [one for one in applied if one.truth is Truth.TRUE and one.effect is Effect.DENY]
        because = tuple(_deciding(one.compiled, slots[one.slot].layer) for one in denials)
        verdict = Verdict.EXPLICIT_DENY
        return Decision(verdict, because, because[0].layer, notes=tuple(facts.notes), cautious=verdict)
    missing = _missing(setting, must.levels, certain=True)
    if missing is None and not must.denied:
        granting = _grants(setting, applied, must.levels)
        because = tuple(_deciding(one.compiled, slots[one.slot].layer) for one in granting)
        return Decision(Verdict.ALLOWED, because, notes=tuple(facts.notes), cautious=Verdict.ALLOWED)
    known = may is must and setting.same is not Truth.UNKNOWN
    lacking = missing if known else _missing(setting, may.levels, certain=False)
    if lacking is not None:
        if lacking is Layer.IDENTITY and _account_alone(setting, may.levels):
            facts.notes[Note.ACCOUNT_ALONE] = None
        return Decision(Verdict.IMPLICIT_DENY, (), lacking, notes=tuple(facts.notes))
    relevant = [one for one in applied if _matters(one, applied, setting)]
    depends = [found for one in relevant for found in dependencies_of(one.compiled, facts)]
    if setting.same is Truth.UNKNOWN and _account_matters(setting, must, may):
        holes = holes_in((facts.caller.account, facts.resource_account, facts.resource))
        depends += [Dependency("the account of the caller or of the resource", hole=hole) for hole in holes]
    return Decision(
        Verdict.UNKNOWN,
        tuple(_deciding(one.compiled, slots[one.slot].layer) for one in relevant),
        missing,
        tuple(dict.fromkeys(depends)),
        tuple(facts.notes),
        Verdict.EXPLICIT_DENY if missing is None else Verdict.IMPLICIT_DENY,
    )


def _setting(facts: Facts, policies: Policies) -> _Setting:
    """The layers that have a say, and how they combine.

    A layer without a policy is none; a level of an organization that allows
    everything is none either.
    """
    caller = facts.caller
    action = facts.action
    service = action.partition(":")[0]
    iam = caller.kind is PrincipalKind.AWS
    slots: list[_Slot] = []
    needed: list[int] = []
    if policies.resource_control:
        if service not in RESOURCE_CONTROL_SERVICES:
            facts.notes[Note.RESOURCE_CONTROL_UNSUPPORTED] = None
        elif not caller.service_linked:
            # Every level allows through the policy that AWS attaches and nobody can detach.
            levels = filter(None, policies.resource_control)
            kind = PolicyKind.RESOURCE_CONTROL
            slots += [_Slot(Layer.RESOURCE_CONTROL, level, kind) for level in levels]
    if policies.service_control and iam and not caller.service_linked:
        for level in policies.service_control:
            if level is not None:
                needed.append(len(slots))
                slots.append(_Slot(Layer.SERVICE_CONTROL, level, PolicyKind.SERVICE_CONTROL))
    if policies.endpoint:
        # An endpoint policy names principals as a resource policy does.
        needed.append(len(slots))
        slots.append(_Slot(Layer.ENDPOINT, policies.endpoint, PolicyKind.RESOURCE))
    trust = service == "sts" and action.startswith(_TRUST_ACTIONS)
    resource = identity = boundary = session = -1
    if policies.resource:
        if service == "es" and not action.startswith(_DOMAIN_DATA):
            facts.notes[Note.DOMAIN_POLICY_CONFIGURATION] = None
        else:
            resource = len(slots)
            kind = PolicyKind.TRUST if trust else PolicyKind.RESOURCE
            slots.append(_Slot(Layer.RESOURCE, policies.resource, kind))
    if iam:
        if policies.identity:
            identity = len(slots)
            slots.append(_Slot(Layer.IDENTITY, policies.identity, PolicyKind.IDENTITY))
        if policies.boundary:
            boundary = len(slots)
            slots.append(_Slot(Layer.BOUNDARY, policies.boundary, PolicyKind.BOUNDARY))
        if policies.session:
            session = len(slots)
            slots.append(_Slot(Layer.SESSION, policies.session, PolicyKind.SESSION))
    return _Setting(
        slots,
        needed,
        resource,
        identity,
        boundary,
        session,
        same_account(caller, facts.resource_account),
        iam,
        caller.root,
        trust or (service == "kms" and facts.resource != "*"),
        not caller.signed and service in _SIGNED_ONLY,
        caller.federated and not policies.session,
        policies.granted,
    )


def _applied(facts: Facts, slots: list[_Slot]) -> list[_Applied]:
    found: list[_Applied] = []
    action, caller, bounded = facts.action, facts.caller, facts.bounded
    for slot, (_, documents, kind) in enumerate(slots):
        for document in documents:
            covering = candidates(compile_document(document, kind), action, caller, bounded)
            if covering.notes:
                facts.notes.update(dict.fromkeys(covering.notes))
            for compiled, truth, naming in covering.statements:
                holds = compiled.holds(facts)
                if holds is not _FALSE:
                    if naming.note is not None:
                        facts.notes[naming.note] = None
                    sure = truth if holds is _TRUE else holds
                    effect = compiled.statement.effect
                    found.append(_Applied(slot, compiled, effect, sure, naming.certain, naming.possible))
    return found


def _worlds(applied: list[_Applied], count: int) -> tuple[_World, _World]:
    """What applies at the least (uncertain denies do, uncertain allows do not), and at the most.

    Where nothing is uncertain both are the same object.
    """
    certain = [0] * (count + 1)
    denied = False
    uncertain: list[_Applied] = []
    for one in applied:
        slot, _, effect, truth, strong, weak = one
        if truth is not _TRUE or strong is not weak or effect is _EITHER:
            uncertain.append(one)
        elif effect is _DENY:
            denied = True
        elif strong > certain[slot]:
            certain[slot] = strong
    if not uncertain:
        world = _World(certain, denied)
        return world, world
    possible = certain.copy()
    maybe_denied = surely_denied = denied
    for slot, _, effect, truth, strong, weak in uncertain:
        sure = truth is _TRUE
        if effect is not _DENY:
            if sure and effect is _ALLOW and strong > certain[slot]:
                certain[slot] = strong
            possible[slot] = max(possible[slot], weak)
        if effect is not _ALLOW:
            maybe_denied = True
            surely_denied = surely_denied or (sure and effect is _DENY)
    return _World(certain, maybe_denied), _World(possible, surely_denied)


def _missing(setting: _Setting, levels: list[int], *, certain: bool) -> Layer | None:
    """The first layer that lacks an allow; None where the request is allowed.

    Where it is not known whether caller and resource share an account, the
    request is certainly allowed if it is in both cases, possibly if in one.
    """
    if setting.same is not Truth.UNKNOWN:
        return _missing_in(setting, levels, same=setting.same is Truth.TRUE)
    answers = [_missing_in(setting, levels, same=same) for same in (False, True)]
    if certain:
        return next((answer for answer in answers if answer is not None), None)
    return None if None in answers else answers[0]


def _missing_in(setting: _Setting, levels: list[int], *, same: bool) -> Layer | None:
    for slot in setting.needed:
        if not levels[slot]:
            return setting.slots[slot].layer
    if setting.signing_missing:
        return Layer.RESOURCE
    resource = Level.DIRECT if setting.granted else _LEVELS[levels[setting.resource]]
    if not setting.iam:
        return None if resource is Level.DIRECT else Layer.RESOURCE
    identity = setting.root or levels[setting.identity] > 0
    if not same:
        return _across_accounts(resource, _cap(setting, levels), identity=identity)
    if setting.trusted_only:
        return _by_trust(resource, _cap(setting, levels), identity=identity)
    if setting.root or resource is Level.DIRECT:
        return None
    return _cap(setting, levels) if resource is Level.ENTITY or identity else Layer.IDENTITY


def _cap(setting: _Setting, levels: list[int]) -> Layer | None:
    """The boundary or session policy that does not allow; None where neither stands in the way."""
    if setting.boundary >= 0 and not levels[setting.boundary] and not setting.root:
        return Layer.BOUNDARY
    if setting.without_session_policy or (setting.session >= 0 and not levels[setting.session]):
        return Layer.SESSION
    return None


def _across_accounts(resource: Level, cap: Layer | None, *, identity: bool) -> Layer | None:
    """Both sides must allow, each in its own account."""
    if resource is Level.NONE:
        return Layer.RESOURCE
    return cap if identity else Layer.IDENTITY


def _by_trust(resource: Level, cap: Layer | None, *, identity: bool) -> Layer | None:
    """Keys and roles: their own policy must allow, or delegate to the account."""
    match resource:
        case Level.DIRECT:
            return None
        case Level.ENTITY:
            return cap
        case Level.ACCOUNT:
            return cap if identity else Layer.IDENTITY
        case Level.NONE:
            return Layer.RESOURCE


def _account_alone(setting: _Setting, levels: list[int]) -> bool:
    """Whether only the account is named in an ordinary resource's policy in the same account."""
    ordinary = not setting.trusted_only and setting.same is not Truth.FALSE
    return ordinary and levels[setting.resource] == Level.ACCOUNT


def _grants(setting: _Setting, applied: list[_Applied], levels: list[int]) -> list[_Applied]:
    """The statements of resource and identity policies to which an allowed request owes it."""
    both = setting.same is not Truth.TRUE
    if both:
        by_identity = True
    elif setting.trusted_only:
        by_identity = levels[setting.resource] == Level.ACCOUNT
    else:
        by_identity = _cap(setting, levels) is None
    weakest = Level.ACCOUNT if both or setting.trusted_only else Level.ENTITY
    return [
        one
        for one in applied
        if one.truth is Truth.TRUE
        and one.effect is Effect.ALLOW
        and (
            (one.slot == setting.resource and one.certain >= weakest)
            or (one.slot == setting.identity and by_identity)
        )
    ]


@lru_cache(maxsize=65536)
def _deciding(compiled: Compiled, layer: Layer) -> Deciding:
    statement = compiled.statement
    return Deciding(
        layer,
        compiled.source,
        statement.index,
        statement.sid,
        statement.effect,
        statement.location,
    )


def _outcome(setting: _Setting, applied: list[_Applied]) -> tuple[bool, bool]:
    """Whether the request is certainly, and possibly, allowed."""
    must, may = _worlds(applied, len(setting.slots))
    return (
        not must.denied and _missing(setting, must.levels, certain=True) is None,
        not may.denied and _missing(setting, may.levels, certain=False) is None,
    )


def _matters(one: _Applied, applied: list[_Applied], setting: _Setting) -> bool:
    """Whether knowing if this uncertain statement applies could change the answer, whatever the others do."""
    effect = one.effect
    if one.truth is Truth.TRUE and one.certain is one.possible and effect is not Effect.UNKNOWN:
        return False
    others = [other for other in applied if other is not one]
    outcomes = {_outcome(setting, others)}
    if effect is not Effect.UNKNOWN:
        if one.truth is Truth.TRUE and one.certain is not Level.NONE:
            outcomes = {_outcome(setting, [*others, one._replace(possible=one.certain)])}
        outcomes.add(_outcome(setting, [*others, one._replace(truth=Truth.TRUE, certain=one.possible)]))
    else:
        outcomes.add((False, False))  # as a deny
        least, most = _worlds(others, len(setting.slots))
        for world, sure in ((least, True), (most, False)):
            raised = [
                max(level, one.possible if slot == one.slot else 0) for slot, level in enumerate(world.levels)
            ]
            allowed = not world.denied and _missing(setting, raised, certain=sure) is None
            before = not world.denied and _missing(setting, world.levels, certain=sure) is None
            if allowed is not before:
                return True
    return len(outcomes) > 1


def _account_matters(setting: _Setting, must: _World, may: _World) -> bool:
    """Whether the answer differs between one account and two."""
    return any(
        (_missing_in(setting, world.levels, same=True) is None)
        is not (_missing_in(setting, world.levels, same=False) is None)
        for world in (must, may)
    )
