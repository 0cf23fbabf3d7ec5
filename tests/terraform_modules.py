"""Random Terraform modules in the vocabulary of policies: variables, locals, resources and calls of each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from terraform_expressions import Generator, written

REFUSED = "__refused__"
"""What stands where Terraform finds an error."""

ACTIONS = ('"es:ESHttpGet"', '"es:ESHttp*"', '"es:*"', '"kms:Decrypt"', '"sts:AssumeRole"')
NAMES = ("a", "b", "reader", "eu-west-1", "é x", "${x}", "10", "")
SHARED = (("text", "name"), ("list", "names"), ("map", "tags"))
"""What every generated module takes and gives, by kind."""


@dataclass(slots=True)
class PolicyGenerator(Generator):
    """More functions and constructs than the expressions of `Generator`, and references to what is declared.

    `references` are expressions by the kind of their value.
    """

    references: dict[str, list[str]] = field(default_factory=dict)

    def _referred(self, kind: str) -> str | None:
        listed = self.references.get(kind)
        return self.random.choice(listed) if listed and self.random.random() < 0.35 else None

    def _mixed(self, kind: str, depth: int, own: Callable[[int], str], base: Callable[[int], str]) -> str:
        return self._referred(kind) or (
            own(depth - 1) if depth > 0 and self.random.random() < 0.5 else base(depth)
        )

    def text(self, depth: int) -> str:
        return self._mixed("text", depth, self._text, lambda inner: Generator.text(self, inner))

    def number(self, depth: int) -> str:
        return self._mixed("number", depth, self._number, lambda inner: Generator.number(self, inner))

    def boolean(self, depth: int) -> str:
        return self._mixed("boolean", depth, self._boolean, lambda inner: Generator.boolean(self, inner))

    def list(self, depth: int) -> str:
        return self._mixed("list", depth, self._list, lambda inner: Generator.list(self, inner))

    def map(self, depth: int) -> str:
        return self._mixed("map", depth, self._map, lambda inner: Generator.map(self, inner))

    def any(self, depth: int) -> str:
        if depth > 0 and self.random.random() < 0.2:
            return self.policy(depth - 1)
        return Generator.any(self, depth)

    def policy(self, depth: int) -> str:
        """A policy document."""
        t, _, b, s, m = self._makers(depth)
        condition = f'{b()} ? {{ StringLike = {{ "aws:PrincipalArn" = {s()} }} }} : null'
        statement = self.one(
            lambda: f'{{ Effect = "Allow", Principal = "*", Action = {s()}, Resource = {t()} }}',
            lambda: f"{{ Effect = {t()}, Principal = {{ AWS = {s()} }}, Action = {self.action()} }}",
            lambda: f"merge({{ Effect = {t()} }}, {m()})",
            lambda: (
                f"{{ for k, v in {{ Action = {self.action()}, Condition = {condition} }} : k => v if v != null }}"
            ),
        )
        statements = self.one(
            lambda: f"[{statement}]",
            lambda: f"concat([{statement}], {b()} ? [{statement}] : [])",
            lambda: f"[for a in {s()} : {statement}]",
            lambda: f"[for k, v in {m()} : {{ Sid = k, Effect = v, Resource = {t()} }}]",
        )
        document = f'{{ Version = "2012-10-17", Statement = {statements} }}'
        return self.one(
            lambda: document,
            lambda: f"jsonencode({document})",
            lambda: f"jsondecode(jsonencode({document}))",
        )

    def action(self) -> str:
        return self.leaf(self.random.choice(ACTIONS))

    def _text(self, depth: int) -> str:
        t, n, b, s, m = self._makers(depth)
        return self.one(
            lambda: f'"arn:aws:es:${{{t()}}}:${{{n()}}}:domain/${{{t()}}}/*"',
            lambda: f'format("%03d|%q|%v|%5.1f", {n()}, {t()}, {self.any(depth)}, {n()})',
            lambda: f'format("%s-%%-%t", {t()}, {b()})',
            lambda: f"jsonencode({self.any(depth)})",
            lambda: f'regex("[a-z]+", {t()})',
            lambda: f'regex("(?P<first>[a-z]+)(?P<rest>.*)", {t()}).rest',
            lambda: f'replace({t()}, "/[^a-zA-Z0-9]+/", "-")',
            lambda: f'replace({t()}, "/([a-z])(s|t)/", "$2$1")',
            lambda: f"title({t()})",
            lambda: f"strrev({t()})",
            lambda: f"chomp({t()})",
            lambda: f'indent(2, "a\\n${{{t()}}}")',
            lambda: f'trim({t()}, "a*")',
            lambda: f"base64encode({t()})",
            lambda: f"base64decode(base64encode({t()}))",
            lambda: f"sha256({t()})",
            lambda: f"urlencode({t()})",
            lambda: f"dirname({t()})",
            lambda: f'cidrsubnet("10.0.0.0/8", 8, abs({n()}))',
            lambda: f'cidrhost("10.0.0.0/16", abs({n()}))',
            lambda: f"substr({t()}, {n()}, {n()})",
            lambda: f'join("-", compact([{t()}, {t()}]))',
            lambda: f'split("/", {t()})[{self.random.randrange(2)}]',
            lambda: f'"%{{~ for k, v in {m()} ~}} ${{k}}=${{v}} %{{~ endfor ~}}"',
            lambda: f'"%{{ for i, e in {s()} }}%{{ if i > 0 }}, %{{ endif }}${{e}}%{{ endfor }}"',
            lambda: f"coalesce(null, {t()})",
            lambda: f"coalesce({s()}...)",
            lambda: f"element(concat({s()}, [{t()}]), abs({n()}))",
            lambda: f'lookup({m()}, "a", {t()})',
            lambda: f'try({m()}["b"], {s()}[0], {t()})',
            lambda: f"({n()} > {n()} ? {t()} : {n()})",
            lambda: f"tostring({b()})",
            lambda: f"one(slice(concat({s()}, [{t()}]), 0, 1))",
            lambda: f"{s()}.0",
            lambda: f"nonsensitive(sensitive({t()}))",
            lambda: f'yamldecode("a: ${{abs({n()})}}").a',
            lambda: f'cidrnetmask(cidrsubnet("10.0.0.0/8", abs({n()}), 0))',
        )  # fmt: skip

    def _number(self, depth: int) -> str:
        t, n, b, s, m = self._makers(depth)
        return self.one(
            lambda: f"ceil({n()} / 3)",
            lambda: f"({n()} % 4)",
            lambda: f"({n()} / 4)",
            lambda: f"pow(2, length({s()}))",
            lambda: f"signum({n()})",
            lambda: 'parseint("ff", 16)',
            lambda: f"sum([{n()}, {n()}])",
            lambda: f"index({s()}, {t()})",
            lambda: f"tonumber(tostring({n()}))",
            lambda: f"length(setunion({s()}, keys({m()})))",
            lambda: f"length({self.any(depth)})",
            lambda: f"({b()} ? 1 : 0)",
            lambda: f'length(split("/", {t()}))',
        )  # fmt: skip

    def _boolean(self, depth: int) -> str:
        t, n, b, s, m = self._makers(depth)
        return self.one(
            lambda: f"contains({s()}, {t()})",
            lambda: f"contains(keys({m()}), {t()})",
            lambda: f"startswith({t()}, {t()})",
            lambda: f"endswith({t()}, {t()})",
            lambda: f"({s()} == {s()})",
            lambda: f"({m()} == {m()})",
            lambda: f"(toset({s()}) == toset({s()}))",
            lambda: f"({self.any(depth)} == {self.any(depth)})",
            lambda: f"({self.any(depth)} != null)",
            lambda: f'can(regex("^[a-z]+$", {t()}))',
            lambda: f"!{b()}",
            lambda: f"({n()} <= {n()})",
            lambda: f"tobool(tostring({b()}))",
            lambda: f"alltrue([for e in {s()} : e != {t()}])",
            lambda: f"try({m()}.a == {t()}, false)",
        )  # fmt: skip

    def _list(self, depth: int) -> str:
        t, n, b, s, m = self._makers(depth)
        return self.one(
            lambda: f'[for p in setproduct({s()}, {s()}) : join("/", p)]',
            lambda: f"flatten(chunklist({s()}, 2))",
            lambda: f"matchkeys({s()}, {s()}, {s()})",
            lambda: f'[for i in range(min(4, abs({n()}))) : "n${{i}}"]',
            lambda: f"slice({s()}, 0, min(1, length({s()})))",
            lambda: f"[for e in toset({s()}) : e]",
            lambda: f'[for e in {s()} : e if can(regex("^[a-z]", e))]',
            lambda: f"distinct(flatten([for k, v in {m()} : [k, v]]))",
            lambda: f"values({m()})[*]",
            lambda: f"sort(tolist(setintersection({s()}, {s()})))",
            lambda: f"sort(setsubtract({s()}, {s()}))",
            lambda: f'regexall("[a-z]", {t()})',
            lambda: f'formatlist("%s-%s", {s()}, {t()})',
            lambda: f"[for k in keys({m()}) : {m()}[k]]",
            lambda: f"concat({s()}, {b()} ? {s()} : [])",
            lambda: f'[for v in values({{ for e in {s()} : e => e... }}) : join("+", v)]',
            lambda: f"{t()}[*]",
            lambda: f"tolist([{t()}, {n()}, {b()}])",
            lambda: f"[{n()}, {t()}]",
            lambda: f"jsondecode(jsonencode({s()}))",
            lambda: f'split("", {t()})',
            lambda: f"[for x in [{{ id = {t()} }}, {{ id = {t()} }}] : x.id]",
            lambda: f"[{{ l = {s()} }}, {{ l = {s()} }}][*].l[0]",
            lambda: f"one([{s()}])",
            lambda: f"try(tolist({s()}), [{t()}])",
        )  # fmt: skip

    def _map(self, depth: int) -> str:
        t, n, b, s, m = self._makers(depth)
        return self.one(
            lambda: f'{{ for k, v in {{ for k, v in {m()} : v => k... }} : k => join(",", v) }}',
            lambda: f"merge({m()}, {b()} ? {m()} : {{}})",
            lambda: f"merge([for e in {s()} : {{ (e) = {t()} }}]...)",
            lambda: f"{{ for i, e in {s()} : tostring(i) => e }}",
            lambda: f"zipmap({s()}, {s()})",
            lambda: f"{{ for k, v in {m()} : k => v if v != null }}",
            lambda: f"{{ for k, v in transpose({{ x = {s()}, y = {s()} }}) : k => v[0] }}",
            lambda: f'{{ "${{{t()}}}" = {t()}, b = tostring({n()}) }}',
            lambda: f"tomap({{ a = {t()}, b = {n()} }})",
            lambda: f"try(merge({m()}, {{ a = {n()} }}), {m()})",
        )  # fmt: skip


def expression(random: Random, depth: int) -> tuple[str, list[str]]:
    """One expression with placeholders for its literals, and the literals."""
    generator = PolicyGenerator(random)
    return generator.any(depth), generator.leaves


@dataclass(slots=True)
class TreeGenerator:
    """Makes modules that call each other; `files` are their texts by path."""

    random: Random
    files: dict[str, str] = field(default_factory=dict)

    def expression(self, kind: str, references: Mapping[str, list[str]], depth: int | None = None) -> str:
        """An expression of a kind that may refer to what is declared."""
        generator = PolicyGenerator(self.random, references=dict(references))
        makers = {
            "text": generator.text,
            "number": generator.number,
            "boolean": generator.boolean,
            "list": generator.list,
            "map": generator.map,
            "any": generator.any,
            "policy": generator.policy,
        }
        text = makers[kind](self.random.randrange(1, 3) if depth is None else depth)
        return written(text, generator.leaves)

    def tree(self, folder: str, depth: int) -> None:
        """A module in `folder` with `depth` levels of modules below it."""
        random = self.random
        blocks: list[str] = []
        known: dict[str, list[str]] = {"text": ["path.module"]}

        def add(kind: str, reference: str) -> None:
            known.setdefault(kind, []).append(reference)

        for kind, name in SHARED:
            blocks.append(self._variable(kind, name))
            add(kind, f"var.{name}")
        blocks.append(self._configuration())
        for kind, reference in (
            ("text", "var.configuration.a"),
            ("number", "var.configuration.n"),
            ("list", "var.configuration.l"),
            ("text", 'try(var.entries["x"].a, "none")'),
            ("list", "[for k, v in var.entries : v.a]"),
            ("list", "keys(var.entries)"),
            ("boolean", "var.configuration.b"),
        ):
            add(kind, reference)
        blocks.append(self._locals(known, add))
        if depth:
            self.tree(f"{folder}/child", depth - 1)
            blocks.append(self._call(known, add))
        blocks += self._resources(known, add)
        for kind, name in SHARED:
            value = self.expression(kind, known)
            blocks.append(f'output "{name}" {{\n  value = try({value}, {_empty(kind)})\n}}\n')
        random.shuffle(blocks)
        half = len(blocks) // 2
        self.files[f"{folder}/main.tf"] = "\n".join(blocks[:half])
        self.files[f"{folder}/more.tf"] = "\n".join(blocks[half:])

    def _variable(self, kind: str, name: str) -> str:
        kinds = {"text": "string", "list": "list(string)", "map": "map(string)"}
        value = self.expression(kind, {}, 0)
        nullable = self.random.choice(("", "  nullable = false\n"))
        return f'variable "{name}" {{\n  type    = {kinds[kind]}\n  default = {value}\n{nullable}}}\n'

    def _configuration(self) -> str:
        fields = [
            f"a = {self.expression('text', {}, 0)}",
            f"n = {self.random.choice(('1', chr(34) + '2' + chr(34), '2.5'))}",
            f"l = {self.expression('list', {}, 0)}",
            f"b = {self.random.choice(('true', 'false', chr(34) + 'true' + chr(34)))}",
            "extra = 1",
        ]
        chosen = self.random.sample(fields, self.random.randrange(len(fields)))
        entry = self.random.choice(("{}", '{ a = "e" }', "{ a = 5 }", "{ c = true }"))
        return (
            'variable "configuration" {\n  type = object({\n    a = optional(string, "d")\n'
            '    n = optional(number, 7)\n    l = optional(list(string), ["x", "y"])\n'
            f"    b = optional(bool, false)\n  }})\n  default = {{ {', '.join(chosen)} }}\n}}\n"
            'variable "entries" {\n  type    = map(object({ a = optional(string, "i"), c = optional(bool) }))\n'
            f"  default = {{ x = {entry}, y = {{ a = {self.expression('text', {}, 0)} }} }}\n}}\n"
        )

    def _locals(self, known: Mapping[str, list[str]], add: Callable[[str, str], None]) -> str:
        lines = []
        for number in range(self.random.randrange(2, 5)):
            kind = self.random.choice(("text", "list", "map", "number", "boolean"))
            value = self.expression(kind, known)
            lines.append(f"  v{number} = try({value}, {_empty(kind)})\n")
            add(kind, f"local.v{number}")
        return f"locals {{\n{''.join(lines)}}}\n"

    def _call(self, known: Mapping[str, list[str]], add: Callable[[str, str], None]) -> str:
        repeat = self.random.choice(("", "count", "set", "map"))
        own = dict(known)
        lines = ['  source = "./child"\n']
        match repeat:
            case "count":
                lines.append(f"  count  = min(3, length({self.expression('list', known, 1)}))\n")
                own = {**known, "number": [*known.get("number", []), "count.index"]}
                listed, instance = "module.child[*].{}", "module.child[0].{}"
            case "set":
                lines.append(f"  for_each = toset(try({self.expression('list', known, 1)}, []))\n")
                own = {**known, "text": [*known["text"], "each.key", "each.value"]}
                listed, instance = "[for k, m in module.child : m.{}]", "values(module.child)[0].{}"
            case "map":
                lines.append(f"  for_each = try({self.expression('map', known, 1)}, {{}})\n")
                own = {**known, "text": [*known["text"], "each.key", "each.value"]}
                listed, instance = "values(module.child)[*].{}", 'module.child["a"].{}'
            case _:
                listed, instance = "[module.child.{}]", "module.child.{}"
        for kind, name in SHARED:
            if self.random.random() < 0.7:
                lines.append(f"  {name} = try({self.expression(kind, own)}, {_empty(kind)})\n")
        if self.random.random() < 0.5:
            lines.append(f'  configuration = {{ a = try({self.expression("text", own)}, "r"), n = "3" }}\n')
        for kind, name in SHARED:
            add(kind, f"try({instance.format(name)}, {_empty(kind)})")
        add("list", listed.format("name"))
        add("list", f"flatten({listed.format('names')})")
        return f'module "child" {{\n{"".join(lines)}}}\n'

    def _resources(self, known: Mapping[str, list[str]], add: Callable[[str, str], None]) -> list[str]:
        blocks = []
        for number in range(self.random.randrange(1, 4)):
            kind = self.random.choice(("any", "policy", "text", "list", "map"))
            address = f"terraform_data.r{number}"
            own = dict(known)
            lines = []
            index = '"none"'
            match self.random.choice(("", "count", "condition", "set", "map")):
                case "count":
                    lines.append(f"  count = try(min(3, length({self.expression('list', known, 1)})), 1)\n")
                    index = "count.index"
                    own["number"] = [*known.get("number", []), index]
                    references = {"list": f'[for r in {address} : "${{r.input.at}}"]'}
                case "condition":
                    lines.append(f"  count = try({self.expression('boolean', known, 1)}, true) ? 1 : 0\n")
                    references = {"text": f'try(one({address}[*].input.at), "n")'}
                case "set":
                    lines.append(f"  for_each = toset(try({self.expression('list', known, 1)}, []))\n")
                    index = "each.key"
                    own["text"] = [*known["text"], index]
                    references = {
                        "list": f"values({address})[*].input.at",
                        "text": f'join("|", keys({address}))',
                    }
                case "map":
                    entries = self.expression("map", known, 1)
                    lines.append(f"  for_each = {{ for k, v in try({entries}, {{}}) : k => {{ w = v }} }}\n")
                    index = "each.value.w"
                    own["text"] = [*known["text"], index, "each.key"]
                    references = {"map": f"{{ for k, r in {address} : k => r.input.at }}"}
                case _:
                    references = {"text": f"{address}.input.at"}
            value = self.expression(kind, own)
            lines.append(f'  input = {{\n    at = {index}\n    value = try({value}, "{REFUSED}")\n  }}\n')
            for kind_of, reference in references.items():
                add(kind_of, reference)
            blocks.append(f'resource "terraform_data" "r{number}" {{\n{"".join(lines)}}}\n')
        return blocks


def _empty(kind: str) -> str:
    return {"text": '"none"', "list": "[]", "map": "{}", "number": "0", "boolean": "false"}[kind]


def tree(random: Random, folder: str) -> dict[str, str]:
    """The files of one module tree below `folder`."""
    generator = TreeGenerator(random)
    generator.tree(folder, random.randrange(3))
    return generator.files
