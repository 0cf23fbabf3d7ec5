"""Which layer decides an answer."""

from __future__ import annotations

from osreach.evaluate.layer import Answer, LayerAnswer, LayerName
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Decision, Verdict
from osreach.iam.document import Effect
from osreach.iam.policies import Layer

ANSWERS = {
    Verdict.ALLOWED: Answer.ALLOWED,
    Verdict.EXPLICIT_DENY: Answer.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY: Answer.IMPLICIT_DENY,
    Verdict.UNKNOWN: Answer.UNKNOWN,
}
"""What the decision over all policies of IAM means as an answer."""

_BESIDE = frozenset(
    {
        LayerName.NETWORK,
        LayerName.IDENTITY,
        LayerName.FINE_GRAINED,
        LayerName.SERVERLESS_NETWORK,
        LayerName.SERVERLESS_DATA,
        LayerName.DEPENDENCY,
    }
)
"""Layers that can decide although the policies of IAM do not, or other than they do."""


def deciding_layer(
    answer: Answer,
    decision: Decision,
    layers: tuple[LayerAnswer, ...],
    target: Target,
    *,
    granted: bool,
    apart: bool,
) -> LayerName:
    """The layer that denies, lacks an allow or is not known; where the answer is yes, the one that grants.

    `granted` says that a grant on a key does, `apart` that the policies of IAM have no say.
    """
    policy = {TargetKind.KEY: LayerName.KEY, TargetKind.COLLECTION: LayerName.IDENTITY}.get(
        target.kind, LayerName.RESOURCE
    )
    names = {
        Layer.RESOURCE_CONTROL: LayerName.ORGANIZATION,
        Layer.SERVICE_CONTROL: LayerName.ORGANIZATION,
        Layer.ENDPOINT: LayerName.NETWORK,
        Layer.RESOURCE: policy,
        Layer.IDENTITY: LayerName.IDENTITY,
        Layer.BOUNDARY: LayerName.BOUNDARY,
        Layer.SESSION: LayerName.IDENTITY,
    }
    if apart or ANSWERS[decision.verdict] is not answer:
        # Where the policies of IAM allow together, none of them is what denies.
        beside = _BESIDE - ({LayerName.IDENTITY} if answer is Answer.IMPLICIT_DENY else set())
        return next((one.layer for one in layers if one.answer is answer and one.layer in beside), policy)
    if answer is Answer.ALLOWED:
        granting = [names[one.layer] for one in decision.because if one.effect is Effect.ALLOW]
        if not granting:
            return policy if granted else LayerName.IDENTITY
        return LayerName.IDENTITY if LayerName.IDENTITY in granting else granting[0]
    if answer is Answer.UNKNOWN:
        return next((one.layer for one in layers if one.answer is answer), policy)
    return names[decision.blocked_by] if decision.blocked_by is not None else policy
