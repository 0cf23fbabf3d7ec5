"""Functions over files and paths. Only files inside the scanned tree are read.

Source: https://developer.hashicorp.com/terraform/language/functions#filesystem-functions
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from osreach.iac.terraform.conversion import as_set
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    Kind,
    Site,
    check_count,
    refuse_null,
    result,
    strict,
    unknown_call,
)
from osreach.iac.terraform.rendering import known_text
from osreach.iac.terraform.scope import EvaluationError
from osreach.location import Location
from osreach.value import Object, Text, TextPart, Unknown, Value

_DEEPEST_TEMPLATE = 20


def rendered(text: str, location: Location, variables: Object, site: Site) -> Value:
    """The template `text`, which begins at `location`, with `variables` and nothing else in sight."""
    from osreach.iac.terraform.evaluate import template_value  # noqa: PLC0415  evaluating calls functions
    from osreach.iac.terraform.parse import parse_template  # noqa: PLC0415  likewise

    if variables.rest:
        return result(Unknown(f"templatefile({location.path})", variables.rest[0].reason), site)
    template, problems = parse_template(text, location)
    if template is None or problems:
        problem = problems[0] if problems else None
        message = problem.message if problem else "the template is not understood"
        raise EvaluationError(message, problem.location if problem else location)
    inner = replace(site.scope, names=dict(variables.entries), closed=True)
    return template_value(template.parts, location, inner)


def _check_path(path: str, location: Location) -> None:
    """Refuse what cannot be a path, before the operating system does."""
    if "\0" in path or any("\ud800" <= character <= "\udfff" for character in path):
        raise EvaluationError("no path can be called that", location)


def _read(name: str, arguments: Arguments, site: Site) -> tuple[str, str] | Unknown:
    """The path as given and the text of the file that the first argument names."""
    refuse_null(name, arguments, site)
    path = known_text(arguments[0])
    if path is None:
        return unknown_call(name, arguments)
    _check_path(path, arguments[0].location)
    text = site.scope.module.read(path, site.location)
    if isinstance(text, Unknown):
        return replace(text, expression=f'{name}("{path}")')
    return path, text


def _top(path: str, site: Site) -> Location:
    return Location(site.scope.module.shown(path), 1, 1, 1, 1)


def _file(arguments: Arguments, site: Site) -> Value:
    check_count("file", arguments, 1, 1, site)
    found = _read("file", arguments, site)
    if isinstance(found, Unknown):
        return result(found, site)
    path, text = found
    if not text:
        return result("", site)
    return result(Text((TextPart(text, _top(path, site), verbatim=True),)), site)


def _templatefile(arguments: Arguments, site: Site) -> Value:
    check_count("templatefile", arguments, 2, 2, site)
    found = _read("templatefile", arguments, site)
    if isinstance(found, Unknown):
        return result(found, site)
    path, text = found
    if not isinstance(arguments[1].data, Object):
        if isinstance(arguments[1].data, Unknown):
            return result(unknown_call("templatefile", arguments), site)
        raise EvaluationError("`templatefile` needs an object of variables", site.location)
    site.scope.budget.spend(len(text) // 10, site.location)
    return rendered(text, _top(path, site), arguments[1].data, site)


def _of_text(name: str, change: Callable[[bytes], str]) -> Function:
    """A function of the bytes of a file."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        try:
            found = _read(name, arguments, site)
        except EvaluationError as error:
            if site.scope.trying or not arguments or known_text(arguments[0]) is None:
                raise
            # An archive is built before Terraform runs; nobody keeps it in the repository.
            found = Unknown(unknown_call(name, arguments).expression, error.message)
        return result(found if isinstance(found, Unknown) else change(found[1].encode()), site)

    return apply


def _fileexists(arguments: Arguments, site: Site) -> Value:
    check_count("fileexists", arguments, 1, 1, site)
    try:
        found = _read("fileexists", arguments, site)
    except EvaluationError:
        return result(data=False, site=site)
    return result(found if isinstance(found, Unknown) else True, site)


def _matcher(pattern: str) -> re.Pattern[str]:
    """A glob as `fileset` has it: `*`, `**`, `?`, `{a,b}` and classes."""
    pieces: list[str] = []
    position, depth = 0, 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**/", position):
            pieces.append("(?:[^/]+/)*")
            position += 3
            continue
        if pattern.startswith("**", position):
            pieces.append(".*")
            position += 2
            continue
        match character:
            case "*":
                pieces.append("[^/]*")
            case "?":
                pieces.append("[^/]")
            case "{":
                depth += 1
                pieces.append("(?:")
            case "}" if depth:
                depth -= 1
                pieces.append(")")
            case "," if depth:
                pieces.append("|")
            case "[":
                end = pattern.find("]", position + 1)
                if end > 0:
                    inner = pattern[position + 1 : end].replace("\\", "\\\\")
                    pieces.append("[" + ("^" + inner[1:] if inner[:1] in "!^" else inner) + "]")
                    position = end
                else:
                    pieces.append("\\[")
            case _:
                pieces.append(re.escape(character))
        position += 1
    return re.compile("".join(pieces) + ")" * depth)


def _fileset(arguments: Arguments, site: Site) -> Value:
    check_count("fileset", arguments, 2, 2, site)
    path, pattern = known_text(arguments[0]), known_text(arguments[1])
    if path is None or pattern is None:
        return result(unknown_call("fileset", arguments), site)
    _check_path(path, arguments[0].location)
    names = site.scope.module.files(path, site.location)
    if isinstance(names, Unknown):
        return result(names, site)
    matcher = _matcher(pattern)
    return result(as_set(Value(name, site.location) for name in names if matcher.fullmatch(name)), site)


def _dirname(path: str) -> str:
    head = posixpath.dirname(path)
    return posixpath.normpath(head) if head else "."


def _basename(path: str) -> str:
    bare = path.rstrip("/")
    if not bare:
        return "/" if path else "."
    return posixpath.basename(bare)


def _unknown_path(name: str) -> Function:
    """A function whose result depends on the machine that Terraform runs on."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        text = known_text(arguments[0])
        if name == "pathexpand" and text is not None and not text.startswith("~"):
            return result(text, site)
        unknown = unknown_call(name, arguments)
        return result(Unknown(unknown.expression, "it depends on the machine that Terraform runs on"), site)

    return apply


def _hex(kind: str) -> Callable[[bytes], str]:
    return lambda data: hashlib.new(kind, data, usedforsecurity=False).hexdigest()


def _hash64(kind: str) -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(hashlib.new(kind, data, usedforsecurity=False).digest()).decode()


FUNCTIONS: Mapping[str, Function] = {
    "file": _file,
    "templatefile": _templatefile,
    "fileexists": _fileexists,
    "fileset": _fileset,
    "filebase64": _of_text("filebase64", lambda data: base64.b64encode(data).decode()),
    "filemd5": _of_text("filemd5", _hex("md5")),
    "filesha1": _of_text("filesha1", _hex("sha1")),
    "filesha256": _of_text("filesha256", _hex("sha256")),
    "filesha512": _of_text("filesha512", _hex("sha512")),
    "filebase64sha256": _of_text("filebase64sha256", _hash64("sha256")),
    "filebase64sha512": _of_text("filebase64sha512", _hash64("sha512")),
    "basename": strict("basename", (Kind.TEXT,), _basename),
    "dirname": strict("dirname", (Kind.TEXT,), _dirname),
    "abspath": _unknown_path("abspath"),
    "pathexpand": _unknown_path("pathexpand"),
}
