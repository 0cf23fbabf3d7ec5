"""Reports that someone who is no administrator can do everything to every domain.

`es:*` on all resources is meant for administrators: beside all data of all
domains it takes in their configuration, with which the holder can replace
access policies and master users, or delete the domains.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.target import TargetKind
from osreach.iam.document import Term
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import is_administrator, is_deployer
from osreach_rules.identity.statements import (
    Held,
    allows,
    has_domains,
    is_every_domain,
    is_whole_service,
    reach,
)
from osreach_rules.references import ACCESS_CONTROL

_REQUESTS = LEVELS[TargetKind.DOMAIN][Level.ADMINISTER]


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of the whole service on all resources that someone but an administrator holds."""
    for held in allows(analysis):
        action, resource = whole_service(held), every_domain(held)
        if action is None or resource is None:
            continue
        if is_everything(action.text) and not has_domains(analysis, held.policy):
            continue
        found = reach(analysis, held, resource, _REQUESTS, is_administrator)
        if found is None:
            continue
        deploys = bool(held.policy.holders) and all(
            is_deployer(one) or is_administrator(one) for one in held.policy.holders
        )
        yield Match(
            f"{found.who} can do everything to every domain",
            held.policy.name,
            (Place(held.place(action), "this action"), Place(held.place(resource), "on everything")),
            witness=found.witness,
            confidence=found.confidence,
            severity=Severity.MEDIUM if deploys else None,
            principal=found.principal,
        )


def whole_service(held: Held) -> Term | None:
    """The action that takes in the whole service, where one is listed."""
    if held.statement.actions.negated:
        return None
    return next((term for term in held.statement.actions.terms if is_whole_service(term.text)), None)


def every_domain(held: Held) -> Term | None:
    """The resource that means every domain, where one is listed."""
    resources = held.statement.resources
    if resources is None or resources.negated:
        return None
    return next((term for term in resources.terms if is_every_domain(term.text)), None)


RULE = Rule(
    "OSR401",
    "full-service-access",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow the actions that are needed, on the ARNs of single domains",
)
