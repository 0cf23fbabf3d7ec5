"""Reports a statement of a key policy that is about no key, or another one.

In a key policy the resource `*` means this key. A statement without a resource
has no effect, and neither has one for something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.glob_match import glob_matches
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.key.statements import key_statements, once_a_place
from osreach_rules.references import KEY_POLICY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource that is known not to be the key, and each statement without one."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for found in key_statements(analysis):
        resources = found.statement.resources
        if resources is None:
            yield Match(
                f"a statement without `Resource` has no effect in the policy of `{found.key.address}`",
                found.key.address,
                (Place(found.location, "the statement"),),
            )
            continue
        if resources.negated:
            continue
        for term in resources.terms:
            if glob_matches(term.text, found.key.arn) is Truth.FALSE:
                yield Match(
                    f"`{term.text}` is not `{found.key.address}`, the only resource of its key policy",
                    found.key.address,
                    (Place(term.location or found.location, "the resource"),),
                )


RULE = Rule(
    "OSR514",
    "key-policy-resource",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_POLICY,),
    remedy="write the resource `*`, which means this key",
)
