"""Reports an identity that may create a domain but not use the key that encrypts it.

OpenSearch Service gets its right to the key by a grant that the creator of the
domain makes, and looks the key up as the creator. Those who read and write the
domain's data need no right on the key.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.key_use import best_access, encrypted_domains, is_complete
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import standings_of
from osreach.evaluate.target import of_domain
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_CONDITIONS

_CREATE = (Requests(("es:CreateDomain", "es:CreateElasticsearchDomain")),)
_NEEDED = ("kms:CreateGrant", "kms:DescribeKey")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each creator of a domain that certainly lacks a right on its key."""
    pairs = [pair for pair in encrypted_domains(analysis.model) if is_complete(pair[1])]
    standings = standings_of(analysis.model) if pairs else ()
    for domain, key in pairs:
        for standing in standings:
            identity = standing.identity
            if identity is None or not identity.defined:
                continue
            creates = analysis.access.of(standing, of_domain(domain, analysis.model), _CREATE)
            if creates.outcome is not Outcome.ALLOWED:
                continue
            documents = (*key.documents, *standing.documents)
            lacking = [
                action
                for action in _NEEDED
                if best_access(standing, key, (Requests((action,)),), analysis.model, documents).outcome
                is Outcome.DENIED
            ]
            place = next((one.location for one in creates.because if one.location is not None), None)
            if lacking:
                rights = " and ".join(f"`{action}`" for action in lacking)
                yield Match(
                    f"`{identity.address}` may create `{domain.address}` but lacks {rights} on its key",
                    domain.address,
                    (
                        Place(place or identity.location, "it may create domains"),
                        Place(domain.encryption_key.location, "the key of the domain"),
                        Place(key.location, "the key"),
                    ),
                    witness=creates.witness,
                    principal=identity.address,
                )


RULE = Rule(
    "OSR509",
    "creator-without-key",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, KEY_CONDITIONS),
    remedy="grant `kms:CreateGrant` for `es.<region>.amazonaws.com` and `kms:DescribeKey` on the key",
)
