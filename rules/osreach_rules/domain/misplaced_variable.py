"""Reports a policy variable where IAM does not replace it.

Variables work in the last part of a resource and in the values of conditions on
texts. In a principal, in an action, in the parts of an ARN before the resource,
or in a condition on an address or a truth value they stay as they are and match
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Statement
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.spoken import spoken
from osreach_rules.references import VARIABLES

_VARIABLE = re.compile(r"\$\{[A-Za-z0-9-]+:[^}]*\}")
_NOT_REPLACED = ("Bool", "IpAddress", "NotIpAddress", "Null")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each variable in such a place."""
    for one in spoken(analysis):
        for text, location, what in _parts(one.statement):
            found = _VARIABLE.search(text)
            if found:
                yield Match(
                    f"`{found[0]}` is not replaced in {what}",
                    one.resource,
                    (Place(location or one.location, "the variable"),),
                )


def _parts(statement: Statement) -> Iterator[tuple[str, Location | None, str]]:
    """The texts in which no variable is replaced, each with its place and what it is."""
    for principal in statement.principals.terms if statement.principals else ():
        yield principal.text, principal.location, "a principal"
    for action in statement.actions.terms:
        yield action.text, action.location, "an action"
    for resource in statement.resources.terms if statement.resources else ():
        # The variable has colons of its own.
        masked = _VARIABLE.sub(lambda found: "\0" * len(found[0]), resource.text)
        head = ":".join(masked.split(":", 5)[:5]) if masked.count(":") >= len("::::") + 1 else ""
        yield resource.text[: len(head)], resource.location, "this part of an ARN"
    for condition in statement.conditions:
        if condition.operator in _NOT_REPLACED:
            for value in condition.values:
                yield value.text, value.location or condition.location, f"a value of `{condition.operator}`"


RULE = Rule(
    "OSR147",
    "misplaced-variable",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(VARIABLES,),
    remedy="write the value itself, or move the variable into the resource part or a condition on a text",
)
