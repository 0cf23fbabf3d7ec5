"""Requests that are about no resource, such as the list of all buckets, explained layer by layer.

Only identity policies and those of the organization have a say.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from osreach.access.model import Model
from osreach.data.actions import action as known_action
from osreach.evaluate.circumstances import Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.explain import Explanation
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName, Said, said
from osreach.evaluate.standing import Standing, policies_for
from osreach.evaluate.target import Target
from osreach.iam.decision import decide
from osreach.iam.document import Document, Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.facts import Facts, facts_of
from osreach.iam.policies import Layer, Policies
from osreach.iam.request import Request

NO_RESOURCE = "*"
"""The resource of such a request."""

_ANY = Terms((Term("*"),))
_EVERYTHING = Document((Statement(Effect.ALLOW, _ANY, _ANY),), "2012-10-17", source="everything")


def names_no_resource(action: str) -> bool:
    """Whether the action is known to work on no resource, so that only a statement on `*` allows it."""
    found = known_action(action)
    return found is not None and not found.resources


def explain_unscoped(
    standing: Standing, target: Target, action: str, model: Model, circumstances: Circumstances
) -> Explanation:
    """Whether the caller may do `action`, which is about no resource, and why."""
    policies = policies_for(standing, target, action, model)
    levels = [document for level in policies.service_control for document in level or ()]
    keys = keys_of((*policies.identity, *policies.boundary, *levels)) | set(circumstances.given)
    domains = key_domains(keys, standing.principal, target, circumstances)
    request = request_of(standing.principal, action, NO_RESOURCE, target, domains)
    decision = decide(request, policies)
    facts = facts_of(request, bounded=standing.boundary is not None)
    layers = (
        _organization(request, policies),
        _identity(said(standing.policies, PolicyKind.IDENTITY, facts), standing, action),
        _boundary(standing, facts),
    )
    deciding = {
        Layer.SERVICE_CONTROL: LayerName.ORGANIZATION,
        Layer.RESOURCE_CONTROL: LayerName.ORGANIZATION,
        Layer.BOUNDARY: LayerName.BOUNDARY,
    }.get(decision.blocked_by or Layer.IDENTITY, LayerName.IDENTITY)
    return Explanation(
        request,
        Answer(decision.verdict.value),
        deciding,
        layers,
        decision.depends_on,
        tuple(note.value for note in decision.notes),
    )


def _words(answer: Answer, what: str) -> str:
    match answer:
        case Answer.ALLOWED:
            return f"{what} allows it"
        case Answer.EXPLICIT_DENY:
            return f"{what} denies it"
        case Answer.UNKNOWN:
            return f"whether {what} allows it depends on what is not known"
        case _:
            return f"{what} does not allow it"


def _organization(request: Request, policies: Policies) -> LayerAnswer:
    layer = LayerName.ORGANIZATION
    if not policies.service_control:
        return LayerAnswer(layer, Answer.NOT_APPLICABLE, "no policy of an organization bears on the account")
    alone = decide(request, Policies(identity=(_EVERYTHING,), service_control=policies.service_control))
    answer = Answer(alone.verdict.value)
    because = tuple(Because(one.source, one.sid, one.location) for one in alone.because)
    return LayerAnswer(layer, answer, _words(answer, "the organization"), because)


def _identity(found: Said, standing: Standing, action: str) -> LayerAnswer:
    if found.answer is Answer.IMPLICIT_DENY:
        place = standing.identity.location if standing.identity is not None else None
        reason = f"no policy of `{standing.name}` allows `{action}`, which needs a statement on `*`"
        return LayerAnswer(LayerName.IDENTITY, found.answer, reason, (Because(standing.name, "", place),))
    names = " and ".join(dict.fromkeys(f"`{one.policy}`" for one in found.because))
    return LayerAnswer(LayerName.IDENTITY, found.answer, _words(found.answer, names), found.because)


def _boundary(standing: Standing, facts: Facts) -> LayerAnswer:
    layer = LayerName.BOUNDARY
    if standing.boundary is None:
        return LayerAnswer(layer, Answer.NOT_APPLICABLE, "the caller has no permissions boundary")
    found = said((standing.boundary,), PolicyKind.BOUNDARY, facts)
    words = _words(found.answer, f"the boundary `{standing.boundary.name}`")
    return LayerAnswer(layer, found.answer, words, found.because)
