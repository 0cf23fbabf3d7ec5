"""One question, answered layer by layer: which statement decides, or which is missing and where.

The verdict is that of the concrete decision over all policies; the layers say
how it came about. Source of the order:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.cluster import Sent, content_of, is_dashboards, is_in_browser, sent_of
from osreach.evaluate.cluster_answer import inside
from osreach.evaluate.cluster_bypass import bypasses, sentences, unseen_in_body
from osreach.evaluate.cluster_login import CONSOLE_ACTION, IN_DASHBOARDS, console_of, login_notes
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.encryption import Encryption, key_action, key_of, through_s3
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName, Said, said, together
from osreach.evaluate.level import requests_for
from osreach.evaluate.network import network_answer
from osreach.evaluate.organization import attached_to, documents_for
from osreach.evaluate.restriction import UNRESTRICTED, Restrictions
from osreach.evaluate.serverless import API, DASHBOARDS, ServerlessQuestion, serverless_question
from osreach.evaluate.serverless_create import needed_to_create
from osreach.evaluate.serverless_guide import OUTSIDE
from osreach.evaluate.standing import APART, Standing, is_apart, policies_for
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Decision, Verdict, decide
from osreach.iam.dependency import Dependency
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind
from osreach.iam.facts import Facts, facts_of
from osreach.iam.policies import Layer, Policies
from osreach.iam.principal import Level, caller_of
from osreach.iam.question import Absent, Fixed
from osreach.iam.request import Anonymous, Request

_ANSWERS = {
    Verdict.ALLOWED: Answer.ALLOWED,
    Verdict.EXPLICIT_DENY: Answer.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY: Answer.IMPLICIT_DENY,
    Verdict.UNKNOWN: Answer.UNKNOWN,
}


_DENIALS = frozenset({Answer.EXPLICIT_DENY, Answer.IMPLICIT_DENY})
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


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to one request with what each layer says.

    `deciding` is the layer that denies, lacks an allow or is not known; where the
    answer is yes, the one that grants. `depends_on` is what must be known to turn `UNKNOWN` into an answer. `notes`
    are points that the documentation leaves open, and what else must be known to read the answer rightly.
    `restrictions` are what is kept from a reader.
    """

    request: Request
    answer: Answer
    deciding: LayerName
    layers: tuple[LayerAnswer, ...]
    depends_on: tuple[Dependency, ...] = ()
    notes: tuple[str, ...] = ()
    restrictions: Restrictions = UNRESTRICTED


def explain(
    standing: Standing,
    target: Target,
    action: str,
    path: str,
    effective: EffectiveAccess,
    circumstances: Circumstances = DIRECT,
    sent: Sent | None = None,
) -> Explanation:
    """Whether the caller may do `action` to the path of the target, and why.

    Without a path an action that needs one is asked about the path that is
    easiest to reach. `sent` is the whole request, where more of it is known
    than action and path.
    """
    model = effective.model
    sent = sent or sent_of(action, path)
    content = content_of(model, target.subject) if isinstance(target.subject, Domain) else None
    in_dashboards = (
        is_in_browser(standing)
        and action.lower().startswith("es:eshttp")
        and not is_dashboards(path)
        and target.kind is TargetKind.DOMAIN
    )
    if in_dashboards:
        action, path = CONSOLE_ACTION, console_of(content)
    if standing.tags:
        circumstances = replace(circumstances, tags={**standing.tags, **circumstances.tags})
    serverless = serverless_question(standing, target, action, path, sent, circumstances, model)
    if serverless is not None:
        standing, target, action = serverless.standing, serverless.target, serverless.action
        circumstances, path = serverless.circumstances, ""
    resource = f"{target.arn}{path}" if path else _resource(standing, target, action, effective)
    policies = policies_for(standing, target, action, model)
    if serverless is not None and serverless.endpoint:
        policies = replace(policies, endpoint=serverless.endpoint)
    domains = key_domains(keys_of(_documents(policies)), standing.principal, target, circumstances)
    for key, values in circumstances.given.items():
        domains.setdefault(key, _given(values))
    request = request_of(standing.principal, action, resource, target, domains)
    decision = decide(request, policies)
    facts = facts_of(request, bounded=standing.boundary is not None)
    dependency, further, missing = _dependency(standing, target, request, effective, circumstances)
    if serverless is not None and serverless.creates is not None:
        dependency, further, missing = needed_to_create(
            serverless.creates,
            model,
            lambda key, needed, how: explain(standing, key, needed, "", effective, how),
        )
    beside = serverless.layers if serverless is not None else _serverless(target, decision, facts.action)
    address = circumstances.given.get("aws:sourceip", ())
    found = inside(standing, target, action, sent, effective, address[0] if len(address) == 1 else None)
    cluster = (found.layer,) if found is not None else ()
    layers = (
        _network(standing, target, action, circumstances),
        _organization(standing, target, facts, model),
        _identity(standing, target, action, facts, decision),
        _boundary(standing, facts),
        *_resource_layers(target, facts, decision, policies, further),
        *cluster,
        *beside,
        dependency,
    )
    others = [
        layer.answer
        for layer in (layers[0], *cluster, *beside, dependency)
        if layer.answer is not Answer.NOT_APPLICABLE
    ]
    verdict = _ANSWERS[decision.verdict]
    notes = [note.value for note in decision.notes]
    if serverless is not None:
        verdict, layers, dependency_answer = _with_serverless(serverless, verdict, layers, facts)
        others.append(dependency_answer)
        notes.extend(serverless.notes)
    answer = together((verdict, *others))
    if answer is Answer.ALLOWED and is_apart(standing, target):
        answer = Answer.UNKNOWN
        notes.append(f"allowed if {APART}")
    answer, layers = _outside(standing, answer, layers)
    further_notes: tuple[str, ...] = (IN_DASHBOARDS,) if in_dashboards else ()
    if found is not None and found.layer.answer is not Answer.NOT_APPLICABLE:
        missing = (*missing, *found.depends_on)
        further_notes = (
            *further_notes,
            *login_notes(standing, content, path, layers=layers, documents=target.documents),
            *(found.notes if answer is found.layer.answer or answer is Answer.ALLOWED else ()),
        )
    # A login in a browser has no other way than Dashboards.
    free = None if in_dashboards else sent
    further_notes = (
        *further_notes,
        *_bypasses(standing, target, free, answer, layers, effective, circumstances),
    )
    open_or_not_known = answer in {Answer.ALLOWED, Answer.UNKNOWN}
    return Explanation(
        request,
        answer,
        _deciding(answer, decision, layers, target, granted=policies.granted, apart=_is_outside(serverless)),
        layers,
        (*decision.depends_on, *missing) if answer is Answer.UNKNOWN else (),
        (*notes, *further_notes),
        found.restrictions if found is not None and open_or_not_known else UNRESTRICTED,
    )


def _is_outside(question: ServerlessQuestion | None) -> bool:
    """Whether the caller of a question about OpenSearch Serverless has no policies of IAM."""
    return question is not None and question.outside_iam


def _with_serverless(
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


def _bypasses(
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


def _deciding(
    answer: Answer,
    decision: Decision,
    layers: tuple[LayerAnswer, ...],
    target: Target,
    *,
    granted: bool,
    apart: bool,
) -> LayerName:
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
    if apart or _ANSWERS[decision.verdict] is not answer:
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


def _given(values: tuple[str, ...]) -> Fixed | Absent:
    return Fixed(values) if values else Absent()


def _documents(policies: Policies) -> tuple[Document, ...]:
    found = [*policies.identity, *policies.resource, *policies.boundary, *policies.session]
    for level in (*policies.service_control, *policies.resource_control):
        found.extend(level or ())
    return tuple(found)


def _resource(standing: Standing, target: Target, action: str, effective: EffectiveAccess) -> str:
    """The resource of a request that names no path: one that is allowed where there is one."""
    requests = requests_for(target.kind, action)
    if requests[0].likely == ("",):
        return target.arn
    found = effective.of(standing, target, requests)
    if found.witness is not None:
        return found.witness.request.resource
    return f"{target.arn}{requests[0].likely[0]}"


def _network(standing: Standing, target: Target, action: str, circumstances: Circumstances) -> LayerAnswer:
    if isinstance(target.subject, Bucket) and isinstance(standing.principal, Anonymous):
        return _public(target.subject)
    if isinstance(target.subject, Domain) and action.lower().startswith("es:eshttp"):
        source = circumstances.given.get("aws:sourceip", ())
        return network_answer(target.subject, source[0] if len(source) == 1 else None)
    if target.kind is TargetKind.DOMAIN and action.lower().startswith("es:eshttp"):
        reason = "the domain is not in the scanned files"
        return LayerAnswer(LayerName.NETWORK, Answer.UNKNOWN, reason)
    return _none(LayerName.NETWORK, "requests go to an endpoint of the service itself")


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


def _none(layer: LayerName, reason: str) -> LayerAnswer:
    return LayerAnswer(layer, Answer.NOT_APPLICABLE, reason)


def _organization(standing: Standing, target: Target, facts: Facts, model: Model) -> LayerAnswer:
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
        return _none(LayerName.ORGANIZATION, "no policy of an organization bears on the accounts")
    answer = together([one.answer for one in found])
    deciding = next(one for one in found if one.answer is answer)
    reason = {
        Answer.EXPLICIT_DENY: "a policy of the organization denies it",
        Answer.IMPLICIT_DENY: "a level of the organization has no policy that allows it",
        Answer.UNKNOWN: "whether the policies of the organization allow it is not known",
    }.get(answer, "every level of the organization allows it")
    return LayerAnswer(LayerName.ORGANIZATION, answer, reason, deciding.because)


def _identity(
    standing: Standing, target: Target, wanted: str, facts: Facts, decision: Decision
) -> LayerAnswer:
    layer = LayerName.IDENTITY
    if facts.caller.kind is not PrincipalKind.AWS:
        return _none(layer, "the caller is no identity of IAM and has no identity policies")
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


def _boundary(standing: Standing, facts: Facts) -> LayerAnswer:
    layer = LayerName.BOUNDARY
    if standing.boundary is None or facts.caller.kind is not PrincipalKind.AWS:
        return _none(layer, "the caller has no permissions boundary")
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


def _resource_layers(
    target: Target, facts: Facts, decision: Decision, policies: Policies, further: LayerAnswer | None
) -> tuple[LayerAnswer, LayerAnswer]:
    """The resource policy and the key policy; a key's own policy is the latter."""
    resource = _none(LayerName.RESOURCE, "the resource has no resource policy")
    key = further or _none(LayerName.KEY, "no key is asked")
    if target.kind is TargetKind.KEY:
        return resource, _resource_policy(LayerName.KEY, target, facts, decision, policies)
    if target.kind is TargetKind.DOMAIN and not facts.action.startswith(("es:eshttp", "es:escrosscluster")):
        reason = "the access policy of a domain does not govern its configuration"
        return _none(LayerName.RESOURCE, reason), key
    if target.kind is TargetKind.ROLE and not facts.action.startswith("sts:"):
        return _none(LayerName.RESOURCE, "the trust policy of a role governs only who assumes it"), key
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


def _serverless(target: Target, decision: Decision, action: str) -> tuple[LayerAnswer, ...]:
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


def _dependency(
    standing: Standing,
    target: Target,
    request: Request,
    effective: EffectiveAccess,
    circumstances: Circumstances,
) -> tuple[LayerAnswer, LayerAnswer | None, tuple[Dependency, ...]]:
    """What the request needs besides: the key of an encrypted object, as the same caller.

    The second part is what the policy of that key says.
    """
    layer = LayerName.DEPENDENCY
    needed = key_action(request.action)
    if not isinstance(target.subject, Bucket) or needed is None:
        return _none(layer, "the request needs nothing else"), None, ()
    bucket = target.subject
    key = key_of(bucket, effective.model)
    here = (Because(bucket.address, "", bucket.algorithm.location),)
    match key.kind:
        case Encryption.WITHOUT_KEY:
            return (
                _none(layer, "objects are encrypted with a key of S3, which asks nothing of callers"),
                None,
                (),
            )
        case Encryption.OF_AWS:
            own = caller_of(standing.principal).account == bucket.account
            reason = "objects are encrypted with the key `aws/s3`, which serves the bucket's own account only"
            return LayerAnswer(layer, Answer.ALLOWED if own else Answer.IMPLICIT_DENY, reason, here), None, ()
        case Encryption.UNKNOWN:
            return LayerAnswer(layer, Answer.UNKNOWN, "the key of the bucket is not known", here), None, ()
        case Encryption.CUSTOMER:
            pass
    if key.target is None:
        return LayerAnswer(layer, Answer.UNKNOWN, "the key of the bucket is not known", here), None, ()
    about = request.resource
    if not bucket.bucket_key.is_certainly(value=False):
        about = bucket.arn if bucket.bucket_key.is_certainly(value=True) else ""
    through = replace(through_s3(about), given=circumstances.given, tags=circumstances.tags)
    inner = explain(standing, key.target, needed, "", effective, through)
    word = {Answer.ALLOWED: "has it", Answer.UNKNOWN: "may have it"}.get(inner.answer, "does not have it")
    reason = f"objects are encrypted with `{key.target.address}`, so it needs `{needed}` there too: the caller {word}"
    deciding = next((one for one in inner.layers if one.layer is inner.deciding), None)
    if deciding is not None and inner.answer is not Answer.ALLOWED:
        reason = f"{reason}, because {deciding.reason}"
    because = deciding.because if deciding is not None else here
    policy = next((one for one in inner.layers if one.layer is LayerName.KEY), None)
    return LayerAnswer(layer, inner.answer, reason, because), policy, inner.depends_on


def _outside(
    standing: Standing, answer: Answer, layers: tuple[LayerAnswer, ...]
) -> tuple[Answer, tuple[LayerAnswer, ...]]:
    """A caller whose own policies are not in the files: what would be allowed is not known."""
    if not standing.assumed or standing.policies == ():
        return answer, layers
    unknown = "its own policies are not in the scanned files"
    changed = tuple(
        LayerAnswer(layer.layer, Answer.UNKNOWN, unknown) if layer.layer is LayerName.IDENTITY else layer
        for layer in layers
    )
    return (Answer.UNKNOWN if answer is Answer.ALLOWED else answer), changed
