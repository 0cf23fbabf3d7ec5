"""One question, answered layer by layer: which statement decides, or which is missing and where.

The verdict is that of the concrete decision over all policies; the layers say
how it came about. Source of the order:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.evaluate.circumstances import DIRECT, Circumstances, key_domains, keys_of, request_of
from osreach.evaluate.cluster import Sent, content_of, is_dashboards, is_in_browser, sent_of
from osreach.evaluate.cluster_answer import inside
from osreach.evaluate.cluster_login import CONSOLE_ACTION, IN_DASHBOARDS, console_of, login_notes
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.encryption import Encryption, key_action, key_of, through_s3
from osreach.evaluate.explain_cluster import unseen_by_access_policy
from osreach.evaluate.explain_deciding import ANSWERS, deciding_layer
from osreach.evaluate.explain_iam import (
    boundary_layer,
    identity_layer,
    network_of,
    organization_layer,
    resource_layers,
    silent_layer,
)
from osreach.evaluate.explain_serverless import of_unknown_collection, with_serverless
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName, together
from osreach.evaluate.level import requests_for
from osreach.evaluate.restriction import UNRESTRICTED, Restrictions
from osreach.evaluate.serverless import serverless_question
from osreach.evaluate.serverless_create import needed_to_create
from osreach.evaluate.standing import APART, Standing, is_apart, policies_for
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import decide
from osreach.iam.dependency import Dependency
from osreach.iam.document import Document
from osreach.iam.facts import facts_of
from osreach.iam.policies import Policies
from osreach.iam.principal import caller_of
from osreach.iam.question import Absent, Fixed
from osreach.iam.request import Request


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
    beside = (
        serverless.layers if serverless is not None else of_unknown_collection(target, decision, facts.action)
    )
    address = circumstances.given.get("aws:sourceip", ())
    found = inside(standing, target, action, sent, effective, address[0] if len(address) == 1 else None)
    cluster = (found.layer,) if found is not None else ()
    layers = (
        network_of(standing, target, action, circumstances),
        organization_layer(standing, target, facts, model),
        identity_layer(standing, target, action, facts, decision),
        boundary_layer(standing, facts),
        *resource_layers(target, facts, decision, policies, further),
        *cluster,
        *beside,
        dependency,
    )
    others = [
        layer.answer
        for layer in (layers[0], *cluster, *beside, dependency)
        if layer.answer is not Answer.NOT_APPLICABLE
    ]
    verdict = ANSWERS[decision.verdict]
    notes = [note.value for note in decision.notes]
    if serverless is not None:
        verdict, layers, dependency_answer = with_serverless(serverless, verdict, layers, facts)
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
        *unseen_by_access_policy(standing, target, free, answer, layers, effective, circumstances),
    )
    open_or_not_known = answer in {Answer.ALLOWED, Answer.UNKNOWN}
    return Explanation(
        request,
        answer,
        deciding_layer(
            answer,
            decision,
            layers,
            target,
            granted=policies.granted,
            apart=serverless is not None and serverless.outside_iam,
        ),
        layers,
        (*decision.depends_on, *missing) if answer is Answer.UNKNOWN else (),
        (*notes, *further_notes),
        found.restrictions if found is not None and open_or_not_known else UNRESTRICTED,
    )


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
        return silent_layer(layer, "the request needs nothing else"), None, ()
    bucket = target.subject
    key = key_of(bucket, effective.model)
    here = (Because(bucket.address, "", bucket.algorithm.location),)
    match key.kind:
        case Encryption.WITHOUT_KEY:
            return (
                silent_layer(layer, "objects are encrypted with a key of S3, which asks nothing of callers"),
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
