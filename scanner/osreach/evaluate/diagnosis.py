"""Why a request in CloudTrail was refused, as far as the code tells, and what would allow it.

Each denial is joined with its caller and its resource in the code, decided over
everything that the code holds about them, and explained layer by layer. What
cannot be joined is said to be so, with what it could mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from osreach.access.bucket import Bucket
from osreach.access.identity import Identity
from osreach.access.model import Model
from osreach.data.actions import SERVICES
from osreach.data.managed_policies import managed_policy
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.encryption import key_action, key_of, through_s3
from osreach.evaluate.event_match import Matched, NoMatch, caller_in_code, target_elsewhere, target_in_code
from osreach.evaluate.explain import Explanation, explain
from osreach.evaluate.layer import Answer, LayerName
from osreach.evaluate.remedy import Question, Remedy, remedy_for
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.evaluate.unscoped import NO_RESOURCE, explain_unscoped
from osreach.events.asked import partition_of
from osreach.events.collect import Collected, Denial
from osreach.extract.domain import ACCOUNT, PARTITION, REGION, read_domains
from osreach.extract.model import read_model
from osreach.extract.network import read_security_groups
from osreach.extract.place import with_place
from osreach.extract.settle import settle
from osreach.iac.resource import Inputs, Resource
from osreach.iam.arn import account_of
from osreach.iam.hole import Holes

OUTSIDE = (
    "the code allows this: the account differs from the code, "
    "or a session policy or a policy of the organization outside of the code refused it"
)
"""What is said where the code does not explain a denial."""


_KEPT = 4
"""How many models are kept at a time; an event is about two accounts at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """One denial and why it happened.

    `caller` and `target` are addresses, or ARNs where no file defines them, which
    `caller_defined` and `target_defined` tell;
    `resource` is the ARN as the event has it, or as the code tells it.
    `refused_by` is the layer that refused, `reason` its sentence. `caused_by` is
    set where the refused request is part of another one (`kms:Decrypt behind
    s3:GetObject`), `behind_resource` is then what that one was about. `said` is
    what CloudTrail's message says where it blames a type of policy. `notes` say
    what was concluded rather than read.
    """

    denial: Denial
    caller: str
    target: str
    resource: str
    explanation: Explanation
    refused_by: LayerName
    reason: str
    remedy: Remedy
    caused_by: str = ""
    behind_resource: str = ""
    said: str = ""
    notes: tuple[str, ...] = ()
    caller_defined: bool = True
    target_defined: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Unmatched:
    """A denial that cannot be joined with the code: why, and the addresses that it could mean."""

    denial: Denial
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Models:
    """The access model of the code as it is in one account and region after another.

    Code that is made for whatever account it is applied to leaves the account
    open; an event tells it. The last few models are kept.
    """

    resources: Sequence[Resource]
    inputs: Inputs
    holes: Holes
    _open: frozenset[str] | None = None
    _known: dict[tuple[str, ...], EffectiveAccess] = field(default_factory=dict)

    def at(self, account: str, region: str) -> EffectiveAccess:
        """The model for code that was applied in this account and region; empty texts stay open."""
        told = {ACCOUNT: account, REGION: region, PARTITION: partition_of(region) if region else ""}
        left_open = self._left_open()
        learned = {name: text for name, text in told.items() if text and name in left_open}
        key = tuple(learned.get(name, "") for name in told)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            known = self._known[key] = EffectiveAccess(self._model(learned))
        return known

    def _left_open(self) -> frozenset[str]:
        """Which of account, region and partition the code does not say everywhere."""
        if self._open is None:
            found = (name for name in (ACCOUNT, REGION, PARTITION) if self._placed({name: "x"}) is not None)
            self._open = frozenset(found)
        return self._open

    def _placed(self, learned: Mapping[str, str]) -> list[Resource] | None:
        """The resources with what was learned, None where that changes nothing."""
        by_deployment = {resource.deployment: learned for resource in self.resources}
        placed = [with_place(resource, by_deployment) for resource in self.resources]
        same = all(one is other for one, other in zip(placed, self.resources, strict=True))
        return None if same else placed

    def _model(self, learned: Mapping[str, str]) -> Model:
        placed = self._placed(learned) or self.resources
        groups = read_security_groups(placed)
        domains = read_domains(placed, groups, self.inputs, self.holes).domains
        return read_model(placed, [settle(domain) for domain in domains], self.inputs, self.holes)


def diagnose(collected: Collected, models: Models) -> tuple[tuple[Diagnosis, ...], tuple[Unmatched, ...]]:
    """Every denial, explained or with the reason why it cannot be; in the order of the events."""
    # One account after the other, so that each model is built once.
    order = sorted(
        range(len(collected.denials)),
        key=lambda index: (collected.denials[index].event.account, collected.denials[index].event.region),
    )
    answers = {index: _diagnosed(collected.denials[index], collected, models) for index in order}
    listed = [answers[index] for index in range(len(answers))]
    return (
        tuple(one for one in listed if isinstance(one, Diagnosis)),
        tuple(one for one in listed if isinstance(one, Unmatched)),
    )


def _diagnosed(denial: Denial, collected: Collected, models: Models) -> Diagnosis | Unmatched:
    event = denial.event
    own = event.caller.account or event.account
    standing = caller_in_code(denial, models.at(own, event.region).model)
    if isinstance(standing, NoMatch):
        return Unmatched(denial, standing.reason, standing.candidates)
    owner = account_of(denial.asked.resource) or event.account
    effective = models.at(owner, event.region)
    matched = target_in_code(denial, effective.model, collected)
    if isinstance(matched, NoMatch):
        return Unmatched(denial, matched.reason, matched.candidates)
    if own != owner and standing.identity is not None:
        matched = _apart(denial, standing.identity, matched, effective.model)
    stranger = standing.identity is None or not standing.identity.defined
    if stranger and matched.target.location is None:
        return Unmatched(denial, f"neither `{standing.name}` nor `{matched.resource}` is in the code")
    cut = _cut(standing, denial.asked.action)
    if cut:
        return Unmatched(denial, cut)
    return _explained(denial, standing, matched, effective)


def _apart(denial: Denial, identity: Identity, matched: Matched, model: Model) -> Matched:
    """The resource of another account: one deployment that leaves its account open is not in two."""
    if matched.target.deployment != identity.deployment or matched.target.account == identity.account:
        return matched
    elsewhere = target_elsewhere(denial, model)
    return matched if isinstance(elsewhere, NoMatch) else elsewhere


def _cut(standing: Standing, action: str) -> str:
    """Why the caller's policies are not known for the action, empty where they are."""
    service = action.partition(":")[0].lower()
    if service in SERVICES:
        return ""
    for policy in standing.policies:
        of_aws = managed_policy(policy.document.source) if policy.document.location is None else None
        if of_aws is not None and not of_aws.whole:
            return f"what `{of_aws.name}`, which AWS manages, says about the service `{service}` is not known"
    return ""


def _explained(denial: Denial, standing: Standing, matched: Matched, effective: EffectiveAccess) -> Diagnosis:
    asked, target = denial.asked, matched.target
    circumstances = _circumstances(denial)
    path = matched.resource.removeprefix(target.arn)
    if target.arn == NO_RESOURCE:
        model = effective.model
        explanation = explain_unscoped(standing, target, asked.action, model, circumstances)
    else:
        explanation = explain(standing, target, asked.action, path, effective, circumstances)
    resource = asked.resource if asked.resource.startswith("arn:") else matched.resource
    # A policy that names an alias as its resource says nothing about the key behind it.
    shown = matched.resource if ":alias/" in resource else resource
    question = Question(
        standing, target, asked.action, matched.resource, shown, circumstances, effective.model
    )
    caused_by = f"{asked.action} behind {asked.behind}" if asked.behind else ""
    notes = [matched.note] if matched.note else []
    if explanation.answer is not Answer.ALLOWED and explanation.deciding is LayerName.DEPENDENCY:
        inner = _inner(question, standing, target, effective, circumstances)
        if inner is not None:
            question = inner
            caused_by = f"{inner.action} behind {asked.action}"
    elif not caused_by and target.kind is TargetKind.KEY and "used `" in matched.note:
        reads = asked.action.lower() == "kms:decrypt"
        caused_by = f"{asked.action} behind {'s3:GetObject' if reads else 's3:PutObject'}"
    if asked.said.encoded:
        notes.append("the rest of the message is encoded; `aws sts decode-authorization-message` reads it")
    allowed = explanation.answer is Answer.ALLOWED
    layer = next((one for one in explanation.layers if one.layer is explanation.deciding), None)
    return Diagnosis(
        denial,
        standing.name,
        target.address,
        resource,
        explanation,
        explanation.deciding,
        OUTSIDE if allowed else layer.reason if layer is not None else "",
        Remedy() if allowed else remedy_for(question),
        caused_by,
        asked.behind_resource,
        _said(denial),
        tuple(notes),
        standing.identity is not None and standing.identity.defined,
        target.location is not None,
    )


def _inner(
    question: Question,
    standing: Standing,
    target: Target,
    effective: EffectiveAccess,
    circumstances: Circumstances,
) -> Question | None:
    """The request to the key that a request to an encrypted object needs."""
    needed = key_action(question.action)
    if needed is None or not isinstance(target.subject, Bucket):
        return None
    key = key_of(target.subject, effective.model).target
    if key is None:
        return None
    through = replace(through_s3(question.resource), given=circumstances.given)
    return Question(standing, key, needed, key.arn, key.arn, through, effective.model)


def _said(denial: Denial) -> str:
    """What CloudTrail's message blames, as a sentence; empty where it blames nothing."""
    said = denial.asked.said
    if said.explicit is None:
        return ""
    kind = said.blamed.value if said.blamed is not None else "policy"
    if said.explicit:
        policy = f" (`{said.policy}`)" if said.policy else ""
        return f"CloudTrail says: an explicit deny in a {kind}{policy}"
    return f"CloudTrail says: no {kind} allows it"


def _circumstances(denial: Denial) -> Circumstances:
    """What the event tells about the circumstances of the request."""
    event, asked = denial.event, denial.asked
    given: dict[str, tuple[str, ...]] = {}
    if _is_address(event.source_ip) and not asked.through:
        given["aws:sourceip"] = (event.source_ip,)
    if event.vpc_endpoint:
        given["aws:sourcevpce"] = (event.vpc_endpoint,)
    if event.caller.multi_factor in {"true", "false"}:
        given["aws:multifactorauthpresent"] = (event.caller.multi_factor,)
    if event.region:
        given["aws:requestedregion"] = (event.region,)
    return Circumstances(given, asked.through, dict(event.encryption_context))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def merged(found: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Diagnoses that differ in nothing but what their requests were part of, as one with all of their events."""
    first: dict[tuple[object, ...], Diagnosis] = {}
    for one in found:
        asked = one.denial.asked
        key = (
            one.caller,
            one.denial.event.account,
            one.denial.event.caller.shown if one.caller.startswith("arn:") else "",
            asked.action,
            one.resource,
            one.explanation.layers,
            one.reason,
            one.caused_by,
            one.said,
            one.remedy.left,
            tuple((change.policy, change.location, str(change.statement)) for change in one.remedy.changes),
        )
        known = first.setdefault(key, one)
        if known is not one:
            known.denial.join(one.denial, same=known.behind_resource == one.behind_resource)
    return tuple(first.values())
