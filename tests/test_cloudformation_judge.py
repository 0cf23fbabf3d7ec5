"""cfn-lint as an independent judge: where it resolves an expression, it must find our value among its own.

It takes both branches of every `Fn::If`, so our one value is one of several. It
leaves the `!` of `${!Literal}` in the text, against the documentation of
`Fn::Sub`, and its transform of language extensions guesses at keys of mappings:
neither is compared here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_json
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.template import Template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osreach.iac.resource import Inputs
from templates import messages, plain, read, resource

REGION = "eu-west-1"
BASE: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "logs"},
        "Stage": {"Type": "String", "Default": "dev"},
        "Port": {"Type": "Number", "Default": 443},
        "Words": {"Type": "CommaDelimitedList", "Default": "dev,b-c,d"},
    },
    "Mappings": {
        "Sizes": {"dev": {"small": "t3", "list": ["a", "b-c"]}, "prod": {"small": "m5", "list": ["d", "e"]}}
    },
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "NotDev": {"Fn::Not": [{"Condition": "IsDev"}]},
    },
}

WORDS = st.sampled_from(["a", "b-c", "x/y-z", "arn:aws:es:*", "0", 'é <&> "q" \\'])
LEAVES = WORDS | st.sampled_from([{"Ref": "Name"}, {"Ref": "Stage"}, {"Ref": "Port"}, {"Ref": "AWS::Region"}])


def texts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3) | st.sampled_from(
        [{"Ref": "Words"}, {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "list"]}]
    )
    split = st.builds(lambda mark, text: {"Fn::Split": [mark, text]}, st.sampled_from(["-", "/", ":"]), inner)
    return st.one_of(
        st.builds(
            lambda mark, items: {"Fn::Join": [mark, items]}, st.sampled_from(["", "-", ", "]), lists | split
        ),
        st.builds(lambda items: {"Fn::Select": [0, items]}, lists | split),
        st.builds(lambda items: {"Fn::Select": ["1", items]}, st.just({"Ref": "Words"})),
        st.builds(
            lambda condition, yes, no: {"Fn::If": [condition, yes, no]},
            st.sampled_from(["IsDev", "NotDev"]),
            inner,
            inner,
        ),
        st.builds(
            lambda text, value: {"Fn::Sub": [text, {"v": value}]},
            st.sampled_from(["${v}", "x${v}${Name}", "${AWS::Region}-${Stage}-${v}"]),
            inner,
        ),
        st.sampled_from([{"Fn::Sub": "${Name}:${Stage}"}]),
        st.builds(
            lambda key, default: {"Fn::FindInMap": ["Sizes", key, "small", {"DefaultValue": default}]},
            st.sampled_from(["dev", "prod", "gone", {"Ref": "Stage"}]),
            inner,
        ),
    )


EXPRESSIONS = st.recursive(LEAVES, texts, max_leaves=6)


def judged(template: dict[str, Any]) -> tuple[Any, CfnTemplateValidator]:
    """The template as cfn-lint transforms it, and its resolver."""
    found = Template("t.json", cfn_json.loads(json.dumps(template)), [REGION])
    assert found.transform() == []
    return found.template, CfnTemplateValidator(context=found.context, cfn=found)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EXPRESSIONS, min_size=1, max_size=6))
def test_our_value_is_among_those_of_cfn_lint(tmp_path: Path, expressions: list[Any]) -> None:
    properties = {f"P{number}": expression for number, expression in enumerate(expressions)}
    template = {**BASE, "Resources": {"R": {"Type": "AWS::OpenSearch::Made", "Properties": properties}}}
    reading = read(tmp_path, json.dumps(template), Inputs(region=REGION))
    assert messages(reading) == []
    ours = resource(reading, "R")
    theirs, resolver = judged(template)
    for name, expression in theirs["Resources"]["R"]["Properties"].items():
        values = [str(value) for value, _, error in resolver.resolve_value(expression) if error is None]
        if values:
            assert str(plain(ours.get(name))) in values


@pytest.mark.parametrize(
    "collection", [["a", "b"], {"Ref": "Words"}, [{"Ref": "Name"}, "x-y"]], ids=["written", "list", "mixed"]
)
def test_loops_are_written_out_as_cfn_lint_writes_them(tmp_path: Path, collection: Any) -> None:
    body = {
        "Type": "AWS::OpenSearch::Made",
        "Properties": {"ThingName": {"Fn::Sub": "${Each}-thing"}, "Own": {"Ref": "Each"}},
    }
    template = {
        **BASE,
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Fn::ForEach::Things": ["Each", collection, {"Thing&{Each}": body}]},
    }
    reading = read(tmp_path, json.dumps(template), Inputs(region=REGION))
    assert messages(reading) == []
    theirs, _ = judged(template)
    assert {each.address for each in reading.resources} == set(theirs["Resources"])
    for name, written in theirs["Resources"].items():
        found = resource(reading, name)
        assert plain(found.get("Own")) == written["Properties"]["Own"]
        assert found.get("ThingName") is not None
        assert plain(found.get("ThingName")) == f"{plain(found.get('Own'))}-thing"
