"""What holds for every cluster, tried on random ones."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from osreach.opensearch.cluster import Cluster, Settings, cluster_of
from osreach.opensearch.decision import Decision, Verdict, decide
from osreach.opensearch.index import Every, Index, Indexes, Name
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.need import Need
from osreach.opensearch.role import IndexPermission, Role
from osreach.opensearch.subject import Method, Subject
from osreach.opensearch.view import sees_field
from osreach.truth import Truth

ANN = Subject(Method.INTERNAL, "ann")
SEARCH = "indices:data/read/search"
HOLE = chr(0xF0000)
NAMES = ["".join(letters) for size in range(1, 4) for letters in itertools.product("ab", repeat=size)]
QUERIES = ("", '{"term":{"a":1}}', '{"term":{"b":2}}')

patterns = st.text(alphabet="ab*", min_size=1, max_size=4)
uncertain_patterns = st.text(alphabet=f"ab*{HOLE}", min_size=1, max_size=4)
permissions = st.builds(
    IndexPermission,
    st.lists(patterns, min_size=1, max_size=2).map(tuple),
    st.sampled_from([("read",), ("search",), ("write",), ("indices:data/read/get",)]),
    st.sampled_from(QUERIES),
    st.sampled_from([(), ("x",), ("~x",), ("y*",)]),
)
role_contents = st.lists(permissions, max_size=3).map(tuple)
known_indexes = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)
left_out = st.sampled_from(Truth)


def cluster(
    *contents: tuple[IndexPermission, ...], known: Indexes | None = None, left: Truth = Truth.UNKNOWN
) -> Cluster:
    roles = tuple(Role(f"r{place}", (), content) for place, content in enumerate(contents))
    mappings = tuple(Mapping(role.name, users=("ann",)) for role in roles)
    return cluster_of(roles, mappings, indexes=known, settings=Settings(forbidden_indexes_left_out=left))


def search(where: Cluster, target: Name | Every) -> Decision:
    return decide(where, ANN, (Need(SEARCH, (target,)),))


@given(role_contents, role_contents, patterns)
def test_a_further_role_takes_nothing_away(
    one: tuple[IndexPermission, ...], more: tuple[IndexPermission, ...], pattern: str
) -> None:
    for target in (Name("ab"), Every(pattern)):
        if search(cluster(one), target).verdict is Verdict.ALLOWED:
            assert search(cluster(one, more), target).verdict is Verdict.ALLOWED


@given(role_contents, patterns, left_out)
def test_what_is_allowed_of_a_pattern_is_allowed_of_each_index(
    content: tuple[IndexPermission, ...], pattern: str, left: Truth
) -> None:
    where = cluster(content, left=left)
    decision = search(where, Every(pattern))
    if decision.verdict is Verdict.ALLOWED and not any(check.left_out for check in decision.checks):
        matching = [name for name in NAMES if _matches(pattern, name)]
        assert [name for name in matching if search(where, Name(name)).verdict is not Verdict.ALLOWED] == []


@given(role_contents, patterns, left_out, known_indexes)
def test_more_knowledge_of_indexes_contradicts_no_certain_answer(
    content: tuple[IndexPermission, ...], pattern: str, left: Truth, names: list[str]
) -> None:
    indexes = tuple(Index(name) for name in names)
    some = search(cluster(content, known=Indexes(indexes), left=left), Every(pattern)).verdict
    every = search(cluster(content, known=Indexes(indexes, complete=True), left=left), Every(pattern)).verdict
    if some is Verdict.ALLOWED:
        assert every is Verdict.ALLOWED
    if some is Verdict.DENIED and any(_matches(pattern, name) for name in names):
        assert every is Verdict.DENIED


@given(st.lists(uncertain_patterns, min_size=1, max_size=2), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_filling_in_what_is_unknown_contradicts_no_certain_answer(
    written: list[str], name: str, value: str
) -> None:
    def verdict(texts: list[str]) -> Verdict:
        content = (IndexPermission(tuple(texts), ("read",)),)
        return search(cluster(content), Name(name)).verdict

    before = verdict(written)
    if before is not Verdict.UNKNOWN:
        assert verdict([text.replace(HOLE, value) for text in written]) is before


@given(role_contents, role_contents)
def test_a_further_role_shows_no_field_that_another_excludes(
    one: tuple[IndexPermission, ...], more: tuple[IndexPermission, ...]
) -> None:
    before = search(cluster(one), Name("ab")).views
    after = search(cluster(one, more), Name("ab")).views
    for view, wider in zip(before, after, strict=True) if before and after else ():
        excluded = any(rule.startswith("~") for rule in view.fields)
        if excluded and sees_field(view, "x") is Truth.FALSE:
            assert sees_field(wider, "x") is Truth.FALSE
        assert set(view.documents) <= set(wider.documents)


def _matches(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_matches(pattern[1:], name[start:]) for start in range(len(name) + 1))
    return bool(name) and name[0] == pattern[0] and _matches(pattern[1:], name[1:])
