"""Classes of values of a condition key: values of one class satisfy the same conditions.

For each key that policies mention there are finitely many classes, because
each operator tells apart finitely many sets of values: texts by the patterns
they match, addresses by the networks they are in, numbers and dates by the
bounds they lie between, and the absent key. One value stands for its class,
and whether it satisfies a condition is asked of the same evaluator that
decides concrete requests.

The values of a key that takes several are sets of such values. A condition on a
set is true of all (`ForAllValues`) or of some (`ForAnyValue`) of its members, so
sets are built up member by member until no new combination of answers appears.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from osreach.iam.address import EVERY_ADDRESS, AddressSet, address_set, marked_cells, parse_network
from osreach.iam.combination import representatives
from osreach.iam.condition import OPERATORS, Comparison, Test
from osreach.iam.document import Condition, Quantifier
from osreach.iam.facts import UNKNOWN_VALUE, Facts
from osreach.iam.glob_match import is_everything, plain
from osreach.iam.hole import has_hole
from osreach.iam.pattern import Form, Glob, glob, glob_of
from osreach.iam.readable import takes_several
from osreach.iam.scalar import instant, number
from osreach.iam.scope import Absent, AnyAddress, AnyOf, AnyText, Fixed, KeyDomain, Unconstrained
from osreach.iam.variables import Variable, has_variable, resolve, template
from osreach.truth import Truth

Values = tuple[str, ...]
"""The values of a key in one request; empty where the key is absent."""

_CLASSES = 512
_ARN_PARTS = 6
_TEXTS = frozenset(
    {
        Comparison.STRING_EQUALS,
        Comparison.STRING_EQUALS_IGNORE_CASE,
        Comparison.STRING_LIKE,
        Comparison.ARN_LIKE,
        Comparison.BOOL,
        Comparison.BINARY_EQUALS,
    }
)
_VARIABLES = frozenset(
    {
        Comparison.STRING_EQUALS,
        Comparison.STRING_EQUALS_IGNORE_CASE,
        Comparison.STRING_LIKE,
        Comparison.ARN_LIKE,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One condition of a statement, ready to be asked; `variables` says whether `${...}` is one."""

    key: str
    condition: Condition
    test: Test
    variables: Truth


@dataclass(slots=True)
class Classes:
    """The classes of one key: a value for each, and which satisfy which condition.

    `reason` is not empty where there may be further classes. Classes come in
    the order in which an answer prefers them. For a key that holds an address
    `networks` has the classes inside each network that conditions name.
    """

    key: str
    values: list[Values]
    reason: str = ""
    networks: dict[str, int] | None = None
    _masks: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def every(self) -> int:
        """All classes."""
        return (1 << len(self.values)) - 1

    def masks(self, clause: Clause, facts: Facts) -> tuple[int, int]:
        """The classes that certainly, and that possibly, satisfy the condition.

        `facts` are those of the question without this key.
        """
        known = self._masks.get(id(clause))
        if known is None:
            known = self._masks[id(clause)] = self._ask(clause, facts)
        return known

    def _ask(self, clause: Clause, facts: Facts) -> tuple[int, int]:
        must, answered = self._by_network(clause)
        may = must
        test, keys, key = clause.test, facts.keys, self.key
        held = keys.get(key)
        for place, values in enumerate(self.values):
            if answered >> place & 1:
                continue
            keys[key] = values
            truth = test(facts)
            if truth is not Truth.FALSE:
                may |= 1 << place
                if truth is Truth.TRUE:
                    must |= 1 << place
        if held is None:
            keys.pop(key, None)
        else:
            keys[key] = held
        return must, may

    def _by_network(self, clause: Clause) -> tuple[int, int]:
        """The classes that satisfy a condition about addresses, among those of which that is known.

        Addresses are many where other values are few, and which network holds
        which is known from how they were found.
        """
        operator = OPERATORS[clause.condition.operator]
        if (
            self.networks is None
            or operator.comparison is not Comparison.IP_ADDRESS
            or any(has_hole(term.text) for term in clause.condition.values)
        ):
            return 0, 0
        single = self.every
        for place, values in enumerate(self.values):
            if len(values) != 1:
                single &= ~(1 << place)
        inside = 0
        for term in clause.condition.values:
            inside |= self.networks.get(term.text, 0)
        return single & ~inside if operator.negated else inside, single


def classes_of(key: str, domain: KeyDomain, clauses: Sequence[Clause], facts: Facts) -> Classes:
    """The classes of values that `domain` allows and `clauses` tell apart."""
    match domain:
        case Absent():
            return Classes(key, [()])
        case Fixed(values):
            return Classes(key, [values])
        case AnyOf(values, optional):
            return Classes(key, [*([()] if optional else []), *((value,) for value in values)])
        case AnyAddress(optional, within):
            area = address_set(within) if within else EVERY_ADDRESS
            return _addresses(key, clauses, facts, area, optional=optional)
        case AnyText(optional):
            return _singles(key, clauses, facts, optional=optional)
        case Unconstrained():
            classes = _singles(key, clauses, facts, optional=True)
            quantified = any(clause.condition.quantifier is not Quantifier.NONE for clause in clauses)
            if takes_several(key, quantified=quantified):
                return _sets(classes, clauses, facts)
            return classes


_PRESENT = frozenset({"aws:sourceip", "aws:securetransport"})
"""Keys that an ordinary request has; all others an answer leaves out where it can."""


def _ordered(key: str, values: Iterable[str], *, optional: bool) -> list[Values]:
    ordered: list[Values] = [(value,) for value in values]
    if optional:
        ordered.insert(len(ordered) if key in _PRESENT else 0, ())
    return ordered


def _comparison(clause: Clause) -> Comparison:
    return OPERATORS[clause.condition.operator].comparison


def _texts(clause: Clause, facts: Facts) -> Iterable[str]:
    """The values of the condition with their variables filled in from what is fixed in the question."""
    for term in clause.condition.values:
        text = term.text
        if clause.variables is Truth.FALSE or not has_variable(text) or _comparison(clause) not in _VARIABLES:
            yield text
        elif clause.variables is Truth.UNKNOWN:
            yield UNKNOWN_VALUE
        else:
            resolved = resolve(template(text), facts.single)
            if resolved is not None:
                yield resolved


def variables_of(text: str) -> Iterable[str]:
    """The keys whose values stand in `text` as variables."""
    return (piece.key for piece in template(text) if isinstance(piece, Variable))


def keys_in_values(clause: Clause) -> list[str]:
    """The keys that the values of a condition refer to as variables."""
    texts = [term.text for term in clause.condition.values if has_variable(term.text)]
    if not texts or _comparison(clause) not in _VARIABLES:
        return []
    return [key for text in texts for key in variables_of(text)]


def _singles(key: str, clauses: Sequence[Clause], facts: Facts, *, optional: bool) -> Classes:
    """One value for each class of single values, and why there may be more."""
    kinds = {_comparison(clause) for clause in clauses} - {Comparison.NULL}
    if Comparison.IP_ADDRESS in kinds:
        return _addresses(key, clauses, facts, EVERY_ADDRESS, optional=optional)
    texts = [clause for clause in clauses if _comparison(clause) in _TEXTS]
    ordered = [clause for clause in clauses if _is_ordered(_comparison(clause))]
    found: list[str] = []
    reasons: list[str] = []
    if ordered:
        dates = _comparison(ordered[0]).value.startswith("Date")
        found += _bounds(ordered, facts, dates=dates)
        if texts or any(_comparison(clause).value.startswith("Date") is not dates for clause in ordered):
            reasons.append(f"`{key}` is compared as text and as number or date")
    if texts or not ordered:
        words, reason = representatives(key, _patterns(texts, facts))
        found += words
        if reason:
            reasons.append(reason)
    return Classes(key, _ordered(key, dict.fromkeys(found), optional=optional), "; ".join(reasons))


def _is_ordered(comparison: Comparison) -> bool:
    return comparison.value.startswith(("Numeric", "Date"))


def _addresses(
    key: str, clauses: Sequence[Clause], facts: Facts, within: AddressSet, *, optional: bool
) -> Classes:
    """An address for each class of addresses."""
    found, texts, reason = _address_cells(key, clauses, facts, within)
    found.sort(key=lambda entry: _liking(entry[0]))
    values = _ordered(key, (sample for sample, _, _ in found), optional=optional)
    networks = dict.fromkeys(texts, 0)
    first = 1 if values and not values[0] else 0
    for place, (_, _, mark) in enumerate(found, first):
        left = mark
        while left:
            networks[texts[(left & -left).bit_length() - 1]] |= 1 << place
            left &= left - 1
    return Classes(key, values, reason, networks)


def address_cells(
    key: str, clauses: Sequence[Clause], facts: Facts, within: AddressSet
) -> list[tuple[str, AddressSet]]:
    """The classes of addresses in `within`, each with a sample."""
    return [(sample, cell) for sample, cell, _ in _address_cells(key, clauses, facts, within)[0]]


def _address_cells(
    key: str, clauses: Sequence[Clause], facts: Facts, within: AddressSet
) -> tuple[list[tuple[str, AddressSet, int]], list[str], str]:
    networks: dict[str, AddressSet] = {}
    reason = ""
    for clause in clauses:
        comparison = _comparison(clause)
        if comparison is Comparison.NULL:
            continue
        for text in _texts(clause, facts):
            networks.setdefault(text, parse_network(text))
            if comparison is not Comparison.IP_ADDRESS and not (networks[text] and "/" not in text):
                reason = f"`{key}` holds an address and is compared as text with wildcards"
    cells = [
        (sample, cell, mark)
        for cell, mark in marked_cells(list(networks.values()), within)
        if (sample := cell.sample()) is not None
    ]
    return cells, list(networks), reason


def _liking(address: str) -> tuple[bool, bool]:
    return (":" in address, not address.startswith(("203.0.113.", "198.51.100.", "192.0.2.")))


def _bounds(clauses: Sequence[Clause], facts: Facts, *, dates: bool) -> list[str]:
    """A number (or date) on and between all that are compared with, and on both sides."""
    read = instant if dates else number
    written: dict[Decimal, str] = {}
    for clause in clauses:
        for text in _texts(clause, facts):
            value = read(text)
            if value is not None:
                written.setdefault(value, text)
    if not written:
        return ["0"]
    marks = sorted(written)
    found = [_number(marks[0] - 1)]
    for place, mark in enumerate(marks):
        found.append(written[mark])
        following = marks[place + 1] if place + 1 < len(marks) else mark + 2
        between = Decimal(int((mark + following) / 2))
        found.append(_number(between if mark < between < following else (mark + following) / 2))
    return found


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _patterns(clauses: Sequence[Clause], facts: Facts) -> tuple[dict[str, None], dict[Glob, None]]:
    """The texts that conditions name, and the patterns that match more than one."""
    literals: dict[str, None] = {}
    globs: dict[Glob, None] = {}
    for clause in clauses:
        comparison = _comparison(clause)
        for text in _texts(clause, facts):
            if has_hole(text):
                globs.setdefault(glob(text, wide=True))
            match comparison:
                case Comparison.STRING_EQUALS | Comparison.BINARY_EQUALS:
                    literals.setdefault(plain(text))
                case Comparison.STRING_EQUALS_IGNORE_CASE | Comparison.BOOL:
                    globs.setdefault(glob_of(tuple(plain(text)), Form.FOLDED))
                case _:
                    if comparison is Comparison.ARN_LIKE and (
                        is_everything(text) or len(text.split(":", _ARN_PARTS - 1)) < _ARN_PARTS
                    ):
                        continue
                    form = Form.ARN if comparison is Comparison.ARN_LIKE else Form.TEXT
                    pattern = glob(text, form)
                    if pattern.literal is None:
                        globs.setdefault(pattern)
                    else:
                        literals.setdefault(pattern.literal)
    return literals, globs


def _sets(classes: Classes, clauses: Sequence[Clause], facts: Facts) -> Classes:
    """The same classes and, for a key that takes several values, those of sets of values.

    What conditions say of a set and a further member follows from what they say
    of both, and a member that is in the set already changes nothing.
    """
    answer = _answers(classes.key, clauses, facts)
    single: dict[tuple[Truth, ...], Values] = {}
    members: list[str] = []
    for values in classes.values:
        if values and (said := answer(values)) not in single:
            single[said] = values
            (text,) = values
            # That there are two of a kind can matter, so there is a second one where the class has one.
            others = (value for one in classes.values for value in one)
            variants = (
                f"{text}-2",
                f"{text}x",
                f"x{text}",
                f"{text[:-1]}z",
                f"{text[:-1]}q",
                "other",
                *others,
            )
            second = [one for one in variants if one != text and answer((one,)) == said]
            members += [text, *second[:1]]
    several: dict[tuple[Truth, ...], Values] = {}
    layer = list(single.values())
    reason = classes.reason
    while layer:
        following: list[Values] = []
        for values in layer:
            for member in members:
                if member not in values and (said := answer((*values, member))) not in several:
                    several[said] = (*values, member)
                    following.append((*values, member))
        if len(several) > _CLASSES:
            reason = f"`{classes.key}` has too many combinations of values"
            # All at once is what no short search comes to.
            several.setdefault(answer(tuple(members)), tuple(members))
            break
        layer = following
    return Classes(classes.key, [*classes.values, *several.values()], reason)


def _answers(key: str, clauses: Sequence[Clause], facts: Facts) -> Callable[[Values], tuple[Truth, ...]]:
    def answer(values: Values) -> tuple[Truth, ...]:
        facts.keys[key] = values
        said = tuple(clause.test(facts) for clause in clauses)
        del facts.keys[key]
        return said

    return answer
