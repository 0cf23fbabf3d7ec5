"""Reports a grant for single indexes next to an API that reaches them all.

`_bulk`, `_mget`, `_msearch`, SQL and PPL name their indexes in the body, which
the access policy does not see. Whoever may call them at the root can use every
index, whatever the other statements say. `_search` without an index searches
them all, and `_reindex`, `_aliases` and `_snapshot` name theirs in the body too.
Stored scripts and the settings of the cluster belong to all of them. `_count`
takes a query, which tells bit by bit what is in them, and `_cat` their names.

The policies of an identity that limit it to single indexes of a domain of the code
are judged in the same way, together with all that counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import DELETE, READ, WRITE, body_paths
from osreach_rules.domain.sides import Party, Way, unguarded
from osreach_rules.references import ACCESS_CONTROL, CLUSTER_SETTINGS, COUNT, REINDEX, SQL


@dataclass(frozen=True, slots=True)
class _Api:
    """An API at the root, with the verbs that it takes and the direct path that it replaces.

    `guarded` where it refuses index names in the body when the domain forbids
    these. `severity` is given where it shows less than documents.
    """

    path: str
    verbs: tuple[str, ...]
    direct_verbs: tuple[str, ...]
    direct: str
    does: str
    guarded: bool = True
    severity: Severity | None = None


_PUT = WRITE[1:]
_APIS = (
    _Api("_bulk", WRITE, WRITE, "*/_doc/1", "change"),
    _Api("_mget", READ, READ[:1], "*/_doc/1", "read"),
    _Api("_msearch", READ, READ, "*/_search", "read"),
    _Api("_plugins/_sql", READ[1:], READ, "*/_search", "read"),
    _Api("_plugins/_ppl", READ[1:], READ, "*/_search", "read"),
    _Api("_opendistro/_sql", READ[1:], READ, "*/_search", "read"),
    _Api("_search", READ, READ, "*/_search", "read", guarded=False),
    _Api("_all/_search", READ, READ, "*/_search", "read", guarded=False),
    _Api("_reindex", WRITE[:1], WRITE, "*/_doc/1", "read and change", guarded=False),
    _Api("_aliases", WRITE[:1], (*WRITE, *DELETE), "*/_alias/other", "rename", guarded=False),
    _Api("_snapshot/repository/snapshot", _PUT, READ, "*/_search", "copy", guarded=False),
    _Api("_snapshot/repository/snapshot/_restore", WRITE[:1], WRITE, "*/_doc/1", "replace", guarded=False),
    _Api("_scripts/script", WRITE, WRITE, "*/_doc/1", "change stored scripts for", guarded=False),
    _Api("_cluster/settings", _PUT, WRITE, "*/_doc/1", "change settings for", guarded=False),
    _Api("_count", READ, READ, "*/_search", "query", guarded=False, severity=Severity.MEDIUM),
    _Api("_cat/indices", READ[:1], READ, "*/_search", "list", guarded=False, severity=Severity.LOW),
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each caller with grants for single indexes and an API that reaches every index."""
    for side in unguarded(analysis):
        limits = tuple(side.naming(Effect.ALLOW))
        for party in side.parties if limits else ():
            ways = tuple(_open_ways(side.domain, party))
            if not ways:
                continue
            first, way = ways[0]
            trail = [Place(way.allowed or side.domain.location, f"`{first.path}` reaches every index")]
            trail.extend(
                Place(one.place(one.indexes[0].term), "the grant for single indexes") for one in limits
            )
            paths = ", ".join(f"`{one.path}`" for one, _ in ways)
            yield Match(
                f"`{party.name}` can {first.does} every index through {paths}",
                side.domain.address,
                tuple(trail),
                witness=way.witness,
                severity=first.severity,
                principal=party.name,
            )


def _open_ways(domain: Domain, party: Party) -> Iterator[tuple[_Api, Way]]:
    for api in _APIS:
        if api.guarded and not body_paths(domain, api.path):
            continue
        way = party.ask(api.verbs, api.path)
        if way is None or not party.is_limited(api.direct_verbs, api.direct):
            continue
        # Whoever may search every index by its name reads them all without the API.
        if api.does != "read" or party.is_limited(READ, "*/_search"):
            yield api, way


RULE = Rule(
    "OSR125",
    "index-limit-bypassed",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, SQL, REINDEX, COUNT, CLUSTER_SETTINGS),
    remedy="allow `<index>/_bulk`, `<index>/_search` and their like only, or use fine-grained access control",
)
