"""Notes a grant on a domain of another account whose policy does not let the holder in.

Across accounts both sides have to agree: the identity policy over here and the
access policy of the domain over there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.target import of_domain
from osreach.iam.document import Term
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.resources import domain_resource
from osreach_rules.identity.statements import access_to, allows
from osreach_rules.references import CROSS_ACCOUNT


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource that means a domain of the code in another account that refuses the holder."""
    for held in allows(analysis):
        verbs = tuple(sorted(http_actions(held.statement.actions)))
        resources = held.statement.resources
        if not verbs or resources is None or resources.negated:
            continue
        for term in resources.terms:
            for holder in held.policy.holders:
                domain = _foreign(analysis, term, holder)
                if domain is None:
                    continue
                target = of_domain(domain, analysis.model)
                access = access_to(
                    analysis, holder, target, (Requests(verbs, ("/*",), ("/movies/_search",)),)
                )
                if access.outcome is Outcome.DENIED:
                    yield Match(
                        f"`{domain.address}` belongs to another account and does not let in `{holder.address}`",
                        held.policy.name,
                        (Place(held.place(term), "the grant"), analysis.domain_place(domain)),
                        principal=holder.address,
                    )


def _foreign(analysis: Analysis, term: Term, holder: Identity) -> Domain | None:
    """The domain of the code that the resource names, where it belongs to another account than the holder."""
    parts = domain_resource(term.text)
    if parts is None or has_hole(parts.account) or has_hole(holder.account):
        return None
    if parts.account == holder.account or not parts.account.isdigit():
        return None
    return next(
        (
            domain
            for domain in analysis.model.domains
            if (domain.account, domain.name) == (parts.account, parts.name)
        ),
        None,
    )


RULE = Rule(
    "OSR415",
    "one-sided-cross-account",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(CROSS_ACCOUNT,),
    remedy="name the role in the access policy of that domain",
)
