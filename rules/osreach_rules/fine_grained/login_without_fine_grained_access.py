"""Reports a way to log in that the domain cannot have.

SAML, JSON web tokens and IAM Identity Center need fine-grained access control,
and each an engine that is new enough. Without them the deployment fails, or the
option does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.cluster import LoginOptions
from osreach.access.domain import Domain, EngineKind
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import IDENTITY_CENTER, SAML, TOKENS


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to log in, its switch, and the first version of OpenSearch and of Elasticsearch that has it."""

    name: str
    enabled: Setting[bool]
    first: tuple[int, ...]
    first_elasticsearch: tuple[int, ...] | None = None


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each way to log in without fine-grained access control, or on an engine without it."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None:
            continue
        for way in _ways(content.options):
            if not way.enabled.is_certainly(value=True):
                continue
            trail = [Place(way.enabled.location, f"{way.name} is on")]
            switch = domain.fine_grained.enabled
            if switch.is_certainly(value=False):
                trail.append(
                    Place(switch.location, "it is off" if switch.written else "nothing turns it on here")
                )
                yield Match(
                    f"{way.name} of `{domain.address}` needs fine-grained access control",
                    domain.address,
                    tuple(trail),
                    principal=way.name,
                )
            elif _is_too_old(domain, way):
                trail.append(Place(domain.engine.location, "the engine"))
                yield Match(
                    f"{way.name} of `{domain.address}` needs {_needed(way)}",
                    domain.address,
                    tuple(trail),
                    severity=Severity.MEDIUM,
                    principal=way.name,
                )


def _ways(options: LoginOptions) -> Iterator[_Way]:
    """The ways that the code mentions, with the versions that their pages give."""
    if options.saml is not None:
        yield _Way("SAML", options.saml.enabled, (1, 0), (6, 7))
    if options.tokens is not None:
        yield _Way("the login with JSON web tokens", options.tokens.enabled, (2, 11))
    if options.identity_center is not None:
        yield _Way("the login with IAM Identity Center", options.identity_center.enabled, (1, 3))


def _is_too_old(domain: Domain, way: _Way) -> bool:
    engine = domain.engine.value
    if engine is None or isinstance(engine, Unknown):
        return False
    if engine.kind is EngineKind.OPENSEARCH:
        return engine.version < way.first
    return way.first_elasticsearch is None or engine.version < way.first_elasticsearch


def _needed(way: _Way) -> str:
    """The first version for people."""
    text = f"OpenSearch {way.first[0]}.{way.first[1]}"
    old = way.first_elasticsearch
    return f"Elasticsearch {old[0]}.{old[1]} or OpenSearch" if old is not None else text


RULE = Rule(
    "OSR230",
    "login-without-fine-grained-access",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SAML, TOKENS, IDENTITY_CENTER),
    remedy="turn on fine-grained access control, or remove the option",
)
