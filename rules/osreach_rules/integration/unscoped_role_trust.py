"""Reports a role that a search service may take on behalf of anybody.

A service acts for all its customers: someone who knows the ARN of the role
could have the service use it for a domain or pipeline of their own.
`aws:SourceAccount` and `aws:SourceArn` in the trust policy limit the role to
resources of this account. Roles for snapshots, pipelines and direct queries
are meant here. Domains with service software older than R20211203 do not send
these keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm, Statement
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.integration.roles import (
    DIRECT_QUERY,
    PIPELINES,
    SEARCH_SERVICES,
    pipeline_roles,
    query_roles,
    snapshot_roles,
)
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import CONFUSED_DEPUTY, PIPELINE_DOMAINS, SNAPSHOTS

_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for such a service that asks for no source."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    model = analysis.model
    for roles, services in (
        (snapshot_roles(model), SEARCH_SERVICES),
        (pipeline_roles(model), frozenset({PIPELINES})),
        (query_roles(model), frozenset({DIRECT_QUERY})),
    ):
        for role in roles:
            for term, statement, location in _unscoped(role, services):
                yield Match(
                    f"`{term.text}` may take `{role.address}` on behalf of any account",
                    role.address,
                    (
                        Place(term.location or statement.location or location, "the service"),
                        Place(role.location, "the role"),
                    ),
                    principal=term.text,
                )


def _unscoped(
    role: Identity, services: frozenset[str]
) -> Iterator[tuple[PrincipalTerm, Statement, Location]]:
    for policy in role.trust:
        for statement in policy.document.statements:
            if statement.effect is not Effect.ALLOW or statement.conditions_unknown:
                continue
            if any(condition.key.lower() in _SOURCES for condition in statement.conditions):
                continue
            for term in statement.principals.terms if statement.principals else ():
                if term.kind is PrincipalKind.SERVICE and term.text in services:
                    yield term, statement, policy.location


RULE = Rule(
    "OSR601",
    "unscoped-role-trust",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(CONFUSED_DEPUTY, SNAPSHOTS, PIPELINE_DOMAINS),
    remedy="ask for `aws:SourceAccount` and `aws:SourceArn` in the trust policy",
)
