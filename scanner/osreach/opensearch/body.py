"""What a request's body adds to its needs: the indexes that it names, and what is done with each.

These are the requests of which neither the URI nor the domain's access policy
can tell which indexes they touch.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-types-resource
and the pages of the single operations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from osreach.opensearch.index import EVERYTHING, Name, Remote, Some, Target, parse_expression
from osreach.opensearch.need import Need, When

BY_BODY = Some("*", "the body names it")
SEARCH = "indices:data/read/search"
_BULK = "indices:data/write/bulk"
_SHARD_BULK = "indices:data/write/bulk[s]"
_SCROLL = "indices:data/read/scroll"
SECURITY_INDEX = ".opendistro_security"


@dataclass(frozen=True, slots=True)
class BodyProblem:
    """What is wrong with a body, and in which line of it (from 1)."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class BodyReading:
    """The needs of a request with this body; `refused` says why the cluster refuses it whoever asks."""

    needs: tuple[Need, ...]
    problems: tuple[BodyProblem, ...] = ()
    refused: str = ""


Reader = Callable[[str | None, str | None], BodyReading]
"""From the body (None where it is not given) and the index expression of the path (None without one)."""


def _default(expression: str | None) -> tuple[Target, ...]:
    return (BY_BODY,) if expression is None else parse_expression(expression)


def _json(text: str, line: int = 1) -> tuple[Any, BodyProblem | None]:
    try:
        return json.loads(text), None
    except RecursionError:
        return None, BodyProblem(line, "the body is nested too deeply")
    except ValueError as error:
        at = line + (error.lineno - 1 if isinstance(error, json.JSONDecodeError) else 0)
        return None, BodyProblem(at, "the body is no JSON here")


def _object(body: str | None) -> tuple[Mapping[str, Any] | None, tuple[BodyProblem, ...]]:
    """The body as an object, None where there is none or it is something else."""
    if body is None or not body.strip():
        return None, ()
    content, problem = _json(body)
    if problem is not None:
        return None, (problem,)
    if not isinstance(content, dict):
        return None, (BodyProblem(1, "the body is no JSON object"),)
    return content, ()


def _lines(body: str) -> Iterator[tuple[int, Any, BodyProblem | None]]:
    """Every line that is not blank with its number, read as JSON."""
    for number, line in enumerate(body.split("\n"), 1):
        if line.strip():
            content, problem = _json(line, number)
            if problem is None and not isinstance(content, dict):
                problem = BodyProblem(number, "the line is no JSON object")
            elif problem is not None:
                problem = BodyProblem(number, "the line is no JSON, so the body is no NDJSON")
            yield number, content, problem


def _expression(written: object) -> str | None:
    """An index expression written as a text or as a list of texts."""
    match written:
        case str():
            return written
        case list() if written and all(isinstance(one, str) for one in written):
            return ",".join(written)
        case _:
            return None


def _targets(written: object, default: str | None) -> tuple[Target, ...]:
    expression = _expression(written)
    return _default(default) if expression is None else parse_expression(expression)


def _unique(needs: list[Need]) -> tuple[Need, ...]:
    return tuple(dict.fromkeys(needs))


def _write(targets: tuple[Target, ...], *actions: str) -> list[Need]:
    return [Need(_SHARD_BULK, targets), *(Need(action, targets) for action in actions)]


_INDEX = "indices:data/write/index"
_ITEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "index": (_INDEX,),
        "create": (_INDEX,),
        "update": ("indices:data/write/update", _INDEX),
        "delete": ("indices:data/write/delete",),
    }
)


def _bulk(body: str | None, default: str | None) -> BodyReading:
    """Source: https://docs.opensearch.org/latest/api-reference/document-apis/bulk/."""
    needs = [Need(_BULK)]
    if body is None:
        return BodyReading((*needs, *_write(_default(default), _INDEX)))
    problems: list[BodyProblem] = []
    source_follows = False
    for number, content, problem in _lines(body):
        if problem is not None:
            problems.append(problem)
            source_follows = False
            continue
        if source_follows:
            source_follows = False
            continue
        kind = next(iter(content), "")
        item = content.get(kind)
        if kind not in _ITEMS or len(content) != 1 or not isinstance(item, dict):
            problems.append(
                BodyProblem(number, "the line is none of `index`, `create`, `update` and `delete`")
            )
            continue
        source_follows = kind != "delete"
        targets = _targets(item.get("_index"), default)
        if item.get("_index") is None and default is None:
            problems.append(BodyProblem(number, f"the item `{kind}` names no index, and the path does not"))
            continue
        needs += _write(targets, *_ITEMS[kind])
        if kind != "delete":
            needs.append(Need("indices:admin/create", targets, When.NEW_INDEX))
            needs.append(Need("indices:admin/mapping/put", targets, When.NEW_FIELD))
    return BodyReading(_unique(needs), tuple(problems))


def _multi_document(cluster_action: str, shard_action: str) -> Reader:
    def read(body: str | None, default: str | None) -> BodyReading:
        content, problems = _object(body)
        documents = content.get("docs") if content else None
        named = [one for one in documents if isinstance(one, dict)] if isinstance(documents, list) else []
        targets = [target for one in named for target in _targets(one.get("_index"), default)]
        if not named:
            targets = list(_default(default))
        return BodyReading(
            (Need(cluster_action), Need(shard_action, tuple(dict.fromkeys(targets)))), problems
        )

    return read


def _multi_search(cluster_action: str, action: str) -> Reader:
    def read(body: str | None, default: str | None) -> BodyReading:
        first = [Need(action, ())] if action != SEARCH else []
        needs = [Need(cluster_action)]
        if body is None:
            targets = _default(default)
            return BodyReading((*needs, *(Need(one.action, targets) for one in first), Need(SEARCH, targets)))
        problems: list[BodyProblem] = []
        header = True
        for _, content, problem in _lines(body):
            if problem is not None:
                problems.append(problem)
            elif header:
                written = content.get("index", content.get("indices"))
                targets = (
                    _targets(written, default)
                    if default is not None or written is not None
                    else (EVERYTHING,)
                )
                needs += [Need(one.action, targets) for one in first] + [Need(SEARCH, targets)]
            elif action == SEARCH:
                needs += _lookups(content)
            header = not header
        return BodyReading(_unique(needs), tuple(problems))

    return read


def _lookups(query: object) -> list[Need]:
    """Documents that a query fetches from other indexes: terms lookups and indexed shapes.

    Sources: https://docs.opensearch.org/latest/query-dsl/term/terms/#terms-lookup and
    https://docs.opensearch.org/latest/query-dsl/geo-and-xy/geoshape/
    """
    found: list[Need] = []
    waiting: list[tuple[str, object]] = [("", query)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend((key, one) for one in value)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name == "index" and isinstance(inner, str) and key in {"terms", "indexed_shape"}:
                    found.append(Need("indices:data/read/get", parse_expression(inner)))
                # Below `terms` stands the field, below that the lookup.
                waiting.append((key if key == "terms" and name != "bool" else name, inner))
    return found


def _search(body: str | None, default: str | None) -> BodyReading:
    """A search over the path's indexes; one with a point in time is over that point's indexes."""
    content, problems = _object(body)
    targets = parse_expression(default or "")
    if content and "pit" in content:
        targets = (Some("*", "the point in time tells"),)
    return BodyReading((Need(SEARCH, targets), *_unique(_lookups(content))), problems)


def _reindex(body: str | None, _default_index: str | None) -> BodyReading:
    """Source: https://docs.opensearch.org/latest/api-reference/document-apis/reindex/."""
    content, problems = _object(body)
    source = content.get("source") if content else None
    destination = content.get("dest") if content else None
    read = source if isinstance(source, dict) else {}
    written = destination if isinstance(destination, dict) else {}
    to = _targets(written.get("index"), None)
    needs = [Need("indices:data/write/reindex")]
    if "remote" in read:
        remote = read["remote"]
        host = remote.get("host") if isinstance(remote, dict) else None
        where = Remote(str(host), _expression(read.get("index")) or "*")
        needs.append(Need(SEARCH, (where,)))
    else:
        needs += [Need(SEARCH, _targets(read.get("index"), None)), Need(_SCROLL)]
    needs += [
        Need(_BULK),
        *_write(to, _INDEX),
        Need("indices:admin/create", to, When.NEW_INDEX),
        Need("indices:admin/mapping/put", to, When.NEW_FIELD),
    ]
    return BodyReading(tuple(needs), problems)


def _aliases(body: str | None, _default_index: str | None) -> BodyReading:
    """Source: https://docs.opensearch.org/latest/api-reference/alias/aliases-api/."""
    action = "indices:admin/aliases"
    content, problems = _object(body)
    actions = content.get("actions") if content else None
    needs: list[Need] = []
    for one in actions if isinstance(actions, list) else ():
        for kind, inner in one.items() if isinstance(one, dict) else ():
            if not isinstance(inner, dict):
                continue
            indexes = _targets(inner.get("index", inner.get("indices")), None)
            if kind == "remove_index":
                needs += [Need(action, indexes), Need("indices:admin/delete", indexes)]
            else:
                aliases = _targets(inner.get("alias", inner.get("aliases")), None)
                needs.append(Need(action, (*indexes, *aliases)))
    return BodyReading(_unique(needs) or (Need(action, (BY_BODY,)),), problems)


def _create_index(body: str | None, default: str | None) -> BodyReading:
    """Source: https://docs.opensearch.org/latest/api-reference/index-apis/create-index/."""
    content, problems = _object(body)
    targets = _default(default)
    needs = [Need("indices:admin/create", targets)]
    aliases = content.get("aliases") if content else None
    if isinstance(aliases, dict) and aliases:
        needs.append(Need("indices:admin/aliases", (*targets, *map(Name, aliases))))
    return BodyReading(tuple(needs), problems)


_FROM = re.compile(r"\b(?:from|join|source\s*=|index\s*=)\s*(`[^`]+`|\"[^\"]+\"|[^\s,;()|]+)", re.IGNORECASE)
_QUERY_NEEDS = ("indices:data/read/search", "indices:admin/mappings/get", "indices:monitor/settings/get")


def _query_language(*cluster_actions: str) -> Reader:
    """SQL and PPL; the indexes are those behind `FROM`, `JOIN`, `source=` and `index=`.

    Sources: https://docs.opensearch.org/latest/sql-and-ppl/sql-and-ppl-api/index/
    and the content of the role `ppl_full_access`.
    """

    def read(body: str | None, _default_index: str | None) -> BodyReading:
        content, problems = _object(body)
        query = content.get("query") if content else None
        named = [one.strip("`\"'") for one in _FROM.findall(query)] if isinstance(query, str) else []
        targets = tuple(target for one in named for target in parse_expression(one)) or (BY_BODY,)
        if isinstance(query, str) and re.match(r"\s*show\s+tables\b", query, re.IGNORECASE):
            targets = (EVERYTHING,)
        return BodyReading(
            (
                *(Need(action) for action in cluster_actions),
                *(Need(action, targets) for action in _QUERY_NEEDS),
            ),
            problems,
        )

    return read


def _restore(body: str | None, _default_index: str | None) -> BodyReading:
    """Source: https://docs.opensearch.org/latest/tuning-your-cluster/availability-and-recovery/snapshots/snapshot-restore/.

    There under "Security considerations": neither the global state nor the
    security index can be restored, and a restore needs `indices:admin/create`
    and `indices:data/write/index` on what it writes.
    """
    content, problems = _object(body)
    inner = content or {}
    written = _expression(inner.get("indices"))
    if written is not None and written.startswith("-"):
        # A list that begins with an exclusion is everything but that.
        written = f"*,{written}"
    sources = _targets(written, None if body is None else "")
    targets: tuple[Target, ...] = (
        sources if "rename_pattern" not in inner else (Some("*", "restored names are made by a pattern"),)
    )
    refused = ""
    if inner.get("include_global_state") is True:
        refused = "a restore with `include_global_state` is refused to everyone"
    elif any(target == EVERYTHING or target == Name(SECURITY_INDEX) for target in sources):
        refused = f"a restore of all indexes is refused, because `{SECURITY_INDEX}` is among them"
    return BodyReading(
        (
            Need("cluster:admin/snapshot/restore"),
            Need("indices:admin/create", targets),
            Need(_INDEX, targets),
        ),
        problems,
        refused,
    )


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "aliases": _aliases,
        "bulk": _bulk,
        "create_index": _create_index,
        "mget": _multi_document("indices:data/read/mget", "indices:data/read/mget[shard]"),
        "msearch": _multi_search("indices:data/read/msearch", SEARCH),
        "msearch_template": _multi_search(
            "indices:data/read/msearch/template", "indices:data/read/search/template"
        ),
        "mtermvectors": _multi_document("indices:data/read/mtv", "indices:data/read/mtv[shard]"),
        "ppl": _query_language("cluster:admin/opensearch/ppl"),
        "reindex": _reindex,
        "restore": _restore,
        "search": _search,
        "sql": _query_language(),
    }
)
"""Readers by the name that the table of routes gives them."""

NAMES_INDEXES_IN_BODY = frozenset(READERS) - {"create_index", "search"}
"""Readers of bodies in which the indexes themselves stand, unseen by a policy on URIs."""
