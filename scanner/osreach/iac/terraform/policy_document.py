"""`data.aws_iam_policy_document`: the policy that its blocks write, as the provider renders it.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from osreach.iac.terraform.equality import equal, is_many
from osreach.iac.terraform.rendering import described, first_unknown, known_text
from osreach.json_text import read_json
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Json, Object, Text, Unknown, Value

_VARIABLE = re.compile(r"&\{")
_LATEST = "2012-10-17"

ARGUMENTS = (
    "version",
    "policy_id",
    "source_policy_documents",
    "override_policy_documents",
    "source_json",
    "override_json",
)
"""The arguments that the document is made of, beside its `statement` blocks."""


def _variables(value: Value) -> Value:
    """`&{aws:username}` as the policy writes it: `${aws:username}`."""
    match value.data:
        case str() as text if "&{" in text:
            return Value(_VARIABLE.sub("${", text), value.location)
        case Text(parts):
            changed = tuple(
                replace(part, text=_VARIABLE.sub("${", part.text)) if isinstance(part.text, str) else part
                for part in parts
            )
            return Value(Text(changed), value.location)
        case tuple() as items:
            return Value(tuple(_variables(item) for item in items), value.location)
        case _:
            return value


def _text(item: Value) -> Value:
    """An element of a set of strings as a string."""
    text = known_text(item)
    return item if text is None else Value(text, item.location)


def _distinct(items: Iterable[Value]) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if item.data is not None and not any(equal(item, other) is True for other in found):
            found.append(item)
    return found


def _set(value: Value | None) -> Value | None:
    """A set of strings as the provider writes it: one alone, several in descending order; None for none."""
    if value is None or value.data is None:
        return None
    if isinstance(value.data, Unknown):
        return value
    items = _distinct(_text(item) for item in value.items)
    if not items:
        return None
    if len(items) == 1 and not is_many(items[0]):
        return items[0]
    known = [item for item in items if isinstance(item.data, str)]
    others = [item for item in items if not isinstance(item.data, str)]
    known.sort(key=lambda item: known_text(item) or "", reverse=True)
    return Value((*known, *others), value.location)


def _blocks(statement: Value, name: str) -> tuple[Value, ...]:
    found = statement.get(name)
    return () if found is None else found.items


def _principals(blocks: tuple[Value, ...]) -> Value | None:
    """The principals of several blocks, merged by type."""
    if not blocks:
        return None
    place = blocks[0].location
    entries: dict[str, Value] = {}
    rest: list[Unknown] = []
    for block in blocks:
        kind = block.get("type")
        name = None if kind is None else known_text(kind)
        given = _set(block.get("identifiers"))
        if isinstance(block.data, Unknown) or name is None:
            rest.append(first_unknown(block) or Unknown("principals", "the type is not known"))
            continue
        if given is None:
            given = Value((), block.location)
        given = _variables(given)
        if len(blocks) == 1 and name == "*" and (given.text == "*" or isinstance(given.data, Unknown)):
            return given
        known = entries.get(name)
        entries[name] = given if known is None else Value((*known.items, *given.items), known.location)
    return Value(Object(entries, tuple(rest)), place)


def _conditions(blocks: tuple[Value, ...]) -> Value | None:
    """The conditions of several blocks, by operator and key; the values of one key are joined."""
    if not blocks:
        return None
    tests: dict[str, dict[str, Value]] = {}
    unknown_keys: dict[str, list[Unknown]] = {}
    rest: list[Unknown] = []
    for block in blocks:
        test, variable, values = (block.get(name) for name in ("test", "variable", "values"))
        test_name = None if test is None else known_text(test)
        key = None if variable is None else known_text(variable)
        if isinstance(block.data, Unknown) or test_name is None:
            rest.append(first_unknown(block) or Unknown("condition", "the operator is not known"))
            continue
        keys = tests.setdefault(test_name, {})
        if key is None:
            named = (
                Unknown("condition", "the key is not known") if variable is None else first_unknown(variable)
            )
            unknown_keys.setdefault(test_name, []).append(
                named or Unknown("condition", "the key is not known")
            )
            continue
        written = _variables(values if values is not None else Value((), block.location))
        given = written
        if isinstance(written.data, tuple):
            items = tuple(_text(item) for item in written.data)
            given = Value(items, written.location)
            if len(items) == 1 and not is_many(items[0]):
                given = items[0]
        known = keys.get(key)
        keys[key] = given if known is None else Value((*known.items, *given.items), known.location)
    place = blocks[0].location
    entries = {
        name: Value(Object(keys, tuple(unknown_keys.get(name, ()))), place) for name, keys in tests.items()
    }
    return Value(Object(entries, tuple(rest)), place)


def _statement(block: Value) -> Value:
    """One `statement` block as a statement of the policy."""
    if not isinstance(block.data, Object):
        return block
    effect = block.get("effect")
    if effect is None or effect.data is None or effect.data == "":
        effect = Value("Allow", block.location)
    entries: dict[str, Value] = {}
    sid = block.get("sid")
    if sid is not None and sid.data is not None and sid.text != "":
        entries["Sid"] = sid
    entries["Effect"] = effect
    parts = {
        "Principal": _principals(_blocks(block, "principals")),
        "NotPrincipal": _principals(_blocks(block, "not_principals")),
        "Action": _set(block.get("actions")),
        "NotAction": _set(block.get("not_actions")),
        "Resource": _set(block.get("resources")),
        "NotResource": _set(block.get("not_resources")),
        "Condition": _conditions(_blocks(block, "condition")),
    }
    for name, part in parts.items():
        if part is not None:
            entries[name] = _variables(part) if name in {"Resource", "NotResource"} else part
    return Value(Object(entries), block.location)


def _sid(statement: Value) -> Value | None:
    """The sid of a statement, None for one without; an Unknown where that cannot be told."""
    match statement.data:
        case Object():
            found = statement.get("Sid")
            return None if found is None or found.data in (None, "") else found
        case Unknown():
            return statement
        case _:
            return None


class _Policy:
    """The policy while documents are merged into it."""

    def __init__(self, report: Callable[[Problem], None], location: Location) -> None:
        self.report = report
        self.location = location
        self.version: Value | None = None
        self.identifier: Value | None = None
        self.statements: list[Value] = []

    def merge(self, version: Value | None, identifier: Value | None, statements: Iterable[Value]) -> None:
        """Put a document over this one: a statement with the sid of one that is here replaces it."""
        if identifier is not None and identifier.data not in (None, ""):
            self.identifier = identifier
        if version is not None and version.data is not None:
            newer = (known_text(version) or "") > (known_text(self.version) or "") if self.version else True
            self.version = version if newer else self.version
        for statement in statements:
            self._place(statement)

    def _place(self, statement: Value) -> None:
        sid = _sid(statement)
        if sid is None:
            self.statements.append(statement)
            return
        for number, other in enumerate(self.statements):
            own = _sid(other)
            same = False if own is None else equal(own, sid)
            if same is True:
                self.statements[number] = statement
                return
            if same is None and isinstance(other.data, Object):
                self.statements[number] = self._perhaps_replaced(other, sid)
        self.statements.append(statement)

    def _perhaps_replaced(self, statement: Value, by: Value) -> Value:
        name = first_unknown(by)
        expression = described(by)
        reason = f"a statement of `{expression}` may replace it"
        if name is not None:
            reason += f": {name.reason}"
        return Value(Unknown(f"statement {described(_sid(statement) or by)}", reason), statement.location)

    def source(self, document: Value, sids: dict[str, Location], *, what: str) -> None:
        """Merge a document that is given as JSON text."""
        if document.data is None or document.text == "":
            return
        reading = read_json(document, what)
        if reading.problem is not None:
            self.report(reading.problem)
        match reading.value.data:
            case Object():
                self._source_object(reading.value, sids, what=what)
            case Unknown() as unknown:
                self._place(Value(replace(unknown, many=True), reading.value.location))
            case _:
                self.report(Problem(document.location, f"`{what}` holds a text that is no policy"))

    def _source_object(self, policy: Value, sids: dict[str, Location], *, what: str) -> None:
        written = policy.get("Statement")
        statements = () if written is None else written.items
        for statement in statements:
            sid = _sid(statement)
            text = None if sid is None else known_text(sid)
            if text is None:
                continue
            if what.startswith("source") and text in sids:
                message = f"the sid `{text}` occurs twice in `{what}`, which the provider refuses"
                self.report(Problem(statement.location, message))
            sids[text] = statement.location
        self.merge(policy.get("Version"), policy.get("Id"), statements)

    def value(self) -> Value:
        """The policy as an object."""
        entries: dict[str, Value] = {"Version": self.version or Value(_LATEST, self.location)}
        if self.identifier is not None:
            entries["Id"] = self.identifier
        if self.statements:
            entries["Statement"] = Value(tuple(self.statements), self.location)
        return Value(Object(entries), self.location)


def _documents(value: Value | None) -> tuple[Value, ...]:
    if value is None:
        return ()
    if isinstance(value.data, Unknown):
        return (Value(replace(value.data, many=True), value.location),)
    return value.items


def policy_document(
    arguments: Callable[[str], Value | None],
    statements: tuple[Value, ...],
    location: Location,
    report: Callable[[Problem], None],
) -> Value:
    """The `json` that a policy document exports, as `Json`.

    `arguments` gives the arguments named in `ARGUMENTS` (None where not written
    or null), `statements` are the `statement` blocks as objects, `location` the
    header's place. Every element keeps its place; what is not known stays so.
    """
    policy = _Policy(report, location)
    if (old := arguments("source_json")) is not None:
        policy.source(old, {}, what="source_json")
    sids: dict[str, Location] = {}
    for document in _documents(arguments("source_policy_documents")):
        policy.source(document, sids, what="source_policy_documents")
    own: dict[str, Location] = {}
    rendered: list[Value] = []
    for block in statements:
        statement = _statement(block)
        found = _sid(statement)
        sid = None if found is None else known_text(found)
        if sid is not None and sid in own:
            message = f"the sid `{sid}` occurs twice, which the provider refuses"
            report(Problem(statement.location, message))
        if sid is not None:
            own[sid] = statement.location
        rendered.append(statement)
    version = arguments("version") or Value(_LATEST, location)
    policy.merge(version, arguments("policy_id"), rendered)
    for document in _documents(arguments("override_policy_documents")):
        policy.source(document, {}, what="override_policy_documents")
    if (old := arguments("override_json")) is not None:
        policy.source(old, {}, what="override_json")
    return Value(Json(policy.value()), location)
