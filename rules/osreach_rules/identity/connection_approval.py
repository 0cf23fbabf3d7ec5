"""Reports that someone who neither administers nor deploys can open ways into domains.

Accepting a connection lets another domain search this one; authorizing an
account for VPC endpoints lets its networks reach the domain. These actions work
on no single domain, so they cannot be limited by resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import Requests
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import runs_things
from osreach_rules.identity.statements import allows, first_covering, is_whole_service, reach
from osreach_rules.references import CROSS_CLUSTER_SEARCH, VPC_ENDPOINTS

_ACTIONS = (
    "es:AuthorizeVpcEndpointAccess",
    "es:AcceptInboundConnection",
    "es:AcceptInboundCrossClusterSearchConnection",
    "es:UpdateVpcEndpoint",
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of such an action that is not one of the whole service."""
    for held in allows(analysis):
        action, resources = first_covering(held.statement.actions, _ACTIONS), held.statement.resources
        if action is None or is_whole_service(action.text) or resources is None or resources.negated:
            continue
        resource = next((term for term in resources.terms if is_everything(term.text)), None)
        if resource is None:
            continue
        found = reach(analysis, held, resource, (Requests(_ACTIONS),), runs_things)
        if found is not None:
            yield Match(
                f"{found.who} can let other networks or clusters reach domains",
                held.policy.name,
                (Place(held.place(action), "this action"),),
                witness=found.witness,
                confidence=found.confidence,
                principal=found.principal,
            )


RULE = Rule(
    "OSR420",
    "connection-approval",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(VPC_ENDPOINTS, CROSS_CLUSTER_SEARCH),
    remedy="leave this to the role that deploys",
)
