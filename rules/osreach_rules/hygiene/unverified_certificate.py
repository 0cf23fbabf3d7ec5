"""Reports a client that does not check the certificate of the cluster.

With `insecure = true` the provider sends its credentials to whoever answers.
The certificates of the service are signed by Amazon's authority, so nothing is
gained by it on the cluster's own endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import CLUSTER_PROVIDER


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each provider configuration that takes any certificate, but for those of the own machine."""
    for client in analysis.unverified_clients:
        yield Match(
            f"`{client.address}` talks to the cluster without checking its certificate",
            client.address,
            (Place(client.location, "the check is off"),),
        )


RULE = Rule(
    "OSR708",
    "unverified-certificate",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CLUSTER_PROVIDER,),
    remedy="remove `insecure`, or give the authority's certificate as `cacert_file`",
)
