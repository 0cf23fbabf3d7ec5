"""The whole graph: who is who, who may become whom, who reaches what, and what protects what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from osreach.access.bucket import Bucket
from osreach.access.domain import Domain
from osreach.access.identity import Identity, IdentityKind
from osreach.access.model import Model
from osreach.access.network import Exposure
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.encryption import key_of
from osreach.evaluate.level import Level
from osreach.evaluate.relevance import covers_any
from osreach.evaluate.serverless_reach import collection_wanted
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind, collections_of, targets_of
from osreach.graph.assume import Report
from osreach.graph.escalation import escalations
from osreach.graph.fact import Fact, FactKind, Graph, Node, NodeKind
from osreach.graph.who import Reachability
from osreach.iam.document import Effect, PolicyKind
from osreach.iam.glob_match import globs_intersect, texts_equal, widened
from osreach.iam.request import Anonymous, RootUser, Service, WebIdentity
from osreach.location import Location
from osreach.truth import Truth
from osreach.value import Unknown

_IDENTITIES = {
    IdentityKind.ROLE: NodeKind.ROLE,
    IdentityKind.USER: NodeKind.USER,
    IdentityKind.GROUP: NodeKind.GROUP,
}
_TARGETS = {
    TargetKind.DOMAIN: NodeKind.DOMAIN,
    TargetKind.COLLECTION: NodeKind.COLLECTION,
    TargetKind.KEY: NodeKind.KEY,
    TargetKind.BUCKET: NodeKind.BUCKET,
    TargetKind.ROLE: NodeKind.ROLE,
}
_DATA_ACTIONS = {
    TargetKind.DOMAIN: ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut", "es:ESHttpDelete"),
    TargetKind.KEY: ("kms:Decrypt", "kms:GenerateDataKey"),
    TargetKind.BUCKET: ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
}


@dataclass(slots=True)
class _Drawing:
    """Nodes and facts while they are found."""

    model: Model
    deniers: tuple[Standing, ...]
    nodes: dict[str, Node] = field(default_factory=dict)
    facts: dict[Fact, None] = field(default_factory=dict)

    def node(self, identifier: str, kind: NodeKind, label: str, location: Location | None) -> str:
        """The identifier of a node, which is made where it is new."""
        name = _name(identifier, self.model)
        self.nodes.setdefault(name, Node(name, kind, self.model.holes.fill(label), location))
        return name

    def fact(
        self,
        kind: FactKind,
        source: str,
        target: str,
        evidence: str,
        locations: Iterable[Location | None] = (),
        *,
        certain: bool = True,
    ) -> None:
        """Adds an edge."""
        places = tuple(dict.fromkeys(place for place in locations if place is not None and place.path))
        self.facts.setdefault(Fact(kind, source, target, self.model.holes.fill(evidence), places, certain))


def _name(identifier: str, model: Model) -> str:
    """An identifier for files: deployment and address, unknown parts as expressions."""
    deployment, _, address = identifier.rpartition("\0")
    shown = model.holes.fill(address)
    return f"{deployment}:{shown}" if deployment not in {"", "."} else shown


def build(reachability: Reachability, report: Report | None = None) -> Graph:
    """The graph of everything in a model."""
    effective = reachability.effective
    model = effective.model
    drawing = _Drawing(model, tuple(filter(_denies, reachability.standings)))
    for identity in model.identities.values():
        _identity(identity, drawing)
    for workload in model.workloads:
        node = drawing.node(workload.key, NodeKind.WORKLOAD, workload.address, workload.location)
        role = _role_named(workload.role, workload.deployment, model)
        if role is not None:
            evidence = f"it is run by {workload.service}"
            drawing.fact(FactKind.RUNS_AS, node, _of(role, drawing), evidence, (workload.location,))
    for assumption in reachability.assumptions:
        source = _caller(assumption.caller, drawing)
        target = _target(assumption.target, drawing)
        _access(FactKind.MAY_ASSUME, source, target, "sts:AssumeRole", assumption.access, drawing)
    for identity in model.identities.values():
        _service_accounts(identity, drawing)
    targets = (*targets_of(model), *collections_of(model))
    for number, one in enumerate(targets):
        if report is not None:
            report("working out access", number, len(targets))
        _resource(one, reachability, drawing)
    for found in escalations(reachability):
        source = _caller(found.caller, drawing)
        target = _target(found.target, drawing)
        _access(found.kind, source, target, found.evidence, found.access, drawing)
    return Graph(tuple(drawing.nodes.values()), tuple(drawing.facts))


def _identity(identity: Identity, drawing: _Drawing) -> None:
    node = _of(identity, drawing)
    for policy in identity.policies:
        source = drawing.node(
            f"{identity.deployment}\0{policy.name}", NodeKind.POLICY, policy.name, policy.document.location
        )
        if source != node:
            drawing.fact(FactKind.ATTACHED, source, node, f"attached by {policy.owner}", (policy.location,))
    if identity.boundary is not None:
        name = identity.boundary.name
        source = drawing.node(f"{identity.deployment}\0{name}", NodeKind.POLICY, name, None)
        drawing.fact(
            FactKind.ATTACHED, source, node, "as permissions boundary", (identity.boundary.location,)
        )
    for membership in identity.groups:
        group = drawing.model.identities.get(membership.group)
        if group is not None:
            evidence = f"by {membership.owner}"
            drawing.fact(FactKind.MEMBER_OF, node, _of(group, drawing), evidence, (membership.location,))


_SERVICE_ACCOUNT = "system:serviceaccount:"


def _service_accounts(identity: Identity, drawing: _Drawing) -> None:
    """The service accounts of Kubernetes that the trust policy of a role lets run as it.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
    """
    for policy in identity.trust:
        for statement in policy.document.statements:
            for condition in statement.conditions:
                if statement.effect is Effect.DENY or not condition.key.endswith(":sub"):
                    continue
                for term in condition.values:
                    if term.text.startswith(_SERVICE_ACCOUNT):
                        name = f"service account {term.text.removeprefix(_SERVICE_ACCOUNT).replace(':', '/')}"
                        node = drawing.node(name, NodeKind.WORKLOAD, name, term.location)
                        drawing.fact(
                            FactKind.RUNS_AS, node, _of(identity, drawing), condition.key, (term.location,)
                        )


def _of(identity: Identity, drawing: _Drawing) -> str:
    return drawing.node(identity.key, _IDENTITIES[identity.kind], identity.address, identity.location)


def _caller(standing: Standing, drawing: _Drawing) -> str:
    if standing.identity is not None:
        return _of(standing.identity, drawing)
    match standing.principal:
        case Anonymous() if standing.name == "anonymous":
            # A caller of whom only a name is known has no principal of its own either.
            kind = NodeKind.ANYONE
        case Service():
            kind = NodeKind.SERVICE
        case RootUser():
            kind = NodeKind.ACCOUNT
        case WebIdentity():
            return _provider(standing, drawing)
        case _:
            kind = NodeKind.OUTSIDE
    return drawing.node(standing.name, kind, standing.name, None)


def _provider(standing: Standing, drawing: _Drawing) -> str:
    for provider in drawing.model.providers:
        if texts_equal(provider.arn, standing.name) is not Truth.FALSE:
            return drawing.node(provider.key, NodeKind.PROVIDER, provider.address, provider.location)
    return drawing.node(standing.name, NodeKind.PROVIDER, standing.name, None)


def _target(target: Target, drawing: _Drawing) -> str:
    return drawing.node(target.key, _TARGETS[target.kind], target.address, target.location)


def _access(
    kind: FactKind, source: str, target: str, evidence: str, access: Access, drawing: _Drawing
) -> None:
    certain = access.outcome is Outcome.ALLOWED
    words = "; ".join((evidence, *(f"if {condition}" for condition in access.conditions)))
    drawing.fact(kind, source, target, words, (one.location for one in access.because), certain=certain)


def _resource(target: Target, reachability: Reachability, drawing: _Drawing) -> None:
    node = _target(target, drawing)
    wanted = collection_wanted(None, "") if target.kind is TargetKind.COLLECTION else None
    for reach in reachability.direct(target, wanted):
        source = _caller(reach.caller, drawing)
        for level, access in reach.levels.items():
            if access.outcome is Outcome.DENIED:
                continue
            kind = FactKind.ESCALATES if level is Level.ADMINISTER else FactKind.ALLOWS
            evidence = level.value
            if access.witness is not None:
                evidence = f"{level.value} ({access.witness.request.action})"
            _access(kind, source, node, evidence, access, drawing)
    _denials(target, node, drawing)
    match target.subject:
        case Bucket() as bucket:
            key = key_of(bucket, drawing.model).target
            if key is not None:
                place = bucket.encryption_key.location
                drawing.fact(
                    FactKind.ENCRYPTS_WITH, node, _target(key, drawing), "default encryption", (place,)
                )
        case Domain() as domain:
            _domain(domain, node, drawing)
        case _:
            pass


def _domain(domain: Domain, node: str, drawing: _Drawing) -> None:
    name = domain.encryption_key.value
    if isinstance(name, str):
        for key in drawing.model.keys:
            if name in key.names:
                target = drawing.node(key.key, NodeKind.KEY, key.address, key.location)
                place = domain.encryption_key.location
                drawing.fact(FactKind.ENCRYPTS_WITH, node, target, "encryption at rest", (place,))
    if domain.exposure is Exposure.PUBLIC:
        source = drawing.node("internet", NodeKind.ANYONE, "the internet", None)
        drawing.fact(FactKind.EXPOSES, source, node, "the endpoint is public", (domain.network_location,))
    for group in domain.security_groups:
        if isinstance(group, Unknown):
            continue
        for rule in group.ingress:
            for one in rule.sources:
                if rule.opens(443) and isinstance(one.cidr, str):
                    source = drawing.node(one.cidr, NodeKind.OUTSIDE, one.cidr, one.location)
                    drawing.fact(
                        FactKind.EXPOSES, source, node, f"let in by {group.address}", (rule.location,)
                    )


def _denials(target: Target, node: str, drawing: _Drawing) -> None:
    """Statements that deny something on the target, from the callers that they are about."""
    actions = _DATA_ACTIONS.get(target.kind, ())
    for policy in target.policies:
        for statement in policy.document.statements:
            if statement.effect is Effect.DENY and covers_any(statement, actions, PolicyKind.RESOURCE):
                source = drawing.node(
                    f"{target.deployment}\0{policy.name}", NodeKind.POLICY, policy.name, policy.location
                )
                if source != node:
                    drawing.fact(
                        FactKind.DENIES, source, node, statement.sid or "Deny", (statement.location,)
                    )
    for standing in drawing.deniers:
        for place, sid in _own_denials(standing, target, actions):
            drawing.fact(FactKind.DENIES, _caller(standing, drawing), node, sid or "Deny", (place,))


def _denies(standing: Standing) -> bool:
    """Whether a policy of the caller denies anything."""
    return any(
        statement.effect is Effect.DENY
        for policy in standing.policies
        for statement in policy.document.statements
    )


def _own_denials(
    standing: Standing, target: Target, actions: tuple[str, ...]
) -> Iterator[tuple[Location | None, str]]:
    for policy in standing.policies:
        for statement in policy.document.statements:
            if statement.effect is not Effect.DENY or not covers_any(statement, actions, PolicyKind.IDENTITY):
                continue
            resources = statement.resources
            if resources is None or resources.negated:
                continue
            loose = f"{widened(target.arn)}*"
            if any(globs_intersect(widened(term.text), loose) for term in resources.terms):
                yield statement.location, statement.sid


def _role_named(text: str, deployment: str, model: Model) -> Identity | None:
    """The role that a workload names by ARN or by name."""
    roles = [one for one in model.identities.values() if one.kind is IdentityKind.ROLE]
    for same in (True, False):
        for role in roles:
            if (role.deployment == deployment) is same and text in (role.arn, role.name):
                return role
    return None
