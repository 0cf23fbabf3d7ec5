"""How someone can give itself more access than its policies say.

Changing a role's policies or trust, and passing a role to a service that one
can set up, lead to whatever the role can do. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from osreach.evaluate.circumstances import DIRECT, Circumstances
from osreach.evaluate.effective import DENIED, Access, Outcome
from osreach.evaluate.level import LEVELS, Level, Requests, requests_for
from osreach.evaluate.reach import both
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind, of_domain, roles_of
from osreach.graph.fact import FactKind
from osreach.graph.who import Reachability
from osreach.iam.document import Effect, PrincipalKind

_PASS = (Requests(("iam:PassRole",)),)
_SERVICES: Mapping[str, str] = {
    "lambda.amazonaws.com": "lambda:CreateFunction",
    "firehose.amazonaws.com": "firehose:CreateDeliveryStream",
    "osis-pipelines.amazonaws.com": "osis:CreatePipeline",
    "es.amazonaws.com": "es:ESHttpPut",
    "opensearchservice.amazonaws.com": "es:CreateDomain",
}
"""What makes a service act with a role that is passed to it.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""


@dataclass(frozen=True, slots=True)
class Escalation:
    """`caller` can pass the role of `target` to a service, or change the role."""

    kind: FactKind
    caller: Standing
    target: Target
    evidence: str
    access: Access


def escalations(reachability: Reachability) -> Iterator[Escalation]:
    """Every way that leads to a role other than assuming it."""
    effective = reachability.effective
    changes = tuple((level, LEVELS[TargetKind.ROLE][level]) for level in (Level.CONFIGURE, Level.ADMINISTER))
    needed = ("iam:PassRole", *(action for _, groups in changes for one in groups for action in one.actions))
    for target in roles_of(effective.model):
        services = tuple(_trusted_services(target))
        for standing in reachability.candidates.allowed(needed, target.arn):
            if standing.key == target.key:
                continue
            for _, requests in changes:
                access = effective.of(standing, target, requests)
                if access.outcome is not Outcome.DENIED and access.witness is not None:
                    evidence = f"{access.witness.request.action} on the role"
                    yield Escalation(FactKind.ESCALATES, standing, target, evidence, access)
            for service in services:
                yield from _passing(standing, target, service, reachability)


def _trusted_services(target: Target) -> Iterator[str]:
    for document in target.documents:
        for statement in document.statements:
            if statement.effect is Effect.DENY or statement.principals is None:
                continue
            for term in statement.principals.terms:
                if term.kind is PrincipalKind.SERVICE:
                    yield term.text


def _passing(
    standing: Standing, target: Target, service: str, reachability: Reachability
) -> Iterator[Escalation]:
    given = Circumstances({"iam:passedtoservice": (service,)}, DIRECT.through)
    effective = reachability.effective
    access = effective.of(standing, target, _PASS, given)
    if access.outcome is Outcome.DENIED:
        return
    evidence = f"iam:PassRole to {service}"
    yield Escalation(FactKind.MAY_PASS, standing, target, evidence, access)
    action = _SERVICES.get(service)
    if action is None:
        return
    places = [Target(TargetKind.OTHER, f"any {action}", "", "*", target.account, "", (), None)]
    if action.startswith("es:ESHttp"):
        places = [of_domain(domain, effective.model) for domain in effective.model.domains]
    creating = max(
        (effective.of(standing, place, requests_for(place.kind, action)) for place in places),
        key=lambda found: found.outcome.rank,
        default=DENIED,
    )
    if creating.outcome is not Outcome.DENIED:
        together = both(access, creating)
        words = f"{evidence} with {action}"
        yield Escalation(FactKind.ESCALATES, standing, target, words, together)
