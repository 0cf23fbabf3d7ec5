"""What a plan does to resources that exist already: their attributes before it.

Source: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from osreach.iac.plan.attributes import Attributes
from osreach.iac.plan.configuration import Configuration
from osreach.iac.plan.load import Data, elements, entries, text
from osreach.location import Location
from osreach.value import Object, Value

_COMPARED: Final = frozenset(
    {
        "aws_opensearch_domain",
        "aws_elasticsearch_domain",
        "aws_opensearchserverless_security_policy",
        "awscc_opensearchserverless_security_policy",
    }
)
"""The types of which somebody asks what they were before."""


@dataclass(frozen=True, slots=True)
class Before:
    """A resource as it is before a plan that changes it, and whether the plan destroys it to make another one."""

    attributes: Value
    replaced: bool


def before_of(listed: Mapping[str, Data], configuration: Configuration, location: Location) -> Before | None:
    """What an element of `resource_changes` says of a resource that there is and will be; all at `location`.

    None for one that does not change, and for types that nobody asks about. Of
    passwords nothing is kept.
    """
    change = entries(listed.get("change"))
    values = change.get("before")
    actions = elements(change.get("actions"))
    replaced = {"create", "delete"} == {text(one) for one in actions}
    if text(listed.get("type")) not in _COMPARED or listed.get("mode") == "data":
        return None
    if not isinstance(values, dict) or not (replaced or actions == ["update"]):
        return None
    attributes = Attributes(text(listed.get("address")), configuration, lambda _: location)
    return Before(Value(Object(attributes.read(values, {}, None)), location), replaced)
