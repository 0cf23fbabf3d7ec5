"""What every reader of infrastructure code returns: resources, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Unknown, Value

SECURITY_FILE: Final = "security.file"
"""The type of a file of OpenSearch's Security plugin; its address is its path, its deployment the folder."""

BACKEND: Final = "terraform.backend"
"""The type, and the address, of what says where a root module of Terraform keeps its state."""

OUTPUT: Final = "output"
"""The type of an output of a root module or a stack; its `value` is what it shows."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """The outcome of a template's conditions under which a resource was read.

    `outcomes` are texts such as `IsPublic` and `not InVpc`, `every` those of all
    combinations that a deployment of the template can have, this one included.
    `usual` is true where every parameter keeps its default. `location` is where
    the first of the conditions is written.
    """

    outcomes: tuple[str, ...]
    every: tuple[tuple[str, ...], ...]
    usual: bool
    location: Location

    @property
    def text(self) -> str:
        """The outcomes as one phrase."""
        return " and ".join(self.outcomes)

    @property
    def suffix(self) -> str:
        """What tells a resource under unusual circumstances from the same one under others."""
        return "" if self.usual else f" (if {self.text})"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with its attributes resolved as far as the files allow.

    `address` is written as the language writes it (`aws_opensearch_domain.logs`,
    `module.search.aws_opensearch_domain.this["a"]`, a CloudFormation logical
    id). `type` is the language's type name. Nested blocks are entries of
    `attributes` that hold a tuple of objects. `deployment` is the folder of the
    root module or the path of the template: resources of one deployment belong
    together. `location` is the resource's own header line. `circumstance` is
    where the conditions of a template decide whether the resource exists or what
    it says; its suffix then ends the address. `construct` is the path of the
    CDK construct that made it, or empty. `account` is the account that it is
    made in, None where the reader does not tell. `remarks` is what the resource's
    own metadata says to osreach, None where it says nothing. `provider` is the
    address of the provider configuration behind a resource that is made inside a
    cluster; that configuration is a resource of a type such as
    `provider.opensearch`. Empty where there is none in the files.
    """

    address: str
    type: str
    attributes: Value
    location: Location
    deployment: str = ""
    circumstance: Circumstance | None = None
    construct: str = ""
    account: str | Unknown | None = None
    remarks: Value | None = None
    provider: str = ""

    @property
    def plain_address(self) -> str:
        """The address without the circumstances that it was read under."""
        return self.address.removesuffix(self.circumstance.suffix if self.circumstance else "")

    def get(self, name: str) -> Value | None:
        """The attribute `name`, or None where it is not written (or written as null)."""
        found = self.attributes.get(name)
        return None if found is None or found.data is None else found

    def blocks(self, name: str) -> tuple[Value, ...]:
        """The nested blocks of type `name`; an unknown element where there may be more."""
        found = self.get(name)
        return () if found is None else found.items


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to a resource that exists already.

    `after` is one of the resources of the reading, `before` what it is now, at
    the place of `after`; what only the state tells of secrets is unknown there.
    Where `replaced`, Terraform destroys the resource and makes another one.
    Source: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
    """

    before: Resource
    after: Resource
    replaced: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read from a set of files.

    `resources` holds managed resources and data sources alike (data sources
    have an address that begins with `data.`). `unknowns` are the values that
    the files do not tell, with the place where each is used. `missing` are parts
    of the infrastructure that may hold a search cluster and are not in the files
    at all, with the place where each is called. `changes` is what plans do to
    resources of those types that `plan/change.py` names; files of code and states
    tell of none.
    """

    resources: tuple[Resource, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0
    unknowns: tuple[tuple[Unknown, Location], ...] = ()
    missing: tuple[tuple[Unknown, Location], ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the user says about the deployment: values that files do not hold.

    `variables` are Terraform variables as HCL text by name (`--var`),
    `variable_files` paths of further `.tfvars` files, `parameters` CloudFormation
    parameters. `account`, `region` and `partition` are None where not given.
    """

    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    variable_files: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    account: str | None = None
    region: str | None = None
    partition: str | None = None
