"""Reports a Deny by network that also stops the calls that services make for the caller.

S3 and OpenSearch Service call KMS in the name of whoever asked them. Such a
call does not come from the caller's network, so a Deny that asks for it denies
the use of encrypted data altogether. An exception for `aws:ViaAWSService`, or
for `kms:ViaService`, leaves those calls alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Condition, Effect, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.key.statements import identity_statements, key_statements, once_a_place, takes_in
from osreach_rules.references import CONDITION_KEYS, FORWARD_ACCESS

_NETWORK = frozenset(
    {"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourceip", "aws:sourcevpcarn"}
)
_EXCEPTIONS = (
    "aws:viaawsservice",
    "aws:calledvia",
    "kms:viaservice",
    "kms:grantisforawsresource",
)
_USES = ("kms:Decrypt", "kms:GenerateDataKey")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny of the use of keys from outside a network that has no such exception."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for on_key in key_statements(analysis):
        yield from _matches(on_key.statement, on_key.location, on_key.key.address)
    for denied in identity_statements(analysis):
        yield from _matches(denied.statement, denied.location, denied.policy.name)


def _matches(statement: Statement, location: Location, resource: str) -> Iterator[Match]:
    if statement.effect is not Effect.DENY or statement.conditions_unknown:
        return
    if not any(takes_in(statement.actions, action) for action in _USES) or not _is_about_keys(statement):
        return
    conditions = statement.conditions
    if any(condition.key.lower().startswith(_EXCEPTIONS) for condition in conditions):
        return
    for condition in conditions:
        key = condition.key.lower()
        if key in _NETWORK and _is_negated(condition):
            yield Match(
                f"this Deny by `{condition.key}` also stops what services do with keys for their callers",
                resource,
                (Place(condition.location or location, "the condition"),),
                # a service may keep the caller's address, never its network
                confidence=Confidence.POSSIBLE if key == "aws:sourceip" else Confidence.CERTAIN,
            )
            return


def _is_about_keys(statement: Statement) -> bool:
    resources = statement.resources
    if resources is None or resources.negated:
        return resources is not None
    return any(is_everything(term.text) or ":kms:" in term.text for term in resources.terms)


def _is_negated(condition: Condition) -> bool:
    """Whether the condition holds outside the network that it names."""
    return "Not" in condition.operator


RULE = Rule(
    "OSR521",
    "deny-stops-services",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CONDITION_KEYS, FORWARD_ACCESS),
    remedy="add `aws:ViaAWSService` with the value `false` to the conditions",
)
