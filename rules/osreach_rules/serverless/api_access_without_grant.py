"""Reports a permission for the data of a collection whose holder no data access policy names.

`aoss:APIAccessAll` lets requests in and grants nothing: documents and indexes come
from data access policies alone. A holder whom none of them names is refused, and is
let in as soon as somebody adds it there. Nothing is said where the code has no
data access policy for the collection, or one that is not wholly known.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.serverless import API
from osreach.evaluate.serverless_bearing import data_access, subject_of
from osreach.evaluate.standing import standing_of
from osreach.iam.document import Statement, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.access import granted
from osreach.serverless.principal import role_of
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.identity.people import administers_or_deploys
from osreach_rules.identity.statements import allows
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.identities import data_access_of, data_term, delivering_roles


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow on one collection of the code whose holder has no grant there."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    if not analysis.serverless.data_access or not analysis.serverless.collections:
        return
    clients = delivering_roles(analysis)
    granted_by_name = _granted_by_name(analysis)
    for held in allows(analysis):
        term = data_term(held.statement, API)
        if term is None:
            continue
        for collection, resource in _named(analysis, held.policy.deployment, held.statement):
            for holder in held.policy.holders:
                if (
                    holder.key in clients
                    or (holder.arn, collection.deployment, collection.name) in granted_by_name
                ):
                    continue
                if _is_left_out(analysis, holder, collection):
                    yield Match(
                        f"no data access policy names `{holder.address}`, so its `{term.text}` on "
                        f"`{analysis.words(collection.name)}` gives nothing",
                        held.policy.name,
                        (
                            Place(held.place(term), "the permission"),
                            Place(held.place(resource), "the collection"),
                            Place(holder.location, "its holder"),
                        ),
                        confidence=Confidence.POSSIBLE,
                        principal=holder.address,
                    )


def _granted_by_name(analysis: Analysis) -> frozenset[tuple[str, str, str]]:
    """Who is plainly named for what, as ARN, deployment and name of the collection: most need no further look."""
    return frozenset(
        (role_of(principal.text) or principal.text, policy.deployment, pattern.collection)
        for policy in analysis.serverless.data_access
        for entry in policy.content.entries
        for principal in entry.principals
        for rule in entry.rules
        for pattern in rule.resources
        if not pattern.impossible
    )


def _named(analysis: Analysis, deployment: str, statement: Statement) -> Iterator[tuple[Collection, Term]]:
    """The collections of the deployment that the statement names by their ARN."""
    if statement.resources is None or statement.resources.negated:
        return
    for collection in analysis.serverless.collections:
        if not collection.defined or collection.deployment != deployment:
            continue
        resource = next((one for one in statement.resources.terms if one.text == collection.arn), None)
        if resource is not None:
            yield collection, resource


def _is_left_out(analysis: Analysis, holder: Identity, collection: Collection) -> bool:
    """Whether policies grant something on the collection, certainly nothing to the holder."""
    if holder.kind is IdentityKind.GROUP or not holder.defined or administers_or_deploys(holder):
        return False
    policies = data_access(collection, analysis.model)
    if not any(policy.content.entries for policy in policies):
        return False
    subject = subject_of(standing_of(holder, analysis.model), analysis.model, collection.deployment)
    if granted(policies, subject, collection.account, collection.name).truth is not Truth.FALSE:
        return False
    return data_access_of(analysis, holder, collection).outcome is not Outcome.DENIED


RULE = Rule(
    "OSR314",
    "api-access-without-grant",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, SERVERLESS_IDENTITIES),
    remedy="name the holder in a data access policy, or remove the permission",
)
