"""From the JSON of a policy to what it says, with every fault at its place.

What cannot be understood is a fault and counts as not written; what is not
known leaves the policy partial.
Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-lifecycle.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from osreach.serverless.check import check_principal, check_rule, check_service
from osreach.serverless.fault import Fault, FaultKind
from osreach.serverless.policy import (
    AccessContent,
    AccessEntry,
    EncryptionContent,
    Flag,
    LifecycleContent,
    LifecycleRule,
    NetworkContent,
    NetworkEntry,
    Pattern,
    PolicyType,
    Rule,
    Written,
)
from osreach.truth import Truth
from osreach.value import Object, Text, Unknown, Value

Write = Callable[[Value], str]
"""The text of a scalar, with a hole for each unknown part."""


@dataclass(slots=True)
class _Reader:
    """One policy while it is read; `faults` grows, nothing else changes."""

    kind: PolicyType
    write: Write
    faults: list[Fault] = field(default_factory=list)

    def say(self, kind: FaultKind, message: str, value: Value, subject: str = "") -> None:
        self.faults.append(Fault(kind, message, value.location, subject))

    def entries(self, value: Value, known: Iterable[str], what: str) -> tuple[Mapping[str, Value], bool]:
        """The entries of an object by their documented names, and whether there may be more."""
        if isinstance(value.data, Unknown):
            return {}, True
        if not isinstance(value.data, Object):
            self.say(FaultKind.SHAPE, f"{what} is {_word(value)}, not an object", value)
            return {}, False
        names = tuple(known)
        found: dict[str, Value] = {}
        for name, entry in value.data.entries.items():
            if name in names:
                found[name] = entry
                continue
            lower = {each.lower(): each for each in names}
            near = lower.get(name.lower()) or next(
                iter(get_close_matches(name, names, n=1, cutoff=0.7)), None
            )
            hint = f"; did you mean `{near}`?" if near is not None else ""
            self.say(FaultKind.UNKNOWN_KEY, f"`{name}` is no key of {what}{hint}", entry, name)
        return found, bool(value.data.rest)

    def texts(self, value: Value | None, what: str) -> tuple[Written, ...]:
        """The texts of a list; anything else in it is a fault. Whether AWS takes null is not documented."""
        if value is None or value.data is None:
            return ()
        if isinstance(value.data, Unknown):
            return (Written(self.write(value), value.location, many=True),)
        if not isinstance(value.data, tuple):
            self.say(FaultKind.WRONG_VALUE, f"`{what}` is {_word(value)}, not a list", value, what)
            return ()
        found: list[Written] = []
        for item in value.data:
            match item.data:
                case Unknown(many=many):
                    found.append(Written(self.write(item), item.location, many))
                case str() | Text():
                    found.append(Written(self.write(item), item.location))
                case _:
                    self.say(FaultKind.WRONG_VALUE, f"`{what}` holds {_word(item)}, not a text", item, what)
        return tuple(found)

    def text(self, value: Value | None, what: str) -> Written | None:
        match value.data if value is not None else None:
            case str() | Text() | Unknown() if value is not None:
                return Written(self.write(value), value.location)
            case None:
                return None
            case _ if value is not None:
                self.say(FaultKind.WRONG_VALUE, f"`{what}` is {_word(value)}, not a text", value, what)
        return None

    def flag(self, value: Value | None, what: str, container: Value) -> Flag:
        """A boolean, false where it is not written."""
        if value is None or value.data is None:
            return Flag(Truth.FALSE, container.location, written=False)
        match value.data:
            case bool() as known:
                return Flag(Truth.TRUE if known else Truth.FALSE, value.location)
            case Unknown():
                return Flag(Truth.UNKNOWN, value.location)
            case Text() as text if text.unknowns:
                return Flag(Truth.UNKNOWN, value.location)
            case _:
                self.say(FaultKind.WRONG_VALUE, f"`{what}` is {_word(value)}, not true or false", value, what)
                return Flag(Truth.UNKNOWN, value.location)

    def listed(self, value: Value | None, what: str) -> tuple[tuple[Value, ...], bool]:
        """The elements of a list of objects, and whether there may be more."""
        if value is None:
            return (), False
        if isinstance(value.data, Unknown):
            return (), True
        if not isinstance(value.data, tuple):
            self.say(FaultKind.SHAPE, f"{what} is {_word(value)}, not a list", value)
            return (), False
        known = tuple(item for item in value.data if not isinstance(item.data, Unknown))
        return known, len(known) < len(value.data)

    def rules(self, value: Value | None, container: Value) -> tuple[tuple[Rule, ...], bool]:
        """The list behind `Rules`."""
        if value is None:
            self.say(FaultKind.MISSING_KEY, "`Rules` is missing", container, "Rules")
            return (), False
        items, partial = self.listed(value, "`Rules`")
        return tuple(self.rule(item) for item in items), partial

    def rule(self, value: Value) -> Rule:
        """One rule."""
        keys = ["ResourceType", "Resource"]
        if self.kind is PolicyType.DATA:
            keys.append("Permission")
        found, partial = self.entries(value, keys, "a rule")
        if isinstance(value.data, Object) and not partial:
            for name in keys:
                if name not in found:
                    self.say(FaultKind.MISSING_KEY, f"the rule has no `{name}`", value, name)
        resources = self.texts(found.get("Resource"), "Resource")
        rule = Rule(
            self.text(found.get("ResourceType"), "ResourceType"),
            tuple(Pattern(one.text, one.location, one.many) for one in resources),
            value.location,
            self.texts(found.get("Permission"), "Permission"),
            partial,
        )
        self.faults.extend(check_rule(rule, self.kind))
        return rule


def _word(value: Value) -> str:
    match value.data:
        case Object():
            return "an object"
        case tuple():
            return "a list"
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case _:
            return "a text"


def _described(value: Value | None) -> str:
    return (value.text if value is not None else None) or ""


def parse_access(value: Value, write: Write) -> AccessContent:
    """What a data access policy says: a list of objects."""
    reader = _Reader(PolicyType.DATA, write)
    items, partial = reader.listed(value, "a data access policy")
    entries = tuple(_access_entry(item, reader) for item in items)
    return AccessContent(entries, partial, tuple(reader.faults))


def _access_entry(value: Value, reader: _Reader) -> AccessEntry:
    found, partial = reader.entries(
        value, ("Rules", "Principal", "Description"), "an element of a data access policy"
    )
    is_object = isinstance(value.data, Object)
    rules, more = (
        reader.rules(found.get("Rules"), value) if is_object and (found or not partial) else ((), partial)
    )
    principals = reader.texts(found.get("Principal"), "Principal")
    if is_object and not partial and "Principal" not in found:
        reader.say(FaultKind.MISSING_KEY, "`Principal` is missing", value, "Principal")
    for principal in principals:
        reader.faults.extend(check_principal(principal))
    described = _described(found.get("Description"))
    return AccessEntry(rules, principals, value.location, described, partial or more)


def parse_network(value: Value, write: Write) -> NetworkContent:
    """What a network policy says: a list of objects."""
    reader = _Reader(PolicyType.NETWORK, write)
    items, partial = reader.listed(value, "a network policy")
    entries = tuple(_network_entry(item, reader) for item in items)
    return NetworkContent(entries, partial, tuple(reader.faults))


def _network_entry(value: Value, reader: _Reader) -> NetworkEntry:
    keys = ("Rules", "AllowFromPublic", "SourceVPCEs", "SourceServices", "Description")
    found, partial = reader.entries(value, keys, "an element of a network policy")
    is_object = isinstance(value.data, Object)
    rules, more = (
        reader.rules(found.get("Rules"), value) if is_object and (found or not partial) else ((), partial)
    )
    public = reader.flag(found.get("AllowFromPublic"), "AllowFromPublic", value)
    if partial and not public.written:
        public = Flag(Truth.UNKNOWN, value.location, written=False)
    services = reader.texts(found.get("SourceServices"), "SourceServices")
    for service in services:
        reader.faults.extend(check_service(service))
    endpoints = reader.texts(found.get("SourceVPCEs"), "SourceVPCEs")
    described = _described(found.get("Description"))
    return NetworkEntry(rules, public, endpoints, services, value.location, described, partial or more)


def parse_encryption(value: Value, write: Write) -> EncryptionContent:
    """What an encryption policy says: one object."""
    reader = _Reader(PolicyType.ENCRYPTION, write)
    found, partial = reader.entries(value, ("Rules", "AWSOwnedKey", "KmsARN"), "an encryption policy")
    if not isinstance(value.data, Object):
        return EncryptionContent(partial=partial, faults=tuple(reader.faults))
    rules, more = reader.rules(found.get("Rules"), value) if found or not partial else ((), True)
    owned = reader.flag(found.get("AWSOwnedKey"), "AWSOwnedKey", value) if "AWSOwnedKey" in found else None
    key = reader.text(found.get("KmsARN"), "KmsARN")
    if not partial and owned is None and key is None:
        reader.say(FaultKind.MISSING_KEY, "neither `AWSOwnedKey` nor `KmsARN` is written", value, "KmsARN")
    return EncryptionContent(rules, owned, key, partial or more, tuple(reader.faults))


def parse_lifecycle(value: Value, write: Write) -> LifecycleContent:
    """What a lifecycle policy says: one object."""
    reader = _Reader(PolicyType.RETENTION, write)
    found, partial = reader.entries(value, ("Rules",), "a lifecycle policy")
    if not isinstance(value.data, Object):
        return LifecycleContent(partial=partial, faults=tuple(reader.faults))
    if "Rules" not in found and not partial:
        reader.say(FaultKind.MISSING_KEY, "`Rules` is missing", value, "Rules")
    items, more = reader.listed(found.get("Rules"), "`Rules`")
    rules = tuple(_lifecycle_rule(item, reader) for item in items)
    return LifecycleContent(rules, partial or more, tuple(reader.faults))


def _lifecycle_rule(value: Value, reader: _Reader) -> LifecycleRule:
    keys = ("ResourceType", "Resource", "MinIndexRetention", "NoMinIndexRetention")
    found, partial = reader.entries(value, keys, "a rule")
    resource_type = reader.text(found.get("ResourceType"), "ResourceType")
    resources = tuple(
        Pattern(one.text, one.location, one.many) for one in reader.texts(found.get("Resource"), "Resource")
    )
    reader.faults.extend(check_rule(Rule(resource_type, resources, value.location), reader.kind))
    unlimited = found.get("NoMinIndexRetention")
    return LifecycleRule(
        resource_type,
        resources,
        value.location,
        reader.text(found.get("MinIndexRetention"), "MinIndexRetention"),
        reader.flag(unlimited, "NoMinIndexRetention", value) if unlimited is not None else None,
        partial,
    )
