"""Reports a permission for cross-cluster search on paths, where it has no effect.

The source domain asks the destination for `es:ESCrossClusterGet` on the domain
itself. On `domain/name/*` the statement does not cover that request, and the
search fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import CROSS_CLUSTER_SEARCH

_ACTION = "es:escrossclusterget"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with that action whose resources are all paths below domains."""
    for found in analysis.statements:
        statement = found.statement
        action = next((term for term in statement.actions.terms if term.text.lower() == _ACTION), None)
        resources = statement.resources
        if action is None or statement.actions.negated or resources is None or resources.negated:
            continue
        if not resources.terms or not all(_is_path(term.text) for term in resources.terms):
            continue
        denies = statement.effect is Effect.DENY
        yield Match(
            f"`es:ESCrossClusterGet` {'denies nothing' if denies else 'has no effect'}"
            " on paths: it is asked for on the domain itself",
            found.domain.address,
            (
                Place(resources.terms[0].location or found.location, "a path"),
                Place(action.location or found.location, "the action"),
            ),
        )


def _is_path(resource: str) -> bool:
    """Whether the pattern can match no ARN of a domain without a path."""
    domain, separator, path = resource.partition(":domain/")
    if not separator or "*" in domain.rpartition(":")[2]:
        return False
    name, slash, _ = path.partition("/")
    return bool(slash) and not has_hole(path.removeprefix(name)) and "*" not in name


RULE = Rule(
    "OSR160",
    "cross-cluster-on-path",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CROSS_CLUSTER_SEARCH,),
    remedy="name the ARN of the domain, without `/*`",
)
