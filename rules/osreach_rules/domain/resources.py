"""The parts of a resource in the access policy of a domain."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOMAIN = re.compile(
    r"arn:(?P<partition>[^:]*):es:(?P<region>[^:]*):(?P<account>[^:]*):domain/(?P<name>[^/]*)(?P<path>/.*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class DomainResource:
    """An ARN of a domain, or of something below it, cut into its parts.

    `path` begins with `/`; it is empty where the ARN ends at the name. `name`
    may hold wildcards, which then also match `/` and what follows.
    """

    partition: str
    region: str
    account: str
    name: str
    path: str

    @property
    def index(self) -> str:
        """The first segment of the path, which names an index unless it begins with `_`."""
        return self.path.removeprefix("/").partition("/")[0]


def domain_resource(text: str) -> DomainResource | None:
    """The parts of a domain's ARN, or None where the text is none."""
    found = _DOMAIN.fullmatch(text)
    if found is None:
        return None
    return DomainResource(
        found.group("partition"),
        found.group("region"),
        found.group("account"),
        found.group("name"),
        found.group("path") or "",
    )


def is_literal(text: str) -> bool:
    """Whether the text holds no wildcard."""
    return "*" not in text and "?" not in text
