"""Reports a VPC endpoint to collections whose policy lets everything through.

An interface endpoint takes an endpoint policy that limits who can use it, and
for which collections (`aoss:collection`). Where none is written everything is let
through, so only network and data access policies decide. That is in order where
everyone in the VPC may use every collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import EndpointKind
from osreach.analysis import Analysis
from osreach.iam.document import Document, Effect, PrincipalKind, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_VPC


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each interface endpoint without a policy, or with one that limits nothing."""
    for endpoint in analysis.serverless.endpoints:
        if endpoint.kind is not EndpointKind.INTERFACE or not endpoint.defined:
            continue
        if not endpoint.policies:
            yield Match(
                f"`{endpoint.address}` has no endpoint policy, so it lets everyone through to every collection",
                endpoint.address,
                (Place(endpoint.location, "the endpoint"),),
                confidence=Confidence.POSSIBLE,
            )
        for policy in endpoint.policies:
            found = _open(policy.document)
            if found is not None:
                yield Match(
                    f"the policy of `{endpoint.address}` lets everyone through to every collection",
                    endpoint.address,
                    (Place(found, "this statement"), Place(endpoint.location, "the endpoint")),
                )


def _open(document: Document) -> Location | None:
    """Where a statement allows everyone everything, unless another statement denies something."""
    if document.unknown or any(one.effect is not Effect.ALLOW for one in document.statements):
        return None
    return next(
        (one.location or document.location for one in document.statements if _allows_everything(one)), None
    )


def _allows_everything(statement: Statement) -> bool:
    principals, resources = statement.principals, statement.resources
    return (
        not statement.conditions
        and not statement.conditions_unknown
        and principals is not None
        and not principals.negated
        and any(term.kind is PrincipalKind.ANYONE for term in principals.terms)
        and not statement.actions.negated
        and any(is_everything(term.text) or term.text == "aoss:*" for term in statement.actions.terms)
        and resources is not None
        and not resources.negated
        and any(is_everything(term.text) for term in resources.terms)
    )


RULE = Rule(
    "OSR310",
    "default-endpoint-policy",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_VPC,),
    remedy="write an endpoint policy that names the principals, and the collections by `aoss:collection`",
)
