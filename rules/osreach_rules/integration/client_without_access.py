"""Reports a role for deliveries that the policies of its domain and its own keep out.

A delivery stream, a pipeline or a rule of IoT writes as its role. Where neither
the role's policies nor the access policy of the domain allow it any request
that it needs, nothing arrives.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.integration import domain_of, lacks_access, role_of
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FIREHOSE, PIPELINE_DOMAINS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each client of a domain of the code whose role gets nothing that it needs."""
    seen: set[tuple[str, str, str]] = set()
    for client in analysis.model.integrations.clients:
        domain = domain_of(client.destination, client.deployment, analysis.model.domains)
        if domain is None or (client.key, client.role, domain.address) in seen:
            continue
        seen.add((client.key, client.role, domain.address))
        role = role_of(client, analysis.model)
        if role is None or not lacks_access(client, domain, analysis.access):
            continue
        yield Match(
            f"`{role.address}`, the role of `{client.address}`, may send no request to `{domain.address}`"
            " that it needs",
            client.address,
            (
                Place(client.role_location, "the role is given here"),
                Place(role.location, "the role"),
                Place(domain.location, "the domain"),
            ),
            principal=role.address,
        )


RULE = Rule(
    "OSR610",
    "client-without-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FIREHOSE, PIPELINE_DOMAINS),
    remedy="allow the role the requests that the documentation lists, on the domain",
)
