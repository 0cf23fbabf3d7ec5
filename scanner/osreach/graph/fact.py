"""Nodes and edges of the graph as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.location import Location


class NodeKind(StrEnum):
    """What stands at a node."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    POLICY = "policy"
    SERVICE = "service"
    ACCOUNT = "account"
    PROVIDER = "provider"
    ANYONE = "anyone"
    WORKLOAD = "workload"
    OUTSIDE = "outside"
    DOMAIN = "domain"
    COLLECTION = "collection"
    KEY = "key"
    BUCKET = "bucket"


class FactKind(StrEnum):
    """What an edge says of its source and target."""

    ATTACHED = "attached to"
    MEMBER_OF = "member of"
    RUNS_AS = "runs as"
    MAY_ASSUME = "may assume"
    MAY_PASS = "may pass"  # noqa: S105 - roles are passed to services, no password
    ALLOWS = "allows"
    DENIES = "denies"
    ENCRYPTS_WITH = "encrypts with"
    EXPOSES = "exposes"
    ESCALATES = "can give itself access to"


@dataclass(frozen=True, slots=True)
class Node:
    """A principal, a policy or a resource. `identifier` is unique in a graph, `label` is for people."""

    identifier: str
    kind: NodeKind
    label: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One edge, from the identifier of a node to that of another.

    `evidence` says in a few words what makes it so. Where it is not `certain`,
    conditions or values that are not known decide.
    """

    kind: FactKind
    source: str
    target: str
    evidence: str
    locations: tuple[Location, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes and facts, each once, in the order in which they were found."""

    nodes: tuple[Node, ...]
    facts: tuple[Fact, ...]
