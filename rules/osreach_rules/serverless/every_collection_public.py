"""Reports a network policy that opens every collection to the internet.

A pattern such as `collection/*` means the collections of today and those that
somebody will create: theirs are public from the first moment, whoever makes them
and whatever other network policies say. Nothing is said of a policy that is by
its name one for a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import NetworkPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.permission import ResourceType
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_NETWORK
from osreach_rules.serverless.policies import is_far_reaching, patterns_of

_EVERY = "*"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield the first such pattern of each public element of a network policy."""
    for policy in analysis.serverless.network:
        if _is_sandbox(policy):
            continue
        for entry in policy.content.entries:
            if entry.public.value is not Truth.TRUE:
                continue
            opened = [one for one in patterns_of(entry, ResourceType.COLLECTION) if is_far_reaching(one)]
            dashboards = [one for one in patterns_of(entry, ResourceType.DASHBOARD) if is_far_reaching(one)]
            if not opened and not dashboards:
                continue
            pattern = (opened or dashboards)[0]
            name = pattern.collection
            which = "every collection" if name == _EVERY else f"every collection `{name}`"
            what = which if opened else f"Dashboards of {which}"
            also = " with Dashboards" if opened and dashboards else ""
            yield Match(
                f"{what}{also}, also of collections to come, can be reached from the internet",
                policy.address,
                (
                    Place(pattern.location, "the pattern"),
                    Place(entry.public.location, "requests come from anywhere"),
                ),
                severity=None if opened else Severity.MEDIUM,
            )


def _is_sandbox(policy: NetworkPolicy) -> bool:
    return "sandbox" in policy.name.lower() or "sandbox" in policy.deployment.lower().split("/")


RULE = Rule(
    "OSR302",
    "every-collection-public",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_NETWORK,),
    remedy="name the collections that are to be public",
)
