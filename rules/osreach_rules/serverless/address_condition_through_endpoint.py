"""Reports a condition on the caller's public address for a collection that is reached through VPC endpoints only.

Requests that come through a VPC endpoint carry no `aws:SourceIp`. An Allow with
`IpAddress` then gives nothing, and a Deny with `NotIpAddress` forbids everything.
`aws:VpcSourceIp`, `aws:SourceVpc` and `aws:SourceVpce` are the keys for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.serverless_bearing import network
from osreach.iam.document import Condition, Effect, Statement
from osreach.iam.glob_match import globs_intersect, is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.network import Openness, openness
from osreach_rules.identity.statements import Held
from osreach_rules.references import CONDITION_KEYS, SERVERLESS_IDENTITIES
from osreach_rules.serverless.policies import own_collections
from osreach_rules.serverless.spoken import (
    holds_when_absent,
    listed_actions,
    others_with,
    spoken,
)

_ACTION = "aoss:APIAccessAll"
_ADDRESS = "aws:sourceip"
_OF_VPC = ("aws:sourcevpc", "aws:vpcsourceip", "aws:vpce")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such condition where every collection that the statement means is private."""
    for held in spoken(analysis):
        condition = _address(held.statement)
        if condition is None or not any(
            one.names_one_of((_ACTION,)) for one in listed_actions(held.statement)
        ):
            continue
        if holds_when_absent(condition) is not held.denies:
            continue
        if not held.denies and any(_address(one) is None for one in others_with(held, _ACTION, Effect.ALLOW)):
            continue
        endpoint = _endpoint(analysis, held)
        if endpoint is None:
            continue
        collection, place = endpoint
        effect = "denies every request" if held.denies else "allows no request"
        yield Match(
            f"this {effect} to `{collection.address}`, which is reached through VPC endpoints only: "
            f"such requests carry no `{condition.key}`",
            held.policy.name,
            (
                Place(condition.location or held.location, "the condition"),
                Place(place, "the VPC endpoints"),
            ),
        )


def _address(statement: Statement) -> Condition | None:
    """The condition on the public address, where the statement has no other for the network."""
    if any(one.key.lower().startswith(_OF_VPC) for one in statement.conditions):
        return None
    return next((one for one in statement.conditions if one.key.lower() == _ADDRESS), None)


def _endpoint(analysis: Analysis, held: Held) -> tuple[Collection, Location] | None:
    """A collection that is meant and where its endpoints are written; None where one may be reached otherwise."""
    found = [
        (collection, openness(network(collection, analysis.model), collection.name))
        for collection in own_collections(analysis, held.policy.deployment)
        if _means(held.statement, collection)
    ]
    if not found or not all(_is_private(opened) for _, opened in found):
        return None
    collection, opened = found[0]
    return collection, opened.endpoints[0][0].location


def _is_private(opened: Openness) -> bool:
    return opened.is_private and bool(opened.endpoints) and not opened.services and not opened.partial


def _means(statement: Statement, collection: Collection) -> bool:
    resources = statement.resources
    if resources is None or resources.negated:
        return False
    return any(
        is_everything(term.text) or globs_intersect(term.text, collection.arn) for term in resources.terms
    )


RULE = Rule(
    "OSR338",
    "address-condition-through-endpoint",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_IDENTITIES, CONDITION_KEYS),
    remedy="limit by `aws:SourceVpce`, `aws:SourceVpc` or `aws:VpcSourceIp`",
)
