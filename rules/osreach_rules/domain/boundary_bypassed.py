"""Reports that an access policy gives what a permissions boundary withholds.

A boundary limits what identity policies give, and what an access policy gives
to a role. What it gives to a user, to a session, or to `*` with a condition on
`aws:PrincipalArn` is given to the caller itself, past the boundary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from osreach.access.identity import IdentityKind
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.evaluate.effective import Access, Outcome, access
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, outside, standing_of
from osreach.evaluate.target import Target, of_domain
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import DENY_AND_ALLOW, PRINCIPAL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each identity with a boundary that a domain lets do what the boundary does not allow."""
    if not analysis.identity_policies:
        return
    for identity in analysis.model.identities.values():
        boundary = identity.boundary
        if boundary is None or boundary.unknown is not None or identity.kind is IdentityKind.GROUP:
            continue
        standing = standing_of(identity, analysis.model)
        for domain in analysis.model.domains:
            if domain.deployment != identity.deployment:
                continue
            target = of_domain(domain, analysis.model)
            found = _beyond(analysis, standing, target)
            if found is None or found.witness is None:
                continue
            place = next(
                (
                    one.location
                    for one in statements_of(domain)
                    if (one.document.source, one.statement.index) in found.witness.statements
                ),
                domain.location,
            )
            yield Match(
                f"`{domain.address}` gives `{identity.address}` what its permissions boundary does not allow",
                domain.address,
                (Place(place, "this statement gives it"), Place(boundary.location, "the boundary")),
                witness=found.witness,
                principal=identity.address,
            )


def _beyond(analysis: Analysis, standing: Standing, target: Target) -> Access | None:
    """Access by the target's policy that the boundary would not leave to an identity policy of everything."""
    model = analysis.model
    everything = outside(standing.principal, standing.name, model).policies
    bare = replace(target, policies=())
    for action in HTTP_ACTIONS:
        requests = (Requests((action,), ("/*",), ("/movies/_search",)),)
        got = access(replace(standing, policies=()), target, requests, model)
        if got.outcome not in (Outcome.ALLOWED, Outcome.CONDITIONAL):
            continue
        bounded = access(replace(standing, policies=everything), bare, requests, model)
        if bounded.outcome is Outcome.DENIED:
            return got
    return None


RULE = Rule(
    "OSR148",
    "boundary-bypassed",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DENY_AND_ALLOW, PRINCIPAL),
    remedy="name the role in the access policy, or deny the actions in the boundary explicitly",
)
