"""Reports a permission for Dashboards on a collection.

`aoss:DashboardsAccessAll` has one resource, `dashboards/default`, for the Dashboards of
all collections of the account. On the ARN of a collection it matches nothing: an
Allow gives nothing, and a Deny stops nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.data.actions import service
from osreach.evaluate.serverless import DASHBOARDS
from osreach.iam.action import names_match
from osreach.iam.document import Effect, PolicyKind, Statement, Term
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.identity.statements import Held, first_covering, written
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import collection_in

_KINDS = frozenset(
    {PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement about it whose resources are all ARNs of collections."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for held in written(analysis, _KINDS):
        term = _only_dashboards(held.statement)
        if term is None or not _only_collections(held.statement) or _is_elsewhere(held):
            continue
        resources = held.statement.resources
        first = resources.terms[0] if resources is not None else term
        effect = "stops nobody" if held.denies else "gives nothing"
        yield Match(
            f"`{term.text}` {effect} on the ARN of a collection, as its resource is `dashboards/default`",
            held.policy.name,
            (Place(held.place(term), "the permission"), Place(held.place(first), "the collection")),
            severity=Severity.HIGH if held.denies else None,
        )


def _only_dashboards(statement: Statement) -> Term | None:
    """The term that means this action and no other."""
    known = service("aoss")
    if statement.actions.negated or known is None:
        return None
    for term in statement.actions.terms:
        meant = [name.full_name for name in known.actions.values() if _means(term, name.full_name)]
        if meant == [DASHBOARDS]:
            return term
    return None


def _means(term: Term, action: str) -> bool:
    return not has_hole(term.text) and names_match(term.text, action) is Truth.TRUE


def _only_collections(statement: Statement) -> bool:
    resources = statement.resources
    return (
        resources is not None
        and not resources.negated
        and bool(resources.terms)
        and all(not term.many and collection_in(term.text) is not None for term in resources.terms)
    )


def _is_elsewhere(held: Held) -> bool:
    """Whether another statement of the policy has the same effect on the right resource."""
    for other in held.policy.document.statements:
        if other is held.statement or other.effect not in (held.statement.effect, Effect.UNKNOWN):
            continue
        if first_covering(other.actions, (DASHBOARDS,)) is not None and not _only_collections(other):
            return True
    return False


RULE = Rule(
    "OSR317",
    "dashboards-access-on-collection",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, SERVERLESS_ACTIONS),
    remedy="use `arn:aws:aoss:REGION:ACCOUNT:dashboards/default` as the resource",
)
