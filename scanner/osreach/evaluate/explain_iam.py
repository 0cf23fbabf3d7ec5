"""What the network, the organization and each policy of IAM say to one request, in sentences."""

from __future__ import annotations

from dataclasses import replace

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName, Said, said, together
from osreach.evaluate.network import network_answer
from osreach.evaluate.organization import attached_to, documents_for
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Decision, Verdict
from osreach.iam.document import PolicyKind, PrincipalKind
from osreach.iam.facts import Facts
from osreach.iam.policies import Policies
from osreach.iam.principal import Level
from osreach.iam.request import Anonymous


def network_of(standing: Standing, target: Target, action: str, circumstances: Circumstances) -> LayerAnswer:
    """Whether the request reaches the endpoint."""
    if isinstance(target.subject, Bucket) and isinstance(standing.principal, Anonymous):
        return _public(target.subject)
    if isinstance(target.subject, Domain) and action.lower().startswith("es:eshttp"):
        source = circumstances.given.get("aws:sourceip", ())
        return network_answer(target.subject, source[0] if len(source) == 1 else None)
    if target.kind is TargetKind.DOMAIN and action.lower().startswith("es:eshttp"):
        reason = "the domain is not in the scanned files"
        return LayerAnswer(LayerName.NETWORK, Answer.UNKNOWN, reason)
    return silent_layer(LayerName.NETWORK, "requests go to an endpoint of the service itself")


def _public(bucket: Bucket) -> LayerAnswer:
    """Whether callers who do not sign are let in at all.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    layer = LayerName.NETWORK
    here = (Because(bucket.address, "", bucket.public_blocked.location),)
    if bucket.public_blocked.is_certainly(value=True):
        return LayerAnswer(layer, Answer.IMPLICIT_DENY, "public access to the bucket is blocked", here)
    if bucket.public_blocked.is_certainly(value=False):
        return LayerAnswer(layer, Answer.ALLOWED, "public access to the bucket is not blocked", here)
    return LayerAnswer(layer, Answer.UNKNOWN, "whether public access is blocked is not known", here)


def silent_layer(layer: LayerName, reason: str) -> LayerAnswer:
    """A layer that has no say."""
    return LayerAnswer(layer, Answer.NOT_APPLICABLE, reason)


def organization_layer(standing: Standing, target: Target, facts: Facts, model: Model) -> LayerAnswer:
    """All levels of the caller's and of the resource's account."""
    caller = facts.caller
    found: list[Said] = []
    sides = []
    if caller.kind is PrincipalKind.AWS and not caller.service_linked:
        sides.append((standing.account, False, PolicyKind.SERVICE_CONTROL))
    if not caller.service_linked and not facts.action.startswith("es:"):
        sides.append((target.account, True, PolicyKind.RESOURCE_CONTROL))
    for account, control, kind in sides:
        levels = documents_for(model.organization, account, resource_control=control)
        placed = attached_to(model.organization, account, resource_control=control)
        for documents, level in zip(levels, placed, strict=True):
            policies = [
                replace(policy, document=document)
                for (policy, _), document in zip(level, documents, strict=False)
            ]
            policies += [
                Attachment(document.source, document.source, document, level[0][0].location)
                for document in documents[len(level) :]
            ]
            one = said(policies, kind, facts)
            if not (control and one.answer is Answer.IMPLICIT_DENY):
                found.append(one)
    if not found:
        return silent_layer(LayerName.ORGANIZATION, "no policy of an organization bears on the accounts")
    answer = together([one.answer for one in found])
    deciding = next(one for one in found if one.answer is answer)
    reason = {
        Answer.EXPLICIT_DENY: "a policy of the organization denies it",
        Answer.IMPLICIT_DENY: "a level of the organization has no policy that allows it",
        Answer.UNKNOWN: "whether the policies of the organization allow it is not known",
    }.get(answer, "every level of the organization allows it")
    return LayerAnswer(LayerName.ORGANIZATION, answer, reason, deciding.because)


def identity_layer(
    standing: Standing, target: Target, wanted: str, facts: Facts, decision: Decision
) -> LayerAnswer:
    """The caller's own policies and those of its groups; `wanted` is the action for people."""
    layer = LayerName.IDENTITY
    if facts.caller.kind is not PrincipalKind.AWS:
        return silent_layer(layer, "the caller is no identity of IAM and has no identity policies")
    if facts.caller.root:
        return LayerAnswer(layer, Answer.ALLOWED, "the root user of an account needs no identity policy")
    found = said(standing.policies, PolicyKind.IDENTITY, facts)
    action = f"`{wanted}`"
    match found.answer:
        case Answer.ALLOWED:
            return LayerAnswer(layer, found.answer, f"{_names(found)} allows {action}", found.because)
        case Answer.EXPLICIT_DENY:
            return LayerAnswer(layer, found.answer, f"{_names(found)} denies {action}", found.because)
        case Answer.UNKNOWN:
            reason = f"whether an identity policy allows {action} depends on what is not known"
            return LayerAnswer(layer, found.answer, reason, found.because)
        case _:
            place = standing.identity.location if standing.identity is not None else None
            reason = f"no policy of `{standing.name}` allows {action} on `{target.address}`"
            if decision.verdict is Verdict.ALLOWED:
                reason += ", which is not needed"
            return LayerAnswer(layer, found.answer, reason, (Because(standing.name, "", place),))


def _names(found: Said) -> str:
    return " and ".join(dict.fromkeys(f"`{because.policy}`" for because in found.because))


def boundary_layer(standing: Standing, facts: Facts) -> LayerAnswer:
    """The caller's permissions boundary."""
    layer = LayerName.BOUNDARY
    if standing.boundary is None or facts.caller.kind is not PrincipalKind.AWS:
        return silent_layer(layer, "the caller has no permissions boundary")
    found = said((standing.boundary,), PolicyKind.BOUNDARY, facts)
    name = f"the boundary `{standing.boundary.name}`"
    match found.answer:
        case Answer.ALLOWED:
            return LayerAnswer(layer, found.answer, f"{name} allows it", found.because)
        case Answer.EXPLICIT_DENY:
            return LayerAnswer(layer, found.answer, f"{name} denies it", found.because)
        case Answer.UNKNOWN:
            return LayerAnswer(layer, found.answer, f"{name} depends on what is not known", found.because)
        case _:
            place = Because(standing.boundary.name, "", standing.boundary.location)
            return LayerAnswer(layer, found.answer, f"{name} does not allow it", (place,))


def resource_layers(
    target: Target, facts: Facts, decision: Decision, policies: Policies, further: LayerAnswer | None
) -> tuple[LayerAnswer, LayerAnswer]:
    """The resource policy and the key policy; a key's own policy is the latter."""
    resource = silent_layer(LayerName.RESOURCE, "the resource has no resource policy")
    key = further or silent_layer(LayerName.KEY, "no key is asked")
    if target.kind is TargetKind.KEY:
        return resource, _resource_policy(LayerName.KEY, target, facts, decision, policies)
    if target.kind is TargetKind.DOMAIN and not facts.action.startswith(("es:eshttp", "es:escrosscluster")):
        reason = "the access policy of a domain does not govern its configuration"
        return silent_layer(LayerName.RESOURCE, reason), key
    if target.kind is TargetKind.ROLE and not facts.action.startswith("sts:"):
        return silent_layer(LayerName.RESOURCE, "the trust policy of a role governs only who assumes it"), key
    if target.kind is TargetKind.COLLECTION or (target.kind is TargetKind.OTHER and not target.policies):
        return resource, key
    return _resource_policy(LayerName.RESOURCE, target, facts, decision, policies), key


def _resource_policy(
    layer: LayerName, target: Target, facts: Facts, decision: Decision, policies: Policies
) -> LayerAnswer:
    trust = target.kind is TargetKind.ROLE
    found = said(target.policies, PolicyKind.TRUST if trust else PolicyKind.RESOURCE, facts)
    here = tuple(Because(policy.name, "", policy.location) for policy in target.policies) or (
        Because(target.address, "", target.location),
    )
    if policies.granted and found.answer is not Answer.EXPLICIT_DENY:
        grant = next(
            (
                grant
                for grant in target.grants
                if grant.grantee in (*facts.caller.direct, *facts.caller.entity)
            ),
            None,
        )
        because = (Because(grant.address, "", grant.location),) if grant is not None else here
        return LayerAnswer(layer, Answer.ALLOWED, "a grant on the key names the caller", because)
    name = _policy_word(target)
    match found.answer:
        case Answer.EXPLICIT_DENY:
            return LayerAnswer(layer, found.answer, f"{name} denies it", found.because)
        case Answer.UNKNOWN:
            return LayerAnswer(layer, found.answer, f"{name} depends on what is not known", found.because)
        case Answer.ALLOWED:
            reason = f"{name} allows it"
            if found.level is Level.ACCOUNT:
                reason = f"{name} names the account, which leaves the decision to identity policies"
            return LayerAnswer(layer, found.answer, reason, found.because)
        case _:
            return LayerAnswer(layer, found.answer, _silent(name, target, decision), here)


def _policy_word(target: Target) -> str:
    word = {
        TargetKind.DOMAIN: "the access policy",
        TargetKind.KEY: "the key policy",
        TargetKind.BUCKET: "the bucket policy",
        TargetKind.ROLE: "the trust policy",
    }.get(target.kind, "the resource policy")
    return f"{word} of `{target.address}`"


def _silent(name: str, target: Target, decision: Decision) -> str:
    if not target.policies:
        return f"there is no {name.removeprefix('the ')}"
    if target.kind is TargetKind.KEY:
        return f"{name} neither names the caller nor leaves the decision to the account, so no identity policy counts"
    if decision.verdict is Verdict.ALLOWED:
        return f"{name} does not mention the caller, which is not needed within an account"
    return f"{name} does not allow it"
