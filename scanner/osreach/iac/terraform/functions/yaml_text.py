"""`yamldecode`, by the rules that Terraform has for YAML.

Source: https://developer.hashicorp.com/terraform/language/functions/yamldecode
"""

from __future__ import annotations

import re

import yaml

from osreach.iac.terraform.conversion import number_from
from osreach.iac.terraform.functions.signature import Site
from osreach.iac.terraform.scope import MAXIMUM_ELEMENTS, EvaluationError
from osreach.location import Location
from osreach.value import Object, Scalar, Text, Value

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
_FALSE = {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}
_PLAIN = "plain"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Loader(yaml.BaseLoader):
    """Tells apart what is not quoted and has no tag, so that it gets a type as Terraform gives it."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        """The tag of a node that has none."""
        del value
        if kind is yaml.ScalarNode:
            return _PLAIN if isinstance(implicit, tuple) and implicit[0] else "tag:yaml.org,2002:str"
        return "tag:yaml.org,2002:seq" if kind is yaml.SequenceNode else "tag:yaml.org,2002:map"


def _plain(text: str) -> Scalar:
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"0o[0-7]+", text):
        return int(text, 8)
    if _DATE.fullmatch(text):
        return f"{text}T00:00:00Z"
    number = number_from(text)
    return text if number is None else number


def _place(node: yaml.Node, source: Value) -> Location:
    """Where a node stands; exact where the text is a file read as it is."""
    match source.data:
        case Text((part,)) if part.verbatim:
            start = part.location
            line, column = node.start_mark.line, node.start_mark.column
            end_line, end_column = node.end_mark.line, node.end_mark.column
            return Location(
                start.path,
                start.line + line,
                column + (start.column if line == 0 else 1 + part.indent),
                start.line + end_line,
                end_column + (start.column if end_line == 0 else 1 + part.indent),
            )
        case _:
            return source.location


def _value(node: yaml.Node, source: Value, site: Site, depth: int) -> Value:
    site.scope.budget.spend(10, site.location)
    place = _place(node, source)
    if depth > 100:
        raise EvaluationError("the YAML text nests too deeply", site.location)
    match node:
        case yaml.ScalarNode():
            return Value(_plain(node.value) if node.tag == _PLAIN else node.value, place)
        case yaml.SequenceNode():
            return Value(tuple(_value(item, source, site, depth + 1) for item in node.value), place)
        case yaml.MappingNode():
            entries: dict[str, Value] = {}
            for key, item in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise EvaluationError("a key of the YAML text is no string", site.location)
                value = _value(item, source, site, depth + 1)
                if key.value == "<<" and isinstance(value.data, Object):
                    entries = {**value.data.entries, **entries}
                else:
                    entries[key.value] = value
            return Value(Object(entries), place)
        case _:
            raise EvaluationError("the YAML text is not understood", site.location)


def read_yaml(text: str, source: Value, site: Site) -> Value:
    """The value that YAML `text` writes; `source` tells the places. Raises EvaluationError."""
    if len(text) > 10 * MAXIMUM_ELEMENTS:
        raise EvaluationError("the YAML text is too long", site.location)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        raise EvaluationError("the text is not YAML", site.location) from error
    if node is None:
        return Value(None, site.location)
    return _value(node, source, site, 0)
