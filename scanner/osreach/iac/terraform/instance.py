"""Instances of resources and data sources, whose attributes are evaluated one by one on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from osreach.iac.terraform.body import block_types, nested, reference_text, reported
from osreach.iac.terraform.computed import after_apply, exported, names_of
from osreach.iac.terraform.functions.files import rendered
from osreach.iac.terraform.functions.signature import Site
from osreach.iac.terraform.policy_document import policy_document
from osreach.iac.terraform.provider import Facts
from osreach.iac.terraform.rendering import known_text
from osreach.iac.terraform.scope import EvaluationError, Scope
from osreach.iac.terraform.syntax import Block, Literal
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Text, Unknown, Value

META = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"})
"""What Terraform itself reads in a resource block.

https://developer.hashicorp.com/terraform/language/meta-arguments
"""


@dataclass(slots=True)
class ResourceInstance:
    """One instance of a resource or data source; see `scope.Instance` and `computed.Exporter`."""

    kind: str
    data: bool
    address: str
    block: Block
    scope: Scope
    facts_of: Callable[[str], Facts]
    report: Callable[[Problem], None]
    _values: dict[str, Value] = field(default_factory=dict)
    _active: set[str] = field(default_factory=set)

    @property
    def provider(self) -> str | None:
        """The provider configuration that the block names (`aws.west`), None where it names none."""
        assignment = self.block.assignment("provider")
        if assignment is None:
            return None
        # Terraform 0.11 wrote the reference in quotes.
        written = assignment.expression
        name = written.value if isinstance(written, Literal) else reference_text(written)
        return str(name) if name else None

    @property
    def facts(self) -> Facts:
        """Where this instance lives."""
        found = self.facts_of(self.provider or "aws")
        region = None if self.block.assignment("region") is None else self.written("region")
        text = None if region is None else known_text(region)
        return found if text is None else Facts(found.account, text, found.partition)

    def written(self, name: str) -> Value | None:
        """The argument `name`, or the nested blocks of that type; None where not written or null."""
        if name in self._values:
            found = self._values[name]
            return None if found.data is None else found
        if name in META:
            return None
        assignment = self.block.assignment(name)
        if assignment is None and name not in block_types(self.block):
            return None
        if name in self._active:
            place = self.block.location if assignment is None else assignment.location
            message = f"`{self.address}.{name}` refers to itself"
            self.report(Problem(place, message))
            return Value(Unknown(f"{self.address}.{name}", "refers to itself", self.address), place)
        self._active.add(name)
        try:
            label = f"{self.address}.{name}"
            if assignment is not None:
                value = reported(assignment.expression, self.scope, label)
            else:
                value = Value(nested(self.block, name, self.scope, self.address), self.block.location)
        finally:
            self._active.discard(name)
        self._values[name] = value
        return None if value.data is None else value

    def attribute(self, name: str, location: Location) -> Value:
        """The attribute `name`: what is written, else what the type exports."""
        found = self.written(name)
        if found is not None:
            return self._with_computed(name, found)
        if self.data and self.kind == "aws_iam_policy_document" and name in {"json", "minified_json"}:
            return self._document()
        if self.data and self.kind == "template_file" and name == "rendered":
            return self._template(location)
        return Value(exported(self.kind, name, self, location, data=self.data), location)

    def _with_computed(self, name: str, found: Value) -> Value:
        """Nested blocks with room for the attributes that only the provider fills in.

        `aws_eks_cluster.x.vpc_config[0].cluster_security_group_id` is not written, and is no fault.
        """
        if not isinstance(found.data, tuple) or self.block.assignment(name) is not None:
            return found
        rest = (after_apply(self, name),)
        items = (
            Value(Object(item.data.entries, rest), item.location) if isinstance(item.data, Object) else item
            for item in found.data
        )
        return Value(tuple(items), found.location)

    def whole(self, location: Location) -> Value:
        """All attributes that are known at least in part; the others are the rest."""
        unknown = after_apply(self, "")
        entries = dict(self.attributes())
        for name in names_of(self.kind, data=self.data):
            entries.setdefault(name, self.attribute(name, location))
        rest = Unknown(self.address, unknown.reason, self.address)
        return Value(Object(entries, (rest,)), self.block.location)

    def attributes(self) -> Mapping[str, Value]:
        """All arguments and blocks that are written, apart from null and Terraform's own."""
        names = dict.fromkeys(assignment.name for assignment in self.block.assignments)
        names.update(dict.fromkeys(block_types(self.block)))
        found: dict[str, Value] = {}
        for name in names:
            value = self.written(name)
            if value is not None:
                found[name] = value
        if self.data and self.kind == "aws_iam_policy_document":
            found["json"] = self._document()
        return found

    def _document(self) -> Value:
        if "json" not in self._values:
            if "json" in self._active:
                self.report(Problem(self.block.location, f"`{self.address}` refers to itself"))
                unknown = Unknown(f"{self.address}.json", "refers to itself", self.address)
                return Value(unknown, self.block.location)
            self._active.add("json")
            try:
                statements = self.written("statement")
                blocks = () if statements is None else statements.items
                value = policy_document(self.written, blocks, self.block.location, self.report)
            finally:
                self._active.discard("json")
            self._values["json"] = value
        return self._values["json"]

    def _template(self, location: Location) -> Value:
        template, variables = self.written("template"), self.written("vars")
        text = None if template is None else known_text(template)
        given = Object() if variables is None else variables.data
        if template is None or text is None or not isinstance(given, Object):
            return Value(after_apply(self, "rendered"), location)
        start = template.location
        if isinstance(template.data, Text):
            # The text of a file, or of a heredoc, begins elsewhere than the argument does.
            start = template.data.parts[0].location
        try:
            return rendered(text, start, given, Site(location, self.scope))
        except EvaluationError as error:
            self.report(Problem(error.location, error.message))
            return Value(Unknown(f"{self.address}.rendered", error.message), location)
