"""From plans and states to resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from osreach.iac.plan.attributes import Attributes
from osreach.iac.plan.change import Before, before_of
from osreach.iac.plan.configuration import Configuration
from osreach.iac.plan.load import Data, Plan, entries, load_plan, text
from osreach.iac.resource import Inputs, Resource
from osreach.iac.terraform.computed import exported, names_of
from osreach.iac.terraform.policy_document import policy_document
from osreach.iac.terraform.provider import Facts, facts
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import Sources, read_text
from osreach.value import Object, Unknown, Value, unknowns_of

_DOCUMENT: Final = "aws_iam_policy_document"
_POLICIES: Final = frozenset({"aws_opensearch_domain_policy", "aws_elasticsearch_domain_policy"})
_DOMAINS: Final = frozenset({"aws_opensearch_domain", "aws_elasticsearch_domain"})
_ACCOUNT: Final = re.compile(r"\d{12}")
_IN_CLUSTERS: Final = {name: f"provider.{name}" for name in ("opensearch", "elasticsearch")}
_SECRET: Final = re.compile(r"password|token|secret|access_key")
_AFTER_APPLY: Final = "known after apply"


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A resource of a plan.

    `computed` are the attributes of which the plan tells nothing, `stored` those
    that no argument sets: what is there now stays. `before` is what the plan
    changes, None where it changes nothing that somebody asks about.
    """

    resource: Resource
    computed: frozenset[str] = frozenset()
    stored: frozenset[str] = frozenset()
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class PlanReading:
    """The resources of one plan or state; `managed` are the addresses of all that Terraform manages."""

    path: str
    resources: tuple[PlannedResource, ...] = ()
    managed: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def read_plans(sources: Sources, inputs: Inputs, wanted: Callable[[str], bool]) -> tuple[PlanReading, ...]:
    """What the plans and states among the files say of resources of the types that are `wanted`."""
    readings: list[PlanReading] = []
    for file in sources.plans:
        content = read_text(file)
        plan = content if isinstance(content, Problem) else load_plan(file.path, content)
        if isinstance(plan, Problem):
            readings.append(PlanReading(file.path, problems=(plan,)))
        else:
            readings.append(read_plan(plan, inputs, wanted))
    return tuple(readings)


def read_plan(plan: Plan, inputs: Inputs, wanted: Callable[[str], bool]) -> PlanReading:
    """The resources of one plan or state."""
    reader = _Reader(plan, inputs)
    found = tuple(
        planned
        for address, resource in reader.resources.items()
        if wanted(text(resource.get("type"))) and (planned := reader.planned(address)) is not None
    )
    if plan.gaps:
        reader.problems.setdefault(Problem(Location(plan.path, 1, 1, 1, 1), plan.gaps))
    if any(wanted(kind) for kind in _IN_CLUSTERS.values()):
        found = (*found, *(PlannedResource(one) for one in reader.providers()))
    managed = frozenset(
        address for address, resource in reader.resources.items() if resource.get("mode") != "data"
    )
    return PlanReading(plan.path, _without_copies(found), managed, tuple(sorted(reader.problems)))


def unknowns_in_plan(reading: PlanReading) -> tuple[tuple[Unknown, Location], ...]:
    """What the plan does not tell yet."""
    found = (
        one
        for planned in reading.resources
        for name, value in _entries(planned.resource).items()
        if name != "arn"
        for one in unknowns_of(value)
    )
    return tuple(dict.fromkeys(found))


def _entries(resource: Resource) -> Mapping[str, Value]:
    data = resource.attributes.data
    return data.entries if isinstance(data, Object) else {}


def _without_copies(found: tuple[PlannedResource, ...]) -> tuple[PlannedResource, ...]:
    """The resources, without the policy that a domain reports because another resource sets it."""
    owned = {
        name.text
        for planned in found
        if planned.resource.type in _POLICIES
        and (name := planned.resource.get("domain_name")) is not None
        and name.text is not None
    }

    def without(planned: PlannedResource) -> PlannedResource:
        resource = planned.resource
        name = resource.get("domain_name")
        copied = _entries(resource)
        is_copy = resource.type in _DOMAINS and name is not None and name.text in owned
        if not is_copy or "access_policies" not in planned.stored:
            return planned
        kept = {key: value for key, value in copied.items() if key != "access_policies"}
        attributes = Value(Object(kept), resource.location)
        return replace(planned, resource=replace(resource, attributes=attributes))

    return tuple(without(planned) for planned in found)


@dataclass(slots=True)
class _Reader:
    """One plan being read."""

    plan: Plan
    inputs: Inputs
    resources: dict[str, Mapping[str, Data]] = field(default_factory=dict)
    unknown: dict[str, Mapping[str, Data]] = field(default_factory=dict)
    changes: dict[str, Mapping[str, Data]] = field(default_factory=dict)
    configuration: Configuration = field(init=False)
    problems: dict[Problem, None] = field(default_factory=dict)
    _facts: dict[str, Facts] = field(default_factory=dict)
    _documents: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.plan.resources():
            address = text(resource.get("address"))
            if address:
                self.resources.setdefault(address, resource)
        for change in _changes(self.plan):
            after = entries(entries(change.get("change")).get("after_unknown"))
            address = text(change.get("address"))
            self.unknown[address] = after
            if "deposed" not in change:
                self.changes[address] = change
        configuration = entries(self.plan.data.get("configuration"))
        self.configuration = Configuration(configuration, frozenset(self.resources))

    def planned(self, address: str) -> PlannedResource | None:
        """The resource with this address."""
        resource = self.resources[address]
        kind = text(resource.get("type"))
        data = resource.get("mode") == "data"
        location = self.plan.text.resource(address)
        attributes = self._attributes(address)
        found = dict(attributes.read(*self._parts(address)))
        instance = _Instance(address, self._facts_of(address), found)
        if not data and "arn" in names_of(kind, data=False) and "arn" not in found:
            found["arn"] = Value(exported(kind, "arn", instance, location, data=False), location)
        if data and kind == _DOCUMENT and "json" not in found:
            found["json"] = self._document(address)
        for name, value in found.items():
            if isinstance(value.data, Unknown):
                found[name] = self._document_behind(address, name) or value
        planned = Resource(
            address,
            kind,
            Value(Object(found), location),
            location,
            self.plan.path,
            account=instance.facts.account,
            provider=self._provider_of(address) if kind.partition("_")[0] in _IN_CLUSTERS else "",
        )
        _, _, written = self._parts(address)
        stored = frozenset(name for name in found if written is None or name not in written)
        before = before_of(self.changes.get(address, {}), self.configuration, location)
        return PlannedResource(planned, frozenset(attributes.computed), stored, before)

    def _attributes(self, address: str) -> Attributes:
        def place(name: str) -> Location:
            return self.plan.text.attribute(address, name)

        return Attributes(address, self.configuration, place)

    def _parts(
        self, address: str
    ) -> tuple[Mapping[str, Data], Mapping[str, Data], Mapping[str, Data] | None]:
        """The values of a resource, which of them are not known, and the expressions that are written."""
        values = entries(self.resources[address].get("values"))
        block = self.configuration.resource(address)
        written = None if block is None else entries(block.get("expressions"))
        return values, self.unknown.get(address, {}), written

    def _document_behind(self, address: str, name: str) -> Value | None:
        """The policy document that an attribute which is not known yet takes from a data source, or None."""
        block = self.configuration.resource(address)
        written = entries(None if block is None else block.get("expressions")).get(name)
        references = self.configuration.references(written)
        if len(references) != 1:
            return None
        found = self.configuration.resolve(address, references[0])
        if found is None or found.attribute not in {"json", "minified_json"}:
            return None
        source = self.resources[found.address]
        if source.get("type") != _DOCUMENT or source.get("mode") != "data":
            return None
        return self._document(found.address)

    def _document(self, address: str) -> Value:
        """What a policy document of the plan will say, as far as its statements are known."""
        known = self._documents.get(address)
        if known is not None:
            return known
        location = self.plan.text.resource(address)
        found = self._attributes(address).read(*self._parts(address))
        statements = found.get("statement")
        blocks = () if statements is None else statements.items
        self._documents[address] = Value(
            Unknown(address, "it refers to itself"), location
        )  # until it is known

        def argument(name: str) -> Value | None:
            value = found.get(name)
            if value is None or not isinstance(value.data, tuple) or len(value.data) != 1:
                return value
            # a document among the sources that is not known may be another data source
            inner = value.data[0]
            behind = self._document_behind(address, name) if isinstance(inner.data, Unknown) else None
            return value if behind is None else Value((behind,), value.location)

        value = policy_document(argument, blocks, location, self.problems.setdefault)
        self._documents[address] = value
        return value

    # Providers

    def providers(self) -> Iterator[Resource]:
        """The configurations of the providers that make what is inside a cluster."""
        place = Location(self.plan.path, 1, 1, 1, 1)
        for key, data in self._configurations().items():
            configuration = entries(data)
            kind = _IN_CLUSTERS.get(text(configuration.get("name")))
            written = entries(configuration.get("expressions"))
            if kind is None or not written:
                continue
            module = text(configuration.get("module_address"))
            prefix = f"{module}." if module else ""
            settings = {
                name: value
                for name, expression in written.items()
                if (value := self._provider_setting(name, expression, key, prefix, place)) is not None
            }
            address = self._provider_address(key)
            yield Resource(address, kind, Value(Object(settings), place), place, self.plan.path)

    def _configurations(self) -> Mapping[str, Data]:
        return entries(entries(self.plan.data.get("configuration")).get("provider_config"))

    def _provider_of(self, address: str) -> str:
        """The address of the provider configuration behind a resource; empty where the plan tells of none."""
        block = self.configuration.resource(address)
        key = text(None if block is None else block.get("provider_config_key"))
        return self._provider_address(key)

    def _provider_address(self, key: str) -> str:
        """The address of a configuration as the code's reader writes it.

        A module that is given its configuration, or takes that of its caller, has one without arguments.
        """
        listed = self._configurations()
        while ":" in key and not entries(listed.get(key)).get("expressions"):
            module, _, name = key.rpartition(":")
            above = module.rpartition(".module.")[0] if ".module." in module else ""
            key = f"{above}:{name}" if above else name
        configuration = entries(listed.get(key))
        if not configuration.get("expressions"):
            return ""
        module = text(configuration.get("module_address"))
        prefix = f"{module}." if module else ""
        return f"{prefix}provider.{key.rpartition(':')[2]}"

    def _provider_setting(
        self, name: str, expression: Data, key: str, prefix: str, place: Location
    ) -> Value | None:
        """An argument of such a provider; what is not known says which attribute it is."""
        value = self._setting(name, expression, key, place)
        if _SECRET.search(name):
            return Value(Unknown(f"provider.{key}.{name}", "it is a secret of the plan"), place)
        references = self.configuration.references(expression)
        if value is None or not isinstance(value.data, Unknown) or len(references) != 1:
            return value
        found = self.configuration.resolve(prefix, references[0])
        if found is None:
            return value
        return Value(Unknown(f"{found.address}.{found.attribute}", _AFTER_APPLY, found.address), place)

    def _facts_of(self, address: str) -> Facts:
        block = self.configuration.resource(address)
        key = text(None if block is None else block.get("provider_config_key")) or "aws"
        if key not in self._facts:
            self._facts[key] = self._find_facts(key)
        return self._facts[key]

    def _find_facts(self, key: str) -> Facts:
        configuration = entries(entries(self.plan.data.get("configuration")).get("provider_config"))
        provider = entries(configuration.get(key))
        alias = text(provider.get("alias"))
        place = Location(self.plan.path, 1, 1, 1, 1)
        settings: dict[str, Value] = {}
        for name, expression in entries(provider.get("expressions")).items():
            value = self._setting(name, expression, key, place)
            if value is not None:
                settings[name] = value
        found = facts(Object(settings), key if alias else "", self.inputs)
        if isinstance(found.account, Unknown) and not alias:
            account = self._identity("aws_caller_identity", "account_id")
            if account is not None and _ACCOUNT.fullmatch(account):
                found = Facts(account, found.region, found.partition)
        return found

    def _setting(self, name: str, expression: Data, key: str, place: Location) -> Value | None:
        """An argument of a provider: a constant, or a variable of the root module."""
        if isinstance(expression, list):
            blocks = tuple(
                Value(
                    Object(
                        {
                            inner: value
                            for inner, given in entries(block).items()
                            if (value := self._setting(inner, given, key, place)) is not None
                        }
                    ),
                    place,
                )
                for block in expression
            )
            return Value(blocks, place)
        constant: Data = entries(expression).get("constant_value")
        references = self.configuration.references(expression)
        if len(references) == 1 and references[0].startswith("var."):
            variables = entries(self.plan.data.get("variables"))
            constant = entries(variables.get(references[0].removeprefix("var."))).get("value")
        if constant is None:
            return Value(Unknown(f"provider.{key}.{name}", "the plan does not tell"), place)
        if isinstance(constant, list):
            return Value(
                tuple(Value(one if isinstance(one, str) else None, place) for one in constant), place
            )
        return Value(None if isinstance(constant, dict) else constant, place)

    def _identity(self, kind: str, name: str) -> str | None:
        """What the data sources of a type that were read for the plan say alike."""
        found = {
            text(entries(resource.get("values")).get(name))
            for resources in (self.plan.prior_resources(), self.resources.values())
            for resource in resources
            if resource.get("mode") == "data" and resource.get("type") == kind
        }
        return found.pop() if len(found) == 1 else None


def _changes(plan: Plan) -> list[Mapping[str, Data]]:
    listed = plan.data.get("resource_changes")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


@dataclass(frozen=True, slots=True)
class _Instance:
    """A planned resource whose exported attributes are asked for; see `computed.Exporter`."""

    address: str
    facts: Facts
    found: Mapping[str, Value]

    def written(self, name: str) -> Value | None:
        """The attribute `name`, None where it is not set."""
        return self.found.get(name)
