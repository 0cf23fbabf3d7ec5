"""Reports a grant for single indexes next to an API that reaches them all.

`_bulk`, `_mget`, `_msearch`, SQL and PPL name their indexes in the body, which
the access policy does not see. Whoever may call them at the root can use every
index, whatever the other statements say. `_search` without an index searches
them all, and `_reindex`, `_aliases` and `_snapshot` name theirs in the body too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.evaluate.caller import Caller
from osreach.evaluate.domain import ask, ask_refused
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Witness
from osreach_rules.domain.indexes import (
    DELETE,
    READ,
    WRITE,
    allowing_term,
    body_paths,
    callers_of,
    index_statements,
    unguarded_domains,
)
from osreach_rules.references import ACCESS_CONTROL, REINDEX, SQL


@dataclass(frozen=True, slots=True)
class _Way:
    """An API at the root, with the verbs that it takes and the direct path that it replaces.

    `guarded` where it refuses index names in the body when the domain forbids
    these.
    """

    path: str
    verbs: tuple[str, ...]
    direct_verbs: tuple[str, ...]
    direct: str
    does: str
    guarded: bool = True


_PUT = WRITE[1:]
_WAYS = (
    _Way("_bulk", WRITE, WRITE, "*/_doc/1", "change"),
    _Way("_mget", READ, READ[:1], "*/_doc/1", "read"),
    _Way("_msearch", READ, READ, "*/_search", "read"),
    _Way("_plugins/_sql", READ[1:], READ, "*/_search", "read"),
    _Way("_plugins/_ppl", READ[1:], READ, "*/_search", "read"),
    _Way("_opendistro/_sql", READ[1:], READ, "*/_search", "read"),
    _Way("_search", READ, READ, "*/_search", "read", guarded=False),
    _Way("_all/_search", READ, READ, "*/_search", "read", guarded=False),
    _Way("_reindex", WRITE[:1], WRITE, "*/_doc/1", "read and change", guarded=False),
    _Way("_aliases", WRITE[:1], (*WRITE, *DELETE), "*/_alias/other", "rename", guarded=False),
    _Way("_snapshot/repository/snapshot", _PUT, READ, "*/_search", "copy", guarded=False),
    _Way("_snapshot/repository/snapshot/_restore", WRITE[:1], WRITE, "*/_doc/1", "replace", guarded=False),
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each caller with grants for single indexes and an API that reaches every index."""
    for domain in unguarded_domains(analysis):
        limits = tuple(index_statements(domain, Effect.ALLOW))
        if not limits:
            continue
        for caller in callers_of(domain):
            ways = tuple(_open_ways(domain, caller))
            if not ways:
                continue
            way, witness = ways[0]
            place = allowing_term(domain, witness) or domain.location
            trail = [Place(place, f"`{way.path}` reaches every index")]
            trail.extend(
                Place(one.place(one.indexes[0].term), "the grant for single indexes") for one in limits
            )
            paths = ", ".join(f"`{one.path}`" for one, _ in ways)
            yield Match(
                f"`{analysis.caller(caller.name, domain)}` can {way.does} every index through {paths}",
                domain.address,
                tuple(trail),
                witness=witness,
                principal=analysis.caller(caller.name, domain),
            )


def _open_ways(domain: Domain, caller: Caller) -> Iterator[tuple[_Way, Witness]]:
    for way in _WAYS:
        if way.guarded and not body_paths(domain, way.path):
            continue
        witness = ask(domain, caller.principal, actions=way.verbs, paths=(way.path,))
        if witness is None:
            continue
        refused = ask_refused(
            domain, caller.principal, actions=way.direct_verbs, paths=(way.direct,), without=("_*",)
        )
        if refused is not None:
            yield way, witness


RULE = Rule(
    "OSR125",
    "index-limit-bypassed",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, SQL, REINDEX),
    remedy="allow `<index>/_bulk`, `<index>/_search` and their like only, or use fine-grained access control",
)
