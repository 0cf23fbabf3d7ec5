"""The typed values of conditions: numbers, instants, booleans, addresses, binary data.

Each reader takes a text and gives a value that can be compared, or None where
the text is none of its kind; such a text matches nothing. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_PREFIX = re.compile(r"[0-9]{1,3}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=16384)
def number(text: str) -> Decimal | None:
    """A decimal number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=16384)
def instant(text: str) -> Decimal | None:
    """A point in time as seconds since 1970: a date of ISO 8601 (UTC where no zone is given), or such seconds."""
    if _MONTH.fullmatch(text):
        text += "-01"
    if not _DATE.fullmatch(text):
        return number(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Decimal((moment - _EPOCH) // timedelta(microseconds=1)) / 1_000_000


def boolean(text: str) -> bool | None:
    """`true` or `false` in any case."""
    return {"true": True, "false": False}.get(text.lower())


@lru_cache(maxsize=4096)
def binary(text: str) -> bytes | None:
    """The data behind base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=65536)
def address_range(text: str) -> tuple[int, int, int] | None:
    """An address or a block of them (`10.0.0.0/8`) as version, first and last address.

    An address alone is a block of one; host bits behind the prefix do not matter.
    """
    if ":" not in text:
        return _range_v4(text)
    address, slash, prefix = text.partition("/")
    if "%" in address or (slash and not _PREFIX.fullmatch(prefix)):
        return None
    try:
        block = ipaddress.ip_network((address, int(prefix)) if slash else address, strict=False)
    except ValueError:
        return None
    return block.version, int(block.network_address), int(block.broadcast_address)


def _range_v4(text: str) -> tuple[int, int, int] | None:
    """The same for IPv4, ten times as fast as the standard library's reader of both versions."""
    address, slash, prefix = text.partition("/")
    parts = address.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if not _PREFIX.fullmatch(part) or (part[0] == "0" and part != "0") or (value := int(part)) > 255:
            return None
        number = number << 8 | value
    if slash and (not _PREFIX.fullmatch(prefix) or int(prefix) > 32):
        return None
    size = 1 << (32 - (int(prefix) if slash else 32))
    first = number & -size
    return 4, first, first + size - 1
