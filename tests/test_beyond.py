from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.evaluate.beyond import Situation, Undecided, beyond, reaches_all
from osreach.evaluate.effective import Access
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Verdict, decide
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.iam.parse import document_from_json
from osreach.iam.request import Request, RoleSession
from osreach.location import Location

ACCOUNT = "111122223333"
DOMAIN = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/etl"
PLACE = Location("main.tf", 1, 1, 1, 2)
ACTIONS = ("es:ESHttpGet", "es:ESHttpHead")
REQUESTS = (Requests(ACTIONS, ("/*",), ("/movies/_search",)),)
PATHS = ("/a", "/a/_search", "/ab", "/b/_search", "/", "/secret")
ADDRESSES = ("10.0.0.1", "10.200.0.1", "192.0.2.1")


def attachment(data: dict[str, Any], kind: PolicyKind, name: str) -> Attachment:
    return Attachment(name, name, document_from_json(data, kind, name), PLACE)


def situation(
    identity: Sequence[dict[str, Any]],
    resource: Sequence[dict[str, Any]] = (),
    boundary: Sequence[dict[str, Any]] = (),
    account: str = ACCOUNT,
) -> Situation:
    role = f"arn:aws:iam::{account}:role/etl"

    def policy(statements: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": list(statements)}

    own = (attachment(policy(identity), PolicyKind.IDENTITY, "own"),) if identity else ()
    limit = attachment(policy(boundary), PolicyKind.IDENTITY, "boundary") if boundary else None
    on_it = (attachment(policy(resource), PolicyKind.RESOURCE, "access policy"),) if resource else ()
    standing = Standing("etl", RoleSession(role), own, limit)
    target = Target(TargetKind.DOMAIN, "logs", "", DOMAIN, ACCOUNT, "eu-west-1", on_it, PLACE)
    return Situation(standing, target, Model(Holes()))


def allow(path: str = "/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": f"{DOMAIN}{path}", **more}


def verdict(request: Request, one: Situation) -> Verdict:
    return decide(request, one.policies(request.action)).verdict


def sampled() -> Iterator[Request]:
    for action, path, address in product(ACTIONS, PATHS, ADDRESSES):
        context = {"aws:SourceIp": (address,)}
        yield Request(RoleSession(ROLE), action, f"{DOMAIN}{path}", context, ACCOUNT)


def check(new: Situation, old: Situation) -> None:
    """What is found is allowed by the new policies alone; where nothing is, no sampled request is."""
    found = beyond(new, old, REQUESTS)
    if isinstance(found, Access):
        assert found.witness is not None
        assert verdict(found.witness.request, new) is Verdict.ALLOWED
        assert verdict(found.witness.request, old) is not Verdict.ALLOWED
    if found is None:
        for request in sampled():
            assert verdict(request, new) is not Verdict.ALLOWED or verdict(request, old) is Verdict.ALLOWED


RESOURCES = st.sampled_from(["/*", "/a", "/a*", "/a/*", "/b/*", "/secret*", "*"])
CONDITIONS = st.sampled_from(
    [
        None,
        None,
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "192.0.2.0/24"]}},
        {"NotIpAddress": {"aws:SourceIp": "10.128.0.0/9"}},
    ]
)
PRINCIPALS = st.sampled_from([{"AWS": ROLE}, "*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": ACCOUNT}])


@st.composite
def statements(draw: st.DrawFn, *, principal: bool) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        one: dict[str, Any] = {
            "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
            "Action": draw(st.sampled_from(["es:ESHttpGet", "es:ESHttp*", "es:ESHttpHead"])),
            "Resource": f"{DOMAIN}{draw(RESOURCES)}",
        }
        condition = draw(CONDITIONS)
        if condition is not None:
            one["Condition"] = condition
        if principal:
            one["Principal"] = draw(PRINCIPALS)
        found.append(one)
    return found


SIDES = st.tuples(statements(principal=False), statements(principal=True))


@settings(max_examples=400, deadline=None)
@given(SIDES, SIDES)
def test_what_is_found_is_new_and_where_nothing_is_nothing_is(old: Any, new: Any) -> None:
    check(situation(*new), situation(*old))


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES, statements(principal=False), statements(principal=False))
def test_boundaries_are_a_part_of_it(old: Any, new: Any, before: Any, after: Any) -> None:
    check(situation(new[0], new[1], after), situation(old[0], old[1], before))


@settings(max_examples=100, deadline=None)
@given(SIDES)
def test_nothing_is_beyond_itself(side: Any) -> None:
    assert beyond(situation(*side), situation(*side), REQUESTS) is None


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES)
def test_policies_without_a_boundary_are_always_decided(old: Any, new: Any) -> None:
    assert not isinstance(beyond(situation(*new), situation(*old), REQUESTS), Undecided)


def test_access_that_only_changes_its_policy_is_no_more() -> None:
    own = situation([allow()])
    on_it = situation([], [allow(Principal={"AWS": ROLE})])
    assert beyond(own, on_it, REQUESTS) is None
    assert beyond(on_it, own, REQUESTS) is None


def test_two_policies_together_hold_what_one_held() -> None:
    both = situation([allow("/a*")], [allow(Principal={"AWS": ROLE})])
    assert beyond(situation([allow()]), both, REQUESTS) is None


def test_an_account_that_is_named_lets_nobody_in_by_itself() -> None:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    named = situation([], [allow(Principal={"AWS": ROLE})])
    found = beyond(named, situation([], [allow(Principal=root)]), REQUESTS)
    assert isinstance(found, Access)
    assert beyond(situation([], [allow(Principal=root)]), situation([]), REQUESTS) is None


def test_another_account_needs_both_sides() -> None:
    other = "444455556666"
    named = allow(Principal={"AWS": f"arn:aws:iam::{other}:role/etl"})
    both = situation([allow()], [named], account=other)
    assert isinstance(beyond(both, situation([allow()], account=other), REQUESTS), Access)
    assert beyond(situation([allow()], account=other), both, REQUESTS) is None


def test_everything_is_everything_but_what_is_denied() -> None:
    deny = {**allow("/secret*"), "Effect": "Deny"}
    assert reaches_all(situation([allow()]), REQUESTS, "es:ESHttpGet")
    assert reaches_all(situation([allow("/a*"), allow("/*")]), REQUESTS, "es:ESHttpGet")
    assert not reaches_all(situation([allow(), deny]), REQUESTS, "es:ESHttpGet")
    assert not reaches_all(situation([allow("/a*")]), REQUESTS, "es:ESHttpGet")
    assert not reaches_all(situation([allow()]), REQUESTS, "es:ESHttpHead")
    limited = allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    assert not reaches_all(situation([limited]), REQUESTS, "es:ESHttpGet")
