"""Reports a collection, or its Dashboards, that can be reached from the internet.

Where a network policy says `AllowFromPublic`, requests come from anywhere: the
internet, every VPC endpoint of every account, every AWS service. IAM and data
access policies still decide what they may do, so that each mistake there counts
at once; it is worse where a data access policy gives everything. Nothing is said
of a collection for search whose data access policies only let named readers
read named indexes, and of Dashboards for users who sign in with SAML or IAM
Identity Center.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.serverless import DataAccessPolicy, NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.operation import SEARCH_ONLY
from osreach.serverless.pattern import has_hole, name_matches
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import AccessEntry, NetworkEntry, Pattern
from osreach.serverless.policy import Rule as PolicyRule
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_NETWORK
from osreach_rules.serverless.policies import (
    ByCollection,
    Deployment,
    Principals,
    deployments,
    is_broad,
    is_far_reaching,
    listed,
    patterns_of,
)

_READING = frozenset({"aoss:ReadDocument", "aoss:DescribeIndex", "aoss:DescribeCollectionItems"})
_PEOPLE = ("saml/", "iamidentitycenter/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each element of a network policy that is public for named collections."""
    for code in deployments(analysis):
        public = [
            (policy, entry)
            for policy in code.network
            for entry in policy.content.entries
            if entry.public.value is Truth.TRUE
        ]
        if not public:
            continue
        principals = Principals(analysis)
        broad = next((one for one in code.data_access if is_broad(one, principals)), None)
        grants = ByCollection(_grants(code))
        for policy, entry in public:
            yield from _element(analysis, _Around(code, grants, broad), policy, entry)


@dataclass(frozen=True, slots=True)
class _Grant:
    """A rule of a data access policy with its element; None where it is not known."""

    entry: AccessEntry | None = None
    rule: PolicyRule | None = None


@dataclass(frozen=True, slots=True)
class _Around:
    """The deployment of a network policy, who is granted what there, and the first policy that gives everything."""

    code: Deployment
    grants: ByCollection[_Grant]
    broad: DataAccessPolicy | None


def _grants(code: Deployment) -> Iterator[tuple[str, _Grant]]:
    """Every rule of every data access policy by the collections that it is about."""
    for policy in code.data_access:
        if policy.content.partial:
            yield "", _Grant()
        for entry in policy.content.entries:
            if entry.partial:
                yield "", _Grant(entry)
            for rule in entry.rules:
                names = {one.collection for one in rule.resources if not one.impossible}
                for name in {""} if rule.partial else names:
                    yield name, _Grant(entry, rule)


def _element(
    analysis: Analysis, around: _Around, policy: NetworkPolicy, entry: NetworkEntry
) -> Iterator[Match]:
    opened = [
        pattern
        for pattern in patterns_of(entry, ResourceType.COLLECTION)
        if not is_far_reaching(pattern) and not _is_for_readers(around, pattern)
    ]
    dashboards = [
        pattern
        for pattern in patterns_of(entry, ResourceType.DASHBOARD)
        if not is_far_reaching(pattern) and not _is_for_people(around, pattern)
    ]
    if not opened and not dashboards:
        return
    broad = around.broad if opened else None
    places = [
        Place(entry.public.location, "requests come from anywhere"),
        Place((opened or dashboards)[0].location, "what is opened"),
    ]
    if broad is not None:
        places.append(Place(broad.location, "this policy gives everything"))
    yield Match(
        f"{_what(analysis, around, opened, dashboards)} can be reached from the internet",
        policy.address,
        tuple(places),
        severity=Severity.HIGH if broad is not None else None,
    )


def _what(analysis: Analysis, around: _Around, opened: list[Pattern], dashboards: list[Pattern]) -> str:
    names = listed(_name(analysis, around, pattern) for pattern in opened)
    others = listed(_name(analysis, around, pattern) for pattern in dashboards)
    if not opened:
        return f"Dashboards of {others}"
    if not dashboards:
        return names
    return f"{names}, with Dashboards," if names == others else f"{names}, and Dashboards of {others}"


def _name(analysis: Analysis, around: _Around, pattern: Pattern) -> str:
    """What the pattern says, and where a part of that is not known the one collection of the code that it means."""
    meant = around.code.meant(pattern) if has_hole(pattern.text) else ()
    return meant[0].address if len(meant) == 1 else analysis.words(pattern.collection or pattern.text)


def _is_for_readers(around: _Around, pattern: Pattern) -> bool:
    """Whether it is a collection for search of which everything that is granted is to read named indexes."""
    collections = around.code.meant(pattern)
    if not collections or not all(one.kind.is_certainly(SEARCH_ONLY) for one in collections):
        return False
    rules = [grant.rule for grant in around.grants.about(pattern.collection) if _may_be_on(grant, pattern)]
    return bool(rules) and all(rule is not None and _reads(rule) for rule in rules)


def _may_be_on(grant: _Grant, pattern: Pattern) -> bool:
    """Whether the rule may be about the collections of the pattern."""
    return (
        grant.rule is None
        or grant.rule.partial
        or any(
            not one.impossible and name_matches(one.collection, pattern.collection) is not Truth.FALSE
            for one in grant.rule.resources
        )
    )


def _reads(rule: PolicyRule) -> bool:
    return (
        bool(rule.permissions)
        and all(permission.text in _READING for permission in rule.permissions)
        and all(one.index != "*" and one.collection != "*" for one in rule.resources)
    )


def _is_for_people(around: _Around, pattern: Pattern) -> bool:
    """Whether people sign in to these Dashboards who are no identities of IAM."""
    return any(
        principal.text.startswith(_PEOPLE)
        for grant in around.grants.about(pattern.collection)
        if grant.entry is not None and _may_be_on(grant, pattern)
        for principal in grant.entry.principals
    )


RULE = Rule(
    "OSR301",
    "public-collection",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK, SERVERLESS_DATA_ACCESS),
    remedy="set `AllowFromPublic` to false, and name VPC endpoints in `SourceVPCEs`",
)
