"""Reports a role that its service cannot take.

A pipeline, a delivery stream or another service acts as the role that it is
given. Where the trust policy of the role does not name the service, it cannot,
and nothing is written or read. For pipelines the service is
`osis-pipelines.amazonaws.com`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.access.model import Model
from osreach.analysis import Analysis
from osreach.evaluate.integration import is_trusted, role_named
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.integration.roles import PIPELINES
from osreach_rules.references import FIREHOSE, PIPELINE_DOMAINS

_ACTING = frozenset(
    {
        "firehose.amazonaws.com",
        "iot.amazonaws.com",
        "appsync.amazonaws.com",
        "bedrock.amazonaws.com",
        "dms.amazonaws.com",
    }
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role that the code gives to a service which its trust policy does not name."""
    seen: set[tuple[str, str]] = set()
    for service, owner, role, location in _uses(analysis.model):
        if (role.key, service) in seen or not role.defined or not role.trust:
            continue
        seen.add((role.key, service))
        if is_trusted(role, service):
            continue
        trust = role.trust[0]
        yield Match(
            f"`{owner}` cannot take `{role.address}`: its trust policy does not name `{service}`",
            role.address,
            (
                Place(trust.document.location or trust.location, "the trust policy"),
                Place(location, "the role is given here"),
            ),
            principal=service,
        )


def _uses(model: Model) -> Iterator[tuple[str, str, Identity, Location]]:
    for pipeline in model.integrations.pipelines:
        for text, location in pipeline.roles:
            role = role_named(text, pipeline.deployment, model)
            if role is not None:
                yield PIPELINES, pipeline.address, role, location
    for client in model.integrations.clients:
        role = role_named(client.role, client.deployment, model)
        if role is not None and client.service in _ACTING:
            yield client.service, client.address, role, client.role_location


RULE = Rule(
    "OSR602",
    "untrusted-service",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(PIPELINE_DOMAINS, FIREHOSE),
    remedy="name the service as principal in the trust policy of the role",
)
