"""Whether a caller can do more to a resource than before: a request that only the new policies allow.

Each way in which the new policies allow is held against everything that the old
ones allow. What is found is put to the concrete decision over all policies of
both sides before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from osreach.access.model import Model
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.content import Contents
from osreach.evaluate.effective import (
    Access,
    Asked,
    Outcome,
    all_documents,
    conditions_of,
    ways_of,
    with_grants,
    witness_of,
)
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, policies_for
from osreach.evaluate.target import Target
from osreach.iam.decision import Verdict, decide
from osreach.iam.document import Document, Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.policies import Policies
from osreach.iam.principal import Level as Naming
from osreach.iam.principal import caller_of, naming_of
from osreach.iam.question import Absent, Found, KeyDomain, Mode, Nothing, Question, Scope, find

_Layers = tuple[tuple[Document, ...], ...]
_ANY = Terms((Term("*"),))
_EVERYTHING = Document((Statement(Effect.ALLOW, _ANY, _ANY),), "2012-10-17", source="everything")


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """A caller, a resource and all policies between them, in the words of the new code."""

    standing: Standing
    target: Target
    model: Model
    circumstances: Circumstances = DIRECT

    def policies(self, action: str) -> Policies:
        """The policies that have a say about an action."""
        policies = policies_for(self.standing, self.target, action, self.model)
        return replace(policies, endpoint=self.circumstances.endpoint)


@dataclass(frozen=True, slots=True)
class Undecided:
    """It could not be told, and why."""

    reason: str


def beyond(new: Situation, old: Situation, requests: tuple[Requests, ...]) -> Access | Undecided | None:
    """Access that `new` certainly gives and `old` certainly does not, None where there is none."""
    undecided: Undecided | None = None
    for group in with_grants(requests, new.target):
        found = _group(new, old, group, Mode.CERTAIN)
        if isinstance(found, Undecided) and len(group.actions) > 1:
            # What several ways allow together can often be told apart action by action.
            found = _one_by_one(new, old, group)
        if isinstance(found, Access):
            return found
        undecided = undecided or found
    return undecided


def possibly_beyond(new: Situation, old: Situation, requests: tuple[Requests, ...]) -> Access | None:
    """Access that `new` may give and `old` does not, depending on what is not known, None where there is none.

    Whatever parts are not known, a request that a statement of both sides
    allows is no news: something new must take part in what is.
    """
    for group in with_grants(requests, new.target):
        found = _group(new, old, group, Mode.POSSIBLE)
        if isinstance(found, Access):
            return found
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _News:
    """What of the new policies the old ones did not have.

    `held` are the allows and the open parts that the old policies of each layer
    had. Where something that was denied is denied no more, everything is new.
    """

    contents: Contents
    held: Mapping[str, frozenset[Hashable]]
    layers: Mapping[int, str]
    everything: bool

    def of(self, layers: _Layers) -> Iterator[_Layers]:
        """The layers with one of them reduced to what is new, for each that has something new."""
        if self.everything:
            yield layers
            return
        for place, layer in enumerate(layers):
            fresh = tuple(map(self._fresh, layer))
            if any(document.unknown or _allows(document) for document in fresh):
                yield (*layers[:place], fresh, *layers[place + 1 :])

    def _fresh(self, document: Document) -> Document:
        held = self.held[self.layers.get(id(document), _RESOURCE)]
        return replace(
            document,
            statements=tuple(
                one
                for one in document.statements
                if one.effect is Effect.DENY or self.contents.of(one) not in held
            ),
            unknown=tuple(one for one in document.unknown if one.text not in held),
        )


_RESOURCE = "resource"


def _news(now: Asked, before: Asked, model: Model) -> _News:
    contents = Contents(model, str)
    held = {
        layer: frozenset(
            one
            for document in documents
            for one in (
                *(contents.of(each) for each in document.statements),
                *(term.text for term in document.unknown),
            )
        )
        for layer, documents in _by_layer(before.policies).items()
    }
    here = {layer: listed for layer, listed in _by_layer(now.policies).items() if layer != _RESOURCE}
    return _News(
        contents,
        held,
        {id(document): layer for layer, documents in here.items() for document in documents},
        bool(_denied(before.policies, contents) - _denied(now.policies, contents))
        or len(before.policies.boundary) > len(now.policies.boundary)
        or len(before.policies.service_control) > len(now.policies.service_control)
        or before.standing.assumed != now.standing.assumed
        or now.policies.granted != before.policies.granted,
    )


def _by_layer(policies: Policies) -> dict[str, tuple[Document, ...]]:
    return {
        "identity": policies.identity,
        _RESOURCE: policies.resource,
        "boundary": policies.boundary,
        "endpoint": policies.endpoint,
        "service control": tuple(one for level in policies.service_control for one in level or ()),
    }


def _denied(policies: Policies, contents: Contents) -> frozenset[Hashable]:
    return frozenset(
        contents.of(one)
        for document in all_documents(policies)
        for one in document.statements
        if one.effect is not Effect.ALLOW
    )


def _allows(document: Document) -> bool:
    return any(one.effect is not Effect.DENY for one in document.statements)


def _one_by_one(new: Situation, old: Situation, group: Requests) -> Access | Undecided | None:
    undecided: Undecided | None = None
    for action in group.actions:
        found = _group(new, old, replace(group, actions=(action,)), Mode.CERTAIN)
        if isinstance(found, Access):
            return found
        undecided = undecided or found
    return undecided


def reaches_all(new: Situation, requests: tuple[Requests, ...], action: str) -> bool:
    """Whether the caller may do `action` on every path that the requests of it are about, in any case."""
    groups = [group for group in requests if action in group.actions and group.paths != ("",)]
    if not groups:
        return False
    asked = _asked(new, replace(groups[0], actions=(action,)), new)
    for unless in _alternatives(asked):
        answer = find(Question(((_EVERYTHING,),), _scope(asked, new.target), unless=unless))
        if isinstance(answer, Nothing) and answer.exact:
            return True
    return False


def _asked(situation: Situation, requests: Requests, other: Situation) -> Asked:
    """The question about one side; the keys that policies of either side mention are open in it."""
    action = requests.actions[0]
    policies = situation.policies(action)
    mentioned = keys_of((*all_documents(policies), *all_documents(other.policies(action))))
    circumstances = replace(situation.circumstances, tags=situation.standing.tags)
    domains: Mapping[str, KeyDomain] = key_domains(
        mentioned, situation.standing.principal, situation.target, circumstances
    )
    return Asked(situation.standing, situation.target, requests, policies, domains, circumstances)


def _scope(asked: Asked, target: Target) -> Scope:
    return Scope(
        principal=asked.standing.principal,
        actions=asked.requests.actions,
        resources=tuple(f"{target.arn}{path}" for path in asked.requests.paths),
        keys=asked.domains,
        other_keys=Absent(),
        resource_account=target.account,
    )


def _group(new: Situation, old: Situation, group: Requests, mode: Mode) -> Access | Undecided | None:
    asked, before = _asked(new, group, old), _asked(old, group, new)
    ways = list(_ways(asked))
    if mode is Mode.POSSIBLE:
        news = _news(asked, before, new.model)
        ways = [(reduced, denials) for layers, denials in ways for reduced in news.of(layers)]
    alternatives = tuple(_alternatives(before))
    undecided: Undecided | None = None
    for layers, denials in ways:
        held: Undecided | None = None
        for unless in alternatives or ((),):
            question = Question(layers, _scope(asked, new.target), denials, unless, mode)
            answer = find(question)
            if isinstance(answer, Found):
                found = _judged(answer, asked, before, mode)
                if found is not None:
                    return found
                held = Undecided("several policies allow it together")
            elif isinstance(answer, Nothing) and answer.exact:
                # Whatever this way allows was allowed before.
                held = None
                break
            else:
                held = Undecided(answer.reason)
        undecided = undecided or held
    return undecided


def _judged(answer: Found, asked: Asked, before: Asked, mode: Mode) -> Access | None:
    """What a request that was found is worth: access where the decision allows it now and did not before."""
    request = answer.request
    now = decide(request, asked.policies)
    then = decide(request, before.policies)
    if then.verdict is Verdict.ALLOWED:
        return None
    witness = witness_of(request, now, asked)
    if now.verdict is not Verdict.ALLOWED or then.verdict is Verdict.UNKNOWN:
        if mode is Mode.POSSIBLE and now.verdict in {Verdict.ALLOWED, Verdict.UNKNOWN}:
            depends = (*now.depends_on, *then.depends_on)
            return Access(Outcome.UNKNOWN, witness, (), now.because, depends)
        return None
    open_request = request_of(
        request.principal, request.action, request.resource, asked.target, asked.domains
    )
    if decide(open_request, asked.policies).verdict is Verdict.ALLOWED:
        return Access(Outcome.ALLOWED, witness, (), now.because)
    return Access(Outcome.CONDITIONAL, witness, conditions_of(request, now, asked), now.because)


def _ways(asked: Asked) -> Iterator[tuple[_Layers, tuple[Document, ...]]]:
    """The ways in which the policies allow, in a form in which an account's principal counts in each of them."""
    for layers, denials, counts in ways_of(asked):
        yield (layers if counts else tuple(_by_name(layer, asked) for layer in layers)), denials


def _by_name(layer: tuple[Document, ...], asked: Asked) -> tuple[Document, ...]:
    """The documents without the allows that name no more than the caller's account."""
    caller = caller_of(asked.standing.principal)

    def kept(statement: Statement) -> bool:
        if statement.effect is Effect.DENY or statement.principals is None:
            return True
        naming = naming_of(statement.principals, caller, PolicyKind.RESOURCE, deny=False)
        return naming.possible > Naming.ACCOUNT

    # A document that stays as it is stays the same object, by which ways are told apart.
    return tuple(
        document
        if all(map(kept, document.statements))
        else replace(document, statements=tuple(filter(kept, document.statements)))
        for document in layer
    )


def _alternatives(asked: Asked) -> Iterator[_Layers]:
    """The ways of `asked` as layers, those that differ in the first layer only taken together.

    Denials of documents that have no allow to give come along in the first layer.
    """
    merged: dict[tuple[int, ...], tuple[list[Document], _Layers, dict[int, Document]]] = {}
    for layers, denials in _ways(asked):
        key = tuple(id(document) for layer in layers[1:] for document in layer)
        first, _, denying = merged.setdefault(key, ([], layers[1:], {}))
        first.extend(layers[0])
        denying.update((id(document), document) for document in denials)
    for first, rest, denying in merged.values():
        only = tuple(filter(None, (_denials_of(document) for document in denying.values())))
        yield ((*first, *only), *rest)


def _denials_of(document: Document) -> Document | None:
    statements = tuple(one for one in document.statements if one.effect is Effect.DENY)
    return replace(document, statements=statements, unknown=()) if statements else None
