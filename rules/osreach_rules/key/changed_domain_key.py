"""Reports a plan that encrypts an existing domain with another key.

The key of a domain cannot be exchanged. Terraform therefore destroys the domain
and makes another one without its data. This is found in plans only
(`terraform show -json`), since code does not tell what is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.change import Changed
from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.references import ENCRYPTION_AT_REST, TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that has another key after a plan. One that gets another name is another domain."""
    for change in analysis.changed_domains:
        confidence = _gets_other_key(change)
        if confidence is None or change.before.name != change.after.name:
            continue
        what = f"the plan gives `{change.after.address}` another key"
        yield Match(
            f"{what}, and so it destroys the domain with its data and makes another one"
            if change.replaced
            else f"{what}, which the service does not support",
            change.after.address,
            (Place(change.after.encryption_key.location, _before(change.before)),),
            confidence=confidence,
        )


def _gets_other_key(change: Changed[Domain]) -> Confidence | None:
    """How sure it is that the key is another one; None where it is the same, or there was no encryption.

    A key that is not known yet need not be the reason for which a domain is replaced.
    """
    old, new = change.before.encryption_key.value, change.after.encryption_key.value
    encrypted = (change.before.encrypted_at_rest, change.after.encrypted_at_rest)
    if not all(one.is_certainly(value=True) for one in encrypted) or isinstance(old, Unknown) or not old:
        return None
    if isinstance(new, Unknown) or (new and has_hole(new)):
        return Confidence.POSSIBLE if change.replaced else None
    if not new or new == old or old.endswith(f":key/{new}") or new.endswith(f":key/{old}"):
        return None
    return Confidence.CERTAIN


def _before(domain: Domain) -> str:
    return f"it is `{domain.encryption_key.value}` before the plan"


RULE = Rule(
    "OSR522",
    "changed-domain-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, TERRAFORM_DOMAIN),
    remedy="keep the key, or make a new domain with the other key and take the data there first",
)
