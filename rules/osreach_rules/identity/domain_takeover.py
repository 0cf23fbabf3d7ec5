"""Reports that someone who neither administers nor deploys can change a domain's configuration.

With `es:UpdateDomainConfig` the holder can replace the access policy, the
master user and the security groups of the domain, and so reach all its data,
whatever else the policies say.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.target import TargetKind
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.resources import domain_resource
from osreach_rules.identity.full_service_access import every_domain, whole_service
from osreach_rules.identity.people import runs_things
from osreach_rules.identity.statements import allows, first_covering, reach
from osreach_rules.references import CREATE_DOMAIN, SERVICE_AUTHORIZATION

_REQUESTS = LEVELS[TargetKind.DOMAIN][Level.ADMINISTER]
_ACTIONS = ("es:UpdateDomainConfig", "es:UpdateElasticsearchDomainConfig")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it that the whole service on all domains does not imply."""
    for held in allows(analysis):
        action, resources = first_covering(held.statement.actions, _ACTIONS), held.statement.resources
        if action is None or is_everything(action.text) or resources is None or resources.negated:
            continue
        if whole_service(held) is not None and every_domain(held) is not None:
            continue
        for resource in resources.terms:
            parts = domain_resource(resource.text)
            if parts is not None and parts.path:
                # A path below the domain is not the domain.
                continue
            found = reach(analysis, held, resource, _REQUESTS, runs_things)
            if found is None:
                continue
            yield Match(
                f"{found.who} can replace the access policy and the master user of "
                f"`{analysis.words(resource.text)}`",
                held.policy.name,
                (Place(held.place(action), "this action"), Place(held.place(resource), "on this resource")),
                witness=found.witness,
                confidence=found.confidence,
                principal=found.principal,
            )
            break


RULE = Rule(
    "OSR411",
    "domain-takeover",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVICE_AUTHORIZATION, CREATE_DOMAIN),
    remedy="leave changes of the configuration to the role that deploys, and ask for a second factor there",
)
