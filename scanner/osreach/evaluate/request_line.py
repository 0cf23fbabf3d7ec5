"""What people ask for: an action of IAM, or a request line that a client sends to a domain.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html (a path is a part of the resource)
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"(?P<verb>[A-Za-z]+)\s+(?P<path>/\S*)(?:\s+HTTP/\S+)?")
_ACTION = re.compile(r"(?P<service>[a-z0-9-]+):(?P<name>[A-Za-z0-9]+)")
_VERBS = {
    "GET": "es:ESHttpGet",
    "HEAD": "es:ESHttpHead",
    "POST": "es:ESHttpPost",
    "PUT": "es:ESHttpPut",
    "PATCH": "es:ESHttpPatch",
    "DELETE": "es:ESHttpDelete",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An action, and the path behind the domain where it comes from a request line (`/movies/_search`).

    `query` is what follows `?` there, which the access policy does not see.
    """

    action: str
    path: str | None = None
    query: str = ""


def read_action(text: str) -> Asked:
    """The action that `text` asks for; raises ValueError with a sentence where it is none.

    What follows `?` in a request line has no part in the resource.
    """
    line = _LINE.fullmatch(text.strip())
    if line is not None:
        verb = line["verb"].upper()
        if verb not in _VERBS:
            raise ValueError(f"it is not documented which action `{verb}` needs")
        path, _, query = line["path"].partition("?")
        return Asked(_VERBS[verb], path, query)
    if _ACTION.fullmatch(text) is None:
        raise ValueError(
            f"`{text}` is neither an action such as `es:ESHttpGet` nor a request line such as `GET /movies/_search`"
        )
    return Asked(text)
