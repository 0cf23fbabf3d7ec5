"""Reports a domain without fine-grained access control that lets anyone search across clusters.

The documentation's example names everyone for `es:ESCrossClusterGet`, because
cross-cluster search asks for fine-grained access control, which then decides.
Where that is off, nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import is_anyone
from osreach.evaluate.exposure import Protection, protection
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import CROSS_CLUSTER_SEARCH

_ACTION = "es:escrossclusterget"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it for everyone, without conditions, on such a domain."""
    for found in analysis.statements:
        statement, guard = found.statement, protection(found.domain)
        if statement.effect is not Effect.ALLOW or statement.actions.negated or guard is Protection.ON:
            continue
        action = next((term for term in statement.actions.terms if term.text.lower() == _ACTION), None)
        principals = statement.principals
        if action is None or principals is None or statement.conditions or statement.conditions_unknown:
            continue
        everyone = next((term for term in principals.terms if is_anyone(term)), None)
        if everyone is None and not principals.negated:
            continue
        place = everyone.location if everyone is not None else principals.location
        yield Match(
            f"any cluster may search `{found.domain.address}`, and no fine-grained access control decides",
            found.domain.address,
            (
                Place(place or found.location, "everyone"),
                Place(action.location or found.location, "the action"),
                Place(found.domain.fine_grained.enabled.location, "fine-grained access control is not on"),
            ),
            confidence=Confidence.POSSIBLE if guard is Protection.UNKNOWN else Confidence.CERTAIN,
            principal="*",
        )


RULE = Rule(
    "OSR161",
    "open-cross-cluster-search",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(CROSS_CLUSTER_SEARCH,),
    remedy="turn on fine-grained access control, and name the account of the source domain",
)
