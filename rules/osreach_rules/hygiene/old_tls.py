"""Reports a domain that accepts old versions of TLS.

`Policy-Min-TLS-1-0-2019-07` lets clients use TLS 1.0, and
`Policy-Min-TLS-1-2-2019-07` ciphers without forward secrecy. Where no policy is
written the service chooses one, which is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.references import ENDPOINT_OPTIONS, SECURITY_HUB

_MINIMUM = re.compile(r"Policy-Min-TLS-1-([0-9])-(.*)")
_FORWARD_SECRET = ("PFS", "FIPS", "RFC9151", "PQ")
_CURRENT = 2


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose TLS policy is older than the documentation asks for."""
    for domain in analysis.domains:
        setting = domain.tls_policy
        if isinstance(setting.value, Unknown):
            continue
        found = _MINIMUM.fullmatch(setting.value)
        if (
            found
            and int(found.group(1)) >= _CURRENT
            and any(word in found.group(2) for word in _FORWARD_SECRET)
        ):
            continue
        if setting.value and not found:
            continue  # a name that is newer than this rule
        weak = found is not None and int(found.group(1)) < _CURRENT
        said = f"`{setting.value}`" if setting.value else "whatever TLS policy the service chooses"
        yield Match(
            f"`{domain.address}` accepts {said}",
            domain.address,
            (Place(setting.location, "the TLS policy" if setting.written else "no TLS policy is given"),),
            severity=None if weak or not setting.value else Severity.LOW,
            confidence=Confidence.CERTAIN if setting.value else Confidence.POSSIBLE,
        )


RULE = Rule(
    "OSR704",
    "old-tls",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SECURITY_HUB, ENDPOINT_OPTIONS),
    remedy="use `Policy-Min-TLS-1-2-PFS-2023-10` or a newer policy",
)
