"""The configuration file: `osreach.toml`, or `[tool.osreach]` in `pyproject.toml`.

Every key is checked: one that is not known, or a value of the wrong kind, is an
error that names the file and the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from osreach.ignore import ConfiguredIgnore
from osreach.location import Location
from osreach.rule import Severity
from osreach.source import shown_path
from osreach.usage import UsageError, nearest

OWN_NAME = "osreach.toml"
SHARED_NAME = "pyproject.toml"
PROFILES = ("default", "strict")
THRESHOLDS = (*(str(severity) for severity in Severity), "never")

Table: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says; None or empty where it does not say it.

    `fail_on` is the name of a severity or `never`, `severity` maps names or
    codes of rules, `variables` are Terraform variables as text for `--var`.
    `variable_files` and `exclude` are relative to the working directory.
    """

    path: str = ""
    fail_on: str | None = None
    profile: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    ignores: tuple[ConfiguredIgnore, ...] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    variable_files: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    trusted_accounts: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()


KEYS = (
    "account",
    "exclude",
    "fail-on",
    "ignore",
    "ignores",
    "parameters",
    "partition",
    "profile",
    "region",
    "select",
    "severity",
    "trusted-accounts",
    "variable-files",
    "variables",
)
_IGNORE_KEYS = ("reason", "resource", "rule", "until")


def find_configuration(start: Path) -> Path | None:
    """The configuration file that counts for `start`: looked for there and upwards.

    The search ends with the folder that holds `.git`, and does not leave `start`
    where no folder above it holds one. In each folder `osreach.toml` comes
    before a `pyproject.toml` with `[tool.osreach]`.
    """
    folder = start.resolve()
    if not folder.is_dir():
        folder = folder.parent
    folders = [folder, *folder.parents]
    repository = next((number for number, each in enumerate(folders) if (each / ".git").exists()), 0)
    for each in folders[: repository + 1]:
        own = each / OWN_NAME
        if own.is_file():
            return own
        shared = each / SHARED_NAME
        if shared.is_file() and _holds_table(shared):
            return shared
    return None


def _holds_table(path: Path) -> bool:
    """Whether a `pyproject.toml` speaks about osreach; one of others that is broken does not."""
    try:
        if b"osreach" not in path.read_bytes():
            return False
        return "osreach" in _mapping(_load(path).get("tool"))
    except (OSError, UsageError):
        return False


def _mapping(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _load(path: Path) -> Table:
    """The TOML of `path`. Raises UsageError where it cannot be read."""
    import tomllib  # noqa: PLC0415 - most runs have no configuration

    shown = _shown(path)
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read `{shown}`: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"`{shown}` is not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"`{shown}` is not TOML: {error}") from None


def _shown(path: Path) -> str:
    """The path as findings show it, so that the two can be compared."""
    return shown_path(str(path.absolute()), str(Path.cwd()))


def read_configuration(path: Path) -> Configuration:
    """What the configuration file at `path` says. Raises UsageError for anything that is wrong with it."""
    data = _load(path)
    shown = _shown(path)
    if path.name == SHARED_NAME:
        data = _mapping(_mapping(data.get("tool")).get("osreach"))
    reader = _Reader(shown)
    reader.keys(data, KEYS, "")
    folder = path.parent
    return Configuration(
        path=shown,
        fail_on=reader.choice(data, "fail-on", THRESHOLDS),
        profile=reader.choice(data, "profile", PROFILES),
        select=reader.texts(data, "select"),
        ignore=reader.texts(data, "ignore"),
        severity=reader.severities(data),
        ignores=reader.ignores(data, _lines_of_ignores(path)),
        variables=reader.variables(data, "variables"),
        variable_files=tuple(_shown(folder / name) for name in reader.texts(data, "variable-files")),
        parameters=reader.variables(data, "parameters"),
        account=reader.account(data.get("account"), "account"),
        region=reader.text(data, "region"),
        partition=reader.text(data, "partition"),
        trusted_accounts=reader.accounts(data, "trusted-accounts"),
        exclude=tuple(_shown(folder / name) for name in reader.texts(data, "exclude")),
    )


def _lines_of_ignores(path: Path) -> list[int]:
    """The lines of the headers `[[ignores]]`, in order."""
    header = re.compile(r"\s*\[\[\s*(?:tool\s*\.\s*osreach\s*\.\s*)?ignores\s*\]\]")
    text = path.read_bytes().decode("utf-8-sig")
    return [number for number, line in enumerate(text.split("\n"), 1) if header.match(line)]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes values of the right kind out of a table; every error names the file `path` and the key."""

    path: str

    def wrong(self, key: str, expected: str) -> UsageError:
        return UsageError(f"`{self.path}`: `{key}` must be {expected}")

    def keys(self, table: Table, known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                raise UsageError(f"`{self.path}`: unknown key `{where}{key}`{nearest(key, known)}")

    def text(self, table: Table, key: str, where: str = "") -> str | None:
        value = table.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        raise self.wrong(where + key, "a text")

    def choice(self, table: Table, key: str, choices: tuple[str, ...]) -> str | None:
        value = table.get(key)
        if value is None or (isinstance(value, str) and value in choices):
            return value
        raise self.wrong(key, "one of " + ", ".join(f"`{choice}`" for choice in choices))

    def texts(self, table: Table, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "a list of texts")
        found: list[str] = []
        for item in value:
            if not isinstance(item, str) or not item:
                raise self.wrong(key, "a list of texts")
            found.append(item)
        return tuple(found)

    def table(self, table: Table, key: str) -> Table:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a table")
        return value

    def severities(self, table: Table) -> dict[str, Severity]:
        found = self.table(table, "severity")
        names = tuple(str(severity) for severity in Severity)
        for rule, value in found.items():
            if value not in names:
                choices = ", ".join(f"`{name}`" for name in names)
                raise self.wrong(f"severity.{rule}", f"one of {choices}")
        return {rule: Severity(str(value)) for rule, value in found.items()}

    def ignores(self, table: Table, lines: list[int]) -> tuple[ConfiguredIgnore, ...]:
        value = table.get("ignores", [])
        if not isinstance(value, list):
            raise self.wrong("ignores", "a list of tables")
        return tuple(
            self.ignore(item, f"ignores[{number}]", lines[number] if number < len(lines) else 1)
            for number, item in enumerate(value)
        )

    def ignore(self, item: object, where: str, line: int) -> ConfiguredIgnore:
        if not isinstance(item, dict):
            raise self.wrong(where, "a table")
        self.keys(item, _IGNORE_KEYS, f"{where}.")
        texts = {key: self.text(item, key, f"{where}.") for key in ("rule", "resource", "reason")}
        for key, text in texts.items():
            if not (text or "").strip():
                raise self.wrong(f"{where}.{key}", "given")
        until = item.get("until")
        if isinstance(until, str):
            try:
                until = date.fromisoformat(until)
            except ValueError:
                raise self.wrong(f"{where}.until", "a date such as 2027-01-31") from None
        if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
            raise self.wrong(f"{where}.until", "a date such as 2027-01-31")
        location = Location(self.path, line, 1, line, 1)
        rule, resource, reason = (texts[key] or "" for key in ("rule", "resource", "reason"))
        return ConfiguredIgnore(rule, resource, reason, until, location)

    def variables(self, table: Table, key: str) -> dict[str, str]:
        return {name: self.variable(value, f"{key}.{name}") for name, value in self.table(table, key).items()}

    def variable(self, value: object, where: str) -> str:
        """The text that `--var` would take: a text as it is, anything else as an HCL expression.

        Source: https://developer.hashicorp.com/terraform/language/values/variables#variables-on-the-command-line
        """
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, int, float, list, dict)):
            try:
                # JSON is an HCL expression but for templates, which a value must not become.
                return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
            except TypeError:
                pass
        raise self.wrong(where, "a text, a number, a truth value, a list or a table of these")

    def account(self, value: object, where: str) -> str | None:
        if value is None:
            return None
        # Leading zeros would be lost in a number.
        if isinstance(value, str) and re.fullmatch(r"[0-9]{12}", value):
            return value
        raise self.wrong(where, "a text of 12 digits")

    def accounts(self, table: Table, key: str) -> frozenset[str]:
        found = (self.account(value, key) for value in self.texts(table, key))
        return frozenset(account for account in found if account is not None)
