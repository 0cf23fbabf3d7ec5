"""Text of strangers as HTML: every name in a scanned file may try to be markup."""

from __future__ import annotations

import json
import re
from html import escape

from osreach.location import Location
from osreach.report.printable import printable

_BREAKS = re.compile(r"([./:_](?=\w))")


def words(text: str) -> str:
    """`text` as HTML that shows it, in an element or in a quoted attribute, whatever it holds."""
    return escape(printable(text), quote=True)


def name(text: str) -> str:
    """A name as code that may break behind its dots and slashes, where a table is narrow."""
    broken = _BREAKS.sub(r"\1<wbr>", words(text))
    return f"<code>{broken}</code>"


def prose(text: str) -> str:
    """A sentence in which names stand in backticks, as HTML with `<code>`."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        # A backtick that is not closed is a character like others.
        pieces[-2:] = [f"{pieces[-2]}`{pieces[-1]}"]
    return "".join(
        f"<code>{words(piece)}</code>" if number % 2 else words(piece) for number, piece in enumerate(pieces)
    )


def capital(text: str) -> str:
    """`text` with a capital letter first, unless a name stands there."""
    return text if not text or text.startswith("`") else f"{text[0].upper()}{text[1:]}"


def sentence(text: str) -> str:
    """`prose` that begins with a capital letter and ends with a period."""
    if not text:
        return ""
    shown = capital(text)
    return prose(shown if shown.endswith((".", "!", "?")) else f"{shown}.")


def place(where: Location) -> str:
    """A place as `path:line`."""
    return words(f"{where.path}:{where.line}")


def link(url: str) -> str:
    """A link where `url` is one of the web, else its text; the page that is opened learns nothing of this one."""
    if not url.startswith(("https://", "http://")):
        return words(url)
    return f'<a href="{words(url)}" rel="noreferrer noopener">{words(url)}</a>'


def data(value: object) -> str:
    """JSON that stands safely inside a `<script>` element.

    A `<` would let a name end the element or hide its end in a comment. Source:
    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
