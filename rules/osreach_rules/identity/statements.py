"""The statements of identity policies, and whether they let their holders do what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from osreach.access.identity import Identity
from osreach.access.identity_policy import IdentityPolicy
from osreach.analysis import Analysis
from osreach.data.actions import Action, service
from osreach.evaluate.circumstances import DIRECT, Circumstances
from osreach.evaluate.effective import Access, Outcome, access
from osreach.evaluate.example import example_domain
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import Target
from osreach.iam.action import is_malformed, names_match
from osreach.iam.document import Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.glob_match import is_everything
from osreach.iam.hole import has_hole, is_hole
from osreach.location import Location
from osreach.truth import Truth
from osreach.witness import Confidence, Witness
from osreach_rules.identity.people import policy_names_administrator

_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Held:
    """One statement of an identity policy."""

    policy: IdentityPolicy
    statement: Statement

    @property
    def location(self) -> Location:
        """Where the statement stands."""
        return self.policy.place(self.statement)

    @property
    def denies(self) -> bool:
        """Whether it is a Deny."""
        return self.statement.effect is Effect.DENY

    def place(self, term: Term) -> Location:
        """Where a part of the statement stands."""
        return term.location or self.location


@dataclass(frozen=True, slots=True)
class Reach:
    """That holders of a statement can do what was asked: `who` for people, `principal` the first of them."""

    who: str
    principal: str
    witness: Witness | None
    confidence: Confidence


def written(
    analysis: Analysis, kinds: frozenset[PolicyKind] = frozenset({PolicyKind.IDENTITY})
) -> Iterator[Held]:
    """Every statement of the policies that the code itself writes."""
    for policy in analysis.identity_policies:
        if policy.kind in kinds and not policy.managed:
            for statement in policy.document.statements:
                yield Held(policy, statement)


def allows(analysis: Analysis) -> Iterator[Held]:
    """Those of `written` that are an Allow."""
    return (held for held in written(analysis) if held.statement.effect is Effect.ALLOW)


def covered(pattern: str, prefix: str = "es") -> tuple[Action, ...]:
    """The actions of a service that the pattern is known to match."""
    known = service(prefix)
    if known is None or has_hole(pattern) or is_malformed(pattern):
        return ()
    if not is_everything(pattern) and pattern.partition(":")[0].lower() != prefix:
        return ()
    return tuple(
        action for action in known.actions.values() if names_match(pattern, action.full_name) is Truth.TRUE
    )


def first_covering(actions: Terms, wanted: Iterable[str]) -> Term | None:
    """The first term of an `Action` element that is known to match one of the `wanted` names."""
    if actions.negated:
        return None
    names = tuple(wanted)
    return next(
        (term for term in actions.terms if any(names_match(term.text, name) is Truth.TRUE for name in names)),
        None,
    )


def is_whole_service(pattern: str) -> bool:
    """Whether an action pattern takes in everything that the service does."""
    return is_everything(pattern) or pattern.lower().strip("*") == "es:"


def is_about_requests(action: str) -> bool:
    """Whether it is an action of requests to a domain's endpoint, or a pattern of such only."""
    return action.lower().startswith("es:eshttp")


def is_open(term: Term) -> bool:
    """Whether nothing is known of an element, or of how many more there are."""
    return term.many or (len(term.text) == 1 and is_hole(term.text))


def is_every_domain(pattern: str) -> bool:
    """Whether a resource means all domains of an account and Region at least.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    if is_everything(pattern):
        return True
    parts = pattern.split(":", 5)
    whole_arn = 6
    if len(parts) != whole_arn or parts[2] not in ("es", "*"):
        return False
    resource = parts[5]
    return is_everything(resource) or resource in ("domain/*", "domain/*/*", "domain*")


def has_domains(analysis: Analysis, policy: IdentityPolicy) -> bool:
    """Whether the code of the same deployment makes a domain."""
    return any(domain.deployment == policy.deployment for domain in analysis.domains)


def all_protected(analysis: Analysis, policy: IdentityPolicy) -> bool:
    """Whether the deployment has domains and fine-grained access control guards all of them."""
    own = [domain for domain in analysis.domains if domain.deployment == policy.deployment]
    return bool(own) and all(protection(domain) is Protection.ON for domain in own)


def holders_words(holders: Iterable[Identity]) -> str:
    """The holders for people."""
    names = [f"`{one.address}`" for one in holders]
    if len(names) > _SHOWN:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join(names)


def access_to(
    analysis: Analysis,
    holder: Identity,
    target: Target,
    requests: tuple[Requests, ...],
    circumstances: Circumstances = DIRECT,
) -> Access:
    """What the holder gets of `requests`, all that the code says about it taken together."""
    standing = standing_of(holder, analysis.model)
    if circumstances != DIRECT:
        return access(standing, target, requests, analysis.model, circumstances)
    return analysis.access.of(standing, target, requests)


def reach(
    analysis: Analysis,
    held: Held,
    resource: Term,
    requests: tuple[Requests, ...],
    spared: Callable[[Identity], bool],
) -> Reach | None:
    """Whether holders of the statement get one of `requests` on a domain that `resource` means; None where not.

    Holders that `spared` are left out. A policy that the code attaches to
    nobody may be attached elsewhere: what it gives is possible.
    """
    if not held.policy.holders:
        if policy_names_administrator(held.policy):
            return None
        return Reach(f"whoever gets `{held.policy.name}`", held.policy.name, None, Confidence.POSSIBLE)
    found: list[tuple[Identity, Access]] = []
    for holder in held.policy.holders:
        if spared(holder):
            continue
        target = example_domain(resource.text, holder, analysis.model)
        if target is None:
            continue
        given = access_to(analysis, holder, target, requests)
        if given.outcome is not Outcome.DENIED:
            found.append((holder, given))
    if not found:
        return None
    holder, best = max(found, key=lambda pair: pair[1].outcome.rank)
    confidence = Confidence.POSSIBLE if best.outcome is Outcome.UNKNOWN else Confidence.CERTAIN
    return Reach(holders_words(one for one, _ in found), holder.address, best.witness, confidence)
