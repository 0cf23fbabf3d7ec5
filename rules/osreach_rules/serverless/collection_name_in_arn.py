"""Reports an ARN of a collection with a name where the id belongs.

Policies of OpenSearch Serverless name collections by name, those of IAM by the id
that AWS gives them (lower-case letters and digits). An ARN with a name matches no
collection: an Allow gives nothing, and a Deny stops nobody. To limit a policy of IAM
by name there is the condition key `aoss:collection`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.iam.document import PolicyKind
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.statements import Held, written
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import collection_in

_KINDS = frozenset(
    {PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}
)
_NEVER_IN_AN_ID = re.compile(r"[A-Z_-]")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource that is the ARN of a collection with something that is certainly no id."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for held in written(analysis, _KINDS):
        resources = held.statement.resources
        for term in resources.terms if resources is not None else ():
            inside = collection_in(term.text)
            if not inside or term.many:
                continue
            collection = _called(analysis, held, inside)
            if collection is None and _NEVER_IN_AN_ID.search(inside) is None:
                continue
            why = "the name of a collection" if collection is not None else "no id of a collection"
            effect = "denies nobody anything" if held.denies else "means no collection"
            places = [Place(held.place(term), "the ARN")]
            if collection is not None:
                places.append(Place(collection.name_location, "the name"))
            yield Match(
                f"this ARN {effect}, because `{analysis.words(inside)}` is {why}",
                held.policy.name,
                tuple(places),
                severity=Severity.HIGH if held.denies else None,
            )


def _called(analysis: Analysis, held: Held, text: str) -> Collection | None:
    """The collection of the deployment that has this name, and another id."""
    return next(
        (
            one
            for one in analysis.serverless.collections
            if one.deployment == held.policy.deployment and one.name == text and one.id != text
        ),
        None,
    )


RULE = Rule(
    "OSR316",
    "collection-name-in-arn",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ACTIONS, SERVERLESS_IDENTITIES),
    remedy="take the ARN from the collection itself (`.arn`), or use a condition on `aoss:collection`",
)
