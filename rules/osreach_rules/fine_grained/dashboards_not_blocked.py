"""Notes a domain whose Dashboards answers everyone although nobody can log in to it.

With a master user of IAM and no other login only requests that are signed get
into the cluster, and a browser signs none. The documentation's advice for a
domain that only programs use is to deny the path of Dashboards.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, Engine, EngineKind
from osreach.analysis import Analysis
from osreach.evaluate.domain import ask
from osreach.iam.request import Anonymous
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import allowing_term
from osreach_rules.fine_grained.login import has_login, use_of_dashboards
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such domain, where the code makes nothing for users of Dashboards."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None or not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        if not is_given(domain.fine_grained.master_arn) or has_login(content) or use_of_dashboards(content):
            continue
        witness = ask(domain, Anonymous(), paths=_paths(domain))
        if witness is None:
            continue
        location = allowing_term(domain, witness) or domain.location
        yield Match(
            f"requests that are not signed reach Dashboards of `{domain.address}`, where nobody can log in",
            domain.address,
            (
                Place(location, "this lets them through"),
                Place(domain.fine_grained.master_arn.location, "a master user of IAM, and no other login"),
            ),
            witness=witness,
            principal="anonymous",
        )


def _paths(domain: Domain) -> tuple[str, ...]:
    """Where Dashboards answers, or Kibana before it.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html
    """
    engine = domain.engine.value
    old = isinstance(engine, Engine) and engine.kind is EngineKind.ELASTICSEARCH
    base = "_plugin/kibana" if old else "_dashboards"
    return base, f"{base}/app/login"


RULE = Rule(
    "OSR254",
    "dashboards-not-blocked",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="deny `/_dashboards*` in the access policy, or turn on Amazon Cognito or SAML",
)
