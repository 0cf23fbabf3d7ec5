"""Reports a policy managed by AWS that reaches the data of every domain or collection.

Some job-function policies are wider than their names say: `ReadOnlyAccess` and
`SupportUser` send GET requests to every domain of the account, and
`DataScientist`, `PowerUserAccess` and the full-access policies of the service
send all others too. Without fine-grained access control that is all data. `PowerUserAccess`
and a few others let their holders into every collection of OpenSearch Serverless as well:
that counts where they can also change data access policies, or where one of the code names
the holder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from osreach.access.identity import Identity
from osreach.access.identity_policy import IdentityPolicy
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import LEVELS, Level, Requests
from osreach.evaluate.serverless import API
from osreach.evaluate.serverless_bearing import data_access, subject_of
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import TargetKind, of_collection, of_domain
from osreach.iam.document import Effect, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.access import granted
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import access_to, is_every_domain
from osreach_rules.key.statements import takes_in
from osreach_rules.references import ACCESS_CONTROL, MANAGED_POLICIES, SERVERLESS_IDENTITIES

_READ = LEVELS[TargetKind.DOMAIN][Level.READ]
_CHANGE = (Requests(("aoss:UpdateAccessPolicy", "aoss:CreateAccessPolicy")),)
_WRITE = LEVELS[TargetKind.DOMAIN][Level.WRITE]


@dataclass(frozen=True, slots=True)
class _Reached:
    """What the holder reaches by the policy, for people."""

    words: str
    access: Access
    writes: bool


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each attachment of such a policy beside data that is not otherwise guarded."""
    for policy in analysis.identity_policies:
        if not policy.managed:
            continue
        domains = any(_reaches_data(one) for one in policy.document.statements)
        collections = any(_reaches_collections(one) for one in policy.document.statements)
        for holder in policy.holders if domains or collections else ():
            if is_administrator(holder):
                continue
            found = _domain(analysis, policy, holder) if domains else None
            if found is None and collections:
                found = _collection(analysis, policy, holder)
            if found is None:
                continue
            place = next(
                (one.location for one in holder.policies if one.document is policy.document), policy.location
            )
            unsure = found.access.outcome is Outcome.UNKNOWN
            yield Match(
                f"`{policy.name}` lets `{holder.address}` {found.words}",
                holder.address,
                (Place(place, "the policy is attached here"), Place(holder.location, "its holder")),
                witness=found.access.witness,
                confidence=Confidence.POSSIBLE if unsure else Confidence.CERTAIN,
                severity=Severity.HIGH if found.writes else None,
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


def _reaches_collections(statement: Statement) -> bool:
    """Whether a statement allows requests to every collection, without conditions."""
    resources = statement.resources
    return (
        statement.effect is Effect.ALLOW
        and not statement.conditions
        and takes_in(statement.actions, API)
        and resources is not None
        and not resources.negated
        and any(is_everything(term.text) for term in resources.terms)
    )


def _domain(analysis: Analysis, policy: IdentityPolicy, holder: Identity) -> _Reached | None:
    """A domain of the same code whose data the holder reaches."""
    for domain in analysis.model.domains:
        if domain.deployment != policy.deployment or protection(domain) is Protection.ON:
            continue
        target = of_domain(domain, analysis.model)
        whose = f"the data of `{domain.address}` and every other domain"
        writing = access_to(analysis, holder, target, _WRITE)
        if writing.outcome.rank > Outcome.UNKNOWN.rank:
            return _Reached(f"change {whose}", writing, writes=True)
        reading = access_to(analysis, holder, target, _READ)
        if reading.outcome is not Outcome.DENIED:
            return _Reached(f"read {whose}", reading, writes=False)
    return None


def _collection(analysis: Analysis, policy: IdentityPolicy, holder: Identity) -> _Reached | None:
    """A collection of the same code into which the holder comes and where it has, or gives itself, a grant."""
    for collection in analysis.serverless.collections:
        if collection.deployment != policy.deployment or not collection.defined:
            continue
        target = of_collection(collection)
        entering = access_to(analysis, holder, target, (Requests((API,)),))
        if entering.outcome is Outcome.DENIED:
            continue
        policies = replace(target, kind=TargetKind.OTHER, arn="*", address=f"{target.address} (policies)")
        changing = access_to(analysis, holder, policies, _CHANGE)
        if changing.outcome.rank > Outcome.UNKNOWN.rank:
            words = f"into `{collection.address}` and every other collection, and change who reads them"
            return _Reached(words, entering, writes=True)
        subject = subject_of(standing_of(holder, analysis.model), analysis.model, collection.deployment)
        bearing = data_access(collection, analysis.model)
        if granted(bearing, subject, collection.account, collection.name).truth is Truth.TRUE:
            words = f"into `{collection.address}` and every other collection"
            return _Reached(words, entering, writes=False)
    return None


RULE = Rule(
    "OSR403",
    "managed-data-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(MANAGED_POLICIES, ACCESS_CONTROL, SERVERLESS_IDENTITIES),
    remedy="write a policy of your own with the domains and verbs, or the collections, that are needed",
)
