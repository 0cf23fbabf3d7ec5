"""Functions over dates and times.

Source: https://developer.hashicorp.com/terraform/language/functions#date-and-time-functions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from osreach.iac.terraform.functions.signature import Function, FunctionError, Kind, Plain, strict

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")


def _time(text: str) -> datetime:
    if not _TIMESTAMP.fullmatch(text):
        raise FunctionError(f"`{text}` is not a timestamp")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise FunctionError(f"`{text}` is not a timestamp") from error


def _zone(time: datetime, *, colon: bool = True) -> str:
    minutes = int((time.utcoffset() or timedelta()).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02d}{':' if colon else ''}{rest:02d}"


def _written(time: datetime) -> str:
    text = time.strftime("%Y-%m-%dT%H:%M:%S")
    zone = _zone(time)
    return text + ("Z" if zone == "+00:00" else zone)


def _add(timestamp: str, duration: str) -> Plain:
    time = _time(timestamp)
    sign = -1 if duration.startswith("-") else 1
    bare = duration.lstrip("+-")
    if bare != "0" and ("".join(match.group() for match in _DURATION.finditer(bare)) != bare or not bare):
        raise FunctionError(f"`{duration}` is not a duration")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(bare))
    try:
        return _written(time + timedelta(seconds=sign * seconds))
    except OverflowError as error:
        raise FunctionError("the result is no date") from error


def _compare(one: str, other: str) -> Plain:
    first, second = _time(one), _time(other)
    return (first > second) - (first < second)


def _format(pattern: str, timestamp: str) -> Plain:
    time = _time(timestamp)
    hour = time.hour % 12 or 12
    zone = _zone(time)
    names = {
        "YYYY": f"{time.year:04d}",
        "YY": f"{time.year % 100:02d}",
        "MMMM": time.strftime("%B"),
        "MMM": time.strftime("%b"),
        "MM": f"{time.month:02d}",
        "M": str(time.month),
        "DD": f"{time.day:02d}",
        "D": str(time.day),
        "EEEE": time.strftime("%A"),
        "EEE": time.strftime("%a"),
        "hh": f"{time.hour:02d}",
        "h": str(time.hour),
        "HH": f"{hour:02d}",
        "H": str(hour),
        "AA": "PM" if time.hour >= 12 else "AM",
        "aa": "pm" if time.hour >= 12 else "am",
        "mm": f"{time.minute:02d}",
        "m": str(time.minute),
        "ss": f"{time.second:02d}",
        "s": str(time.second),
        "ZZZZZ": zone,
        "ZZZZ": zone.replace(":", ""),
        "ZZZ": "UTC" if zone == "+00:00" else zone.replace(":", ""),
        "Z": "Z" if zone == "+00:00" else zone,
    }
    pieces: list[str] = []
    position = 0
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        if match.start() != position:
            raise FunctionError("a quote in the format is not closed")
        position = match.end()
        if token.startswith("'"):
            pieces.append(token[1:-1].replace("''", "'"))
        elif match.group(1) is None:
            pieces.append(token)
        elif token in names:
            pieces.append(names[token])
        else:
            raise FunctionError(f"`{token}` is not part of a date format")
    if position != len(pattern):
        raise FunctionError("a quote in the format is not closed")
    return "".join(pieces)


FUNCTIONS: Mapping[str, Function] = {
    "timeadd": strict("timeadd", (Kind.TEXT, Kind.TEXT), _add),
    "timecmp": strict("timecmp", (Kind.TEXT, Kind.TEXT), _compare),
    "formatdate": strict("formatdate", (Kind.TEXT, Kind.TEXT), _format),
}
