"""Notes a limit on the operations of grants that also holds where there are none.

`ForAllValues` is true for a request without the key. Beside
`kms:GrantIsForAWSResource`, as in the documentation's example, that does no
harm.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect, Quantifier, Statement
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import identity_statements, key_statements, once_a_place
from osreach_rules.references import KEY_CONDITIONS, MANY_VALUES

_OPERATIONS = "kms:grantoperations"
_FOR_SERVICES = "kms:grantisforawsresource"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow whose condition holds in the key's absence and that has no guard against it."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for on_key in key_statements(analysis):
        yield from _matches(on_key.statement, on_key.location, on_key.key.address)
    for granted in identity_statements(analysis):
        yield from _matches(granted.statement, granted.location, granted.policy.name)


def _matches(statement: Statement, location: Location, resource: str) -> Iterator[Match]:
    if statement.effect is not Effect.ALLOW:
        return
    keys = {condition.key.lower() for condition in statement.conditions}
    guarded = any(
        condition.operator == "Null" and condition.key.lower() == _OPERATIONS
        for condition in statement.conditions
    )
    if guarded or _FOR_SERVICES in keys:
        return
    for condition in statement.conditions:
        if condition.key.lower() == _OPERATIONS and condition.quantifier is Quantifier.FOR_ALL_VALUES:
            yield Match(
                "`ForAllValues` on `kms:GrantOperations` also holds for a request without operations",
                resource,
                (Place(condition.location or location, "the condition"),),
            )


RULE = Rule(
    "OSR520",
    "absent-grant-operations",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(KEY_CONDITIONS, MANY_VALUES),
    remedy="add `Null` for `kms:GrantOperations` with the value `false`",
)
