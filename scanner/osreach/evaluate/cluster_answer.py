"""What fine-grained access control says to one request, as a layer with reason and places.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from osreach.access.cluster import ClusterContent, Declared
from osreach.access.domain import Domain
from osreach.evaluate.cluster import (
    BY_HAND,
    INSIDE,
    Sent,
    cluster_for,
    content_of,
    credentials_of,
    dashboards_of,
    is_declared,
    is_in_browser,
    is_taken_to_exist,
    recognised,
    subject_of,
)
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName
from osreach.evaluate.restriction import UNRESTRICTED, Restrictions, restrictions_of
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.dependency import Dependency, holes_in
from osreach.opensearch.authentication import NoCredentials, Refusal, Signed
from osreach.opensearch.decision import Decision, Verdict, decide, security_exception
from osreach.opensearch.escalation import Way, escalations
from osreach.opensearch.mapping import Held, mapped_roles
from osreach.opensearch.need import When
from osreach.opensearch.role import Role
from osreach.opensearch.route import KnownRequest, UnknownRequest
from osreach.opensearch.subject import Subject
from osreach.truth import Truth

_LAYER = LayerName.FINE_GRAINED
_ANSWERS = {
    Verdict.ALLOWED: Answer.ALLOWED,
    Verdict.DENIED: Answer.IMPLICIT_DENY,
    Verdict.UNKNOWN: Answer.UNKNOWN,
}
NO_DASHBOARDS_ROLE = "the caller holds no role for Dashboards itself, such as `opensearch_dashboards_user`, without which it shows little"
MADE_BY_HAND = "mappings that are made by hand inside the cluster are not in the code"


@dataclass(frozen=True, slots=True)
class Inside:
    """What the cluster says: the layer, what is kept from the reader, remarks, and what must be known."""

    layer: LayerAnswer
    restrictions: Restrictions = UNRESTRICTED
    notes: tuple[str, ...] = ()
    depends_on: tuple[Dependency, ...] = ()


def _none(reason: str) -> Inside:
    return Inside(LayerAnswer(_LAYER, Answer.NOT_APPLICABLE, reason))


def inside(
    standing: Standing,
    target: Target,
    action: str,
    sent: Sent | None,
    effective: EffectiveAccess,
    address: str | None = None,
) -> Inside | None:
    """What the cluster says to a request that got as far; None for what is no domain.

    `sent` is None where no path is asked about; `address` is the client's.
    """
    if target.kind is not TargetKind.DOMAIN:
        return None
    if not action.lower().startswith("es:eshttp"):
        return _none("the configuration is not decided inside the cluster")
    if not isinstance(target.subject, Domain):
        return Inside(LayerAnswer(_LAYER, Answer.UNKNOWN, "the domain is not in the scanned files"))
    domain = target.subject
    here = (Because(domain.address, "", domain.fine_grained.enabled.location),)
    state = protection(domain)
    content = content_of(effective.model, domain)
    if state is Protection.OFF:
        return _none("fine-grained access control is off")
    migrating = state is Protection.MIGRATING and isinstance(
        credentials_of(standing), NoCredentials | Signed | None
    )
    if migrating and not _is_about_security(sent, content):
        return _none(
            "fine-grained access control lets requests without credentials pass while it is set up, "
            "so what the access policy lets in keeps its access for up to 30 days"
        )
    if content is None:
        return Inside(LayerAnswer(_LAYER, Answer.UNKNOWN, INSIDE, here))
    subject = subject_of(standing, content, address)
    found = _answer(content, subject, sent, here)
    found = _with_notes(found, standing, content, subject)
    if isinstance(subject, Subject) and is_in_browser(standing) and not _may_use_dashboards(content, subject):
        found = replace(found, notes=(*found.notes, NO_DASHBOARDS_ROLE))
    if migrating and found.layer.answer is not Answer.ALLOWED:
        reason = "whether the security API is open to everyone while fine-grained access control is set up is not documented"
        return Inside(LayerAnswer(_LAYER, Answer.UNKNOWN, reason, here), notes=found.notes)
    if state is Protection.UNKNOWN and found.layer.answer is not Answer.ALLOWED:
        reason = "whether fine-grained access control is on is not known"
        return Inside(LayerAnswer(_LAYER, Answer.UNKNOWN, reason, here), notes=found.notes)
    return found


def _may_use_dashboards(content: ClusterContent, subject: Subject) -> bool:
    request = recognised(Sent("GET", f"{dashboards_of(content)}/"), content)
    return decide(cluster_for(content, subject), subject, request).verdict is not Verdict.DENIED


def _is_about_security(sent: Sent | None, content: ClusterContent | None) -> bool:
    """Whether a request is one to the security API, which a domain has with fine-grained access control only."""
    if sent is None or content is None:
        return False
    request = recognised(sent, content)
    return isinstance(request, KnownRequest) and any(
        need.action.startswith("restapi:") for need in request.needs
    )


def _answer(
    content: ClusterContent, subject: Subject | Refusal, sent: Sent | None, here: tuple[Because, ...]
) -> Inside:
    if isinstance(subject, Refusal):
        refused = subject.truth is Truth.FALSE
        reason = f"{subject.because}, so the client gets a 401" if refused else subject.because
        answer = Answer.IMPLICIT_DENY if refused else Answer.UNKNOWN
        return Inside(LayerAnswer(_LAYER, answer, reason, here))
    if sent is None:
        return Inside(_any_request(content, subject, here))
    request = recognised(sent, content)
    decision = decide(cluster_for(content, subject), subject, request)
    because = tuple(_because(decision, content)) or here
    reason = _reason(decision, subject, content, request)
    layer = LayerAnswer(_LAYER, _ANSWERS[decision.verdict], reason, because)
    notes = []
    unread = isinstance(request, KnownRequest) and request.indexes_in_body and sent.body is None
    if decision.verdict is Verdict.UNKNOWN and unread:
        notes.append("which indexes are meant stands in the body of the request; give it with `--body FILE`")
    restrictions = UNRESTRICTED
    if decision.verdict is not Verdict.DENIED:
        restrictions = restrictions_of(decision.views)
    if not all(one.certain for one in restrictions.indexes):
        notes.append("whether every restriction applies is not known")
    return Inside(layer, restrictions, tuple(notes), tuple(_depends_on(decision)))


def _any_request(content: ClusterContent, subject: Subject, here: tuple[Because, ...]) -> LayerAnswer:
    """The answer where no path is told: what is needed inside depends on it."""
    cluster = cluster_for(content, subject)
    held = mapped_roles(cluster.mappings, subject, in_vpc=cluster.in_vpc)
    if not held:
        if cluster.mappings_partial:
            return LayerAnswer(_LAYER, Answer.UNKNOWN, BY_HAND, here)
        reason = f"no role is mapped to `{subject.name}`, so the client gets a 403"
        return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, here)
    everything = next(
        (
            one
            for one in escalations(cluster, subject)
            if one.way is Way.EVERYTHING and one.truth is Truth.TRUE
        ),
        None,
    )
    because = tuple(_of_held(held, content))
    if everything is not None:
        reason = f"role `{everything.role}` holds every permission on the cluster and on every index"
        return LayerAnswer(_LAYER, Answer.ALLOWED, reason, because)
    reason = (
        "what a request needs inside the cluster depends on its path; "
        "ask with a request line such as `GET /movies/_search`"
    )
    return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, because)


def _reason(
    decision: Decision, subject: Subject, content: ClusterContent, request: KnownRequest | UnknownRequest
) -> str:
    if isinstance(request, UnknownRequest):
        return f"{decision.because}, so what the request needs inside the cluster is not known"
    match decision.verdict:
        case Verdict.DENIED if any(check.truth is Truth.FALSE for check in decision.checks):
            words = security_exception(decision, subject)
            return f"{decision.because}, so the client gets a 403: `{words}`"
        case Verdict.DENIED:
            return f"{decision.because}, so the client gets a {decision.status or 403}"
        case Verdict.UNKNOWN if not is_declared(content) and content.cluster.mappings_partial:
            refused = any(
                check.truth is Truth.FALSE and check.when is When.ALWAYS for check in decision.checks
            )
            return BY_HAND if refused else decision.because
        case _:
            return decision.because


def _named(found: Iterable[Declared[Role]], name: str) -> Declared[Role] | None:
    return next((one for one in found if one.content.name == name), None)


def _mapping_place(held: Held, content: ClusterContent) -> Because:
    """The mapping's entry that gives a role."""
    for one in content.mappings:
        if one.content.role == held.role and held.location in {one.content.location, one.location}:
            return Because(one.address, held.entry, held.location)
    for user in content.users:
        if held.role in user.content.security_roles and held.location is None:
            return Because(user.address, held.entry, user.location)
    return Because(f"mapping of `{held.role}`", held.entry, held.location)


def _of_held(held: Iterable[Held], content: ClusterContent) -> Iterator[Because]:
    for one in held:
        yield _mapping_place(one, content)


def _because(decision: Decision, content: ClusterContent) -> Iterator[Because]:
    """The role's permission and the mapping's entry of each grant, then the roles that limit what is seen."""
    held = {one.role: one for one in decision.roles}
    wanted = decision.verdict is not Verdict.DENIED
    grants = [
        check.grant
        for check in decision.checks
        if check.grant is not None and check.when is When.ALWAYS and wanted
    ]
    found: dict[Because, None] = {}
    for grant in dict.fromkeys(grants):
        role = _named(content.roles, grant.role)
        name = role.address if role is not None else f"role `{grant.role}`"
        found.setdefault(Because(name, grant.permission, grant.location))
        if grant.role in held:
            found.setdefault(_mapping_place(held[grant.role], content))
    for view in decision.views if wanted else ():
        for name in view.roles if view.limited else ():
            role = _named(content.roles, name)
            if role is not None and not any(one.policy == role.address for one in found):
                found.setdefault(Because(role.address, f"limits what is seen of {view.index}", role.location))
    if not wanted:
        found.update(dict.fromkeys(_of_held(decision.roles, content)))
    yield from found


def _depends_on(decision: Decision) -> Iterator[Dependency]:
    """The unknown parts of the entries that may give a role."""
    if decision.verdict is Verdict.UNKNOWN:
        for one in decision.roles:
            if one.truth is Truth.UNKNOWN:
                for hole in holes_in((one.entry,)):
                    yield Dependency("an entry of a role mapping", hole=hole, location=one.location)


def _with_notes(
    found: Inside, standing: Standing, content: ClusterContent, subject: Subject | Refusal
) -> Inside:
    notes = list(found.notes)
    if isinstance(subject, Subject):
        notes += _about_subject(standing, content, subject)
    denied = found.layer.answer is Answer.IMPLICIT_DENY
    if is_declared(content) and isinstance(subject, Subject) and (denied or found.restrictions.indexes):
        notes.append(MADE_BY_HAND)
    return Inside(found.layer, found.restrictions, tuple(dict.fromkeys(notes)), found.depends_on)


def _about_subject(standing: Standing, content: ClusterContent, subject: Subject) -> Iterator[str]:
    if is_taken_to_exist(standing, content):
        yield f"no file makes the internal user `{subject.name}`, which is taken to exist"
    cluster = cluster_for(content, subject)
    for one in mapped_roles(cluster.mappings, subject, in_vpc=cluster.in_vpc):
        entry = one.entry.partition(": ")[2]
        if one.truth is Truth.UNKNOWN and ":assumed-role/" in entry:
            yield (
                f"the mapping of `{one.role}` names a session (`{entry}`), while the cluster sees the ARN of the role; "
                "whether that matches is not documented"
            )
    ways = [one.way for one in escalations(cluster, subject) if one.truth is Truth.TRUE]
    if ways and Way.EVERYTHING not in ways:
        if Way.MAPS_ROLES in ways:
            # Who can do that needs none of the other ways.
            ways = [Way.MAPS_ROLES]
        words = ", and it ".join(dict.fromkeys(way.value for way in ways))
        yield f"the caller can get more inside the cluster than its roles say: it {words}"
