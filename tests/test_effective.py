from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.model import Model
from osreach.evaluate.candidates import Candidates
from osreach.evaluate.circumstances import key_domains, keys_of, request_of
from osreach.evaluate.condition_words import statement_words
from osreach.evaluate.effective import Access, EffectiveAccess, Outcome, access
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.relevance import may_cover
from osreach.evaluate.standing import Standing, policies_for
from osreach.evaluate.target import Target, TargetKind
from osreach.iam.decision import Verdict, decide
from osreach.iam.document import Document, PolicyKind
from osreach.iam.hole import Holes
from osreach.iam.parse import document_from_json
from osreach.iam.request import Request
from osreach.location import Location

HERE = Location("main.tf", 1, 1, 1, 2)
DOMAIN = "arn:aws:es:eu-west-1:111122223333:domain/logs"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
ROLE = "arn:aws:iam::111122223333:role/r"
USER = "arn:aws:iam::111122223333:user/u"
STRANGER = "arn:aws:iam::444455556666:user/s"
ADDRESSES = ("10.0.0.1", "198.51.100.1")
PATHS = ("/movies/_search", "/movies", "/secret/_search", "/_bulk", "/app/_doc/1", "/app/_delete_by_query")
MODEL = Model(Holes())


def document(statements: list[dict[str, object]], kind: PolicyKind, source: str) -> Document:
    return document_from_json({"Version": "2012-10-17", "Statement": statements}, kind, source)


def attached(statements: list[dict[str, object]], kind: PolicyKind, source: str) -> Attachment:
    return Attachment(source, source, document(statements, kind, source), HERE)


def standing(
    arn: str, own: list[list[dict[str, object]]], boundary: list[dict[str, object]] | None
) -> Standing:
    kind = IdentityKind.ROLE if ":role/" in arn else IdentityKind.USER
    policies = tuple(attached(one, PolicyKind.IDENTITY, f"own{number}") for number, one in enumerate(own))
    limit = None if boundary is None else attached(boundary, PolicyKind.BOUNDARY, "boundary")
    identity = Identity(kind, arn, "", arn.rpartition("/")[2], arn, HERE, policies=policies, boundary=limit)
    return Standing(arn, identity.principal(), policies, limit, identity=identity)


def target(kind: TargetKind, arn: str, policy: list[dict[str, object]]) -> Target:
    policies = (attached(policy, PolicyKind.RESOURCE, "policy"),) if policy else ()
    return Target(kind, arn, "", arn, "111122223333", "eu-west-1", policies, HERE)


effects = st.sampled_from(["Allow", "Allow", "Allow", "Deny"])
conditions = st.sampled_from(
    [
        None,
        None,
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"ArnEquals": {"aws:PrincipalArn": ROLE}},
        {"Bool": {"aws:SecureTransport": "false"}},
    ]
)
domain_actions = st.sampled_from(
    [
        "es:ESHttpGet",
        "es:ESHttpPost",
        "es:ESHttpDelete",
        "es:ESHttp*",
        "es:*",
        "es:UpdateElasticsearchDomainConfig",
    ]
)
domain_resources = st.sampled_from(
    [
        "*",
        f"{DOMAIN}/*",
        DOMAIN,
        f"{DOMAIN}/app/*",
        f"{DOMAIN}/secret*",
        f"{DOMAIN}2/*",
        f"{DOMAIN}/*/_search",
    ]
)
principals = st.sampled_from([ROLE, USER, STRANGER, "*", "111122223333", "444455556666"])


@st.composite
def statement(draw: st.DrawFn, *, resource: bool, key: bool = False) -> dict[str, object]:
    found: dict[str, object] = {
        "Effect": draw(effects),
        "Action": draw(st.sampled_from(["kms:Decrypt", "kms:*", "kms:Put*"]) if key else domain_actions),
        "Resource": draw(st.sampled_from(["*", KEY]) if key else domain_resources),
    }
    condition = draw(conditions)
    if condition is not None:
        found["Condition"] = condition
    if resource:
        name = draw(principals)
        found["Principal"] = "*" if name == "*" else {"AWS": name}
    return found


def policies(*, resource: bool, key: bool = False) -> st.SearchStrategy[list[dict[str, object]]]:
    return st.lists(statement(resource=resource, key=key), min_size=1, max_size=3)


@st.composite
def situations(draw: st.DrawFn, *, key: bool = False) -> tuple[Standing, Target]:
    who = draw(st.sampled_from([ROLE, USER, STRANGER]))
    own = draw(st.lists(policies(resource=False, key=key), max_size=2))
    boundary = draw(st.none() | policies(resource=False, key=key))
    written = draw(st.just([]) | policies(resource=True, key=key))
    kind, arn = (TargetKind.KEY, KEY) if key else (TargetKind.DOMAIN, DOMAIN)
    return standing(who, own, boundary), target(kind, arn, written)


def allowed_requests(caller: Standing, goal: Target, level: Level) -> list[Request]:
    """The requests of a grid that the concrete decision allows."""
    found = []
    for group in LEVELS[goal.kind][level]:
        paths: tuple[str, ...] = PATHS if group.paths != ("",) else ("",)
        if group.paths not in {("/*",), ("",)}:
            paths = group.likely
        for action, path, address in product(group.actions, paths, ADDRESSES):
            context = {"aws:SourceIp": (address,), "aws:SecureTransport": ("true",)}
            request = Request(caller.principal, action, f"{goal.arn}{path}", context, goal.account)
            if decide(request, policies_for(caller, goal, action, MODEL)).verdict is Verdict.ALLOWED:
                found.append(request)
    return found


def check(caller: Standing, goal: Target, level: Level, found: Access) -> None:
    allowed = allowed_requests(caller, goal, level)
    match found.outcome:
        case Outcome.DENIED:
            assert allowed == []
        case Outcome.ALLOWED | Outcome.CONDITIONAL:
            assert found.witness is not None
            request = found.witness.request
            decision = decide(request, policies_for(caller, goal, request.action, MODEL))
            assert decision.verdict is Verdict.ALLOWED
            if found.outcome is Outcome.ALLOWED:
                policies = policies_for(caller, goal, request.action, MODEL)
                for address in ADDRESSES:
                    context = {**request.context, "aws:SourceIp": (address,)}
                    own = Request(caller.principal, request.action, request.resource, context, goal.account)
                    assert decide(own, policies).verdict is Verdict.ALLOWED
        case Outcome.UNKNOWN:
            pytest.fail("everything is known here")


@given(situations())
@settings(max_examples=200, deadline=None)
def test_what_is_found_about_a_domain_is_what_requests_show(situation: tuple[Standing, Target]) -> None:
    caller, goal = situation
    for level, requests in LEVELS[goal.kind].items():
        check(caller, goal, level, access(caller, goal, requests, MODEL))


@given(situations(key=True))
@settings(max_examples=150, deadline=None)
def test_what_is_found_about_a_key_is_what_requests_show(situation: tuple[Standing, Target]) -> None:
    caller, goal = situation
    for level in (Level.READ, Level.ADMINISTER):
        check(caller, goal, level, access(caller, goal, LEVELS[goal.kind][level], MODEL))


@given(situations())
@settings(max_examples=100, deadline=None)
def test_whoever_is_no_candidate_is_denied_everything(situation: tuple[Standing, Target]) -> None:
    caller, goal = situation
    for requests in LEVELS[goal.kind].values():
        actions = tuple(action for group in requests for action in group.actions)
        if caller not in Candidates([caller]).of(goal, actions):
            assert access(caller, goal, requests, MODEL).outcome is Outcome.DENIED


@given(st.lists(policies(resource=False), min_size=1, max_size=2), policies(resource=True))
@example(
    own=[[{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}]],
    written=[{"Effect": "Deny", "Action": "es:ESHttpGet", "Resource": "*", "Principal": {"AWS": ROLE}}],
)
@settings(max_examples=100, deadline=None)
def test_callers_with_the_same_policies_get_answers_of_their_own(
    own: list[list[dict[str, object]]], written: list[dict[str, object]]
) -> None:
    first = standing(ROLE, own, None)
    identity = Identity(IdentityKind.ROLE, f"{ROLE}2", "", "r2", f"{ROLE}2", HERE, policies=first.policies)
    second = Standing(f"{ROLE}2", identity.principal(), first.policies, None, identity=identity)
    goal = target(TargetKind.DOMAIN, DOMAIN, written)
    shared = EffectiveAccess(MODEL)
    for requests in LEVELS[goal.kind].values():
        for caller in (first, second):
            alone = access(caller, goal, requests, MODEL)
            found = shared.of(caller, goal, requests)
            assert found.outcome is alone.outcome
            if found.witness is not None:
                assert found.witness.request.principal == caller.principal


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("*", True),
        (DOMAIN, True),
        (f"{DOMAIN}/*", True),
        (f"{DOMAIN}/app/_search", True),
        (f"{DOMAIN}2/*", False),
        (f"{DOMAIN[:-1]}*", True),
        (f"{DOMAIN}2*", False),
        ("arn:aws:es:*:111122223333:domain/other*", False),
        ("arn:aws:es:*:111122223333:domain/*", True),
        ("arn:aws:es:*:*:*", True),
        ("arn:aws:kms:*:*:*", False),
        ("arn:aws:es:eu-west-1:111122223333:domain/${aws:username}/*", True),
        (f"{DOMAIN}/*/_search", True),
        ("arn:aws:es:eu-west-1:111122223333:domain/?ogs/*", True),
        ("arn:aws:es:eu-west-1:111122223333:domain/?og/*", False),
    ],
)
def test_the_cheap_look_at_a_pattern_misses_nothing(pattern: str, covers: bool) -> None:
    assert may_cover(pattern, DOMAIN) is covers


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
            "aws:SourceIp in 10.0.0.0/8 or 192.0.2.0/24",
        ),
        (
            {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
            "aws:PrincipalOrgID is not o-1 or absent",
        ),
        ({"Null": {"aws:SourceVpce": "true"}}, "aws:SourceVpce is absent"),
        ({"ForAllValues:StringLike": {"aws:TagKeys": "a*"}}, "every aws:TagKeys like a*"),
        (
            {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"aws:MultiFactorAuthAge": 300}},
            "aws:SecureTransport is true and aws:MultiFactorAuthAge below 300",
        ),
    ],
)
def test_conditions_are_told_in_words(condition: dict[str, object], words: str) -> None:
    statements: list[dict[str, object]] = [
        {"Effect": "Allow", "Action": "es:*", "Resource": "*", "Condition": condition}
    ]
    found = document(json.loads(json.dumps(statements)), PolicyKind.IDENTITY, "x").statements[0]
    assert statement_words(found) == words


def test_open_keys_of_a_request_are_not_known() -> None:
    statements: list[dict[str, object]] = [
        {
            "Effect": "Allow",
            "Action": "es:*",
            "Resource": "*",
            "Condition": {
                "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                "Bool": {"aws:SecureTransport": "true"},
            },
        }
    ]
    caller, goal = standing(ROLE, [statements], None), target(TargetKind.DOMAIN, DOMAIN, [])
    domains = key_domains(keys_of(caller.documents), caller.principal, goal)
    request = request_of(caller.principal, "es:ESHttpGet", f"{DOMAIN}/x", goal, domains)
    assert request.unknown_keys == {"aws:sourceip"}
    assert dict(request.context) == {"aws:securetransport": ("true",)}
