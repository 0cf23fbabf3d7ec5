"""Reports an Allow for everyone whose name fits, whatever the account.

With the principal `*` a condition on `aws:PrincipalArn` decides who is meant.
Where it leaves the account open, `arn:aws:iam::*:role/search`, anyone can make
a role of that name in an account of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.domain import ask
from osreach.iam.document import Condition, Effect, Term
from osreach.iam.hole import has_hole
from osreach.iam.request import Principal, RoleSession, User
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.opening import allows_anyone
from osreach_rules.references import CONDITION_OPERATORS, PRINCIPAL

_OPERATORS = frozenset({"ArnLike", "ArnEquals", "StringLike"})
_WITH_ACCOUNT = ("aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths")
_ELSEWHERE = "999999999999"
_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):(?:iam|sts|\*)?:[^:]*:(?P<account>[^:]*):(?P<kind>role|user)/(?P<name>.+)"
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each value of such a condition that another account can fulfil."""
    for found in analysis.statements:
        if found.statement.effect is not Effect.ALLOW or not allows_anyone(found):
            continue
        conditions = found.statement.conditions
        if any(one.key.lower().startswith(_WITH_ACCOUNT) for one in conditions):
            continue
        for condition, value in _values(conditions):
            principal = _other(value.text)
            witness = ask(found.domain, principal) if principal is not None else None
            if witness is not None:
                yield Match(
                    f"`{value.text}` also means principals of accounts that anyone can have",
                    found.domain.address,
                    (
                        Place(value.location or condition.location or found.location, "the account is open"),
                        analysis.domain_place(found.domain),
                    ),
                    witness=witness,
                    principal=value.text,
                )


def _values(conditions: tuple[Condition, ...]) -> Iterator[tuple[Condition, Term]]:
    for condition in conditions:
        if condition.key.lower() == "aws:principalarn" and condition.operator in _OPERATORS:
            for value in condition.values:
                if not has_hole(value.text):
                    yield condition, value


def _other(text: str) -> Principal | None:
    """A principal of some other account that the pattern means; None where it names the account."""
    arn = _ARN.fullmatch(text)
    if arn is None or "*" not in arn.group("account"):
        return None
    name = re.sub(r"[*?]", "x", arn.group("name"))
    partition = "aws" if "*" in arn.group("partition") else arn.group("partition")
    whole = f"arn:{partition}:iam::{_ELSEWHERE}:{arn.group('kind')}/{name}"
    return User(whole) if arn.group("kind") == "user" else RoleSession(whole)


RULE = Rule(
    "OSR140",
    "role-of-any-account",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(PRINCIPAL, CONDITION_OPERATORS),
    remedy="write the account id, or add a condition on `aws:PrincipalAccount` or `aws:PrincipalOrgID`",
)
