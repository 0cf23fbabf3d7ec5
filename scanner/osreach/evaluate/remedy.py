"""The smallest change of the code that would allow a refused request, proved by deciding again with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.evaluate.circumstances import Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.layer import LayerName
from osreach.evaluate.standing import Standing, policies_for
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Deciding, Decision, Verdict, decide
from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.policies import Layer, OrganizationLevel, Policies
from osreach.iam.principal import caller_of
from osreach.iam.request import Request, RoleSession
from osreach.location import Location

_STEPS = 8
_VIA = "kms:ViaService"


class Doing(StrEnum):
    """What is to be done: add a statement to a policy, write a new policy, or narrow a statement that denies."""

    ADD = "add"
    WRITE = "write"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: to which policy, and where that stands.

    `policy` is the resource that holds the policy, or the one that lacks it where
    a new one is to be written. `location` is where the policy begins, or the
    statement that is to be narrowed; `after` is the last line of the policy's
    last statement, 0 where there is none. `statement` is what to add, as JSON
    would hold it; empty where a statement is to be narrowed, then `sid` and
    `index` tell which.
    """

    doing: Doing
    layer: LayerName
    policy: str
    location: Location | None
    after: int = 0
    statement: Mapping[str, object] | None = None
    sid: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Remedy:
    """All changes that are needed together.

    `proved` says that the request is allowed with them; otherwise `left` says in
    a sentence what they leave open.
    """

    changes: tuple[Change, ...] = ()
    proved: bool = False
    left: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One refused request with everything that has a say.

    `resource` is the ARN as the code knows it, `shown` the one that a policy is
    to name: that of the event, where it names the resource itself.
    """

    standing: Standing
    target: Target
    action: str
    resource: str
    shown: str
    circumstances: Circumstances
    model: Model


_ELSEWHERE = "nothing in the scanned files refuses it, so what refused it is not in them"


def remedy_for(question: Question) -> Remedy:
    """The changes that allow the request, one layer after the other."""
    policies = policies_for(question.standing, question.target, question.action, question.model)
    request = _request(question, policies)
    changes: list[Change] = []
    for _ in range(_STEPS):
        decision = decide(request, policies)
        if decision.verdict is Verdict.ALLOWED:
            return Remedy(tuple(changes), proved=True) if changes else Remedy(left=_ELSEWHERE)
        if decision.verdict is Verdict.EXPLICIT_DENY:
            changes += [_narrow(one, question) for one in decision.because]
            policies = _without(policies, decision)
            continue
        step = _allow(decision.blocked_by, policies, request, question)
        if step is None:
            break
        change, policies = step
        changes.append(change)
    return Remedy(tuple(changes), left=_left(decision))


def _left(decision: Decision) -> str:
    if decision.verdict is Verdict.UNKNOWN:
        return "whether something that is not known denies it cannot be told"
    return "it cannot be allowed by a statement"


def _request(question: Question, policies: Policies) -> Request:
    """The request as far as it is known, with the key that a new statement may name."""
    circumstances = question.circumstances
    if question.standing.tags:
        circumstances = replace(circumstances, tags={**question.standing.tags, **circumstances.tags})
    keys = keys_of(_documents(policies)) | {_VIA.lower(), *circumstances.given}
    domains = key_domains(keys, question.standing.principal, question.target, circumstances)
    return request_of(
        question.standing.principal, question.action, question.resource, question.target, domains
    )


def _documents(policies: Policies) -> Iterator[Document]:
    yield from (*policies.identity, *policies.resource, *policies.boundary, *policies.session)
    for level in (*policies.service_control, *policies.resource_control):
        yield from level or ()


def _narrow(deciding: Deciding, question: Question) -> Change:
    return Change(
        Doing.NARROW,
        layer_name(deciding.layer, question.target.kind),
        deciding.source,
        deciding.location,
        sid=deciding.sid,
        index=deciding.index,
    )


def layer_name(layer: Layer, kind: TargetKind) -> LayerName:
    """What a layer of the decision is called in reports."""
    match layer:
        case Layer.SERVICE_CONTROL | Layer.RESOURCE_CONTROL:
            return LayerName.ORGANIZATION
        case Layer.ENDPOINT:
            return LayerName.NETWORK
        case Layer.RESOURCE:
            return LayerName.KEY if kind is TargetKind.KEY else LayerName.RESOURCE
        case Layer.BOUNDARY:
            return LayerName.BOUNDARY
        case _:
            return LayerName.IDENTITY


def _without(policies: Policies, decision: Decision) -> Policies:
    """The policies without the statements that deny."""
    gone = {(one.source, one.index) for one in decision.because}

    def kept(documents: tuple[Document, ...]) -> tuple[Document, ...]:
        return tuple(
            replace(
                document,
                statements=tuple(
                    one
                    for one in document.statements
                    if one.effect is not Effect.DENY or (document.source, one.index) not in gone
                ),
            )
            for document in documents
        )

    def level(documents: OrganizationLevel) -> OrganizationLevel:
        return None if documents is None else kept(documents)

    return replace(
        policies,
        identity=kept(policies.identity),
        resource=kept(policies.resource),
        boundary=kept(policies.boundary),
        session=kept(policies.session),
        endpoint=kept(policies.endpoint),
        service_control=tuple(map(level, policies.service_control)),
        resource_control=tuple(map(level, policies.resource_control)),
    )


_Added = tuple[Change, Policies]


def _allow(layer: Layer | None, policies: Policies, request: Request, question: Question) -> _Added | None:
    """The statement that the layer lacks, and the policies with it."""
    match layer:
        case Layer.RESOURCE:
            statement = _statement(question, named=True)
            if statement is None:
                return None
            place = _place(question.target.policies, question.target.address, question.target.location)
            where = layer_name(layer, question.target.kind)
            added = replace(policies, resource=(*policies.resource, _document(statement, question)))
            return _change(where, place, statement, question), added
        case Layer.IDENTITY:
            if question.standing.identity is None:
                return None
            statement = _statement(question, named=False)
            if statement is None:
                return None
            inline = tuple(one for one in question.standing.policies if one.name == one.owner)
            identity = question.standing.identity
            place = _place(inline, identity.address, identity.location)
            added = replace(policies, identity=(*policies.identity, _document(statement, question)))
            return _change(LayerName.IDENTITY, place, statement, question), added
        case Layer.BOUNDARY:
            statement = _statement(question, named=False)
            boundary = question.standing.boundary
            if boundary is None or statement is None:
                return None
            place = _place((boundary,), boundary.name, boundary.location)
            added = replace(policies, boundary=(*policies.boundary, _document(statement, question)))
            return _change(LayerName.BOUNDARY, place, statement, question), added
        case Layer.SERVICE_CONTROL:
            return _allow_in_organization(policies, request, question)
        case _:
            return None


def _allow_in_organization(policies: Policies, request: Request, question: Question) -> _Added | None:
    """The level of the organization that lacks an allow."""
    statement = _statement(question, named=False)
    if statement is None:
        return None
    new = _document(statement, question)
    levels = policies.service_control
    for index, level in enumerate(levels):
        alone = Policies(identity=(_EVERYTHING,), service_control=(level,))
        if level is None or decide(request, alone).blocked_by is not Layer.SERVICE_CONTROL:
            continue
        changed = (*levels[:index], (*level, new), *levels[index + 1 :])
        document = next((one for one in level if one.location is not None), level[0])
        place = _Place(document.source, document.location, _end(document), written=True)
        change = _change(LayerName.ORGANIZATION, place, statement, question)
        return change, replace(policies, service_control=changed)
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement belongs: a policy that is `written`, or the resource that lacks one."""

    policy: str
    location: Location | None
    after: int
    written: bool


def _place(policies: tuple[Attachment, ...], otherwise: str, header: Location | None) -> _Place:
    for policy in policies:
        document = policy.document
        if policy.unknown is None and document.location is not None and document.statements:
            if document.source.startswith("the default key policy"):
                continue
            return _Place(policy.name, document.location, _end(document), written=True)
    return _Place(otherwise, header, 0, written=False)


def _end(document: Document) -> int:
    """The last line of the last statement, 0 where it stands in another file."""
    last = document.statements[-1].location if document.statements else None
    if last is None or document.location is None or last.path != document.location.path:
        return 0
    return last.end_line


def _change(layer: LayerName, place: _Place, statement: Statement, question: Question) -> Change:
    doing = Doing.ADD if place.written else Doing.WRITE
    shown = as_json(statement)
    if shown.get("Resource") == question.resource:
        shown["Resource"] = question.shown
    return Change(doing, layer, place.policy, place.location, place.after, shown)


def _document(statement: Statement, question: Question) -> Document:
    return Document((statement,), "2012-10-17", source=f"the change for {question.action}")


_EVERYTHING = Document(
    (Statement(Effect.ALLOW, Terms((Term("*"),)), Terms((Term("*"),))),), "2012-10-17", source="everything"
)


def _statement(question: Question, *, named: bool) -> Statement | None:
    """The statement that allows this request and no other; `named` with the caller as its principal."""
    who = _principals(question) if named else None
    if named and who is None:
        return None
    target = question.target
    resource = "*" if named and target.kind is TargetKind.KEY else question.resource
    trust = named and target.kind is TargetKind.ROLE
    conditions: tuple[Condition, ...] = ()
    through = question.circumstances.through
    if through and question.action.lower().startswith("kms:") and target.region:
        value = Term(f"{through}.{target.region}.amazonaws.com")
        conditions = (Condition("StringEquals", _VIA, (value,)),)
    return Statement(
        Effect.ALLOW,
        Terms((Term(question.action),)),
        None if trust else Terms((Term(resource),)),
        who,
        conditions,
    )


def _principals(question: Question) -> Principals | None:
    """The caller as a policy names it: a role rather than one of its sessions."""
    principal = question.standing.principal
    caller = caller_of(principal)
    if not caller.signed:
        return Principals((PrincipalTerm(PrincipalKind.ANYONE, "*"),))
    text = principal.role_arn if isinstance(principal, RoleSession) else next(iter(caller.direct), "")
    return Principals((PrincipalTerm(caller.kind, text),)) if text else None


def as_json(statement: Statement) -> dict[str, object]:
    """The statement as a policy document holds it."""
    found: dict[str, object] = {"Effect": statement.effect.value}
    if statement.principals is not None:
        term = statement.principals.terms[0]
        found["Principal"] = "*" if term.kind is PrincipalKind.ANYONE else {term.kind.value: term.text}
    found["Action"] = statement.actions.terms[0].text
    if statement.resources is not None:
        found["Resource"] = statement.resources.terms[0].text
    if statement.conditions:
        found["Condition"] = {one.operator: {one.key: one.values[0].text} for one in statement.conditions}
    return found


def worded(value: object, words: Callable[[str], str]) -> object:
    """A JSON value with `words` put upon every text in it."""
    match value:
        case str():
            return words(value)
        case Mapping():
            return {key: worded(each, words) for key, each in value.items()}
        case _:
            return value
