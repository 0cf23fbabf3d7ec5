"""Random expressions of the Terraform language, typed so that most of them are valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

TEXTS = (
    '""', '"a"', '"b,c"', '"es:ESHttpGet"', '"arn:aws:iam::111122223333:role/r"', '"10.0.0.0/8"', '"*"',
    '"<&>"', '"é"', '"A b-c_d"', '"5"', '"true"', '"x/y/z.json"', '"  s "',
)  # fmt: skip
NUMBERS = ("0", "1", "2", "-3", "10", "2.5", "7")
KEYS = ("a", "b", "long_key", "Effect")


@dataclass(slots=True)
class Generator:
    """Makes expressions; `leaves` are the literals in them, written as `\\x00<number>\\x00` in the text."""

    random: Random
    leaves: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def leaf(self, text: str) -> str:
        self.leaves.append(text)
        return f"\x00{len(self.leaves) - 1}\x00"

    def one(self, *makers: Callable[[], str]) -> str:
        return self.random.choice(makers)()

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf(self.random.choice(TEXTS))
        t, n, b, s, m = self._makers(depth - 1)
        return self.one(
            lambda: self.leaf(self.random.choice(TEXTS)),
            lambda: f'"x${{{t()}}}y${{{t()}}}"',
            lambda: f'"%{{ if {b()} }}{self.random.choice(("p", "q"))}%{{ else }}${{{t()}}}%{{ endif }}"',
            lambda: f'"%{{ for e in {s()} }}<${{e}}>%{{ endfor }}"',
            lambda: f"upper({t()})",
            lambda: f"lower({t()})",
            lambda: f"trimspace({t()})",
            lambda: f'join(",", {s()})',
            lambda: f'format("%s-%s", {t()}, {t()})',
            lambda: f"replace({t()}, {t()}, {t()})",
            lambda: f"trimprefix({t()}, {t()})",
            lambda: f"trimsuffix({t()}, {t()})",
            lambda: f"element({s()}, {self.random.randrange(4)})",
            lambda: f"lookup({m()}, {t()}, {t()})",
            lambda: f"{b()} ? {t()} : {t()}",
            lambda: f"({b()} ? {t()} : {t()})",
            lambda: f'coalesce({t()}, {t()}, "z")',
            lambda: f"try({m()}.a, {t()})",
            lambda: f"try({s()}[{self.random.randrange(3)}], {t()})",
            lambda: f"jsonencode({m()})",
            lambda: f"jsonencode({s()})",
            lambda: f"tostring({n()})",
            lambda: f"one([{t()}])",
            lambda: f"substr({t()}, 0, {self.random.randrange(5)})",
            lambda: f"basename({t()})",
            lambda: f"{m()}[{t()}]",
        )  # fmt: skip

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf(self.random.choice(NUMBERS))
        t, n, b, s, m = self._makers(depth - 1)
        operator = self.random.choice(("+", "-", "*"))
        return self.one(
            lambda: self.leaf(self.random.choice(NUMBERS)),
            lambda: f"length({s()})",
            lambda: f"length({m()})",
            lambda: f"length({t()})",
            lambda: f"({n()} {operator} {n()})",
            lambda: f"max({n()}, {n()})",
            lambda: f"min({n()}, {n()})",
            lambda: f"abs({n()})",
            lambda: f"floor({n()})",
            lambda: f"({b()} ? {n()} : {n()})",
            lambda: f"-{n()}",
        )

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf(self.random.choice(("true", "false")))
        t, n, b, s, m = self._makers(depth - 1)
        return self.one(
            lambda: self.leaf(self.random.choice(("true", "false"))),
            lambda: f"({t()} == {t()})",
            lambda: f"({t()} != {t()})",
            lambda: f"({n()} < {n()})",
            lambda: f"({n()} >= {n()})",
            lambda: f"({b()} && {b()})",
            lambda: f"({b()} || {b()})",
            lambda: f"!{b()}",
            lambda: f"contains({s()}, {t()})",
            lambda: f"startswith({t()}, {t()})",
            lambda: f"endswith({t()}, {t()})",
            lambda: f"can({m()}.a)",
            lambda: f"alltrue([{b()}, {b()}])",
            lambda: f"anytrue([{b()}, {b()}])",
            lambda: f"(length({s()}) > 0)",
        )

    def list(self, depth: int) -> str:
        if depth <= 0:
            return f"[{', '.join(self.text(0) for _ in range(self.random.randrange(4)))}]"
        t, _, b, s, m = self._makers(depth - 1)
        return self.one(
            lambda: f"[{', '.join(t() for _ in range(self.random.randrange(4)))}]",
            lambda: f"concat({s()}, {s()})",
            lambda: f"distinct({s()})",
            lambda: f"compact({s()})",
            lambda: f"sort({s()})",
            lambda: f"reverse({s()})",
            lambda: f"tolist(toset({s()}))",
            lambda: f"flatten([{s()}, [{s()}]])",
            lambda: f"keys({m()})",
            lambda: f"values({m()})",
            lambda: f'split(",", {t()})',
            lambda: f'formatlist("<%s>", {s()})',
            lambda: f'[for e in {s()} : "${{e}}!"]',
            lambda: f"[for e in {s()} : upper(e) if e != {t()}]",
            lambda: f'[for i, e in {s()} : "${{i}}${{e}}"]',
            lambda: f'[for k, v in {m()} : "${{k}}=${{v}}"]',
            lambda: f"[for e in {s()} : {{ a = e }}][*].a",
            lambda: f"({b()} ? {s()} : {s()})",
            lambda: f'slice(concat({s()}, ["p", "q"]), 0, 2)',
            lambda: f'coalescelist({s()}, ["z"])',
            lambda: f"tolist(setunion({s()}, {s()}))",
        )  # fmt: skip

    def map(self, depth: int) -> str:
        keys = self.random.sample(KEYS, self.random.randrange(4))
        if depth <= 0:
            return "{" + ", ".join(f"{key} = {self.text(0)}" for key in keys) + "}"
        t, _, b, s, m = self._makers(depth - 1)
        return self.one(
            lambda: "{" + ", ".join(f"{key} = {t()}" for key in keys) + "}",
            lambda: "{" + f"({t()}) = {t()}" + "}",
            lambda: f"merge({m()}, {m()})",
            lambda: f'{{ for e in distinct({s()}) : e => "v${{e}}" }}',
            lambda: f"{{ for k, v in {m()} : upper(k) => v if v != {t()} }}",
            lambda: f'zipmap(["a", "b"], [{t()}, {t()}])',
            lambda: f"tomap({m()})",
            lambda: f"({b()} ? {m()} : {m()})",
            lambda: f"jsondecode(jsonencode({m()}))",
        )  # fmt: skip

    def _makers(self, depth: int) -> tuple[Callable[[], str], ...]:
        kinds = (self.text, self.number, self.boolean, self.list, self.map)
        return tuple(lambda kind=kind: kind(depth) for kind in kinds)

    def any(self, depth: int) -> str:
        return self.one(*self._makers(depth))


def written(text: str, leaves: list[str], unknown: int | None = None) -> str:
    """The expression with its leaves filled in, one of them as `var.u`."""
    pieces = text.split("\x00")
    for position in range(1, len(pieces), 2):
        number = int(pieces[position])
        pieces[position] = "var.u" if number == unknown else leaves[number]
    return "".join(pieces)
