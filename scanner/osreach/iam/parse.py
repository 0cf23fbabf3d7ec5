"""From a value tree, or from JSON, to a policy document.

`parse_document(value, kind, holes, source)` reads what infrastructure code says
and keeps every place and every unknown; what is wrong becomes a `DocumentError`
in `Parsed.errors`, and the rest of the document survives. A statement without
readable actions is left out, with its error; a condition, an effect or a value
that cannot be read makes the statement uncertain instead.
`document_from_json(source_text, kind, source)` reads a raw policy and raises the
first `DocumentError`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from osreach.iam.condition import OPERATORS
from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PolicyKind,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Quantifier,
    Statement,
    Term,
    Terms,
)
from osreach.iam.glob_match import LITERAL_QUESTION, LITERAL_STAR
from osreach.iam.hole import Holes, has_hole
from osreach.json_text import read_json
from osreach.location import Location
from osreach.value import Json, Object, Text, Unknown, Value

_DEEPEST = 60
"""A document nests at most seven levels; JSON that goes deeper than this is refused."""

_NOWHERE = Location("", 0, 0, 0, 0)
_VERSIONS = frozenset({"2008-10-17", "2012-10-17"})
_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPAL_KINDS = {kind.value: kind for kind in PrincipalKind}
_WITH_PRINCIPALS = frozenset({PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.RESOURCE_CONTROL})
_WITHOUT_RESOURCES = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})
_OPERATORS = {name.lower(): name for name in OPERATORS}
_QUANTIFIERS = {quantifier.value.lower(): quantifier for quantifier in Quantifier}
_IF_EXISTS = "ifexists"


class DocumentError(ValueError):
    """What is wrong in a policy document: where inside it (`Statement[1].Effect`), and in which file."""

    def __init__(self, path: str, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.location = location


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document, and what of it could not be read."""

    document: Document
    errors: tuple[DocumentError, ...] = ()


def parse_document(value: Value, kind: PolicyKind, holes: Holes, source: str) -> Parsed:
    """The document in `value`: an object, JSON text, or something unknown.

    Unknown parts become holes of `holes`. `source` names the policy for people.
    """
    reader = _Reader(kind, holes)
    document = reader.document(value, source)
    return Parsed(document, tuple(reader.errors))


def document_from_json(policy: object, kind: PolicyKind, source: str) -> Document:
    """The document in JSON text, or in what the standard library reads from it; raises `DocumentError`."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy, object_pairs_hook=distinct)
        except DocumentError:
            raise
        except RecursionError:
            raise DocumentError("", "the policy is nested too deeply") from None
        except ValueError as error:
            raise DocumentError("", f"the policy is not valid JSON: {error}") from None
    if not isinstance(policy, dict):
        raise DocumentError("", "the policy must be an object")
    parsed = parse_document(_from_json(policy, 0), kind, Holes(), source)
    if parsed.errors:
        raise parsed.errors[0]
    return parsed.document


def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON for `json.loads`, which would keep the last of equal names; raises `DocumentError`.

    No element of a policy may stand twice in one place:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DocumentError("", f"`{twice}` stands twice in one object")
    return found


def _from_json(data: object, depth: int) -> Value:
    if depth > _DEEPEST:
        raise DocumentError("", "the policy is nested too deeply")
    match data:
        case dict():
            entries = {str(name): _from_json(entry, depth + 1) for name, entry in data.items()}
            return Value(Object(entries), _NOWHERE)
        case list() | tuple():
            return Value(tuple(_from_json(item, depth + 1) for item in data), _NOWHERE)
        case str() | bool() | int() | float() | None:
            return Value(data, _NOWHERE)
        case _:
            raise DocumentError("", f"`{type(data).__name__}` is no JSON")


def _place(value: Value) -> Location | None:
    return None if value.location is _NOWHERE else value.location


def _unwrapped(value: Value) -> Value:
    """The value behind JSON text of JSON text."""
    while isinstance(value.data, Json):
        value = value.data.value
    return value


@dataclass(slots=True)
class _Reader:
    """One document being read; errors gather on the way."""

    kind: PolicyKind
    holes: Holes
    errors: list[DocumentError] = field(default_factory=list)

    def _wrong(self, path: str, message: str, value: Value) -> None:
        self.errors.append(DocumentError(path, f"`{path}` {message}" if path else message, _place(value)))

    def _hole(self, unknown: Unknown) -> str:
        return self.holes.hole(unknown.expression)

    # Document

    def document(self, value: Value, source: str) -> Document:
        """The whole document."""
        body = _unwrapped(value)
        if isinstance(body.data, str | Text):
            reading = read_json(body, source or "policy")
            if reading.problem is not None:
                self.errors.append(DocumentError("", reading.problem.message, reading.problem.location))
                return Document((), source=source, location=_place(value))
            body = _unwrapped(reading.value)
        match body.data:
            case Unknown() as unknown:
                return Document(
                    (), None, (Term(self._hole(unknown), _place(body), many=True),), source, _place(body)
                )
            case Object(entries, rest):
                return self._document(body, entries, rest, source)
            case _:
                self._wrong("", "the policy must be an object", body)
                return Document((), source=source, location=_place(body))

    def _document(
        self, body: Value, entries: Mapping[str, Value], rest: tuple[Unknown, ...], source: str
    ) -> Document:
        for name, entry in entries.items():
            if name not in _DOCUMENT_ELEMENTS:
                self._wrong(name, "is not an element of a policy", entry)
        if "Id" in entries:
            self._text("Id", entries["Id"])
        statements: list[Statement] = []
        unknown: list[Term] = []
        if "Statement" in entries:
            self._statements(entries["Statement"], statements, unknown)
        elif rest:
            unknown.append(Term(self._hole(rest[0]), _place(body), many=True))
        else:
            self._wrong("Statement", "is missing", body)
        return Document(
            tuple(statements),
            self._version(entries.get("Version"), rest),
            tuple(unknown),
            source,
            _place(body),
        )

    def _version(self, value: Value | None, rest: tuple[Unknown, ...]) -> str | None:
        if value is None:
            return self._hole(rest[0]) if rest else None
        version = self._text("Version", value)
        if version is None or has_hole(version):
            return version
        if version not in _VERSIONS:
            self._wrong("Version", "must be `2012-10-17` or `2008-10-17`", value)
        return version

    def _statements(self, value: Value, statements: list[Statement], unknown: list[Term]) -> None:
        value = _unwrapped(value)
        listed = value.data if isinstance(value.data, tuple) else (value,)
        single = not isinstance(value.data, tuple)
        for index, item in enumerate(map(_unwrapped, listed)):
            path = "Statement" if single else f"Statement[{index}]"
            match item.data:
                case Unknown() as missing:
                    many = missing.many or single
                    unknown.append(Term(self._hole(missing), _place(item), many=many))
                case Object(entries, rest):
                    statement = self._statement(path, index, item, entries, rest)
                    if statement is not None:
                        statements.append(statement)
                case _:
                    self._wrong(path, "must be an object", item)

    # Statement

    def _statement(
        self, path: str, index: int, value: Value, entries: Mapping[str, Value], rest: tuple[Unknown, ...]
    ) -> Statement | None:
        for name, entry in entries.items():
            if name not in _STATEMENT_ELEMENTS:
                self._wrong(f"{path}.{name}", "is not an element of a statement", entry)
        actions = self._listed(path, "Action", value, entries, rest)
        resources = self._listed(path, "Resource", value, entries, rest)
        if actions is None:
            return None
        conditions, conditions_unknown = self._conditions(path, entries.get("Condition"))
        return Statement(
            self._effect(path, value, entries.get("Effect"), rest),
            actions,
            resources,
            self._principals(path, value, entries, rest),
            conditions,
            self._sid(path, entries.get("Sid")),
            index,
            _place(value),
            conditions_unknown or ("Condition" not in entries and bool(rest)),
        )

    def _sid(self, path: str, value: Value | None) -> str:
        if value is None:
            return ""
        sid = self._text(f"{path}.Sid", value)
        return "" if sid is None else self.holes.fill(sid)

    def _effect(self, path: str, value: Value, entry: Value | None, rest: tuple[Unknown, ...]) -> Effect:
        if entry is None:
            if not rest:
                self._wrong(f"{path}.Effect", "is missing", value)
            return Effect.UNKNOWN
        effect = self._text(f"{path}.Effect", entry)
        match effect:
            case "Allow":
                return Effect.ALLOW
            case "Deny":
                return Effect.DENY
            case str() if not has_hole(effect):
                self._wrong(f"{path}.Effect", "must be `Allow` or `Deny`", entry)
        return Effect.UNKNOWN

    def _listed(
        self,
        path: str,
        name: str,
        value: Value,
        entries: Mapping[str, Value],
        rest: tuple[Unknown, ...],
    ) -> Terms | None:
        """`Action` or `Resource`, or their `Not...` form; None where there is neither."""
        positive, negative = entries.get(name), entries.get(f"Not{name}")
        if positive is not None and negative is not None:
            self._wrong(f"{path}.Not{name}", f"cannot stand beside `{name}`", negative)
        entry = negative if positive is None else positive
        if entry is not None:
            if name == "Resource" and self.kind is PolicyKind.TRUST:
                self._wrong(f"{path}.Resource", "has no place in a role trust policy", entry)
            element = name if positive is not None else f"Not{name}"
            terms = self._terms(f"{path}.{element}", entry)
            return Terms(terms, positive is None, _place(entry))
        if rest and not (name == "Resource" and self.kind is PolicyKind.TRUST):
            return Terms((Term(self._hole(rest[0]), _place(value), many=True),), location=_place(value))
        if name == "Action" or self.kind not in _WITHOUT_RESOURCES:
            self._wrong(f"{path}.{name}", "is missing", value)
        return None

    # Principal

    def _principals(
        self, path: str, value: Value, entries: Mapping[str, Value], rest: tuple[Unknown, ...]
    ) -> Principals | None:
        positive, negative = entries.get("Principal"), entries.get("NotPrincipal")
        if positive is not None and negative is not None:
            self._wrong(f"{path}.NotPrincipal", "cannot stand beside `Principal`", negative)
        entry = negative if positive is None else positive
        if entry is None:
            if self.kind not in _WITH_PRINCIPALS:
                return None
            if rest:
                term = PrincipalTerm(PrincipalKind.UNKNOWN, self._hole(rest[0]), _place(value), many=True)
                return Principals((term,), location=_place(value))
            self._wrong(f"{path}.Principal", "is missing", value)
            return None
        element = "Principal" if positive is not None else "NotPrincipal"
        if self.kind not in _WITH_PRINCIPALS:
            self._wrong(
                f"{path}.{element}", f"has no place in this kind of policy ({self.kind.value})", entry
            )
        terms = tuple(self._principal_terms(f"{path}.{element}", _unwrapped(entry)))
        if self.kind is PolicyKind.RESOURCE_CONTROL and any(
            term.text != "*" and not has_hole(term.text) for term in terms
        ):
            # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
            self._wrong(f"{path}.{element}", "must be `*` in a resource control policy", entry)
        return Principals(terms, positive is None, _place(entry))

    def _principal_terms(self, path: str, value: Value) -> Iterator[PrincipalTerm]:
        match value.data:
            case Unknown() as unknown:
                yield PrincipalTerm(PrincipalKind.UNKNOWN, self._hole(unknown), _place(value), many=True)
            case str() | Text():
                text = self._text(path, value)
                if text == "*":
                    yield PrincipalTerm(PrincipalKind.ANYONE, text, _place(value))
                elif text is not None and has_hole(text):
                    yield PrincipalTerm(PrincipalKind.UNKNOWN, text, _place(value))
                elif text is not None:
                    self._wrong(path, 'must be `*` or an object such as `{"AWS": ...}`', value)
            case Object(entries, rest):
                for name, entry in entries.items():
                    yield from self._principals_of_kind(f"{path}.{name}", name, entry)
                for unknown in rest:
                    hole = self._hole(unknown)
                    yield PrincipalTerm(PrincipalKind.UNKNOWN, hole, _place(value), many=True)
            case _:
                self._wrong(path, 'must be `*` or an object such as `{"AWS": ...}`', value)

    def _principals_of_kind(self, path: str, name: str, value: Value) -> Iterator[PrincipalTerm]:
        kind = _PRINCIPAL_KINDS.get(name)
        if kind not in {
            PrincipalKind.AWS,
            PrincipalKind.SERVICE,
            PrincipalKind.FEDERATED,
            PrincipalKind.CANONICAL_USER,
        }:
            self._wrong(path, "is not a kind of principal", value)
            return
        for term in self._terms(path, value, scalars=True):
            if kind is PrincipalKind.AWS and term.text == "*":
                yield PrincipalTerm(PrincipalKind.ANYONE, "*", term.location)
            else:
                yield PrincipalTerm(kind, term.text, term.location, term.many)

    # Condition

    def _conditions(self, path: str, value: Value | None) -> tuple[tuple[Condition, ...], bool]:
        """The conditions, and whether there may be others."""
        if value is None:
            return (), False
        path = f"{path}.Condition"
        value = _unwrapped(value)
        match value.data:
            case Unknown():
                return (), True
            case Object(entries, rest):
                conditions: list[Condition] = []
                uncertain = bool(rest)
                for name, entry in entries.items():
                    uncertain |= self._operator(path, name, _unwrapped(entry), conditions)
                return tuple(conditions), uncertain
            case _:
                self._wrong(path, "must be an object", value)
                return (), True

    def _operator(self, path: str, name: str, value: Value, conditions: list[Condition]) -> bool:
        """The conditions under one operator; whether some of them could not be read."""
        path = f"{path}.{name}"
        found = _split_operator(name)
        if found is None:
            self._wrong(path, "is not a condition operator", value)
            return True
        operator, quantifier, if_exists = found
        match value.data:
            case Unknown():
                return True
            case Object(entries, rest):
                uncertain = bool(rest)
                for key, entry in entries.items():
                    before = len(self.errors)
                    terms = self._terms(f"{path}.{key}", entry, scalars=True)
                    # What AWS makes of a list without values is not documented.
                    uncertain |= len(self.errors) > before or not terms
                    if not key:
                        self._wrong(path, "has a condition without a key", entry)
                        uncertain = True
                    elif operator == "Null" and not all(map(_asks_for_presence, terms)):
                        self._wrong(f"{path}.{key}", "must be `true` or `false`", entry)
                        uncertain = True
                    elif _refused(key):
                        self._wrong(f"{path}.{key}", "contains a private use character", entry)
                        uncertain = True
                    elif terms:
                        conditions.append(
                            Condition(operator, key, terms, quantifier, if_exists, _place(entry))
                        )
                return uncertain
            case _:
                self._wrong(path, "must be an object of keys and values", value)
                return True

    # Texts

    def _terms(self, path: str, value: Value, *, scalars: bool = False) -> tuple[Term, ...]:
        """A text or a list of texts; what is neither is an error and left out."""
        value = _unwrapped(value)
        match value.data:
            case tuple() as items:
                paths = [f"{path}[{index}]" for index in range(len(items))]
            case Unknown() as unknown:
                return (Term(self._hole(unknown), _place(value), many=True),)
            case _:
                items, paths = (value,), [path]
        terms: list[Term] = []
        for item_path, item in zip(paths, map(_unwrapped, items), strict=True):
            text = self._text(item_path, item, scalars=scalars)
            if text is not None:
                many = isinstance(item.data, Unknown) and item.data.many
                terms.append(Term(text, _place(item), many))
        return tuple(terms)

    def _text(self, path: str, value: Value, *, scalars: bool = False) -> str | None:
        """A text with holes for what is not known, or None after an error."""
        match value.data:
            case Unknown() as unknown:
                return self._hole(unknown)
            case Text(parts):
                for part in parts:
                    if isinstance(part.text, str) and _refused(part.text):
                        self._wrong(path, "contains a private use character", value)
                        return None
                return "".join(
                    part.text if isinstance(part.text, str) else self._hole(part.text) for part in parts
                )
            case str() as text:
                if _refused(text):
                    self._wrong(path, "contains a private use character", value)
                    return None
                return text
            case bool() | int() | float() as scalar if scalars:
                try:
                    return json.dumps(scalar)
                except ValueError:  # Python refuses to write numbers of thousands of digits
                    self._wrong(path, "is too large a number", value)
            case None:
                self._wrong(path, "is null", value)
            case _:
                self._wrong(path, "must be a string", value)
        return None


def _asks_for_presence(term: Term) -> bool:
    """Whether this is a value of `Null`."""
    return has_hole(term.text) or term.text.lower() in {"true", "false"}


def _refused(text: str) -> bool:
    """Whether a text holds a character that stands for something else here."""
    return has_hole(text) or LITERAL_STAR in text or LITERAL_QUESTION in text


def _split_operator(name: str) -> tuple[str, Quantifier, bool] | None:
    """`ForAnyValue:StringLikeIfExists` as operator, quantifier and whether `IfExists` follows; None where it is none."""
    prefix, colon, rest = name.lower().partition(":")
    if not colon:
        prefix, rest = "", prefix
    quantifier = _QUANTIFIERS.get(prefix) if bool(prefix) == bool(colon) else None
    if_exists = rest.endswith(_IF_EXISTS)
    operator = _OPERATORS.get(rest.removesuffix(_IF_EXISTS))
    if quantifier is None or operator is None or (operator == "Null" and if_exists):
        return None
    return operator, quantifier, if_exists
