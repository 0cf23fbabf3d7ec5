"""Reports a value of `kms:ViaService` that no request has.

The key holds `<service>.<region>.amazonaws.com` whatever the partition, with
the service's short name: `es` for domains, `aoss` for OpenSearch Serverless. A
condition with another value never holds, so an Allow does nothing and a Deny
with its opposite denies always.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.key_use import VIA_SERVICE
from osreach.iam.document import Condition
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import identity_statements, key_statements, once_a_place
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_CONDITIONS

_SHAPE = re.compile(r"(?P<service>[a-z0-9*?-]+)\.(?P<region>[a-z0-9*?-]+)\.amazonaws\.com")
_WILD = re.compile(r"[a-z0-9*?.-]*[*?][a-z0-9*?.-]*")
_SHORT = {
    "opensearch": "es",
    "opensearchservice": "es",
    "opensearch-service": "es",
    "elasticsearch": "es",
    "opensearchserverless": "aoss",
    "opensearch-serverless": "aoss",
}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each wrong value of a condition that has no right one."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for on_key in key_statements(analysis):
        for condition in on_key.statement.conditions:
            yield from _matches(condition, on_key.location, on_key.key.address, on_key.key.region)
    for granted in identity_statements(analysis):
        for condition in granted.statement.conditions:
            yield from _matches(condition, granted.location, granted.policy.name, "")


def _matches(condition: Condition, location: Location, resource: str, region: str) -> Iterator[Match]:
    if condition.key.lower() != VIA_SERVICE or not condition.operator.startswith("String"):
        return
    reasons = [(value, _wrong(value.text, condition, region)) for value in condition.values]
    if any(reason is None for _, reason in reasons):
        return
    for value, reason in reasons:
        yield Match(
            f"`kms:ViaService` is never `{value.text}`: {reason}",
            resource,
            (Place(value.location or condition.location or location, "the value"),),
            principal=value.text,
        )


def _wrong(value: str, condition: Condition, region: str) -> str | None:
    """Why no request has the value; None where one may."""
    if has_hole(value) or "${" in value:
        return None
    like = "Like" in condition.operator
    if not like and ("*" in value or "?" in value):
        return f"`{condition.operator}` takes wildcards as they are written"
    found = _SHAPE.fullmatch(value)
    if found is None:
        if like and _WILD.fullmatch(value) and not value.endswith(".cn"):
            return None
        return "it holds `<service>.<region>.amazonaws.com`"
    service = found["service"]
    if service in _SHORT:
        return f"the service is called `{_SHORT[service]}` there"
    written = found["region"]
    if has_hole(region) or not region or "*" in written or "?" in written or written == region:
        return None
    return f"the key stands in `{region}`"


RULE = Rule(
    "OSR507",
    "wrong-via-service",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(KEY_CONDITIONS, ENCRYPTION_AT_REST),
    remedy="write `es.<region>.amazonaws.com` for domains and `aoss.<region>.amazonaws.com` for collections",
)
