"""Reports a role for direct queries that can read every bucket or table.

A domain with a data source queries objects and tables as a role. Everyone who
may query the data source gets what the role gets, and everyone who may read
the request and result indexes sees all queries and their results.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Statement, Term
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.integration.roles import allows, allows_of, place_of, query_roles
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import DIRECT_QUERY

_READS = ("s3:GetObject", "s3:ListBucket", "glue:GetTable", "glue:GetPartitions")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of reading on everything that such a role has."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for role in query_roles(analysis.model):
        for policy, statement in allows_of(role):
            term = _everything(statement)
            if term is None or not allows(statement, *_READS):
                continue
            yield Match(
                f"direct queries as `{role.address}` can read every bucket or table",
                role.address,
                (
                    Place(term.location or place_of(policy, statement), "on everything"),
                    Place(role.location, "the role"),
                ),
                principal=role.address,
            )


def _everything(statement: Statement) -> Term | None:
    resources = statement.resources
    if resources is None or resources.negated:
        return None
    return next(
        (term for term in resources.terms if is_everything(term.text) or term.text.endswith(":::*")), None
    )


RULE = Rule(
    "OSR617",
    "broad-query-role",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DIRECT_QUERY,),
    remedy="name the buckets, databases and tables that are queried",
)
