"""One setting of a resource: its value, whether it is written down, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from osreach.location import Location
from osreach.value import Unknown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """The effective value of a setting.

    Where the code does not write the setting, `value` is what AWS or the
    provider takes then, `written` is false, and `location` is the header of the
    resource or of the block that should hold it.
    """

    value: T | Unknown
    location: Location
    written: bool = True

    def is_certainly(self, value: T) -> bool:
        """Whether the setting is known to be `value`."""
        return not isinstance(self.value, Unknown) and self.value == value

    def may_be(self, value: T) -> bool:
        """Whether the setting is `value` or cannot be known."""
        return isinstance(self.value, Unknown) or self.value == value
