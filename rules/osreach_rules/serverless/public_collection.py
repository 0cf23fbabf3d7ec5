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

from osreach.access.serverless import DataAccessPolicy, NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.operation import SEARCH_ONLY
from osreach.serverless.pattern import name_matches
from osreach.serverless.permission import ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern
from osreach.serverless.policy import Rule as PolicyRule
from osreach.serverless.truth import Truth
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_NETWORK
from osreach_rules.serverless.policies import (
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
        for policy, entry in public:
            yield from _element(analysis, code, policy, entry, broad)


def _element(
    analysis: Analysis,
    code: Deployment,
    policy: NetworkPolicy,
    entry: NetworkEntry,
    broad: DataAccessPolicy | None,
) -> Iterator[Match]:
    opened = [
        pattern
        for pattern in patterns_of(entry, ResourceType.COLLECTION)
        if not is_far_reaching(pattern) and not _is_for_readers(code, pattern)
    ]
    dashboards = [
        pattern
        for pattern in patterns_of(entry, ResourceType.DASHBOARD)
        if not is_far_reaching(pattern) and not _is_for_people(code, pattern)
    ]
    if not opened and not dashboards:
        return
    broad = broad if opened else None
    places = [
        Place(entry.public.location, "requests come from anywhere"),
        Place((opened or dashboards)[0].location, "what is opened"),
    ]
    if broad is not None:
        places.append(Place(broad.location, "this policy gives everything"))
    yield Match(
        f"{_what(analysis, opened, dashboards)} can be reached from the internet",
        policy.address,
        tuple(places),
        severity=Severity.HIGH if broad is not None else None,
    )


def _what(analysis: Analysis, opened: list[Pattern], dashboards: list[Pattern]) -> str:
    names = listed(_name(analysis, pattern) for pattern in opened)
    others = listed(_name(analysis, pattern) for pattern in dashboards)
    if not opened:
        return f"Dashboards of {others}"
    if not dashboards:
        return names
    return f"{names} with Dashboards" if names == others else f"{names}, and Dashboards of {others}"


def _name(analysis: Analysis, pattern: Pattern) -> str:
    return analysis.words(pattern.collection or pattern.text)


def _is_for_readers(code: Deployment, pattern: Pattern) -> bool:
    """Whether it is a collection for search of which everything that is granted is to read named indexes."""
    collections = code.meant(pattern)
    if not collections or not all(one.kind.is_certainly(SEARCH_ONLY) for one in collections):
        return False
    rules = [rule for each in code.data_access for rule in _rules_on(each, pattern)]
    return bool(rules) and all(rule is not None and _reads(rule) for rule in rules)


def _rules_on(policy: DataAccessPolicy, pattern: Pattern) -> Iterator[PolicyRule | None]:
    """The rules that may be about the collections of the pattern; None for those that are not known."""
    if policy.content.partial:
        yield None
    for entry in policy.content.entries:
        if entry.partial:
            yield None
        for rule in entry.rules:
            if rule.partial or any(
                not one.impossible and name_matches(one.collection, pattern.collection) is not Truth.FALSE
                for one in rule.resources
            ):
                yield rule


def _reads(rule: PolicyRule) -> bool:
    return (
        bool(rule.permissions)
        and all(permission.text in _READING for permission in rule.permissions)
        and all(one.index != "*" and one.collection != "*" for one in rule.resources)
    )


def _is_for_people(code: Deployment, pattern: Pattern) -> bool:
    """Whether people sign in to these Dashboards who are no identities of IAM."""
    return any(
        principal.text.startswith(_PEOPLE)
        for each in code.data_access
        for entry in each.content.entries
        if any(
            name_matches(one.collection, pattern.collection) is not Truth.FALSE
            for rule in entry.rules
            for one in rule.resources
        )
        for principal in entry.principals
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
