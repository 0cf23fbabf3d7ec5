"""What a caller can do to a resource, all policies taken together.

A question is first put as one likely request. Where that is not allowed, the
search looks for any that is; where there is none, the search is the proof.
Whatever is called allowed has a witness that the concrete decision allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from osreach.access.model import Model
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.condition_words import all_words
from osreach.evaluate.level import Requests
from osreach.evaluate.relevance import (
    covers_any,
    has_conditional_allow,
    is_certain,
    may_cover,
    may_deny,
    may_matter,
    naming_level,
    patterns_of,
    singled_out,
    without_conditional_allows,
)
from osreach.evaluate.standing import APART, Standing, is_apart, policies_for
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Deciding, Decision, Verdict, decide
from osreach.iam.dependency import Dependency
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind, Statement, Term, Terms
from osreach.iam.hole import has_hole
from osreach.iam.policies import Policies
from osreach.iam.principal import Level as Naming
from osreach.iam.principal import caller_of, naming_of, same_account
from osreach.iam.question import Absent, Found, KeyDomain, Mode, Question, Scope, TooComplex, find
from osreach.iam.request import Request
from osreach.location import Location
from osreach.truth import Truth
from osreach.witness import Witness

Layers = tuple[tuple[Document, ...], ...]
"""Policies of which each group must allow."""


class Outcome(StrEnum):
    """`CONDITIONAL`: allowed where conditions hold that the files do not decide."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"
    DENIED = "denied"

    @property
    def rank(self) -> int:
        """0 for the least access."""
        return (Outcome.DENIED, Outcome.UNKNOWN, Outcome.CONDITIONAL, Outcome.ALLOWED).index(self)


@dataclass(frozen=True, slots=True)
class Access:
    """Whether some request of a kind is allowed.

    `witness` is one that is, with the keys it needs. `conditions` are phrases.
    `because` are the statements that allow the witness; `depends_on` what must
    be known to turn `UNKNOWN` into an answer. `places` are where else the access
    is written, as in a role of a cluster. `indexes` are the patterns of indexes
    that it is limited to inside a cluster, none for all.
    """

    outcome: Outcome
    witness: Witness | None = None
    conditions: tuple[str, ...] = ()
    because: tuple[Deciding, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    reason: str = ""
    places: tuple[Location, ...] = ()
    indexes: tuple[str, ...] = ()


DENIED = Access(Outcome.DENIED)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One question with everything that takes part."""

    standing: Standing
    target: Target
    requests: Requests
    policies: Policies
    domains: Mapping[str, KeyDomain]
    circumstances: Circumstances


def access(
    standing: Standing,
    target: Target,
    requests: tuple[Requests, ...],
    model: Model,
    circumstances: Circumstances = DIRECT,
) -> Access:
    """The best that the caller can get of `requests` on the target."""
    best = DENIED
    for group in with_grants(requests, target):
        if not may_matter(standing, target, group.actions):
            continue
        if standing.assumed and not _speaks_of(standing, target, group):
            continue
        found = _access(standing, target, group, model, circumstances)
        if found.outcome is Outcome.ALLOWED:
            return found
        if found.outcome.rank > best.outcome.rank:
            best = found
    return best


def _speaks_of(standing: Standing, target: Target, requests: Requests) -> bool:
    """Whether the target's own policies let a caller in whose policies nobody knows."""
    configuration = target.kind is TargetKind.DOMAIN and not requests.actions[0].lower().startswith(
        "es:eshttp"
    )
    return not configuration and naming_level(standing, target, requests.actions) > Naming.NONE


def with_grants(requests: tuple[Requests, ...], target: Target) -> tuple[Requests, ...]:
    """One action at a time where grants, which name operations, have a say."""
    if not target.grants:
        return requests
    return tuple(replace(group, actions=(action,)) for group in requests for action in group.actions)


def _access(
    standing: Standing, target: Target, requests: Requests, model: Model, circumstances: Circumstances
) -> Access:
    if standing.tags:
        circumstances = replace(circumstances, tags={**standing.tags, **circumstances.tags})
    asked = _asked(standing, target, requests, model, circumstances)
    allowed = _likely(asked)
    if allowed is not None:
        return _assumed(allowed, standing)
    found = _search(asked, Mode.CERTAIN)
    if isinstance(found, Access):
        return _assumed(found, standing)
    too_complex = found
    if not too_complex and _is_certain(asked):
        return DENIED
    possible = _search(asked, Mode.POSSIBLE)
    if isinstance(possible, Access):
        return possible
    reason = too_complex or possible
    return Access(Outcome.UNKNOWN, reason=reason) if reason else DENIED


def _is_certain(asked: Asked) -> bool:
    """Whether nothing that takes part is unknown: what is not certainly allowed is then denied."""
    texts = (asked.target.arn, asked.target.account, asked.standing.account)
    return not any(map(has_hole, texts)) and all(map(is_certain, all_documents(asked.policies)))


def _asked(
    standing: Standing, target: Target, requests: Requests, model: Model, circumstances: Circumstances
) -> Asked:
    policies = policies_for(standing, target, requests.actions[0], model)
    if circumstances.endpoint:
        policies = replace(policies, endpoint=circumstances.endpoint)
    keys = keys_of(all_documents(policies))
    domains = key_domains(keys, standing.principal, target, circumstances)
    return Asked(standing, target, requests, policies, domains, circumstances)


def all_documents(policies: Policies) -> Iterator[Document]:
    """Every document that bears on a request, of whatever kind."""
    yield from policies.identity
    yield from policies.resource
    yield from policies.boundary
    yield from policies.session
    yield from policies.endpoint
    for level in (*policies.service_control, *policies.resource_control):
        yield from level or ()


def _assumed(found: Access, standing: Standing) -> Access:
    """What is allowed only because the caller's own policies were taken to allow everything."""
    if not standing.assumed or found.outcome.rank <= Outcome.UNKNOWN.rank:
        return found
    return replace(found, outcome=Outcome.CONDITIONAL, conditions=(standing.assumed, *found.conditions))


def _likely(asked: Asked) -> Access | None:
    """A likely request that is allowed whatever the open keys hold."""
    for action in asked.requests.actions:
        if not may_matter(asked.standing, asked.target, (action,)):
            continue
        for path in asked.requests.likely:
            resource = f"{asked.target.arn}{path}"
            request = request_of(asked.standing.principal, action, resource, asked.target, asked.domains)
            decision = decide(request, asked.policies)
            if decision.verdict is Verdict.ALLOWED:
                return Access(Outcome.ALLOWED, witness_of(request, decision, asked), (), decision.because)
    return None


def _search(asked: Asked, mode: Mode) -> Access | str:
    """What a search finds: access, or an empty text where there is none, or why that is undecided."""
    undecided = ""
    scope = Scope(
        principal=asked.standing.principal,
        actions=asked.requests.actions,
        resources=tuple(f"{asked.target.arn}{path}" for path in asked.requests.paths),
        keys=asked.domains,
        other_keys=Absent(),
        resource_account=asked.target.account,
    )
    best: Access | None = None
    ways = list(ways_of(asked))
    if mode is Mode.CERTAIN:
        ways = [*_unconditional(ways), *ways]
    for layers, denials, counts in ways:
        question = Question(layers, scope, denials, mode=mode, account_principal_counts=counts)
        answer = find(question)
        match answer:
            case Found(request=request):
                decision = decide(request, asked.policies)
                if mode is Mode.POSSIBLE and decision.verdict in {Verdict.UNKNOWN, Verdict.ALLOWED}:
                    return Access(Outcome.UNKNOWN, depends_on=decision.depends_on)
                if decision.verdict is Verdict.ALLOWED:
                    found = _found(request, decision, asked)
                    if found.outcome is Outcome.ALLOWED:
                        return found
                    best = best or found
            case TooComplex(reason=reason):
                undecided = reason
            case _:
                if mode is Mode.POSSIBLE and not answer.exact:
                    undecided = answer.reason
    return undecided if best is None else best


Way = tuple[Layers, tuple[Document, ...], bool]
"""Groups that must allow, documents that must not deny, and whether naming the account is enough."""


def _unconditional(ways: list[Way]) -> Iterator[Way]:
    """The same ways without the allows that have conditions, where that leaves something to ask."""
    for layers, denials, counts in ways:
        documents = [document for layer in layers for document in layer]
        if any(map(has_conditional_allow, documents)):
            stripped = tuple(tuple(map(without_conditional_allows, layer)) for layer in layers)
            if all(any(document.statements for document in layer) for layer in stripped):
                yield stripped, (*documents, *denials), counts


def ways_of(asked: Asked) -> Iterator[Way]:
    """The ways in which a request can come to be allowed: groups that must allow, documents that must not deny.

    The third part says whether naming the account is enough. What is found one
    way is decided over all policies afterwards.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    policies = asked.policies
    target, actions = asked.target, asked.requests.actions
    caller = caller_of(asked.standing.principal)
    control: Layers = tuple(level for level in policies.service_control if level is not None)
    if policies.endpoint:
        control = (*control, policies.endpoint)
    others = tuple(document for level in policies.resource_control for document in level or ())
    own: Layers = (policies.boundary,) if policies.boundary else ()
    resource = () if _is_configuration(asked) else policies.resource
    allowing = tuple(
        document
        for document in policies.identity
        if any(may_cover(pattern, target.arn) for pattern in patterns_of(document, actions))
    )
    denying = tuple(filter(may_deny, policies.identity))
    same = same_account(caller, target.account)
    if (
        resource
        and naming_level(asked.standing, target, actions) > Naming.ACCOUNT
        and (same is not Truth.FALSE or caller.root)
    ):
        named = _direct(resource, asked) if policies.boundary else resource
        yield (named, *control), (*resource, *denying, *policies.boundary, *others), False
        if policies.boundary:
            yield (resource, *own, *control), (*denying, *others), False
    if allowing:
        trusted = target.kind in {TargetKind.KEY, TargetKind.ROLE}
        if same is not Truth.FALSE and not (trusted and resource):
            yield (allowing, *own, *control), (*resource, *denying, *others), True
        if resource and (trusted or same is not Truth.TRUE):
            yield (allowing, resource, *own, *control), (*denying, *others), True
    if caller.kind is not PrincipalKind.AWS and resource:
        yield (resource, *control), others, True
    if policies.granted or (caller.root and same is not Truth.FALSE):
        everything = (_EVERYTHING,)
        denials = (*denying, *resource, *policies.boundary, *others)
        yield (everything, *control), denials, True


def _is_configuration(asked: Asked) -> bool:
    """Whether the access policy of the domain has no say."""
    action = asked.requests.actions[0].lower()
    return asked.target.kind is TargetKind.DOMAIN and not action.startswith("es:eshttp")


def _direct(documents: tuple[Document, ...], asked: Asked) -> tuple[Document, ...]:
    """The documents with only those allows that name the caller itself, which no boundary limits."""
    caller = caller_of(asked.standing.principal)

    def kept(statement: Statement) -> bool:
        if statement.effect is Effect.DENY or statement.principals is None:
            return True
        naming = naming_of(statement.principals, caller, PolicyKind.RESOURCE, deny=False)
        return naming.possible is Naming.DIRECT

    return tuple(
        replace(document, statements=tuple(filter(kept, document.statements))) for document in documents
    )


_ANY = Terms((Term("*"),))
_EVERYTHING = Document((Statement(Effect.ALLOW, _ANY, _ANY),), "2012-10-17", source="everything")


def _found(request: Request, decision: Decision, asked: Asked) -> Access:
    """Access by a request that was found: unconditional where it is allowed whatever the open keys hold."""
    open_request = request_of(
        request.principal, request.action, request.resource, asked.target, asked.domains
    )
    in_any_case = decide(open_request, asked.policies)
    if in_any_case.verdict is Verdict.ALLOWED:
        witness = witness_of(open_request, in_any_case, asked)
        return Access(Outcome.ALLOWED, witness, (), in_any_case.because)
    conditions = conditions_of(request, decision, asked)
    return Access(Outcome.CONDITIONAL, witness_of(request, decision, asked), conditions, decision.because)


def conditions_of(request: Request, decision: Decision, asked: Asked) -> tuple[str, ...]:
    """The conditions of the statements that allow the request, as phrases."""
    wanted = {(one.source, one.index) for one in decision.because}
    allows: list[Statement] = []
    denies: list[Statement] = []
    for document in all_documents(asked.policies):
        for statement in document.statements:
            if (document.source, statement.index) in wanted and statement.effect is Effect.ALLOW:
                allows.append(statement)
            elif (
                statement.effect is Effect.DENY
                and statement.conditions
                and covers_any(statement, (request.action,), PolicyKind.RESOURCE)
                and _concerns(statement, asked)
            ):
                denies.append(statement)
    return all_words(allows, denies)


def _concerns(statement: Statement, asked: Asked) -> bool:
    """Whether a deny could hinge on a key that is open."""
    return any(condition.key.lower() in asked.domains for condition in statement.conditions)


def witness_of(request: Request, decision: Decision, asked: Asked) -> Witness:
    """The request as proof, with its request line where it is one to a domain."""
    verb = request.action.partition("ESHttp")[2].upper()
    path = request.resource.removeprefix(asked.target.arn)
    http = f"{verb} {path}" if verb and path.startswith("/") else ""
    statements = tuple((one.source, one.index) for one in decision.because)
    return Witness(request, http, statements)


def _names_callers(documents: tuple[Document, ...]) -> bool:
    """Whether the policies tell callers apart by their principals."""
    named = [one.principals for document in documents for one in document.statements if one.principals]
    return any(
        one.negated or any(term.kind is not PrincipalKind.ANYONE for term in one.terms) for one in named
    )


def _spelled(circumstances: Circumstances) -> tuple[object, ...]:
    """Circumstances as a part of a key."""
    return (
        circumstances.through,
        tuple(sorted(circumstances.given.items())),
        tuple(sorted(circumstances.context.items())),
        tuple(map(id, circumstances.endpoint)),
    )


@dataclass(slots=True, eq=False)
class EffectiveAccess:
    """Every answer about a model, worked out when it is first asked for.

    Callers with the same policies get the same answer about a resource that
    does not tell them apart: it is worked out once and confirmed for each.
    `inside` keeps what is worked out about callers inside clusters.
    """

    model: Model
    _known: dict[tuple[object, ...], Access] = field(default_factory=dict)
    _alike: dict[tuple[object, ...], tuple[Access, Standing]] = field(default_factory=dict)
    inside: dict[tuple[object, ...], object] = field(default_factory=dict, repr=False)

    def of(
        self,
        standing: Standing,
        target: Target,
        requests: tuple[Requests, ...],
        circumstances: Circumstances = DIRECT,
    ) -> Access:
        """What `access` answers."""
        actions = tuple(action for group in requests for action in group.actions)
        if not may_matter(standing, target, actions):
            return DENIED
        key = (standing.key, target.key, requests, *_spelled(circumstances))
        known = self._known.get(key)
        if known is None:
            known = self._by_policies(standing, target, requests, circumstances)
            if is_apart(standing, target) and known.outcome.rank > Outcome.UNKNOWN.rank:
                known = replace(known, outcome=Outcome.UNKNOWN, conditions=(APART, *known.conditions))
            self._known[key] = known
        return known

    def _by_policies(
        self,
        standing: Standing,
        target: Target,
        requests: tuple[Requests, ...],
        circumstances: Circumstances,
    ) -> Access:
        actions = tuple(action for group in requests for action in group.actions)
        if standing.identity is None or self._told_apart(standing, target, actions, circumstances.endpoint):
            return access(standing, target, requests, self.model, circumstances)
        boundary = standing.boundary.document if standing.boundary is not None else None
        key = (
            target.key,
            requests,
            *_spelled(circumstances),
            standing.account,
            tuple(sorted({id(policy.document) for policy in standing.policies})),
            id(boundary),
            tuple(id(document) for level in standing.service_control for document in level),
        )
        known = self._alike.get(key)
        if known is not None:
            confirmed = self._confirmed(known[0], standing, target, circumstances.endpoint)
            if confirmed is not None:
                return confirmed
        found = access(standing, target, requests, self.model, circumstances)
        self._alike[key] = found, standing
        return found

    def _told_apart(
        self, standing: Standing, target: Target, actions: tuple[str, ...], endpoint: tuple[Document, ...]
    ) -> bool:
        """Whether the policies that count may treat this caller otherwise than another with the same."""
        if standing.tags or naming_level(standing, target, actions) > Naming.ACCOUNT:
            return True
        if singled_out(standing, target) or _names_callers(endpoint):
            return True
        documents = (
            *standing.documents,
            *target.documents,
            *((standing.boundary.document,) if standing.boundary is not None else ()),
            *(document for level in standing.service_control for document in level),
            *endpoint,
        )
        if any(key.startswith(("aws:principal", "aws:user")) for key in keys_of(documents)):
            return True
        return bool(self.model.organization.attachments)

    def _confirmed(
        self, known: Access, standing: Standing, target: Target, endpoint: tuple[Document, ...]
    ) -> Access | None:
        """The answer of another caller for this one, None where its witness does not hold for this one."""
        if known.witness is None:
            return known
        request = replace(known.witness.request, principal=standing.principal)
        policies = policies_for(standing, target, request.action, self.model)
        decision = decide(request, replace(policies, endpoint=endpoint) if endpoint else policies)
        if decision.verdict is not Verdict.ALLOWED:
            return None
        return replace(known, witness=replace(known.witness, request=request), because=decision.because)
