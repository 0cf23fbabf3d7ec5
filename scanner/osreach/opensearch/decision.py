"""Whether a subject may do what a request needs, and what it sees.

Sources: https://docs.opensearch.org/latest/security/access-control/permissions/,
`PrivilegesEvaluatorImpl` of the Security plugin, and for the answers
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from osreach.opensearch.authentication import Refusal
from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.grant import (
    NOT_KNOWN,
    Grant,
    cluster_grants,
    explicit_patterns,
    index_grants,
    missing_variables,
)
from osreach.opensearch.index import Every, Name, Remote, Some, Target, selected, words
from osreach.opensearch.mapping import Held, mapped_roles
from osreach.opensearch.need import Need, When, is_cluster_action, is_reading
from osreach.opensearch.pattern import covers, intersects, is_wildcard, matches, matches_any
from osreach.opensearch.route import KnownRequest, UnknownRequest
from osreach.opensearch.subject import Subject
from osreach.opensearch.system_index import EXPLICIT_PERMISSION, limit
from osreach.opensearch.view import View, views
from osreach.truth import Truth, all_of


class Verdict(Enum):
    """What the cluster answers."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


_VERDICTS = {Truth.TRUE: Verdict.ALLOWED, Truth.FALSE: Verdict.DENIED, Truth.UNKNOWN: Verdict.UNKNOWN}

LEFT_OUT = (
    "indices:data/read/*",
    "indices:admin/mappings/fields/get*",
    "indices:admin/shards/search_shards",
    "indices:admin/resolve/index",
    "indices:monitor/settings/get",
    "indices:monitor/stats",
    "indices:admin/aliases/get",
)
"""Actions for which `do_not_fail_on_forbidden` counts, from the Security plugin."""


@dataclass(frozen=True, slots=True)
class Check:
    """One action on one target (None for the cluster): whether it is permitted, by what, and why (not).

    `left_out` says that forbidden indexes may be missing from the answer;
    `indexes` are the patterns that are open, where not all of the target is.
    """

    action: str
    target: Target | None
    truth: Truth
    because: str
    grant: Grant | None = None
    when: When = When.ALWAYS
    left_out: bool = False
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The cluster's answer.

    `status` is 401 or 403 where it refuses, else None. `because` is one
    sentence. `checks` are in the order in which the cluster makes them; those
    with a `when` count in that case only. `views` say what a reader sees.
    `roles` are those that the subject holds or may hold.
    """

    verdict: Verdict
    because: str
    status: int | None = None
    checks: tuple[Check, ...] = ()
    views: tuple[View, ...] = ()
    roles: tuple[Held, ...] = ()

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The permissions that decided, each once."""
        return tuple(dict.fromkeys(check.grant for check in self.checks if check.grant is not None))


def security_exception(decision: Decision, subject: Subject) -> str:
    """The reason that a client reads in a 403.

    Source: https://docs.opensearch.org/latest/security/access-control/permissions/#test-permissions;
    older releases say `roles` for `backend_roles`.
    """
    action = next((check.action for check in decision.checks if check.truth is Truth.FALSE), "")
    roles = ", ".join(subject.backend_roles)
    return (
        f"no permissions for [{action}] and "
        f"User [name={subject.name}, backend_roles=[{roles}], requestedTenant=null]"
    )


def _by(grant: Grant) -> str:
    on = f" on `{grant.index}`" if grant.index else ""
    permission = grant.permission if grant.permission == NOT_KNOWN else f"`{grant.permission}`"
    return f"role `{grant.role}` ({grant.entry}) has {permission}{on}"


def _best(grants: tuple[Grant, ...], names: tuple[str, ...]) -> tuple[Truth, Grant | None]:
    """The surest grant on an index that is known under these names."""
    best: tuple[Truth, Grant | None] = (Truth.FALSE, None)
    for grant in grants:
        truth = min(grant.truth, max(matches(grant.index, name) for name in names))
        if truth > best[0]:
            best = (truth, grant)
            if truth is Truth.TRUE:
                break
    return best


def _on_name(cluster: Cluster, grants: tuple[Grant, ...], name: str) -> tuple[Truth, Grant | None]:
    """An alias or data stream is open where it is granted by its own name or every member is."""
    direct = _best(grants, (name,))
    members = cluster.indexes.members(name)
    if direct[0] is Truth.TRUE or not members:
        return direct
    inner = [_best(grants, member.names) for member in members]
    least = min(inner, key=lambda one: one[0])
    return max(direct, least, key=lambda one: one[0])


def _on_every(
    cluster: Cluster, grants: tuple[Grant, ...], action: str, target: Every
) -> tuple[Truth, Grant | None, str, bool]:
    sure = tuple(grant for grant in grants if grant.truth is Truth.TRUE)
    covered = covers(tuple(grant.index for grant in sure), target.pattern)
    if covered is Truth.TRUE:
        best = next(
            (grant for grant in sure if covers((grant.index,), target.pattern) is Truth.TRUE), sure[0]
        )
        return Truth.TRUE, best, _by(best), False
    known = selected(target, cluster.indexes)
    judged = [(one.name, *_best(grants, one.names)) for one in known]
    names = [name for name, truth, _ in judged if truth is Truth.FALSE]
    nothing = cluster.indexes.complete and len(names) == len(judged)
    security = Name(SECURITY_INDEX)
    if matches(target.pattern, security.name) is Truth.TRUE and security.name not in names:
        excluded = matches_any(target.excluded, security.name) is not Truth.FALSE
        if not excluded and _best(grants, (security.name,))[0] is Truth.FALSE:
            names.append(security.name)
    if cluster.indexes.complete and not names:
        truth = all_of(one[1] for one in judged)
        first = next((one[2] for one in judged if one[2] is not None), None)
        return truth, first, _by(first) if first else "no index matches", False
    may = [grant for grant in grants if intersects(grant.index, target.pattern)]
    if not may or nothing:
        return Truth.FALSE, None, f"no role has `{action}` on {words(target)}", False
    open_patterns = ", ".join(f"`{grant.index}`" for grant in may)
    if not names:
        return (
            Truth.UNKNOWN,
            may[0],
            f"of {words(target)} only {open_patterns} is open, and which indexes exist is not known",
            True,
        )
    forbidden = ", ".join(f"`{name}`" for name in names)
    if matches_any(LEFT_OUT, action) is Truth.FALSE:
        return Truth.FALSE, None, f"{forbidden} is among the indexes and not open for `{action}`", False
    match cluster.settings.forbidden_indexes_left_out:
        case Truth.TRUE:
            # Where no index is open, there is nothing to answer with, and the request fails after all.
            truth = max((Truth.UNKNOWN, *(truth for _, truth, _ in judged)))
            return truth, may[0], f"{_by(may[0])}; {forbidden} is left out of the answer", True
        case Truth.FALSE:
            return Truth.FALSE, None, f"{forbidden} is among the indexes and not open for `{action}`", False
        case _:
            return (
                Truth.UNKNOWN,
                may[0],
                f"{forbidden} is not open, and whether such indexes are left out or refused is not documented",
                True,
            )


def _check_index(
    cluster: Cluster,
    subject: Subject,
    held: tuple[Held, ...],
    grants: tuple[Grant, ...],
    need: Need,
    target: Target,
) -> Check:
    action = need.action
    left_out = False
    match target:
        case Remote():
            return Check(action, target, Truth.TRUE, f"the other cluster decides on {words(target)}")
        case Name(name):
            truth, grant = _on_name(cluster, grants, name)
            because = _by(grant) if grant else f"no role has `{action}` on {words(target)}"
        case Every():
            truth, grant, because, left_out = _on_every(cluster, grants, action, target)
        case Some(pattern):
            sure = tuple(one for one in grants if one.truth is Truth.TRUE)
            truth = covers(tuple(one.index for one in sure), pattern)
            may = tuple(one for one in grants if intersects(one.index, pattern))
            if truth is not Truth.TRUE:
                truth = Truth.UNKNOWN if may else Truth.FALSE
            grant = may[0] if may else None
            because = _by(grant) if grant else f"no role has `{action}` on {words(target)}"
            if truth is Truth.UNKNOWN:
                because = f"{because}, which need not hold {words(target)}"
    protected = cluster.settings.system_indexes_protected
    most, reason = limit(action, target, protected)
    if truth > most:
        explicit = explicit_patterns(cluster, subject, held, EXPLICIT_PERMISSION)
        most, reason = limit(action, target, protected, explicit)
    if truth > most:
        return Check(action, target, most, reason, grant if most is not Truth.FALSE else None, need.when)
    partly = () if truth is Truth.TRUE and not left_out else _open(grants, target)
    return Check(action, target, truth, because, grant, need.when, left_out, partly)


def _open(grants: tuple[Grant, ...], target: Target) -> tuple[str, ...]:
    """The patterns of grants that speak of a part of a wildcard."""
    match target:
        case Every(pattern) | Some(pattern):
            return tuple(dict.fromkeys(one.index for one in grants if intersects(one.index, pattern)))
        case _:
            return ()


def _check_cluster(cluster: Cluster, held: tuple[Held, ...], need: Need) -> Check:
    grants = cluster_grants(cluster, held, need.action)
    if need.action.startswith("restapi:"):
        return _check_security_api(cluster, held, need, grants)
    if not grants:
        return Check(
            need.action, None, Truth.FALSE, f"no role has `{need.action}` on the cluster", None, need.when
        )
    return Check(need.action, None, grants[0].truth, _by(grants[0]), grants[0], need.when)


def _check_security_api(
    cluster: Cluster, held: tuple[Held, ...], need: Need, grants: tuple[Grant, ...]
) -> Check:
    """The security API opens to certain roles, and to permissions that are written out; `*` is none of them."""
    for one in held:
        if one.role in cluster.settings.security_roles:
            grant = Grant(one.role, "the security API", need.action, "", one.entry, one.truth, one.location)
            return Check(need.action, None, one.truth, f"role `{one.role}` ({one.entry}) opens it", grant)
    explicit = [grant for grant in grants if grant.action.startswith("restapi:")]
    if explicit and cluster.settings.security_permissions_count is not Truth.FALSE:
        truth = min(explicit[0].truth, cluster.settings.security_permissions_count)
        because = _by(explicit[0])
        if truth is Truth.UNKNOWN:
            because += ", and whether the service lets that count is not documented"
        return Check(need.action, None, truth, because, explicit[0])
    names = ", ".join(f"`{role}`" for role in cluster.settings.security_roles)
    return Check(need.action, None, Truth.FALSE, f"the security API is open to the role {names} only")


def _counts(cluster: Cluster, need: Need, target: Target | None) -> bool:
    """Whether a need that arises in some case only arises here."""
    if need.when is When.ALWAYS:
        return True
    if need.when is When.NEW_INDEX and isinstance(target, Name):
        return cluster.indexes.complete and not cluster.indexes.members(target.name)
    return False


def check_needs(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], needs: tuple[Need, ...]
) -> tuple[Check, ...]:
    """Every action on every target; a need that certainly arises has lost its `when`."""
    found: list[Check] = []
    grants: dict[str, tuple[Grant, ...]] = {}
    for need in needs:
        if is_cluster_action(need.action):
            found.append(_check_cluster(cluster, held, need))
            continue
        if need.action not in grants:
            grants[need.action] = index_grants(cluster, subject, held, need.action)
        checks = [
            _check_index(cluster, subject, held, grants[need.action], need, target)
            for target in need.targets
            if not (
                need.when is When.NEW_INDEX
                and isinstance(target, Name)
                and cluster.indexes.members(target.name)
            )
        ]
        found += [
            replace(check, when=When.ALWAYS if _counts(cluster, need, check.target) else need.when)
            for check in _left_out(cluster, need.action, checks)
        ]
    return tuple(found)


def _left_out(cluster: Cluster, action: str, checks: list[Check]) -> list[Check]:
    """The checks of a list of indexes: beside one that is open, those that are not may be left out of a read.

    Source: https://docs.opensearch.org/latest/security/access-control/permissions/#do-not-fail-on-forbidden
    """
    setting = cluster.settings.forbidden_indexes_left_out
    is_open = any(check.truth is not Truth.FALSE for check in checks)
    # An action that ends in `[shard]` is one item of a request: each is judged by itself.
    per_item = action.endswith("]")
    if setting is Truth.FALSE or not is_open or per_item or matches_any(LEFT_OUT, action) is Truth.FALSE:
        return checks
    ending = (
        "which leaves it out of the answer"
        if setting is Truth.TRUE
        else "and whether such indexes are left out or refused is not documented"
    )
    return [
        replace(check, truth=setting, because=f"{check.because}, {ending}", left_out=True)
        if check.truth is Truth.FALSE and isinstance(check.target, Name)
        else check
        for check in checks
    ]


def decide(
    cluster: Cluster, subject: Subject | Refusal, request: KnownRequest | UnknownRequest | tuple[Need, ...]
) -> Decision:
    """The cluster's answer to a request, or to needs that are given directly."""
    if isinstance(subject, Refusal):
        return Decision(
            _VERDICTS[subject.truth], subject.because, 401 if subject.truth is Truth.FALSE else None
        )
    held = mapped_roles(cluster.mappings, subject, in_vpc=cluster.in_vpc)
    if isinstance(request, UnknownRequest):
        return Decision(Verdict.UNKNOWN, request.because, roles=held)
    if isinstance(request, KnownRequest):
        if request.refused:
            return Decision(Verdict.DENIED, request.refused, 403, roles=held)
        needs = request.needs
    else:
        needs = request
    checks = check_needs(cluster, subject, held, needs)
    counting = [check for check in checks if check.when is When.ALWAYS]
    truth = all_of(check.truth for check in counting)
    if not needs:
        return Decision(Verdict.ALLOWED, "everybody who is logged in may do this", roles=held)
    worst = next((check for check in counting if check.truth is truth), None)
    because = worst.because if worst else "nothing is needed"
    if truth is Truth.FALSE:
        if not held:
            because = f"no role is mapped to `{subject.name}`"
        because += _about_variables(cluster, subject, held)
        if cluster.mappings_partial:
            because += ", but roles may be mapped in ways that are not known"
            return Decision(Verdict.UNKNOWN, because, None, checks, (), held)
        return Decision(Verdict.DENIED, because, 403, checks, (), held)
    seen = _seen(cluster, subject, held, counting)
    broken = next((view for view in seen if view.broken), None)
    if broken is not None and len(seen) == 1:
        because = f"the document query on `{broken.index}` uses `{broken.broken}`, which does not exist"
        return Decision(Verdict.DENIED, because, 403, checks, seen, held)
    return Decision(_VERDICTS[truth], because, None, checks, seen, held)


def _about_variables(cluster: Cluster, subject: Subject, held: tuple[Held, ...]) -> str:
    missing = missing_variables(cluster, subject, held)
    return "".join(f"; the variable `{name}` in role `{role}` does not exist" for role, name in missing)


def _seen(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], checks: list[Check]
) -> tuple[View, ...]:
    """What is seen of everything that is read, each index or pattern once."""
    found: dict[str, View] = {}
    for check in checks:
        if is_reading(check.action) and check.target is not None and check.truth is not Truth.FALSE:
            parts = tuple(Every(one) if is_wildcard(one) else Name(one) for one in check.indexes)
            for target in parts or (check.target,):
                for one in views(cluster, subject, held, target):
                    found.setdefault(one.index, one)
    return tuple(found.values())
