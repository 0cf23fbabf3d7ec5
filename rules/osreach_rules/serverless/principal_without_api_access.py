"""Reports a principal of a data access policy that IAM does not let in.

Requests for data need a permission of IAM beside the data access policy:
`aoss:APIAccessAll` on the collection, or `aoss:DashboardsAccessAll` for
Dashboards. Without it AWS answers 403, whatever the data access policy grants.
Users of SAML and IAM Identity Center have no policies of IAM and need none.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.access.serverless import Collection, DataAccessPolicy
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.policy import AccessEntry, Written
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import data_access_of, delivering_roles
from osreach_rules.serverless.policies import Deployment, Principals, deployments, listed


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role or user of the code that has a grant on a collection of the code and no such permission."""
    if not analysis.serverless.data_access or not analysis.serverless.collections:
        return
    principals = Principals(analysis)
    clients = delivering_roles(analysis)
    seen: set[tuple[str, str]] = set()
    for code in deployments(analysis):
        for policy, entry in ((one, entry) for one in code.data_access for entry in one.content.entries):
            for principal in entry.principals:
                identity = principals.identity(principal, policy.deployment)
                if identity is None or not identity.defined or identity.key in clients:
                    continue
                if (policy.key, identity.key) in seen:
                    continue
                closed = _closed(analysis, code, entry, identity)
                if closed:
                    seen.add((policy.key, identity.key))
                    yield _match(analysis, policy, principal, identity, closed)


def _closed(
    analysis: Analysis, code: Deployment, entry: AccessEntry, identity: Identity
) -> tuple[Collection, ...]:
    """The collections that the element is about where IAM lets the identity into none of them."""
    found = {
        collection.key: collection
        for rule in entry.rules
        for pattern in rule.resources
        for collection in code.meant(pattern)
    }
    collections = tuple(found.values())
    if any(data_access_of(analysis, identity, one).outcome is not Outcome.DENIED for one in collections):
        return ()
    return collections


def _match(
    analysis: Analysis,
    policy: DataAccessPolicy,
    principal: Written,
    identity: Identity,
    closed: tuple[Collection, ...],
) -> Match:
    names = listed(analysis.words(one.name) for one in closed)
    # An identity without any policy may get them where the code does not show.
    silent = not identity.policies and not identity.groups
    return Match(
        f"`{identity.address}` has no `aoss:APIAccessAll` on {names}, so what this policy grants it is refused",
        policy.address,
        (
            Place(principal.location, "the principal"),
            Place(identity.location, "it has no such permission"),
            Place(closed[0].location, "the collection"),
        ),
        confidence=Confidence.POSSIBLE if silent else Confidence.CERTAIN,
        principal=identity.address,
    )


RULE = Rule(
    "OSR313",
    "principal-without-api-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, SERVERLESS_DATA_ACCESS),
    remedy="allow it `aoss:APIAccessAll` on the ARN of the collection",
)
