"""Reports fine-grained access control on an engine that is too old for it.

It needs OpenSearch, or Elasticsearch 6.7 or later. The service refuses the
domain, so that nothing of what the code says about logins comes to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Engine, EngineKind
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED

_FIRST_ELASTICSEARCH = (6, 7)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the switch on whose engine is known to be too old."""
    for domain in analysis.domains:
        engine = domain.engine.value
        if not domain.fine_grained.enabled.is_certainly(value=True) or not isinstance(engine, Engine):
            continue
        if engine.kind is EngineKind.ELASTICSEARCH and engine.version < _FIRST_ELASTICSEARCH:
            version = ".".join(map(str, engine.version))
            yield Match(
                f"`{domain.address}` runs Elasticsearch {version}, which has no fine-grained access control",
                domain.address,
                (
                    Place(domain.engine.location, "the engine"),
                    Place(domain.fine_grained.enabled.location, "fine-grained access control is on"),
                ),
            )


RULE = Rule(
    "OSR203",
    "fine-grained-on-old-engine",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="run OpenSearch, or Elasticsearch 6.7 or later",
)
