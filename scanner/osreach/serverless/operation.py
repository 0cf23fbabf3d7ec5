"""Which permission of data access policies each request to a collection needs.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from osreach.serverless.permission import ResourceType, type_of

SEARCH_ONLY = "SEARCH"
"""The type of collection that alone takes documents with an id of the client's."""

_TABLE: Mapping[str, str] = {
    "aoss:CreateIndex": "PUT <index>",
    "aoss:DescribeIndex": """
        GET <index>; GET <index>/_mapping; GET <index>/_mappings; GET <index>/_setting;
        GET <index>/_setting/<id>; GET <index>/_settings; GET <index>/_settings/<id>;
        GET _cat/indices; GET _cat/indices/<index>; GET _mapping; GET _mappings;
        GET _resolve/index/<index>; HEAD <index>""",
    "aoss:WriteDocument": """
        DELETE <index>/_doc/<id>; POST <index>/_bulk; POST <index>/_create/<id> !; POST <index>/_doc;
        POST <index>/_update/<id> !; POST _bulk; PUT <index>/_create/<id> !; PUT <index>/_doc/<id> !""",
    "aoss:ReadDocument": """
        GET <index>/_analyze; GET <index>/_doc/<id>; GET <index>/_explain/<id>; GET <index>/_mget;
        GET <index>/_source/<id>; GET <index>/_count; GET <index>/_field_caps; GET <index>/_msearch;
        GET <index>/_rank_eval; GET <index>/_search; GET <index>/_validate/query; GET _analyze;
        GET _field_caps; GET _mget; GET _search; GET _search/point_in_time/_all; HEAD <index>/_doc/<id>;
        HEAD <index>/_source/<id>; POST _plugins/_sql; POST _plugins/_ppl; POST _plugins/_sql/_explain;
        POST _plugins/_ppl/_explain; POST _plugins/_ppl/_close; POST <index>/_analyze;
        POST _search/point_in_time; POST <index>/_explain/<id>; POST <index>/_count;
        POST <index>/_field_caps; POST <index>/_rank_eval; POST <index>/_search; POST _analyze;
        POST _field_caps; POST _search; DELETE _search/point_in_time/_all; DELETE _search/point_in_time""",
    "aoss:DeleteIndex": "DELETE <index>",
    "aoss:UpdateIndex": """
        POST _mapping; POST <index>/_mapping; POST <index>/_mappings; POST <index>/_setting;
        POST <index>/_settings; POST _setting; POST _settings; PUT _mapping; PUT <index>/_mapping;
        PUT <index>/_mappings; PUT <index>/_setting; PUT <index>/_settings; PUT _setting; PUT _settings""",
    "aoss:CreateCollectionItems": """
        POST _aliases; POST _plugins/_flow_framework/workflow;
        POST _plugins/_flow_framework/workflow/<id>/_provision; PUT _ingest/pipeline/<id>;
        PUT _search/pipeline/<id>""",
    "aoss:DescribeCollectionItems": """
        GET <index>/_alias/<id>; GET _alias; GET _alias/<id>; GET _cat/aliases; GET _cat/templates;
        GET _cat/templates/<id>; GET _component_template; GET _component_template/<id>; GET _index_template;
        GET _index_template/<id>; GET _ingest/pipeline/<id>; GET _ingest/pipeline/_simulate;
        GET _plugins/_flow_framework/workflow/<id>; GET _plugins/_flow_framework/workflow/_search;
        GET _plugins/_flow_framework/workflow/<id>/_status;
        GET _plugins/_flow_framework/workflow/state/_search; GET _plugins/_flow_framework/workflow/_steps;
        GET _plugins/_flow_framework/workflow/_step; GET _search/pipeline/<id>; HEAD _alias/<id>;
        HEAD _component_template/<id>; HEAD _index_template/<id>; HEAD <index>/_alias/<id>;
        POST _ingest/pipeline/_simulate; POST _plugins/_flow_framework/workflow/_search;
        POST _plugins/_flow_framework/workflow/state/_search""",
    "aoss:UpdateCollectionItems": """
        POST <index>/_alias/<id>; POST <index>/_aliases/<id>; POST _component_template/<id>;
        POST _index_template/<id>; POST _plugins/_flow_framework/workflow/<id>/_deprovision;
        PUT <index>/_alias/<id>; PUT <index>/_aliases/<id>; PUT _component_template/<id>;
        PUT _index_template/<id>; PUT _plugins/_flow_framework/workflow/<id>""",
    "aoss:DeleteCollectionItems": """
        DELETE <index>/_alias/<id>; DELETE <index>/_aliases/<id>; DELETE _component_template/<id>;
        DELETE _index_template/<id>; DELETE _search/pipeline/<id>; DELETE _ingest/pipeline/<id>;
        DELETE _plugins/_flow_framework/workflow/<id>""",
    "aoss:DescribeMLResource": """
        GET _plugins/_ml/models/<id>; GET _plugins/_ml/models/_search; GET _plugins/_ml/model_groups/<id>;
        GET _plugins/_ml/model_groups/_search; GET _plugins/_ml/connectors/<id>;
        GET _plugins/_ml/connectors/_search; GET _plugins/_ml/profile/tasks/<id>;
        POST _plugins/_ml/models/_search; POST _plugins/_ml/model_groups/_search;
        POST _plugins/_ml/connectors/_search""",
    "aoss:CreateMLResource": """
        POST _plugins/_ml/models/_register; POST _plugins/_ml/model_groups/_register;
        POST _plugins/_ml/connectors/_create""",
    "aoss:UpdateMLResource": """
        PUT _plugins/_ml/models/<id>; POST _plugins/_ml/models/<id>/_deploy;
        POST _plugins/_ml/models/<id>/_undeploy; PUT _plugins/_ml/model_groups/<id>;
        PUT _plugins/_ml/connectors/<id>""",
    "aoss:DeleteMLResource": """
        DELETE _plugins/_ml/models/<id>; DELETE _plugins/_ml/model_groups/<id>;
        DELETE _plugins/_ml/connectors/<id>; DELETE _plugins/_ml/tasks/<id>""",
    "aoss:ExecuteMLResource": "POST _plugins/_ml/models/<id>/_predict",
    "aoss:CreateAgent": "POST _plugins/_ml/agents/_register",
    "aoss:DescribeAgent": "GET _plugins/_ml/agents/<id>",
    "aoss:UpdateAgent": "PUT _plugins/_ml/agents/<id>",
    "aoss:DeleteAgent": "DELETE _plugins/_ml/agents/<id>",
    "aoss:InvokeAgent": "POST _plugins/_ml/agents/<id>/_execute",
    "aoss:SearchAgents": "POST _plugins/_ml/agents/_search",
}
"""Each permission with the operations that it is needed for; `!` marks those of `SEARCH` collections only."""

_EVERY = "*"
_ALL = "_all"
_DASHBOARDS = "_dashboards"


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs of data access policies.

    `permission` is None where the operation is not documented. `indexes` are
    the index expressions that it is about (`logs-*`), `*` alone where it names
    none; empty where any index will do, and for a permission that is not about
    indexes. `named_inside` says
    that the body may name other indexes than the path. `search_only` marks
    operations that only collections of type `SEARCH` take.
    """

    permission: str | None
    kind: ResourceType | None
    indexes: tuple[str, ...] = ()
    named_inside: bool = False
    search_only: bool = False
    dashboards: bool = False


@dataclass(frozen=True, slots=True)
class _Route:
    expression: re.Pattern[str]
    permission: str
    index: int
    search_only: bool
    wild: int


@cache
def _routes() -> Mapping[str, tuple[_Route, ...]]:
    """The table by method; routes with fewer places for names come first."""
    found: dict[str, list[_Route]] = {}
    for permission, text in _TABLE.items():
        for line in text.split(";"):
            words = line.split()
            parts = words[1].split("/")
            expression = "/".join(
                r"([^_/][^/]*|_all)"
                if part == "<index>"
                else "([^/]+)"
                if part == "<id>"
                else re.escape(part)
                for part in parts
            )
            places = [part for part in parts if part in {"<index>", "<id>"}]
            index = places.index("<index>") + 1 if "<index>" in places else 0
            route = _Route(re.compile(expression), permission, index, words[-1] == "!", len(places))
            found.setdefault(words[0], []).append(route)
    return {method: tuple(sorted(routes, key=lambda one: one.wild)) for method, routes in found.items()}


_NAMES_IN_BODY = frozenset({"_bulk", "_mget", "_msearch", "_sql", "_ppl"})


def need_of(method: str, path: str) -> Need:
    """What the request `GET /logs-*/_search` needs."""
    trimmed = path.partition("?")[0].strip("/")
    if trimmed.partition("/")[0] == _DASHBOARDS:
        return Need(None, None, dashboards=True)
    for route in _routes().get(method.upper(), ()):
        match = route.expression.fullmatch(trimmed)
        if match is None:
            continue
        kind = type_of(route.permission)
        inside = bool(_NAMES_IN_BODY.intersection(trimmed.split("/")))
        if kind is not ResourceType.INDEX:
            return Need(route.permission, kind)
        named = unquote(match.group(route.index)).split(",") if route.index else [_EVERY]
        indexes = tuple(_EVERY if name in {_ALL, ""} else name for name in named)
        return Need(route.permission, kind, indexes, inside, route.search_only)
    return Need(None, None)


def need_of_permission(permission: str, index: str = "") -> Need:
    """What using `permission` needs, on `index` where it is about indexes; on any index where that is empty."""
    kind = type_of(permission)
    return Need(permission, kind, (index,) if kind is ResourceType.INDEX and index else ())
