"""The kinds of requests by which data is read, written and deleted, and what each needs inside a cluster.

Source: https://docs.opensearch.org/latest/security/access-control/permissions/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from osreach.evaluate.level import Level


@dataclass(frozen=True, slots=True)
class Means:
    """Requests of one kind: verbs, paths with `{index}` in them, and what they need inside.

    `likely` is the path that is tried first.
    """

    actions: tuple[str, ...]
    paths: tuple[str, ...]
    likely: str
    needs: tuple[str, ...]


GET, HEAD, POST, PUT, DELETE = (f"es:ESHttp{verb}" for verb in ("Get", "Head", "Post", "Put", "Delete"))
_SEARCH = "indices:data/read/search"
_BULK = ("indices:data/write/bulk", "indices:data/write/bulk[s]")
MEANS: Mapping[Level, tuple[Means, ...]] = {
    Level.READ: (
        Means((GET, POST), ("/{index}/_search",), "/{index}/_search", (_SEARCH,)),
        Means(
            (GET, HEAD),
            ("/{index}/_doc/*", "/{index}/_source/*"),
            "/{index}/_doc/1",
            ("indices:data/read/get",),
        ),
        Means(
            (POST, GET),
            ("/_msearch", "/{index}/_msearch"),
            "/_msearch",
            ("indices:data/read/msearch", _SEARCH),
        ),
        Means(
            (POST, GET),
            ("/_mget", "/{index}/_mget"),
            "/_mget",
            ("indices:data/read/mget", "indices:data/read/mget[shard]"),
        ),
    ),
    Level.WRITE: (
        Means(
            (POST, PUT),
            ("/{index}/_doc", "/{index}/_doc/*", "/{index}/_create/*"),
            "/{index}/_doc",
            ("indices:data/write/index", *_BULK),
        ),
        Means((POST, PUT), ("/_bulk", "/{index}/_bulk"), "/_bulk", ("indices:data/write/index", *_BULK)),
    ),
    Level.DELETE: (
        Means((DELETE,), ("/{index}/_doc/*",), "/{index}/_doc/1", ("indices:data/write/delete", *_BULK)),
        Means((DELETE,), ("/{index}",), "/{index}", ("indices:admin/delete",)),
        Means((POST, PUT), ("/_bulk", "/{index}/_bulk"), "/_bulk", ("indices:data/write/delete", *_BULK)),
    ),
}
"""For each level of access to data the kinds of requests that make it up; the first are the usual ones."""

DATA = frozenset(MEANS)
