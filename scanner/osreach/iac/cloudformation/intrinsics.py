"""Intrinsic functions of templates: everything becomes as known as the files allow.

`evaluate` is total: what cannot be known is an Unknown with a reason, and what
makes no sense is also a problem of the scope. A null (`AWS::NoValue`) removes
the entry or element that it stands in.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final, TypeAlias

from osreach.iac.cloudformation.loops import LOOP, unrolled
from osreach.iac.cloudformation.references import attribute, reference
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.template import RAIN
from osreach.iac.cloudformation.text import (
    advance,
    described,
    joined,
    scalar_text,
    shortened,
    text_parts,
)
from osreach.iac.cloudformation.truth import outcome
from osreach.location import Location
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_SINGLE_WORDS = ("AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix")

_Function: TypeAlias = Callable[[Value, Location, Scope], Value]

FUNCTIONS: Final = "Fn::"


def evaluate(value: Value, scope: Scope) -> Value:
    """`value` with its functions resolved."""
    match value.data:
        case Object(entries):
            if len(entries) == 1:
                (name, argument), *_ = entries.items()
                if name == "Ref":
                    return _ref(argument, scope)
                if name.startswith((FUNCTIONS, *RAIN)) and not name.startswith(LOOP):
                    return _call(name, argument, value, scope)
            return _object(entries, value, scope)
        case tuple() as items:
            found = (evaluate(item, scope) for item in items)
            return Value(tuple(item for item in found if item.data is not None), value.location)
        case str() | Text():
            return _dynamic(value)
        case _:
            return value


def _object(entries: Mapping[str, Value], value: Value, scope: Scope) -> Value:
    rest: tuple[Unknown, ...] = ()
    if any(name.startswith(LOOP) for name in entries):
        entries, rest = unrolled(entries, scope, evaluate)
    found: dict[str, Value] = {}
    for name, entry in entries.items():
        inner = evaluate(entry, scope)
        if name == "Fn::Transform":
            rest = (*rest, Unknown("Fn::Transform", "a macro runs when the stack is deployed"))
        elif inner.data is not None:
            found[name] = inner
    return Value(Object(found, rest), value.location)


def _dynamic(value: Value) -> Value:
    """A text with `{{resolve:...}}` references, which are read when the stack is deployed.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    text = value.text
    if text is None or "{{resolve:" not in text:
        return value
    parts: list[TextPart] = []
    for part in text_parts(value) or ():
        known = part.text if isinstance(part.text, str) else ""
        position = 0
        for found in _DYNAMIC.finditer(known):
            parts.append(advance(part, position, found.start()))
            unknown = Unknown(found.group(), "read when the stack is deployed")
            parts.append(TextPart(unknown, advance(part, found.start(), found.end()).location))
            position = found.end()
        parts.append(advance(part, position, len(known)) if known else part)
    return joined(parts, value.location)


def _ref(argument: Value, scope: Scope) -> Value:
    name = argument.text
    if name is None:
        computed = evaluate(argument, scope)  # AWS::LanguageExtensions allow functions here
        name = computed.text
        if name is None:
            return _wrong("Ref", "a name", argument, scope, computed)
    return reference(name, argument.location, scope, evaluate)


def _call(name: str, argument: Value, value: Value, scope: Scope) -> Value:
    function = _FUNCTIONS.get(name)
    if function is None and name.startswith(RAIN):
        return Value(Unknown(name, "Rain fills it in before the deployment"), value.location)
    if function is None:
        scope.problem(value.location, f"`{name}` is no function that osreach knows")
        return Value(Unknown(name, "the function is not known to osreach"), value.location)
    return function(argument, value.location, scope)


def _wrong(name: str, wanted: str, argument: Value, scope: Scope, found: Value | None = None) -> Value:
    """The result of a function whose argument is unknown, or makes no sense (then also a problem)."""
    data = found.data if found is not None else argument.data
    if isinstance(data, Unknown | Text):
        reason = data.reason if isinstance(data, Unknown) else "a part is not known"
        # the argument as it is written: to resolve it once more would double the work at each level
        whole = f"{name} {described(argument)}"
        return Value(Unknown(shortened(f"{scope.prefix}{whole}"), reason), argument.location)
    scope.problem(argument.location, f"`{name}` needs {wanted}")
    return Value(Unknown(name, f"it has not got {wanted}"), argument.location)


def _sub(argument: Value, _place: Location, scope: Scope) -> Value:
    """`Fn::Sub`: a text, or a text with names for it."""
    names: Mapping[str, Value] = {}
    text = argument
    if isinstance(argument.data, tuple):
        match argument.data:
            case (first, Value(Object(given))):
                text = first
                names = {name: evaluate(entry, scope) for name, entry in given.items()}
            case (first,):
                text = first
            case _:
                return _wrong("Fn::Sub", "a text, or a text and a mapping of names", argument, scope)
    if isinstance(text.data, Object):
        text = evaluate(text, scope)
    if text.text is None:
        return _wrong("Fn::Sub", "a text", text, scope)
    parts: list[TextPart] = []
    for part in text_parts(text) or ():
        known = part.text if isinstance(part.text, str) else ""
        position = 0
        for found in _PLACEHOLDER.finditer(known):
            parts.append(advance(part, position, found.start()))
            position = found.end()
            name = found.group(1).strip()
            place = advance(part, found.start(), found.end())
            if name.startswith("!"):
                parts.append(TextPart("${" + name[1:] + "}", place.location))
            else:
                parts.extend(_inserted(name, place, names, scope))
        parts.append(advance(part, position, len(known)))
    several = text.location.line != text.location.end_line
    return _dynamic(joined(parts, text.location, keep=several))


def _inserted(name: str, place: TextPart, names: Mapping[str, Value], scope: Scope) -> tuple[TextPart, ...]:
    """What stands in the place of `${name}`."""
    if name in names:
        value = names[name]
    elif "." in name:
        resource, _, wanted = name.partition(".")
        value = attribute(resource, wanted, place.location, scope, evaluate)
    else:
        value = reference(name, place.location, scope, evaluate)
    pieces = text_parts(value)
    if pieces is not None:
        return tuple(
            TextPart(piece.text, place.location) if isinstance(piece.text, Unknown) else piece
            for piece in pieces
        )
    if isinstance(value.data, tuple):
        unknown = next((item.data for item in value.data if isinstance(item.data, Unknown)), None)
        reason = unknown.reason if unknown is not None else "a list cannot stand in a text"
        return (TextPart(Unknown(name, reason), place.location),)
    scope.problem(place.location, f"`{name}` is no text and cannot stand in `Fn::Sub`")
    return (TextPart(Unknown(name, "it is no text"), place.location),)


def _get_attribute(argument: Value, _place: Location, scope: Scope) -> Value:
    """`Fn::GetAtt`: a list of resource and attribute, or both with a dot between them."""
    match argument.data:
        case tuple() as items if len(items) >= 2:
            pieces = [evaluate(item, scope) for item in items]
            words = [piece.text for piece in pieces]
            if any(word is None for word in words):
                return _wrong("Fn::GetAtt", "a resource and an attribute", argument, scope, pieces[-1])
            resource, wanted = str(words[0]), ".".join(str(word) for word in words[1:])
        case _ if argument.text is not None and "." in argument.text:
            resource, _, wanted = argument.text.partition(".")
        case _:
            return _wrong("Fn::GetAtt", "a resource and an attribute", argument, scope)
    return attribute(resource, wanted, argument.location, scope, evaluate)


def _join(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::Join`: a delimiter and a list."""
    match argument.data:
        case (delimiter, listed):
            between = delimiter.text
        case _:
            between = None
    if between is None:
        return _wrong("Fn::Join", "a delimiter and a list", argument, scope)
    items = evaluate(listed, scope)
    if isinstance(items.data, Unknown):
        return Value(Unknown(f"Fn::Join {between} of {items.data.expression}", items.data.reason), place)
    if not isinstance(items.data, tuple):
        return _wrong("Fn::Join", "a delimiter and a list", listed, scope, items)
    parts: list[TextPart] = []
    for number, item in enumerate(items.data):
        if number and between:
            parts.append(TextPart(between, item.location))
        pieces = text_parts(item)
        if isinstance(item.data, Unknown) and item.data.many:
            joint = Unknown(f"Fn::Join {between} of {item.data.expression}", item.data.reason)
            pieces = (TextPart(joint, item.location),)
        if pieces is None:
            scope.problem(item.location, "`Fn::Join` can join texts only")
            pieces = (TextPart(Unknown("Fn::Join", "an element is no text"), item.location),)
        parts.extend(pieces)
    return joined(parts, place, keep=place.line != place.end_line)


def _select(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::Select`: an index from zero and a list."""
    match argument.data:
        case (first, listed):
            index = _number(evaluate(first, scope))
            items = evaluate(listed, scope)
        case _:
            return _wrong("Fn::Select", "an index and a list", argument, scope)
    if isinstance(items.data, Unknown):
        expression = f"Fn::Select {index if index is not None else '?'} of {items.data.expression}"
        return Value(Unknown(expression, items.data.reason), place)
    if not isinstance(items.data, tuple) or index is None:
        return _wrong("Fn::Select", "an index and a list", argument, scope, evaluate(first, scope))
    for position, item in enumerate(items.data):
        if isinstance(item.data, Unknown) and item.data.many:
            expression = f"Fn::Select {index - position} of {item.data.expression}"
            return Value(Unknown(expression, item.data.reason, item.data.resource), place)
        if position == index:
            return item
    scope.problem(argument.location, f"`Fn::Select` asks for element {index} of {len(items.data)}")
    return Value(Unknown("Fn::Select", "the list has no such element"), place)


def _number(value: Value) -> int | None:
    match value.data:
        case bool():
            return None
        case int() as number:
            return number
        case _:
            text = value.text
            return int(text) if text is not None and re.fullmatch(r"[0-9]{1,6}", text) else None


def _split(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::Split`: a delimiter and a text; behind an unknown piece nobody knows how many elements there are."""
    match argument.data:
        case (delimiter, written):
            between = delimiter.text
            text = evaluate(written, scope)
        case _:
            between = None
    if not between:
        return _wrong("Fn::Split", "a delimiter and a text", argument, scope)
    if isinstance(text.data, Unknown):
        expression = f"Fn::Split {between} of {text.data.expression}"
        unknown = Unknown(expression, text.data.reason, text.data.resource, many=True)
        return Value((Value(unknown, place),), place)
    pieces = text_parts(text)
    if pieces is None:
        return _wrong("Fn::Split", "a delimiter and a text", argument, scope, text)
    safe = _never_holds(between, scope)
    elements: list[Value] = []
    current: list[TextPart] = []
    for piece in pieces:
        if isinstance(piece.text, Unknown):
            if piece.text.expression not in safe and not (piece.text.resource and between in ":/"):
                expression = f"Fn::Split {between} of {described(text)}"
                unknown = Unknown(expression, piece.text.reason, piece.text.resource, many=True)
                elements.append(Value(unknown, place))
                return Value(tuple(elements), place)
            current.append(piece)
            continue
        position = 0
        while (end := piece.text.find(between, position)) >= 0:
            current.append(advance(piece, position, end))
            elements.append(_element(current, text))
            current = []
            position = end + len(between)
        current.append(advance(piece, position, len(piece.text)))
    elements.append(_element(current, text))
    return Value(tuple(elements), place)


def _element(parts: list[TextPart], text: Value) -> Value:
    found = joined(parts, text.location)
    return Value("", text.location) if found.data == "" else found


def _never_holds(delimiter: str, scope: Scope) -> frozenset[str]:
    """The unknowns that cannot hold the delimiter: account, region and partition are letters, digits, `-`."""
    if re.search(r"[-.a-z0-9]", delimiter):
        return frozenset()
    words = (scope.pseudo[name] for name in _SINGLE_WORDS)
    return frozenset(word.expression for word in words if isinstance(word, Unknown))


def _if(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::If`: a condition and the values for true and for false."""
    match argument.data:
        case (condition, yes, no) if condition.text is not None:
            pass
        case _:
            return _wrong("Fn::If", "a condition and two values", argument, scope)
    match outcome(condition.text, condition.location, scope, evaluate):
        case True:
            return evaluate(yes, scope)
        case False:
            return evaluate(no, scope)
        case Unknown() as unknown:
            first, second = evaluate(yes, scope), evaluate(no, scope)
            if first.data == second.data:
                return first
            branches = f"[{condition.text}, {described(first)}, {described(second)}]"
            return Value(Unknown(shortened(f"Fn::If {branches}"), unknown.reason), place)


def _find_in_map(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::FindInMap`: a mapping, two keys and perhaps a default."""
    default: Value | None = None
    match argument.data:
        case (name, first, second):
            pass
        case (name, first, second, options):
            default = options.get("DefaultValue")
        case _:
            return _wrong("Fn::FindInMap", "a mapping and two keys", argument, scope)
    keys = [evaluate(key, scope) for key in (name, first, second)]
    words = [scalar_text(key.data) if isinstance(key.data, int) else key.text for key in keys]
    for key, word in zip(keys, words, strict=True):
        if word is None:
            return _wrong("Fn::FindInMap", "a mapping and two keys", argument, scope, key)
    found: Value | None = Value(Object(scope.template.mappings), argument.location)
    included = False
    for word in words:
        if found is not None:
            included = included or found.get("Fn::Transform") is not None
            found = found.get(str(word))
    if found is not None:
        return evaluate(found, scope)
    expression = f"Fn::FindInMap {' '.join(str(word) for word in words)}"
    if included:
        return Value(Unknown(expression, "a macro fills in the mapping when it is deployed"), place)
    if default is not None:
        return evaluate(default, scope)
    scope.problem(argument.location, f"`{expression}` finds nothing in `Mappings`")
    return Value(Unknown(expression, "it is not in the mapping"), place)


def _import(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::ImportValue`: what another stack exports under a name."""
    name = evaluate(argument, scope)
    known = name.text
    if known is None:
        return _wrong("Fn::ImportValue", "a name", argument, scope, name)
    exported = scope.exports.get(known)
    if exported is not None:
        return exported
    return Value(Unknown(f"Fn::ImportValue {known}", "no scanned template exports it"), place)


def _base64(argument: Value, place: Location, scope: Scope) -> Value:
    text = evaluate(argument, scope)
    known = text.text
    if known is None:
        return _wrong("Fn::Base64", "a text", argument, scope, text)
    return Value(base64.b64encode(known.encode()).decode(), place)


def _cidr(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::Cidr`: an address block, a count and the host bits of each part."""
    arguments = evaluate(argument, scope)
    match arguments.data:
        case (block, count, *others):
            known = block.text
            wanted = _number(count)
            bits = _number(others[0]) if others else None
        case _:
            return _wrong("Fn::Cidr", "an address block and a count", argument, scope, arguments)
    if known is None or wanted is None or (others and bits is None):
        first = next(item for item in arguments.data if item.text is None or item is arguments.data[-1])
        return _wrong("Fn::Cidr", "an address block, a count and host bits", argument, scope, first)
    try:
        network = ipaddress.ip_network(known, strict=False)
        prefix = network.max_prefixlen - (8 if bits is None else bits)
        parts = [str(part) for part in islice(network.subnets(new_prefix=prefix), min(wanted, 256))]
    except ValueError:
        return _wrong("Fn::Cidr", "an address block that can be cut like this", argument, scope, arguments)
    return Value(tuple(Value(part, place) for part in parts), place)


def _length(argument: Value, place: Location, scope: Scope) -> Value:
    items = evaluate(argument, scope)
    if not isinstance(items.data, tuple):
        return _wrong("Fn::Length", "a list", argument, scope, items)
    for item in items.data:
        if isinstance(item.data, Unknown) and item.data.many:
            return _wrong("Fn::Length", "a list", argument, scope, item)
    return Value(len(items.data), place)


def _to_json(argument: Value, place: Location, scope: Scope) -> Value:
    """`Fn::ToJsonString`: the value behind the text is kept, so that nothing of it is lost."""
    return Value(Json(evaluate(argument, scope)), place)


def _transform(argument: Value, place: Location, _scope: Scope) -> Value:
    name = argument.get("Name")
    word = (name.text if name is not None else None) or "?"
    return Value(Unknown(f"Fn::Transform {word}", "a macro runs when the stack is deployed"), place)


def _zones(_argument: Value, place: Location, _scope: Scope) -> Value:
    unknown = Unknown("Fn::GetAZs", "known when the stack is deployed", many=True)
    return Value((Value(unknown, place),), place)


def _other(name: str) -> _Function:
    def call(_argument: Value, place: Location, _scope: Scope) -> Value:
        return Value(Unknown(name, "osreach does not follow this function"), place)

    return call


_FUNCTIONS: Final[Mapping[str, _Function]] = {
    "Fn::Sub": _sub,
    "Fn::GetAtt": _get_attribute,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
    "Fn::Transform": _transform,
    "Fn::GetAZs": _zones,
    "Fn::GetStackOutput": _other("Fn::GetStackOutput"),
    **{
        name: _other(name)
        for name in (
            "Fn::And",
            "Fn::Or",
            "Fn::Not",
            "Fn::Equals",
            "Fn::Contains",
            "Fn::RefAll",
            "Fn::ValueOf",
        )
    },
}
