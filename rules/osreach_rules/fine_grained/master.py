"""The master user of a domain, as far as the code names one."""

from __future__ import annotations

from osreach.access.setting import Setting
from osreach.value import Unknown


def is_given(setting: Setting[str | None]) -> bool:
    """Whether a text is known to be set; modules write an empty one for none."""
    return not isinstance(setting.value, Unknown) and bool(setting.value)
