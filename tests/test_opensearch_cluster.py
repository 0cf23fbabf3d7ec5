from __future__ import annotations

from pathlib import Path

import pytest

from osreach.opensearch.action_group import ActionGroup, circular_groups, expand
from osreach.opensearch.authentication import Assertion, Login, Password, Refusal, Signed, authenticate
from osreach.opensearch.cluster import Cluster, Settings, cluster_of
from osreach.opensearch.decision import Verdict, decide
from osreach.opensearch.escalation import Way, escalations, gives_everything
from osreach.opensearch.fault import Kind, faults, is_query
from osreach.opensearch.index import Name
from osreach.opensearch.mapping import Mapping, holds, mapped_roles, master_mappings
from osreach.opensearch.need import Need
from osreach.opensearch.predefined import (
    ADDED,
    NOT_OFFERED,
    EngineVersion,
    default_action_groups,
    engine_version,
    predefined_roles,
    source_header,
)
from osreach.opensearch.reach import Deed, reach
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.roles_page import reading_every_index, roles_page
from osreach.opensearch.route import recognise
from osreach.opensearch.subject import Method, Subject, iam_role, internal_user
from osreach.opensearch.tenant import tenant_access
from osreach.opensearch.user import InternalUser
from osreach.opensearch.view import View, mask_of, sees_field
from osreach.truth import Truth

HOLE = chr(0xF0000)
ANN = Subject(Method.INTERNAL, "ann")
PAGE = Path(__file__).parent.parent / "docs" / "cluster-roles.md"


def groups(**members: tuple[str, ...]) -> dict[str, ActionGroup]:
    return {name: ActionGroup(name, actions) for name, actions in members.items()}


def version(text: str) -> EngineVersion:
    found = engine_version(text)
    assert found is not None
    return found


def only(role: Role, **settings: Truth) -> Cluster:
    return cluster_of((role,), (Mapping(role.name, users=("ann",)),), settings=Settings(**settings))  # type: ignore[arg-type] # only truths are set here


def test_a_group_is_expanded_to_the_actions_behind_it() -> None:
    expansion = expand(("crud", "indices:admin/get"), default_action_groups())
    assert dict(expansion.actions) == {
        "indices:data/read*": "crud",
        "indices:admin/mappings/fields/get*": "crud",
        "indices:admin/resolve/index": "crud",
        "indices:data/write*": "crud",
        "indices:admin/mapping/put": "crud",
        "indices:admin/get": "indices:admin/get",
    }


def test_an_unknown_group_permits_nothing_and_is_named() -> None:
    expansion = expand(("raed", "indices:data/read/get"), default_action_groups())
    assert expansion.unknown == ("raed",)
    assert expansion.actions == (("indices:data/read/get", "indices:data/read/get"),)


def test_a_circle_of_groups_ends_and_is_told_once() -> None:
    circular = groups(b=("a", "indices:x"), a=("c",), c=("b", "a"), own=("own", "d"), d=())
    assert circular_groups(circular) == (("a", "c", "b", "a"), ("a", "c", "a"), ("own", "own"))
    assert expand(("a",), circular).actions == (("indices:x", "a"),)


def test_a_deep_chain_of_groups_is_no_problem() -> None:
    chain = {str(one): ActionGroup(str(one), (str(one + 1),)) for one in range(20_000)}
    chain["20000"] = ActionGroup("20000", ("indices:deep",))
    assert expand(("0",), chain).actions == (("indices:deep", "0"),)
    assert circular_groups(chain) == ()


def test_a_group_that_may_hold_more_leaves_its_role_open() -> None:
    role = Role("r", (), (IndexPermission(("a",), ("mine",)),))
    cluster = cluster_of(
        (role,),
        (Mapping("r", users=("ann",)),),
        (ActionGroup("mine", ("indices:data/read/get",), partial=True),),
    )
    decision = decide(cluster, ANN, recognise("GET", "/a/_search"))
    assert decision.verdict is Verdict.UNKNOWN
    assert decide(cluster, ANN, recognise("GET", "/b/_search")).verdict is Verdict.DENIED


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (Mapping("r", users=("ann",)), Truth.TRUE),
        (Mapping("r", users=("an?",)), Truth.TRUE),
        (Mapping("r", users=(HOLE,)), Truth.UNKNOWN),
        (Mapping("r", partial=True), Truth.UNKNOWN),
        (Mapping("r", and_backend_roles=("x",)), None),
        (Mapping("r", users=("Ann",)), None),
        (Mapping("r", hosts=("10.0.0.1",)), Truth.UNKNOWN),
        (Mapping("r"), None),
    ],
)
def test_a_mapping_holds(mapping: Mapping, expected: Truth | None) -> None:
    held = holds(mapping, ANN)
    assert (held.truth if held else None) == expected


def test_hosts_count_by_address_outside_a_vpc_only() -> None:
    near = Subject(Method.INTERNAL, "ann", address="10.0.0.1")
    mapping = Mapping("r", hosts=("10.0.*",))
    outside, inside = holds(mapping, near, in_vpc=False), holds(mapping, near, in_vpc=True)
    assert outside is not None
    assert outside.truth is Truth.TRUE
    assert inside is None
    assert holds(Mapping("r", hosts=("10.1.*",)), near, in_vpc=False) is None


def test_a_user_with_unknown_backend_roles_may_hold_any_role() -> None:
    user = internal_user(InternalUser("ann", partial=True))
    assert [(one.role, one.truth) for one in mapped_roles((Mapping("r", backend_roles=("x",)),), user)] == [
        ("r", Truth.UNKNOWN)
    ]


def test_the_same_unknown_is_the_same_role() -> None:
    arn = f"arn:aws:iam::{HOLE}:role/x"
    mappings = (Mapping("r", backend_roles=(arn,)),)
    assert [one.truth for one in mapped_roles(mappings, iam_role(arn))] == [Truth.TRUE]
    assert [one.truth for one in mapped_roles(mappings, iam_role("arn:aws:iam::1:role/x"))] == [Truth.UNKNOWN]


def test_what_may_be_mapped_by_hand_makes_a_denial_unknown() -> None:
    request = recognise("GET", "/a/_search")
    assert decide(cluster_of(), ANN, request).verdict is Verdict.DENIED
    assert decide(cluster_of(mappings_partial=True), ANN, request).verdict is Verdict.UNKNOWN


def test_an_index_that_is_not_known_may_be_the_right_one() -> None:
    role = Role("r", (), (IndexPermission((f"{HOLE}-logs",), ("read",)),))
    assert decide(only(role), ANN, recognise("GET", "/app-logs/_search")).verdict is Verdict.UNKNOWN
    assert decide(only(role), ANN, recognise("GET", "/orders/_search")).verdict is Verdict.DENIED


def test_a_decision_names_role_mapping_and_permission() -> None:
    role = Role("reader", (), (IndexPermission(("a*",), ("search",)),))
    decision = decide(only(role), ANN, (Need("indices:data/read/search", (Name("a1"),)),))
    assert decision.because == "role `reader` (users: ann) has `search` on `a*`"
    assert [(one.role, one.permission, one.index) for one in decision.grants] == [("reader", "search", "a*")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenSearch_2.11", "OpenSearch 2.11"),
        ("Elasticsearch_7.10", "Elasticsearch 7.10"),
        ("7.10", "Elasticsearch 7.10"),
        ("OpenSearch", "None"),
        ("OpenSearch_x", "None"),
    ],
)
def test_an_engine_version_is_read(text: str, expected: str) -> None:
    assert str(engine_version(text)) == expected


def test_what_the_service_leaves_out_and_adds() -> None:
    roles = predefined_roles()
    assert {roles[name].offered for name in NOT_OFFERED} == {Truth.FALSE}
    assert {roles[name].offered for name in ADDED} == {Truth.TRUE}
    assert roles["security_manager"].role.partial
    assert set(NOT_OFFERED).isdisjoint(cluster_of().roles)


def test_dashboards_roles_are_named_after_the_engine() -> None:
    on_elasticsearch = predefined_roles(version("Elasticsearch_7.10"))
    on_opensearch = predefined_roles(version("OpenSearch_1.0"))
    assert "opensearch_dashboards_user" not in on_elasticsearch
    assert on_opensearch["opensearch_dashboards_user"].offered is Truth.TRUE
    assert on_opensearch["kibana_user"].offered is Truth.UNKNOWN
    assert (
        on_opensearch["opensearch_dashboards_user"].role.index_permissions
        == on_opensearch["kibana_user"].role.index_permissions
    )


def test_roles_come_with_the_release_that_brought_them() -> None:
    assert "point_in_time_full_access" not in predefined_roles(version("OpenSearch_2.3"))
    assert "point_in_time_full_access" in predefined_roles(version("OpenSearch_2.4"))
    newer, newest = predefined_roles(version("OpenSearch_9.9")), predefined_roles(version("OpenSearch_3.8"))
    assert newer == newest


def test_groups_are_in_capitals_up_to_six() -> None:
    old, new = default_action_groups(version("6.8")), default_action_groups(version("7.1"))
    assert old["READ"].actions == ("indices:admin/mappings/fields/get*", "indices:data/read*")
    assert "READ" not in new
    assert "read" in new


def test_the_data_says_where_it_comes_from() -> None:
    header = source_header()
    assert (header["licence"], header["repository"]) == (
        "Apache-2.0",
        "https://github.com/opensearch-project/security",
    )
    assert all(len(source["commit"]) == 40 for source in header["sources"])


def test_a_predefined_role_cannot_be_redefined() -> None:
    cluster = cluster_of((Role("readall"), Role("mine")))
    assert cluster.roles["readall"].index_permissions
    assert cluster.roles["mine"] == Role("mine")


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == roles_page(), "run bench/make_cluster_data.py --page"


def test_the_roles_that_read_every_index() -> None:
    assert set(reading_every_index(version("OpenSearch_2.11"))) == {
        "all_access",
        "asynchronous_search_full_access",
        "cross_cluster_search_remote_full_access",
        "point_in_time_full_access",
        "ppl_full_access",
        "readall",
        "readall_and_monitor",
    }


def test_a_reach_lists_patterns_and_deeds() -> None:
    role = Role("r", ("manage_snapshots",), (IndexPermission(("a", "b*"), ("crud",)),))
    far = reach(role, default_action_groups())
    assert far.on(Deed.SEARCH) == far.on(Deed.DELETE_DOCUMENT) == ("a", "b*")
    assert far.on(Deed.DELETE_INDEX) == ()
    assert far.cluster == (Deed.REGISTER_REPOSITORY, Deed.SNAPSHOT, Deed.RESTORE)


@pytest.mark.parametrize(
    ("role", "ways"),
    [
        (Role("a", ("restapi:admin/roles",)), {Way.CHANGES_ROLES: Truth.UNKNOWN}),
        (Role("a", ("restapi:admin/rolesmapping",)), {Way.MAPS_ROLES: Truth.UNKNOWN}),
        (Role("a", ("manage_snapshots",)), {Way.COPIES_EVERY_INDEX: Truth.TRUE}),
        (Role("a", ("cluster:admin/snapshot/*",)), {}),
        (
            Role("a", ("manage_snapshots",), (IndexPermission(("*",), ("create_index", "write")),)),
            {Way.COPIES_EVERY_INDEX: Truth.TRUE, Way.RESTORES: Truth.TRUE},
        ),
        (
            Role("a", ("unlimited",), (IndexPermission(("*",), ("indices_all",)),)),
            {Way.EVERYTHING: Truth.TRUE, Way.COPIES_EVERY_INDEX: Truth.TRUE, Way.RESTORES: Truth.TRUE},
        ),
        (Role("a", ("cluster_composite_ops",), (IndexPermission(("*",), ("read",)),)), {}),
    ],
)
def test_ways_to_more_are_found(role: Role, ways: dict[Way, Truth]) -> None:
    assert {one.way: one.truth for one in escalations(only(role), ANN)} == ways


def test_a_master_user_has_every_way() -> None:
    cluster = cluster_of(mappings=master_mappings(user="ann"))
    assert {one.way: one.truth for one in escalations(cluster, ANN)} == dict.fromkeys(Way, Truth.TRUE)


def test_everything_by_another_name() -> None:
    standard = default_action_groups()
    assert gives_everything(predefined_roles()["all_access"].role, standard)
    named = Role("x", ("cluster_all",), (IndexPermission(("*",), ("data_access",)),))
    assert gives_everything(named, standard)
    limited = Role("x", ("*",), (IndexPermission(("*",), ("*",), '{"term":{"a":1}}'),))
    assert not gives_everything(limited, standard)


@pytest.mark.parametrize(
    ("role", "tenant", "read", "write"),
    [
        (Role("r", (), (), (TenantPermission(("human*",), ("kibana_all_read",)),)), "human", True, False),
        (Role("r", (), (), (TenantPermission(("human*",), ("kibana_all_write",)),)), "human", True, True),
        (Role("r", (), (), (TenantPermission(("${user.name}",), ("kibana_all_write",)),)), "ann", True, True),
        (Role("r", (), (), (TenantPermission(("*",), ("kibana_all_write",)),)), "undeclared", False, False),
        (Role("r"), "human", False, False),
        (Role("r"), "global_tenant", False, False),
        (Role("r"), "__user__", True, True),
    ],
)
def test_tenants_are_read_and_written(role: Role, tenant: str, read: bool, write: bool) -> None:
    cluster = cluster_of((role,), (Mapping("r", users=("ann",)),), tenants=("human", "ann"))
    access = tenant_access(cluster, ANN, tenant)
    assert (access.read is Truth.TRUE, access.write is Truth.TRUE) == (read, write)
    assert Truth.UNKNOWN not in {access.read, access.write}


def test_a_dashboards_user_writes_the_global_tenant_unless_a_role_lets_them_read_it_only() -> None:
    reading = Role("r", (), (), (TenantPermission(("global_tenant",), ("kibana_all_read",)),))
    user = Mapping("opensearch_dashboards_user", users=("ann",))
    free = tenant_access(cluster_of(mappings=(user,)), ANN, "global_tenant")
    limited = tenant_access(
        cluster_of((reading,), (user, Mapping("r", users=("ann",)))), ANN, "global_tenant"
    )
    assert (free.read, free.write) == (Truth.TRUE, Truth.TRUE)
    assert (limited.read, limited.write) == (Truth.TRUE, Truth.FALSE)


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ((), "any", Truth.TRUE),
        (("title", "year"), "title", Truth.TRUE),
        (("title", "year"), "actors", Truth.FALSE),
        (("user",), "user.name", Truth.TRUE),
        (("user.name",), "user.mail", Truth.FALSE),
        (("t*",), "title", Truth.TRUE),
        (("~title",), "year", Truth.TRUE),
        (("~title",), "title", Truth.FALSE),
        (("!title",), "title", Truth.FALSE),
        (("~user",), "user.name", Truth.FALSE),
        (("~title",), "title.keyword", Truth.UNKNOWN),
        (("~title*",), "title.keyword", Truth.FALSE),
    ],
)
def test_fields_are_included_and_excluded(fields: tuple[str, ...], field: str, expected: Truth) -> None:
    assert sees_field(View("i", fields=fields), field) is expected


def test_a_mask_is_found_by_its_field() -> None:
    view = View("i", masked_fields=("title::/./::*", "*ip_source", "genres::SHA-512"))
    assert mask_of(view, "title") == "title::/./::*"
    assert mask_of(view, "client_ip_source") == "*ip_source"
    assert mask_of(view, "year") is None


def test_a_signer_is_known_without_any_login() -> None:
    user = authenticate(Login(), {}, Signed("arn:aws:iam::1:user/ann"))
    assert isinstance(user, Subject)
    assert (user.name, user.backend_roles) == ("arn:aws:iam::1:user/ann", ())
    role = authenticate(Login(), {}, Signed("arn:aws:iam::1:role/x"))
    assert isinstance(role, Subject)
    assert (role.name, role.backend_roles) == ("arn:aws:iam::1:role/x", ("arn:aws:iam::1:role/x",))


def test_what_is_not_known_of_a_login_makes_no_401() -> None:
    refused = authenticate(Login(), {}, Password("ann"))
    unsure = authenticate(Login(saml=Truth.UNKNOWN), {}, Assertion("ann"))
    missing = authenticate(Login(passwords=Truth.TRUE), {}, Password("ann"), users_partial=True)
    assert [one.truth for one in (refused, unsure, missing) if isinstance(one, Refusal)] == [
        Truth.FALSE,
        Truth.UNKNOWN,
        Truth.UNKNOWN,
    ]
    assert isinstance(unsure, Refusal)
    decision = decide(cluster_of(), unsure, recognise("GET", "/a/_search"))
    assert (decision.verdict, decision.status) == (Verdict.UNKNOWN, None)


def test_five_hundred_roles_and_two_thousand_mappings_are_judged() -> None:
    roles = tuple(
        Role(f"r{one}", ("cluster_composite_ops",), (IndexPermission((f"team-{one}-*",), ("crud",)),))
        for one in range(500)
    )
    mappings = tuple(Mapping(f"r{one % 500}", users=(f"user-{one}-*", "ann")) for one in range(2000))
    cluster = cluster_of(roles, mappings)
    decision = decide(cluster, ANN, recognise("GET", "/team-7-x,team-499-*/_search"))
    assert decision.verdict is Verdict.ALLOWED
    assert {grant.role for grant in decision.grants} == {"r7", "r499"}


def test_faults_are_told_with_what_they_are_about() -> None:
    role = Role(
        "mine",
        ("raed",),
        (IndexPermission(("a",), ("read",), '{"term": ', ("title", "~year")),),
    )
    circular = (ActionGroup("one", ("two",)), ActionGroup("two", ("one", "wirte")))
    cluster = cluster_of((role,), (Mapping("nobody"), Mapping("mine")), circular)
    assert [(fault.kind, fault.message) for fault in faults(cluster)] == [
        (
            Kind.UNKNOWN_GROUP,
            "role `mine` uses `raed`, which is neither an action nor an action group",
        ),
        (Kind.QUERY_IS_NO_JSON, "the document query of role `mine` is no JSON object"),
        (Kind.MIXED_FIELDS, "role `mine` includes and excludes fields, so that only the exclusions count"),
        (Kind.CIRCULAR_GROUP, "the action group `one` holds `two` holds `one`"),
        (Kind.UNKNOWN_GROUP, "action group `two` uses `wirte`, which is neither an action nor a group"),
        (Kind.UNDEFINED_ROLE, "the role `nobody` is not defined"),
    ]


@pytest.mark.parametrize("release", ["6.7", "6.8", "7.1", "7.10", "OpenSearch_1.3", "OpenSearch_3.8"])
def test_what_comes_with_the_cluster_has_no_faults(release: str) -> None:
    assert faults(cluster_of(version=version(release))) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"term": {"a": "${user.name}"}}', True),
        ('{"terms": {"a": [${user.roles}]}}', True),
        ('{"terms": {"a": [${attr.proxy.x:-${attr.internal.y}}]}}', True),
        (f'{{"term": {{"a": "{HOLE}"}}}}', True),
        (HOLE, True),
        ("[]", False),
        ("match all", False),
        ("[" * 100_000, False),
    ],
)
def test_a_document_query_is_a_json_object(text: str, expected: bool) -> None:
    assert is_query(text) is expected


def test_a_signer_who_is_not_known_may_be_anybody() -> None:
    subject = authenticate(Login(), {}, Signed(HOLE))
    assert isinstance(subject, Subject)
    mappings = (Mapping("r", backend_roles=("arn:aws:iam::1:role/x",)), Mapping("s", users=("ann",)))
    assert {(one.role, one.truth) for one in mapped_roles(mappings, subject)} == {
        ("r", Truth.UNKNOWN),
        ("s", Truth.UNKNOWN),
    }
