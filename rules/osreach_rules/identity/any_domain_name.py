"""Notes that someone can create domains under any name.

The resource of `es:CreateDomain` is the domain to be. A pattern such as
`domain/<team>-*` keeps a team to its own names, on which other policies can
build.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.full_service_access import every_domain, whole_service
from osreach_rules.identity.people import policy_names_administrator, runs_things
from osreach_rules.identity.statements import allows, first_covering
from osreach_rules.references import ACCESS_CONTROL

_ACTIONS = ("es:CreateDomain", "es:CreateElasticsearchDomain")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it on all domains for those who neither administer nor deploy."""
    for held in allows(analysis):
        action = first_covering(held.statement.actions, _ACTIONS)
        resource = every_domain(held)
        if action is None or resource is None or whole_service(held) is not None:
            continue
        holders = held.policy.holders
        if all(runs_things(one) for one in holders) and (holders or policy_names_administrator(held.policy)):
            continue
        yield Match(
            f"`{action.text}` is allowed for domains of any name",
            held.policy.name,
            (Place(held.place(resource), "the resource"), Place(held.place(action), "the action")),
        )


RULE = Rule(
    "OSR412",
    "any-domain-name",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow names of one scheme, such as `domain/<team>-*`",
)
