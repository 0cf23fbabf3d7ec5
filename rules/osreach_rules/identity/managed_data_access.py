"""Reports a policy managed by AWS that reaches the data of every domain.

Some job-function policies are wider than their names say: `ReadOnlyAccess` and
`SupportUser` send GET requests to every domain of the account, and
`DataScientist`, `PowerUserAccess` and the full-access policies of the service
send all others too. Without fine-grained access control that is all data.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.access.identity_policy import IdentityPolicy
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.target import TargetKind, of_domain
from osreach.iam.document import Effect, Statement
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import access_to, is_every_domain
from osreach_rules.references import ACCESS_CONTROL, MANAGED_POLICIES

_READ = LEVELS[TargetKind.DOMAIN][Level.READ]
_WRITE = LEVELS[TargetKind.DOMAIN][Level.WRITE]


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each attachment of such a policy beside a domain that is not otherwise guarded."""
    for policy in analysis.identity_policies:
        if not policy.managed or not any(_reaches_data(one) for one in policy.document.statements):
            continue
        for holder in policy.holders:
            if is_administrator(holder):
                continue
            found = _reached(analysis, policy, holder)
            if found is None:
                continue
            address, access, writes = found
            place = next(
                (one.location for one in holder.policies if one.document is policy.document), policy.location
            )
            yield Match(
                f"`{policy.name}` lets `{holder.address}` {'change' if writes else 'read'} the data of "
                f"`{address}` and every other domain",
                holder.address,
                (Place(place, "the policy is attached here"), Place(holder.location, "its holder")),
                witness=access.witness,
                confidence=Confidence.POSSIBLE if access.outcome is Outcome.UNKNOWN else Confidence.CERTAIN,
                severity=Severity.HIGH if writes else None,
                principal=holder.address,
            )


def _reaches_data(statement: Statement) -> bool:
    """Whether a statement allows requests to every domain, without conditions."""
    resources = statement.resources
    return (
        statement.effect is Effect.ALLOW
        and not statement.conditions
        and bool(http_actions(statement.actions))
        and resources is not None
        and not resources.negated
        and any(is_every_domain(term.text) for term in resources.terms)
    )


def _reached(analysis: Analysis, policy: IdentityPolicy, holder: Identity) -> tuple[str, Access, bool] | None:
    """A domain of the same code whose data the holder reaches, and whether it can change it."""
    for domain in analysis.model.domains:
        if domain.deployment != policy.deployment or protection(domain) is Protection.ON:
            continue
        target = of_domain(domain, analysis.model)
        writing = access_to(analysis, holder, target, _WRITE)
        if writing.outcome.rank > Outcome.UNKNOWN.rank:
            return domain.address, writing, True
        reading = access_to(analysis, holder, target, _READ)
        if reading.outcome is not Outcome.DENIED:
            return domain.address, reading, False
    return None


RULE = Rule(
    "OSR403",
    "managed-data-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(MANAGED_POLICIES, ACCESS_CONTROL),
    remedy="write a policy of your own with the domains and verbs that are needed",
)
