"""Policy documents from files that the user names."""

from __future__ import annotations

import json
from pathlib import Path

from osreach.usage import UsageError


def read_json_file(path: str) -> object:
    """What a JSON file holds. Raises UsageError with the place where it is not valid."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read `{path}`: it is not UTF-8") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"`{path}` is not valid JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise UsageError(f"`{path}` is nested too deeply") from None
