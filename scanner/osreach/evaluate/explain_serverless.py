"""What OpenSearch Serverless adds to the answer that the policies of IAM give."""

from __future__ import annotations

from osreach.evaluate.layer import Answer, LayerAnswer, LayerName, said
from osreach.evaluate.serverless import API, DASHBOARDS, ServerlessQuestion
from osreach.evaluate.serverless_guide import OUTSIDE
from osreach.evaluate.target import Target
from osreach.iam.decision import Decision, Verdict
from osreach.iam.document import PolicyKind
from osreach.iam.facts import Facts


def with_serverless(
    question: ServerlessQuestion, verdict: Answer, layers: tuple[LayerAnswer, ...], facts: Facts
) -> tuple[Answer, tuple[LayerAnswer, ...], Answer]:
    """What IAM says, every layer and what the dependency adds, as a question about OpenSearch Serverless has them."""
    changed: dict[LayerName, LayerAnswer] = {}
    if question.key is not None:
        changed[LayerName.KEY] = question.key
    if question.dependency is not None:
        changed[LayerName.DEPENDENCY] = question.dependency
    if question.outside_iam:
        verdict = Answer.UNKNOWN
        changed[LayerName.IDENTITY] = LayerAnswer(LayerName.IDENTITY, Answer.UNKNOWN, OUTSIDE)
    if question.endpoint_policies:
        found = said(question.endpoint_policies, PolicyKind.RESOURCE, facts)
        word = {Answer.ALLOWED: "allows it", Answer.EXPLICIT_DENY: "denies it"}.get(
            found.answer,
            "depends on what is not known" if found.answer is Answer.UNKNOWN else "does not allow it",
        )
        names = " and ".join(dict.fromkeys(f"`{policy.name}`" for policy in question.endpoint_policies))
        reason = f"the policy of the VPC endpoint {names} {word}"
        changed[LayerName.NETWORK] = LayerAnswer(LayerName.NETWORK, found.answer, reason, found.because)
    added = question.dependency.answer if question.dependency is not None else Answer.ALLOWED
    return verdict, tuple(changed.get(layer.layer, layer) for layer in layers), added


def of_unknown_collection(target: Target, decision: Decision, action: str) -> tuple[LayerAnswer, ...]:
    """A collection that no file defines has policies of its own, of which nothing is known."""
    if action not in {API.lower(), DASHBOARDS.lower()} or decision.verdict not in {
        Verdict.ALLOWED,
        Verdict.UNKNOWN,
    }:
        return ()
    reason = f"the collection behind `{target.address}` is not in the scanned files, nor are its policies"
    return (
        LayerAnswer(LayerName.SERVERLESS_NETWORK, Answer.UNKNOWN, reason),
        LayerAnswer(LayerName.SERVERLESS_DATA, Answer.UNKNOWN, reason),
    )
