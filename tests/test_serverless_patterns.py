"""Rules that are looked up in one step give the same answer as their resources one by one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.location import Location
from osreach.serverless.access import Bearing, decide_access
from osreach.serverless.operation import need_of_permission
from osreach.serverless.pattern import resource_matches
from osreach.serverless.policy import AccessContent, AccessEntry, Pattern, Rule, Written
from osreach.serverless.principal import Subject
from osreach.truth import Truth, any_of

HERE = Location("main.tf", 1, 1, 1, 1)
ROLE = "arn:aws:iam::111122223333:role/reader"
HOLE = chr(0xF0000)
NAMES = st.text(alphabet="ab*/" + HOLE, max_size=4)
RESOURCES = st.builds("{}/{}/{}".format, st.sampled_from(("index", "ind*", HOLE)), NAMES, NAMES) | NAMES


@settings(max_examples=400, deadline=None)
@given(resources=st.lists(RESOURCES, max_size=4), index=st.text(alphabet="ab*", min_size=1, max_size=4))
def test_a_rule_grants_what_its_widest_resource_does(resources: list[str], index: str) -> None:
    rule = Rule(
        Written("index", HERE),
        tuple(Pattern(text, HERE) for text in resources),
        HERE,
        (Written("aoss:ReadDocument", HERE),),
    )
    entry = AccessEntry((rule,), (Written(ROLE, HERE),), HERE)
    policy = Bearing("data", AccessContent((entry,)))
    subject = Subject(ROLE, "111122223333", "reader")
    need = need_of_permission("aoss:ReadDocument", index)
    decision = decide_access((policy,), subject, "111122223333", "a", need)
    expected = any_of(resource_matches(text, f"index/a/{index}") for text in resources)
    assert decision.truth is expected
    assert [grant.truth for grant in decision.grants] == ([expected] if expected is not Truth.FALSE else [])
