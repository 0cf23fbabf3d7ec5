"""Reports a resource control policy that speaks of domains.

Resource control policies act on the resources of a list of services, on which
domains of OpenSearch Service are not; serverless collections are. A statement
with `es:` actions does nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import PolicyKind
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import written
from osreach_rules.references import RESOURCE_CONTROL

_KINDS = frozenset({PolicyKind.RESOURCE_CONTROL})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each action of domains in a resource control policy."""
    for held in written(analysis, _KINDS):
        for term in held.statement.actions.terms:
            if term.text.lower().startswith("es:"):
                yield Match(
                    f"`{term.text}` does nothing in a resource control policy",
                    held.policy.name,
                    (Place(held.place(term), "the action"),),
                )


RULE = Rule(
    "OSR410",
    "resource-control-of-domains",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(RESOURCE_CONTROL,),
    remedy="use a service control policy, and the access policies of the domains",
)
