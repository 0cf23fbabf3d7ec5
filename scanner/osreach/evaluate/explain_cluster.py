"""What the access policy of a domain does not see of a request, for the answer about it."""

from __future__ import annotations

from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.cluster import Sent
from osreach.evaluate.cluster_bypass import bypasses, sentences, unseen_in_body
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.layer import Answer, LayerAnswer, LayerName
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind

_DENIALS = frozenset({Answer.EXPLICIT_DENY, Answer.IMPLICIT_DENY})


def unseen_by_access_policy(
    standing: Standing,
    target: Target,
    sent: Sent | None,
    answer: Answer,
    layers: tuple[LayerAnswer, ...],
    effective: EffectiveAccess,
    circumstances: Circumstances,
) -> tuple[str, ...]:
    """What the access policy does not see: other requests for the same where it stops this one, names in the body."""
    if sent is None or target.kind is not TargetKind.DOMAIN:
        return ()
    if answer is Answer.ALLOWED:
        unseen = unseen_in_body(standing, target, sent, effective, circumstances)
        return tuple(
            f"the access policy refuses requests that name `{name}` in their path, and does not see it in the body"
            for name in unseen
        )
    stopped = any(
        one.layer in {LayerName.RESOURCE, LayerName.IDENTITY} and one.answer in _DENIALS for one in layers
    )
    if answer not in _DENIALS or not stopped:
        return ()
    return tuple(
        f"the access policy stops this path only: {sentence}"
        for sentence in sentences(bypasses(standing, target, sent, effective, circumstances))
    )
