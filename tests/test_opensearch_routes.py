from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.opensearch.body import READERS, BodyProblem
from osreach.opensearch.index import EVERYTHING, Every, Name, Remote, Some, Target
from osreach.opensearch.need import Need, When, is_cluster_action
from osreach.opensearch.predefined import Engine
from osreach.opensearch.route import KnownRequest, UnknownRequest, recognise, routes

SEARCH = "indices:data/read/search"


def known(method: str, path: str, body: object = None, engine: Engine = Engine.OPENSEARCH) -> KnownRequest:
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    request = recognise(method, path, text, engine)
    assert isinstance(request, KnownRequest), request
    return request


def on(request: KnownRequest, action: str) -> set[Target]:
    return {target for need in request.needs if need.action == action for target in need.targets}


def test_a_need_has_indexes_exactly_where_the_action_is_on_indexes() -> None:
    wrong = [
        (route.path, need)
        for route in routes()
        for need in route.needs
        if need != "own" and not need.startswith("body:")
        if is_cluster_action(need.removeprefix("new?").removeprefix("field?").partition("@")[0])
        == ("@" in need)
    ]
    assert wrong == []


def test_every_route_is_well_formed_and_documented() -> None:
    action = re.compile(
        r"(new\?|field\?)?(cluster|indices|restapi):[a-z_/]+(\[s\])?(@(\*|\?|\{\??\w+\}|\.\w+))?"
    )
    wrong = [
        route.path
        for route in routes()
        if not route.documentation.startswith("https://")
        or not set(route.methods) <= {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"}
        or not all(
            need == "own" or need.removeprefix("body:") in READERS or action.fullmatch(need)
            for need in route.needs
        )
        or not route.needs
    ]
    assert wrong == []


def test_no_method_and_path_stand_twice() -> None:
    seen = [(method, route.path, route.engine) for route in routes() for method in route.methods]
    assert sorted({one for one in seen if seen.count(one) > 1}, key=str) == []


def test_every_reader_of_bodies_is_used() -> None:
    assert {route.reader for route in routes()} - {""} == set(READERS)


def test_every_route_is_found_by_its_own_path() -> None:
    wrong = []
    for route in routes():
        path = route.path.replace("{plugins}", "_plugins").replace("{rest...}", "app/home")
        path = re.sub(r"\{\w+\}", "one", path)
        engine = route.engine or Engine.OPENSEARCH
        for method in route.methods:
            request = recognise(method, path, None, engine)
            if not isinstance(request, KnownRequest) or request.route != route:
                wrong.append((method, path))
    assert wrong == []


@pytest.mark.parametrize(
    ("request_line", "action", "targets"),
    [
        ("GET /movies/_search?q=thor", SEARCH, {Name("movies")}),
        ("get movies/_search/", SEARCH, {Name("movies")}),
        ("GET /_search", SEARCH, {EVERYTHING}),
        ("GET /_all/_search", SEARCH, {EVERYTHING}),
        ("GET /a,b*/_search", SEARCH, {Name("a"), Every("b*")}),
        ("GET /a%2Cb/_search", SEARCH, {Name("a"), Name("b")}),
        ("GET /%3Clogs-%7Bnow%2Fd%7D%3E/_count", SEARCH, {Some("logs-*", "date math")}),
        ("GET /other:a/_search", SEARCH, {Remote("other", "a")}),
        ("POST /_plugins/_asynchronous_search?index=a,b", SEARCH, {Name("a"), Name("b")}),
        ("POST /_plugins/_asynchronous_search", SEARCH, {EVERYTHING}),
        ("GET /_cat/indices/logs-*", "indices:monitor/stats", {Every("logs-*")}),
        ("PUT /a/_alias/b", "indices:admin/aliases", {Name("a"), Name("b")}),
        ("POST /a/_shrink/b", "indices:admin/resize", {Name("a"), Name("b")}),
        ("GET /_resolve/index/a*", "indices:admin/resolve/index", {Every("a*")}),
        ("DELETE /_data_stream/audit", "indices:admin/data_stream/delete", {Name("audit")}),
        ("GET /_dashboards/app/home", SEARCH, {Name(".opensearch_dashboards")}),
    ],
)
def test_a_request_names_its_indexes(request_line: str, action: str, targets: set[Target]) -> None:
    method, path = request_line.split(" ", 1)
    assert on(known(method, path), action) == targets


@pytest.mark.parametrize(
    ("request_line", "reason"),
    [
        ("GET /_nothing", "no documented route is `/_nothing`"),
        ("GET /_plugins/_nothing/x", "no documented route is `/_plugins/_nothing/x`"),
        ("GET //_search", "no documented route is `//_search`"),
        ("DELETE /a/_search", "`/a/_search` is documented for GET, POST only"),
        ("PUT /movies/movie/1", "no documented route is `/movies/movie/1`"),
    ],
)
def test_an_unknown_route_says_so(request_line: str, reason: str) -> None:
    method, path = request_line.split(" ", 1)
    request = recognise(method, path)
    assert isinstance(request, UnknownRequest)
    assert request.because == reason


def test_types_are_known_on_elasticsearch() -> None:
    request = known("PUT", "/movies/movie/1", engine=Engine.ELASTICSEARCH)
    assert on(request, "indices:data/write/index") == {Name("movies")}
    assert on(known("GET", "/_plugin/kibana/app", engine=Engine.ELASTICSEARCH), SEARCH) == {Name(".kibana")}


def test_indexing_may_create_the_index_and_its_fields() -> None:
    needs = known("PUT", "/movies/_doc/1").needs
    assert {(need.action, need.when) for need in needs} == {
        ("indices:data/write/index", When.ALWAYS),
        ("indices:data/write/bulk", When.ALWAYS),
        ("indices:data/write/bulk[s]", When.ALWAYS),
        ("indices:admin/create", When.NEW_INDEX),
        ("indices:admin/mapping/put", When.NEW_FIELD),
    }


def test_a_bulk_body_tells_what_is_done_to_which_index() -> None:
    body = "\n".join(
        map(
            json.dumps,
            [{"delete": {"_index": "a", "_id": "1"}}, {"update": {"_id": "2"}}, {"doc": {"delete": {}}}],
        )
    )
    request = known("POST", "/b/_bulk", body)
    assert request.problems == ()
    assert request.indexes_in_body
    assert on(request, "indices:data/write/delete") == {Name("a")}
    assert on(request, "indices:data/write/update") == {Name("b")}
    assert on(request, "indices:data/write/bulk[s]") == {Name("a"), Name("b")}


@pytest.mark.parametrize(
    ("path", "body", "problems"),
    [
        ("/_bulk", "{", [BodyProblem(1, "the line is no JSON, so the body is no NDJSON")]),
        (
            "/a/_bulk",
            '{"index":{}}\n{"x":1}\n\nnonsense\n{"delete":{"_id":"1"}}\n',
            [BodyProblem(4, "the line is no JSON, so the body is no NDJSON")],
        ),
        ("/a/_bulk", "[1]", [BodyProblem(1, "the line is no JSON object")]),
        (
            "/a/_bulk",
            '{"put":{}}',
            [BodyProblem(1, "the line is none of `index`, `create`, `update` and `delete`")],
        ),
        (
            "/_bulk",
            '{"index":{}}\n{}',
            [BodyProblem(1, "the item `index` names no index, and the path does not")],
        ),
        ("/_mget", "{\n\n]", [BodyProblem(3, "the body is no JSON here")]),
        ("/_mget", "[]", [BodyProblem(1, "the body is no JSON object")]),
        ("/_aliases", "[" * 100_000, [BodyProblem(1, "the body is nested too deeply")]),
    ],
)
def test_a_bad_body_is_a_problem_with_its_line(path: str, body: str, problems: list[BodyProblem]) -> None:
    assert list(known("POST", path, body).problems) == problems


def test_what_stands_behind_a_bad_line_is_still_read() -> None:
    request = known("POST", "/a/_bulk", 'nonsense\n{"delete":{"_index":"b","_id":"1"}}\n')
    assert on(request, "indices:data/write/delete") == {Name("b")}


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ("SELECT * FROM a", {Name("a")}),
        ("select x from `a-1` join b on 1=1", {Name("a-1"), Name("b")}),
        ("SELECT * FROM logs-* WHERE y IN (SELECT z FROM c)", {Every("logs-*"), Name("c")}),
        ("SHOW TABLES LIKE %", {EVERYTHING}),
        ("SELECT 1", {Some("*", "the body names it")}),
    ],
)
def test_a_query_names_its_indexes(query: str, targets: set[Target]) -> None:
    assert on(known("POST", "/_plugins/_sql", {"query": query}), SEARCH) == targets


def test_a_restore_of_everything_is_refused_to_everyone() -> None:
    path = "/_snapshot/repository/one/_restore"
    assert known("POST", path, {"indices": "orders"}).refused == ""
    assert known("POST", path, {}).refused != ""
    assert known("POST", path, {"indices": ["orders", ".opendistro_security"]}).refused != ""
    assert known("POST", path, {"indices": "a", "include_global_state": True}).refused != ""


def test_renamed_restores_write_indexes_that_cannot_be_told() -> None:
    body = {"indices": "orders", "rename_pattern": "(.+)", "rename_replacement": "copy_$1"}
    request = known("POST", "/_snapshot/repository/one/_restore", body)
    assert on(request, "indices:admin/create") == {Some("*", "restored names are made by a pattern")}


def test_creating_an_index_with_aliases_needs_them_too() -> None:
    request = known("PUT", "/a", {"aliases": {"b": {}}})
    assert request.needs == (
        Need("indices:admin/create", (Name("a"),)),
        Need("indices:admin/aliases", (Name("a"), Name("b"))),
    )


def test_a_lookup_inside_a_query_is_a_read_of_another_index() -> None:
    query = {"bool": {"filter": [{"terms": {"user": {"index": "secrets", "id": "1", "path": "x"}}}]}}
    request = known("GET", "/a/_search", {"query": query})
    assert on(request, "indices:data/read/get") == {Name("secrets")}


@given(st.text(alphabet=string.printable, max_size=60), st.sampled_from(sorted(READERS)))
def test_no_body_breaks_a_reader(body: str, reader: str) -> None:
    reading = READERS[reader](body, "a")
    assert all(problem.line >= 1 for problem in reading.problems)
    assert reading.needs
