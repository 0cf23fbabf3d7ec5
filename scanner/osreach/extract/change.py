"""What plans change, in the words of the access model.

Source: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osreach.access.change import Changed
from osreach.access.domain import Domain
from osreach.access.serverless import EncryptionPolicy
from osreach.extract.domain import read_domains
from osreach.extract.serverless_policy import read_policies
from osreach.iac.resource import Change, Inputs
from osreach.iam.hole import Holes


def read_changed_domains(
    changes: Iterable[Change], domains: Iterable[Domain], inputs: Inputs, holes: Holes
) -> Iterator[Changed[Domain]]:
    """Each of `domains` that a plan changes, with what it is before."""
    listed = tuple(changes)
    for domain in domains if listed else ():
        address = domain.address.removesuffix(f" (in {domain.deployment})")
        for change in listed:
            if (change.after.deployment, change.after.address) == (domain.deployment, address):
                for before in read_domains((change.before,), {}, inputs, holes).domains:
                    yield Changed(before, domain, change.replaced)


def read_changed_encryption(
    changes: Iterable[Change], policies: Iterable[EncryptionPolicy], holes: Holes
) -> Iterator[Changed[EncryptionPolicy]]:
    """Each of `policies` that a plan changes, with what it is before."""
    listed = tuple(changes)
    for policy in policies if listed else ():
        for change in listed:
            if (change.after.deployment, change.after.address) == (policy.deployment, policy.address):
                for before in read_policies((change.before,), frozenset(), holes, []).encryption:
                    yield Changed(before, policy, change.replaced)
