"""Reports `ForAllValues` or `ForAnyValue` where it says something else than it seems to.

Set operators are for keys with several values. `ForAllValues` holds where the
key is not in the request at all, so an Allow with it needs a second condition
that the key is there. On a key with one value, such as `aws:SourceIp`, a set
operator turns a missing key into a match, or into none.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Condition, Effect, Quantifier
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.spoken import Spoken, spoken
from osreach_rules.references import MANY_VALUES

_SINGLE = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:vpcsourceip",
    }
)
_TAG_OF_RESOURCE = "aws:resourcetag/"
_SINGLE_PREFIXES = (_TAG_OF_RESOURCE, "aws:principaltag/", "aws:requesttag/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each set operator that is misplaced or lacks its companion."""
    for one in spoken(analysis):
        for condition in one.statement.conditions:
            fault = _fault(one, condition)
            if fault:
                key = condition.key.lower()
                harmless = (
                    condition.quantifier is Quantifier.FOR_ANY_VALUE
                    and key.startswith(_TAG_OF_RESOURCE)
                    and not one.denies
                )
                yield Match(
                    f"`{condition.quantifier}` {fault}",
                    one.resource,
                    (Place(one.place(condition), "the condition"),),
                    severity=Severity.INFO if harmless else None,
                )


def _fault(one: Spoken, condition: Condition) -> str:
    if condition.quantifier is Quantifier.NONE:
        return ""
    key = condition.key.lower()
    allows = one.statement.effect is Effect.ALLOW
    if condition.quantifier is Quantifier.FOR_ALL_VALUES and allows and not _present(one, key):
        return f"also holds for requests without `{condition.key}`"
    if key in _SINGLE or key.startswith(_SINGLE_PREFIXES):
        return f"is for keys with several values, and `{condition.key}` has one"
    return ""


def _present(one: Spoken, key: str) -> bool:
    """Whether another condition asks for the key to be in the request."""
    return any(
        other.operator == "Null"
        and other.key.lower() == key
        and all(value.text.lower() == "false" for value in other.values)
        for other in one.statement.conditions
    )


RULE = Rule(
    "OSR145",
    "set-operator",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(MANY_VALUES,),
    remedy="leave the set operator out, or add `Null` with `false` for the key",
)
