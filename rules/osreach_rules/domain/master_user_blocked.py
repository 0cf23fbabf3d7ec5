"""Reports a master user that the access policy does not let through.

A request passes the network, then the access policy, and only then
fine-grained access control. A master user of IAM that neither the access policy
nor an identity policy of its own allows never gets there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.target import of_domain
from osreach.iam.glob_match import texts_equal
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.identity.statements import access_to
from osreach_rules.references import FINE_GRAINED

_REQUESTS = (Requests(HTTP_ACTIONS, ("/*",), ("/_plugins/_security/api/roles",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose master user is in the code and may send no request to it."""
    if not analysis.identity_policies:
        return
    for domain in analysis.model.domains:
        if not domain.fine_grained.enabled.is_certainly(value=True) or not domain.documents:
            continue
        master = _master(analysis, domain)
        if master is None:
            continue
        target = of_domain(domain, analysis.model)
        if access_to(analysis, master, target, _REQUESTS).outcome is Outcome.DENIED:
            yield Match(
                f"the master user `{master.address}` may send no request to `{domain.address}`",
                domain.address,
                (
                    Place(domain.fine_grained.master_arn.location, "the master user"),
                    Place(domain.policies[0].location, "the access policy"),
                    Place(master.location, "it has no policy that allows it either"),
                ),
                principal=master.address,
            )


def _master(analysis: Analysis, domain: Domain) -> Identity | None:
    """The identity of the code that is the master user, where it is one that the code defines."""
    arn = domain.fine_grained.master_arn.value
    if not isinstance(arn, str):
        return None
    return next(
        (
            one
            for one in analysis.model.identities.values()
            if one.defined and texts_equal(one.arn, arn) is Truth.TRUE
        ),
        None,
    )


RULE = Rule(
    "OSR141",
    "master-user-blocked",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="name the master user in the access policy",
)
