"""Functions over lists, sets and maps. Every element keeps the place where it is written.

Source: https://developer.hashicorp.com/terraform/language/functions#collection-functions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product

from osreach.iac.terraform.access import in_order, index_of
from osreach.iac.terraform.conversion import (
    as_list,
    as_set,
    to_boolean,
    to_number,
    to_string,
    to_whole,
    unified,
)
from osreach.iac.terraform.equality import equal, is_many
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    Site,
    check_count,
    elements_of,
    refuse_null,
    result,
    unknown_call,
)
from osreach.iac.terraform.functions.text import text_length
from osreach.iac.terraform.reference import same_order
from osreach.iac.terraform.rendering import first_unknown, known_text, unknown_from, wholly_known
from osreach.iac.terraform.scope import (
    MAXIMUM_ELEMENTS,
    EvaluationError,
    NullError,
    SetOfValues,
    TypedList,
    Unordered,
)
from osreach.value import Json, Object, Text, Unknown, Value


def _many(unknown: Unknown, site: Site) -> Value:
    return Value(
        Unknown(f"{unknown.expression}[*]", unknown.reason, unknown.resource, many=True), site.location
    )


def _uncertain(items: Iterable[Value]) -> bool:
    """Whether it is not known how many elements there are."""
    return any(is_many(item) for item in items)


def _name(value: Value) -> bytes:
    return (known_text(value) or "").encode("utf-8", "surrogatepass")


def _length(arguments: Arguments, site: Site) -> Value:
    check_count("length", arguments, 1, 1, site)
    value = arguments[0]
    match value.data:
        case None:
            raise NullError("`length` does not take null", site.location)
        case SetOfValues() | Unordered() as items if not in_order(value):
            # Elements that are not known may be equal to others.
            return result(unknown_call("length", arguments), site)
        case tuple() as items:
            if _uncertain(items):
                return result(unknown_call("length", arguments), site)
            return result(len(items), site)
        case Object(entries, rest):
            return result(unknown_call("length", arguments) if rest else len(entries), site)
        case Unknown():
            return result(unknown_call("length", arguments), site)
        case str() | Text() | Json():
            text = known_text(value)
            return result(unknown_call("length", arguments) if text is None else text_length(text), site)
        case _:
            raise EvaluationError("`length` needs a list, a map or a string", site.location)


def _concat(arguments: Arguments, site: Site) -> Value:
    check_count("concat", arguments, 1, None, site)
    refuse_null("concat", arguments, site)
    items: list[Value] = []
    unordered = False
    for argument in arguments:
        match argument.data:
            case Unknown() as unknown:
                items.append(_many(unknown, site))
            case tuple():
                more = as_list(argument)
                unordered = unordered or isinstance(more, Unordered)
                items += more
            case _:
                raise EvaluationError("`concat` needs lists", argument.location)
    return result(Unordered(items) if unordered else tuple(items), site)


def _merge(arguments: Arguments, site: Site) -> Value:
    entries: dict[str, Value] = {}
    rest: list[Unknown] = []
    if not arguments:
        return result(Object(), site)
    given = [argument for argument in arguments if argument.data is not None]
    if not given:
        return result(Object(), site)
    for argument in given:
        match argument.data:
            case Unknown() as unknown:
                _may_replace(entries, (unknown,))
                rest.append(unknown)
            case Object(more, unknowns):
                _may_replace(
                    {name: entry for name, entry in entries.items() if name not in more}, unknowns, entries
                )
                entries |= more
                rest += unknowns
            case _:
                raise EvaluationError("`merge` needs maps or objects", argument.location)
    return result(Object(entries, tuple(rest)), site)


def _may_replace(
    entries: dict[str, Value], unknowns: Iterable[Unknown], target: dict[str, Value] | None = None
) -> None:
    """Entries that something unknown, merged later, may replace are not known any more."""
    for unknown in unknowns:
        for name, entry in list(entries.items()):
            reason = f"`{unknown.expression}` may replace it: {unknown.reason}"
            changed = Unknown(f"{unknown.expression}.{name}", reason)
            (entries if target is None else target)[name] = Value(changed, entry.location)
        return


def _lookup(arguments: Arguments, site: Site) -> Value:
    check_count("lookup", arguments, 2, 3, site)
    refuse_null("lookup", arguments[:2], site)
    source, key = arguments[0], arguments[1]
    text = known_text(key)
    match source.data:
        case Unknown():
            return result(unknown_call("lookup", arguments), site)
        case Object(entries, rest):
            if text is not None and text in entries:
                return entries[text]
            if text is None or rest:
                return result(unknown_call("lookup", arguments), site)
            if len(arguments) == 3:
                return arguments[2]
            raise EvaluationError(f"the map has no key `{text}`", site.location)
        case _:
            raise EvaluationError("`lookup` needs a map", site.location)


def _contains(arguments: Arguments, site: Site) -> Value:
    check_count("contains", arguments, 2, 2, site)
    refuse_null("contains", arguments, site)
    items = elements_of("contains", arguments[0], site)
    wanted = arguments[1]
    if isinstance(items, Unknown):
        return result(unknown_call("contains", arguments), site)
    answers = [None if is_many(item) else equal(item, wanted) for item in items]
    if True in answers:
        return result(data=True, site=site)
    return result(unknown_call("contains", arguments) if None in answers else False, site)


def _keys(arguments: Arguments, site: Site) -> Value:
    check_count("keys", arguments, 1, 1, site)
    source = arguments[0]
    match source.data:
        case Unknown() as unknown:
            return result((_many(Unknown(f"keys({unknown.expression})", unknown.reason), site),), site)
        case Object(entries, rest):
            names = [Value(name, entries[name].location) for name in entries]
            known = sorted(names, key=_name)
            further = [
                _many(Unknown(f"keys({unknown.expression})", unknown.reason), site) for unknown in rest
            ]
            return result(Unordered((*known, *further)) if further else tuple(known), site)
        case _:
            raise EvaluationError("`keys` needs a map", site.location)


def _values(arguments: Arguments, site: Site) -> Value:
    check_count("values", arguments, 1, 1, site)
    source = arguments[0]
    match source.data:
        case Unknown() as unknown:
            return result((_many(Unknown(f"values({unknown.expression})", unknown.reason), site),), site)
        case Object(entries, rest):
            order = sorted(entries, key=lambda name: name.encode("utf-8", "surrogatepass"))
            known = [entries[name] for name in order]
            further = [
                _many(Unknown(f"values({unknown.expression})", unknown.reason), site) for unknown in rest
            ]
            return result(Unordered((*known, *further)) if further else tuple(known), site)
        case _:
            raise EvaluationError("`values` needs a map", site.location)


def _flat(collection: Value, site: Site) -> tuple[Value, ...]:
    found: list[Value] = []
    ordered = in_order(collection)
    for item in collection.items:
        site.scope.budget.spend(1, site.location)
        match item.data:
            case tuple():
                inner = _flat(item, site)
                ordered = ordered and not isinstance(inner, Unordered)
                found += inner
            case Unknown() as unknown:
                found.append(Value(replace(unknown, many=True), item.location))
            case _:
                found.append(item)
    return tuple(found) if ordered else Unordered(found)


def _flatten(arguments: Arguments, site: Site) -> Value:
    check_count("flatten", arguments, 1, 1, site)
    items = elements_of("flatten", arguments[0], site)
    if isinstance(items, Unknown):
        return result((_many(items, site),), site)
    return result(_flat(arguments[0], site), site)


def _element(arguments: Arguments, site: Site) -> Value:
    check_count("element", arguments, 2, 2, site)
    items = elements_of("element", arguments[0], site)
    number = to_whole(arguments[1])
    if isinstance(items, Unknown) or isinstance(number, Unknown) or number is None:
        return result(unknown_call("element", arguments), site)
    if not items:
        raise EvaluationError("`element` is asked of an empty list", site.location)
    if isinstance(items, SetOfValues):
        raise EvaluationError("`element` is asked of a set", site.location)
    if not in_order(arguments[0]):
        return result(unknown_call("element", arguments), site)
    if _uncertain(items):
        before = [item for item in items[: number + 1] if not is_many(item)]
        if 0 <= number < len(before) and all(one is other for one, other in zip(before, items, strict=False)):
            return items[number]
        return result(unknown_call("element", arguments), site)
    return index_of(
        Value(as_list(arguments[0]), site.location),
        Value(number % len(items), site.location),
        site.location,
    )


def _typed(items: tuple[Value, ...]) -> tuple[Value, ...]:
    """What a function gives as a list of one type."""
    return TypedList(items) if type(items) is tuple else items


def _distinct(arguments: Arguments, site: Site) -> Value:
    check_count("distinct", arguments, 1, 1, site)
    items = elements_of("distinct", arguments[0], site)
    if isinstance(items, Unknown):
        return result((_many(items, site),), site)
    found: list[Value] = []
    for item in items:
        site.scope.budget.spend(len(found), site.location)
        answers = [equal(item, other) for other in found]
        if True in answers:
            continue
        if None in answers and not is_many(item):
            # It may be equal to an element before it, and then it is not there.
            unknown = first_unknown(item)
            if unknown is None:
                unknown = unknown_from("distinct", *found)
            changed = _as_many(item, unknown)
            found.append(changed)
        else:
            found.append(item)
    return result(_typed(same_order(arguments[0], found)), site)


def _as_many(item: Value, unknown: Unknown) -> Value:
    match item.data:
        case Unknown() as whole:
            return Value(replace(whole, many=True), item.location)
        case Text(parts):
            marked = tuple(
                replace(part, text=replace(part.text, many=True)) if isinstance(part.text, Unknown) else part
                for part in parts
            )
            if any(isinstance(part.text, Unknown) for part in marked):
                return Value(Text(marked), item.location)
    return Value(replace(unknown, many=True), item.location)


def _compact(arguments: Arguments, site: Site) -> Value:
    check_count("compact", arguments, 1, 1, site)
    items = elements_of("compact", arguments[0], site)
    if isinstance(items, Unknown):
        return result((_many(items, site),), site)
    found: list[Value] = []
    for item in items:
        match item.data:
            case None | "":
                continue
            case Unknown() as unknown:
                found.append(Value(replace(unknown, many=True), item.location))
            case tuple() | Object():
                raise EvaluationError("`compact` needs a list of strings", site.location)
            case Text() as text if text.known == "":
                continue
            case _:
                found.append(Value(to_string(item), item.location))
    return result(_typed(same_order(arguments[0], found)), site)


def _sort(arguments: Arguments, site: Site) -> Value:
    check_count("sort", arguments, 1, 1, site)
    items = elements_of("sort", arguments[0], site)
    if isinstance(items, Unknown):
        return result(unknown_call("sort", arguments), site)
    texts = [Value(to_string(item), item.location) for item in items]
    if any(text.data is None for text in texts):
        raise NullError("`sort` does not take null as an element", site.location)
    if all(wholly_known(text) for text in texts):
        return result(TypedList(sorted(texts, key=_name)), site)
    return result(Unordered(texts), site)


def _slice(arguments: Arguments, site: Site) -> Value:
    check_count("slice", arguments, 3, 3, site)
    items = arguments[0].data
    start, end = to_whole(arguments[1]), to_whole(arguments[2])
    if not isinstance(items, tuple):
        return result(unknown_call("slice", arguments), site)
    if isinstance(start, Unknown | None) or isinstance(end, Unknown | None) or isinstance(items, Unordered):
        return result(unknown_call("slice", arguments), site)
    if any(is_many(item) for item in items[:end]):
        return result(unknown_call("slice", arguments), site)
    if not 0 <= start <= end <= len(items):
        raise EvaluationError("the bounds of `slice` are not within the list", site.location)
    return result(tuple(items[start:end]), site)


def _reverse(arguments: Arguments, site: Site) -> Value:
    check_count("reverse", arguments, 1, 1, site)
    items = arguments[0].data
    if not isinstance(items, tuple):
        return result(unknown_call("reverse", arguments), site)
    ordered = as_list(arguments[0])
    return result(type(ordered)(reversed(ordered)) if isinstance(ordered, Unordered) else ordered[::-1], site)


def _one(arguments: Arguments, site: Site) -> Value:
    check_count("one", arguments, 1, 1, site)
    match arguments[0].data:
        case None:
            return result(None, site)
        case tuple() as items:
            if _uncertain(items):
                return result(unknown_call("one", arguments), site)
            if len(items) > 1:
                raise EvaluationError("`one` is given more than one element", site.location)
            return items[0] if items else result(None, site)
        case Unknown():
            return result(unknown_call("one", arguments), site)
        case _:
            raise EvaluationError("`one` needs a list", site.location)


def _coalesce(arguments: Arguments, site: Site) -> Value:
    for argument in arguments:
        match argument.data:
            case None | "":
                continue
            case Text() as text if text.known == "":
                continue
            case Text() as text if text.known is None and not any(
                part.text for part in text.parts if isinstance(part.text, str)
            ):
                return result(unknown_call("coalesce", arguments), site)
            case Unknown(resource="") | Unknown(many=True):
                return result(unknown_call("coalesce", arguments), site)
            case Unknown():
                # What a resource exports is not empty.
                return argument
            case _:
                return unified(arguments)[arguments.index(argument)]
    raise EvaluationError("no argument of `coalesce` has a value", site.location)


def _coalescelist(arguments: Arguments, site: Site) -> Value:
    for argument in arguments:
        match argument.data:
            case None:
                raise NullError("`coalescelist` does not take null", site.location)
            case ():
                continue
            case tuple() as items if all(is_many(item) for item in items):
                return result(unknown_call("coalescelist", arguments), site)
            case tuple():
                return argument
            case Unknown():
                return result(unknown_call("coalescelist", arguments), site)
            case _:
                raise EvaluationError("`coalescelist` needs lists", site.location)
    raise EvaluationError("no argument of `coalescelist` has an element", site.location)


def _all_true(name: str, *, decides: bool) -> Function:
    """`alltrue` and `anytrue`: one element that `decides` is enough."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        items = elements_of(name, arguments[0], site)
        if isinstance(items, Unknown):
            return result(unknown_call(name, arguments), site)
        flags = [Unknown("", "") if is_many(item) else to_boolean(item) for item in items]
        flags = [False if flag is None else flag for flag in flags]
        if any(flag is decides for flag in flags):
            return result(decides, site)
        if any(isinstance(flag, Unknown) for flag in flags):
            return result(unknown_call(name, arguments), site)
        return result(not decides, site)

    return apply


def _index(arguments: Arguments, site: Site) -> Value:
    check_count("index", arguments, 2, 2, site)
    items = elements_of("index", arguments[0], site)
    if isinstance(items, Unknown | Unordered):
        return result(unknown_call("index", arguments), site)
    for number, item in enumerate(items):
        same = None if is_many(item) else equal(item, arguments[1])
        if same is None:
            return result(unknown_call("index", arguments), site)
        if same:
            return result(number, site)
    raise EvaluationError("the list has no such element", site.location)


def _zipmap(arguments: Arguments, site: Site) -> Value:
    check_count("zipmap", arguments, 2, 2, site)
    names, values = arguments[0].data, arguments[1].data
    if (
        not isinstance(names, tuple)
        or not isinstance(values, tuple)
        or _uncertain((*names, *values))
        or not (in_order(arguments[0]) and in_order(arguments[1]))
    ):
        return result(unknown_call("zipmap", arguments), site)
    if len(names) != len(values):
        raise EvaluationError("`zipmap` is given lists of different lengths", site.location)
    entries: dict[str, Value] = {}
    for name, value in zip(names, values, strict=True):
        if name.data is None:
            raise NullError("`zipmap` does not take null as a key", name.location)
        text = known_text(name)
        if text is None:
            return result(unknown_call("zipmap", arguments), site)
        entries[text] = value
    return result(Object(entries), site)


def _transpose(arguments: Arguments, site: Site) -> Value:
    check_count("transpose", arguments, 1, 1, site)
    if not wholly_known(arguments[0]) or not isinstance(arguments[0].data, Object):
        return result(unknown_call("transpose", arguments), site)
    entries: dict[str, list[Value]] = {}
    for name in sorted(arguments[0].data.entries):
        entry = arguments[0].data.entries[name]
        if entry.data is None:
            raise NullError("`transpose` does not take null as an element", entry.location)
        for item in entry.items:
            text = known_text(item)
            if text is None:
                raise NullError("`transpose` does not take null as an element", item.location)
            entries.setdefault(text, []).append(Value(name, item.location))
    return result(Object({name: Value(tuple(found), site.location) for name, found in entries.items()}), site)


def _matchkeys(arguments: Arguments, site: Site) -> Value:
    check_count("matchkeys", arguments, 3, 3, site)
    values, keys, wanted = (argument.data for argument in arguments)
    if not (isinstance(values, tuple) and isinstance(keys, tuple) and isinstance(wanted, tuple)):
        return result(unknown_call("matchkeys", arguments), site)
    if len(values) != len(keys) and not _uncertain((*values, *keys)):
        raise EvaluationError("`matchkeys` is given lists of different lengths", site.location)
    if not (wholly_known(arguments[1]) and wholly_known(arguments[2])) or len(values) != len(keys):
        return result(unknown_call("matchkeys", arguments), site)
    pairs = zip(values, keys, strict=True)
    return result(TypedList(value for value, key in pairs if any(equal(key, one) for one in wanted)), site)


def _chunklist(arguments: Arguments, site: Site) -> Value:
    check_count("chunklist", arguments, 2, 2, site)
    size = to_whole(arguments[1])
    items = elements_of("chunklist", arguments[0], site)
    if isinstance(items, Unknown | Unordered) or _uncertain(items) or isinstance(size, Unknown | None):
        return result(unknown_call("chunklist", arguments), site)
    if size < 0:
        raise EvaluationError("the size of `chunklist` is negative", site.location)
    step = size or max(len(items), 1)
    chunks = (items[start : start + step] for start in range(0, len(items), step))
    return result(tuple(Value(tuple(chunk), site.location) for chunk in chunks), site)


def _sets(name: str) -> Function:
    """`setunion`, `setintersection` and `setsubtract`."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, None, site)
        refuse_null(name, arguments, site)
        if name == "setunion":
            joined = _concat(arguments, site)
            return result(as_set(joined.items), site)
        lists = [elements_of(name, argument, site) for argument in arguments]
        known = all(wholly_known(argument) for argument in arguments)
        if not known or any(isinstance(items, Unknown) for items in lists):
            return result(unknown_call(name, arguments), site)
        first, *others = [as_set(argument.items) for argument in arguments]
        keep = name == "setintersection"
        found = [
            item
            for item in first
            if all(any(equal(item, other) for other in items) is keep for items in others)
        ]
        return result(as_set(found), site)

    return apply


def _setproduct(arguments: Arguments, site: Site) -> Value:
    check_count("setproduct", arguments, 2, None, site)
    if not all(isinstance(argument.data, tuple) for argument in arguments):
        return result(unknown_call("setproduct", arguments), site)
    lists = [argument.items for argument in arguments]
    if any(_uncertain(items) for items in lists):
        return result((_many(unknown_call("setproduct", arguments), site),), site)
    size = 1
    for items in lists:
        size *= len(items)
    if size > MAXIMUM_ELEMENTS:
        raise EvaluationError(f"`setproduct` gives more than {MAXIMUM_ELEMENTS} elements", site.location)
    site.scope.budget.spend(size, site.location)
    rows = tuple(Value(row, site.location) for row in product(*(unified(items) for items in lists)))
    if all(isinstance(argument.data, SetOfValues) for argument in arguments):
        return result(SetOfValues(rows), site)
    return result(rows if all(map(in_order, arguments)) else Unordered(rows), site)


def _range(arguments: Arguments, site: Site) -> Value:
    check_count("range", arguments, 1, 3, site)
    refuse_null("range", arguments, site)
    numbers = [to_number(argument) for argument in arguments]
    if any(isinstance(number, Unknown) or number is None for number in numbers):
        return result((_many(unknown_call("range", arguments), site),), site)
    given = [number for number in numbers if isinstance(number, int | float)]
    start, end = (0, given[0]) if len(given) == 1 else (given[0], given[1])
    step = given[2] if len(given) == 3 else (1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise EvaluationError("the step of `range` leads away from its end", site.location)
    if (end - start) / step > 1024:
        # https://developer.hashicorp.com/terraform/language/functions/range
        raise EvaluationError("`range` gives more than 1024 numbers, which Terraform refuses", site.location)
    found: list[Value] = []
    number: int | float = start
    while (number < end) if step > 0 else (number > end):
        found.append(Value(number, site.location))
        number += step
    return result(TypedList(found), site)


FUNCTIONS: Mapping[str, Function] = {
    "length": _length,
    "concat": _concat,
    "merge": _merge,
    "lookup": _lookup,
    "contains": _contains,
    "keys": _keys,
    "values": _values,
    "flatten": _flatten,
    "element": _element,
    "distinct": _distinct,
    "compact": _compact,
    "sort": _sort,
    "slice": _slice,
    "reverse": _reverse,
    "one": _one,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "alltrue": _all_true("alltrue", decides=False),
    "anytrue": _all_true("anytrue", decides=True),
    "index": _index,
    "zipmap": _zipmap,
    "transpose": _transpose,
    "matchkeys": _matchkeys,
    "chunklist": _chunklist,
    "setunion": _sets("setunion"),
    "setintersection": _sets("setintersection"),
    "setsubtract": _sets("setsubtract"),
    "setproduct": _setproduct,
    "range": _range,
}
