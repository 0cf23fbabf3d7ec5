"""Functions that encode, decode and hash.

Sources: https://developer.hashicorp.com/terraform/language/functions#encoding-functions
and https://developer.hashicorp.com/terraform/language/functions#hash-and-crypto-functions
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus

from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    FunctionError,
    Kind,
    Plain,
    Site,
    check_count,
    refuse_null,
    result,
    strict,
    unknown_call,
)
from osreach.iac.terraform.rendering import known_text
from osreach.iac.terraform.scope import EvaluationError
from osreach.json_text import read_json
from osreach.value import Json, Unknown, Value

_ENCODINGS = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "us-ascii": "ascii"}


def _jsonencode(arguments: Arguments, site: Site) -> Value:
    check_count("jsonencode", arguments, 1, 1, site)
    return result(Json(arguments[0]), site)


def _jsondecode(arguments: Arguments, site: Site) -> Value:
    check_count("jsondecode", arguments, 1, 1, site)
    refuse_null("jsondecode", arguments, site)
    if isinstance(arguments[0].data, Unknown):
        return result(unknown_call("jsondecode", arguments), site)
    reading = read_json(arguments[0], "jsondecode")
    if reading.problem is not None:
        raise EvaluationError(reading.problem.message, reading.problem.location)
    return reading.value


def _base64decode(text: str) -> Plain:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise FunctionError("the text is not base64 of UTF-8") from error


def _textencode(text: str, encoding: str) -> Plain:
    try:
        codec = _ENCODINGS.get(encoding.lower(), encoding)
        return base64.b64encode(text.encode(codec)).decode()
    except (LookupError, ValueError) as error:
        raise FunctionError(f"the text cannot be written in `{encoding}`") from error


def _textdecode(text: str, encoding: str) -> Plain:
    try:
        return base64.b64decode(text, validate=True).decode(_ENCODINGS.get(encoding.lower(), encoding))
    except (LookupError, ValueError) as error:
        raise FunctionError(f"the text is not base64 of `{encoding}`") from error


def _digest(kind: str) -> Callable[[str], str]:
    def apply(text: str) -> str:
        return hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()

    return apply


def _digest64(kind: str) -> Callable[[str], str]:
    def apply(text: str) -> str:
        return base64.b64encode(hashlib.new(kind, text.encode(), usedforsecurity=False).digest()).decode()

    return apply


def _urlencode(text: str) -> Plain:
    return quote_plus(text, safe="")


def _csvdecode(text: str) -> Plain:
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as error:
        raise FunctionError(f"the text is not CSV: {error}") from error
    if not rows:
        raise FunctionError("the text has no header")
    if any(len(row) != len(rows[0]) for row in rows):
        raise FunctionError("the rows have different lengths")
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _uuidv5(namespace: str, name: str) -> Plain:
    import uuid  # noqa: PLC0415 - it costs more to import than a small scan can spare

    known = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        return str(uuid.uuid5(known.get(namespace) or uuid.UUID(namespace), name))
    except ValueError as error:
        raise FunctionError(f"`{namespace}` is not a namespace") from error


def _yamldecode(arguments: Arguments, site: Site) -> Value:
    from osreach.iac.terraform.functions.yaml_text import read_yaml  # noqa: PLC0415  PyYAML costs start-up time

    check_count("yamldecode", arguments, 1, 1, site)
    refuse_null("yamldecode", arguments, site)
    text = known_text(arguments[0])
    if text is None:
        return result(unknown_call("yamldecode", arguments), site)
    return read_yaml(text, arguments[0], site)


FUNCTIONS: Mapping[str, Function] = {
    "jsonencode": _jsonencode,
    "jsondecode": _jsondecode,
    "yamldecode": _yamldecode,
    "base64encode": strict(
        "base64encode", (Kind.TEXT,), lambda text: base64.b64encode(text.encode()).decode()
    ),
    "base64decode": strict("base64decode", (Kind.TEXT,), _base64decode),
    "textencodebase64": strict("textencodebase64", (Kind.TEXT, Kind.TEXT), _textencode),
    "textdecodebase64": strict("textdecodebase64", (Kind.TEXT, Kind.TEXT), _textdecode),
    "urlencode": strict("urlencode", (Kind.TEXT,), _urlencode),
    "csvdecode": strict("csvdecode", (Kind.TEXT,), _csvdecode),
    "md5": strict("md5", (Kind.TEXT,), _digest("md5")),
    "sha1": strict("sha1", (Kind.TEXT,), _digest("sha1")),
    "sha256": strict("sha256", (Kind.TEXT,), _digest("sha256")),
    "sha512": strict("sha512", (Kind.TEXT,), _digest("sha512")),
    "base64sha256": strict("base64sha256", (Kind.TEXT,), _digest64("sha256")),
    "base64sha512": strict("base64sha512", (Kind.TEXT,), _digest64("sha512")),
    "uuidv5": strict("uuidv5", (Kind.TEXT, Kind.TEXT), _uuidv5),
}
