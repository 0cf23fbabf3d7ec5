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
from typing import NamedTuple

from osreach.iam.dependency import Dependency, dependencies_of, holes_in
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind
from osreach.iam.facts import Facts, facts_of
from osreach.iam.matching import Compiled, candidates, compile_document
from osreach.iam.note import Note
from osreach.iam.policies import Layer, Policies
from osreach.iam.principal import Level, same_account
from osreach.iam.request import Request
from osreach.iam.truth import Truth
from osreach.location import Location

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
    truth: Truth
    certain: Level
    possible: Level


class _World(NamedTuple):
    """Per slot the level at which an allow applies, and whether a deny does anywhere."""

    levels: list[int]
    denied: bool


class _Setting(NamedTuple):
    """What of the request decides how the layers combine."""

    slots: tuple[Layer, ...]
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
    slots, documents = _slots(facts, policies)
    applied = _applied(facts, documents)
    setting = _setting(facts, policies, slots)
    must, may = _worlds(applied, len(slots))
    denials = [
        one for one in applied if one.truth is Truth.TRUE and one.compiled.statement.effect is Effect.DENY
    ]
    if denials:
        layer = slots[denials[0].slot]
        because = tuple(_deciding(one, slots) for one in denials)
        verdict = Verdict.EXPLICIT_DENY
        return Decision(verdict, because, layer, notes=tuple(facts.notes), cautious=verdict)
    missing = _missing(setting, must.levels, certain=True)
    if missing is None and not must.denied:
        because = tuple(_deciding(one, slots) for one in _grants(setting, applied, must.levels))
        return Decision(Verdict.ALLOWED, because, notes=tuple(facts.notes), cautious=Verdict.ALLOWED)
    lacking = _missing(setting, may.levels, certain=False)
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
        tuple(_deciding(one, slots) for one in relevant),
        missing,
        tuple(dict.fromkeys(depends)),
        tuple(facts.notes),
        Verdict.EXPLICIT_DENY if missing is None else Verdict.IMPLICIT_DENY,
    )


def _slots(
    facts: Facts, policies: Policies
) -> tuple[tuple[Layer, ...], list[tuple[int, tuple[Document, ...], PolicyKind]]]:
    """The layers that have a say, and for each its documents and their kind.

    A layer without a policy is none; a level of an organization that allows
    everything is none either.
    """
    caller = facts.caller
    iam = caller.kind is PrincipalKind.AWS
    layers: list[Layer] = []
    documents: list[tuple[int, tuple[Document, ...], PolicyKind]] = []

    def add(layer: Layer, found: tuple[Document, ...], kind: PolicyKind) -> None:
        documents.append((len(layers), found, kind))
        layers.append(layer)

    if policies.resource_control and not caller.service_linked:
        if facts.action.partition(":")[0] in RESOURCE_CONTROL_SERVICES:
            for level in policies.resource_control:
                if level is not None:
                    add(Layer.RESOURCE_CONTROL, level, PolicyKind.RESOURCE_CONTROL)
        else:
            facts.notes[Note.RESOURCE_CONTROL_UNSUPPORTED] = None
    if iam and not caller.service_linked:
        for level in policies.service_control:
            if level is not None:
                add(Layer.SERVICE_CONTROL, level, PolicyKind.SERVICE_CONTROL)
    if policies.endpoint:
        # An endpoint policy names principals as a resource policy does.
        add(Layer.ENDPOINT, policies.endpoint, PolicyKind.RESOURCE)
    if policies.resource:
        if facts.action.startswith("es:") and not facts.action.startswith(_DOMAIN_DATA):
            facts.notes[Note.DOMAIN_POLICY_CONFIGURATION] = None
        else:
            trust = facts.action.startswith(_TRUST_ACTIONS)
            add(Layer.RESOURCE, policies.resource, PolicyKind.TRUST if trust else PolicyKind.RESOURCE)
    if iam:
        if policies.identity:
            add(Layer.IDENTITY, policies.identity, PolicyKind.IDENTITY)
        if policies.boundary:
            add(Layer.BOUNDARY, policies.boundary, PolicyKind.BOUNDARY)
        if policies.session:
            add(Layer.SESSION, policies.session, PolicyKind.SESSION)
    return tuple(layers), documents


def _applied(facts: Facts, slots: list[tuple[int, tuple[Document, ...], PolicyKind]]) -> list[_Applied]:
    found: list[_Applied] = []
    for slot, documents, kind in slots:
        for document in documents:
            covering = candidates(compile_document(document, kind), facts.action)
            for note in covering.notes:
                facts.notes[note] = None
            for compiled, action in covering.statements:
                match = compiled.match(facts, action)
                if match.truth is not Truth.FALSE:
                    found.append(_Applied(slot, compiled, match.truth, match.certain, match.possible))
    return found


def _setting(facts: Facts, policies: Policies, slots: tuple[Layer, ...]) -> _Setting:
    caller = facts.caller
    action = facts.action
    service = action.partition(":")[0]
    return _Setting(
        slots,
        same_account(caller, facts.resource_account),
        caller.kind is PrincipalKind.AWS,
        caller.root,
        (service == "kms" and facts.resource != "*") or action.startswith(_TRUST_ACTIONS),
        not caller.signed and service in _SIGNED_ONLY,
        caller.federated and not policies.session,
        policies.granted,
    )


def _worlds(applied: list[_Applied], count: int) -> tuple[_World, _World]:
    """What applies at the least (uncertain denies do, uncertain allows do not), and at the most."""
    certain, possible = [0] * count, [0] * count
    maybe_denied = surely_denied = False
    for slot, compiled, truth, strong, weak in applied:
        sure = truth is Truth.TRUE
        effect = compiled.statement.effect
        if effect is not Effect.DENY:
            if sure and effect is Effect.ALLOW and strong > certain[slot]:
                certain[slot] = strong
            possible[slot] = max(possible[slot], weak)
        if effect is not Effect.ALLOW:
            maybe_denied = True
            surely_denied = surely_denied or (sure and effect is Effect.DENY)
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
    resource = Level.NONE
    identity = setting.root
    cap: Layer | None = Layer.SESSION if setting.without_session_policy else None
    for layer, level in zip(setting.slots, levels, strict=True):
        match layer:
            case Layer.RESOURCE:
                resource = Level(level)
            case Layer.IDENTITY:
                identity = identity or level > 0
            case Layer.BOUNDARY | Layer.SESSION:
                if not level and not (layer is Layer.BOUNDARY and setting.root):
                    cap = cap or layer
            case Layer.SERVICE_CONTROL | Layer.ENDPOINT:
                if not level:
                    return layer
            case Layer.RESOURCE_CONTROL:
                pass  # every level allows through the policy that AWS attaches and nobody can detach
    if setting.signing_missing:
        return Layer.RESOURCE
    if setting.granted:
        resource = Level.DIRECT
    if not setting.iam:
        return None if resource is Level.DIRECT else Layer.RESOURCE
    if not same:
        return _across_accounts(resource, cap, identity=identity)
    if setting.trusted_only:
        return _by_trust(resource, cap, identity=identity)
    if setting.root or resource is Level.DIRECT:
        return None
    return cap if resource is Level.ENTITY or identity else Layer.IDENTITY


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


def _resource_level(setting: _Setting, levels: list[int]) -> int:
    return max(
        (level for layer, level in zip(setting.slots, levels, strict=True) if layer is Layer.RESOURCE),
        default=0,
    )


def _account_alone(setting: _Setting, levels: list[int]) -> bool:
    """Whether only the account is named in an ordinary resource's policy in the same account."""
    ordinary = not setting.trusted_only and setting.same is not Truth.FALSE
    return ordinary and _resource_level(setting, levels) == Level.ACCOUNT


def _grants(setting: _Setting, applied: list[_Applied], levels: list[int]) -> list[_Applied]:
    """The statements of resource and identity policies to which an allowed request owes it."""
    named = _resource_level(setting, levels)
    both = setting.same is not Truth.TRUE
    without = [
        0 if layer is Layer.RESOURCE else level for layer, level in zip(setting.slots, levels, strict=True)
    ]
    by_identity = both or (
        named == Level.ACCOUNT if setting.trusted_only else _missing_in(setting, without, same=True) is None
    )
    weakest = Level.ACCOUNT if both or setting.trusted_only else Level.ENTITY
    found: list[_Applied] = []
    for one in applied:
        layer = setting.slots[one.slot]
        if one.truth is not Truth.TRUE or one.compiled.statement.effect is not Effect.ALLOW:
            continue
        by_resource = layer is Layer.RESOURCE and one.certain >= weakest
        if by_resource or (layer is Layer.IDENTITY and by_identity):
            found.append(one)
    return found


def _deciding(applied: _Applied, slots: tuple[Layer, ...]) -> Deciding:
    statement = applied.compiled.statement
    return Deciding(
        slots[applied.slot],
        applied.compiled.source,
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
    effect = one.compiled.statement.effect
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
