"""Grants of a key to identities that the key's own policy keeps from having any effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.identity import Identity
from osreach.access.key import Key
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.key_use import best_access, is_complete, left_to_account
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import standing_of
from osreach.location import Location
from osreach_rules.key.statements import IdentityStatement, callers_behind, grants_to_identities, takes_in

_USES = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:CreateGrant",
)


@dataclass(frozen=True, slots=True)
class IneffectiveGrant:
    """A statement that grants the use of a key which stays denied; `location` names the key in it."""

    found: IdentityStatement
    location: Location
    key: Key
    caller: Identity


def ineffective_grants(analysis: Analysis) -> Iterator[IneffectiveGrant]:
    """Each grant that names a key of the code and would work if only the key policy left it to the account."""
    keys = [key for key in analysis.model.keys if key.policy_written and is_complete(key)]
    if not keys:
        return
    for found in grants_to_identities(analysis):
        resources = found.statement.resources
        actions = tuple(action for action in _USES if takes_in(found.statement.actions, action))
        if not actions or resources is None or resources.negated:
            continue
        for term in resources.terms:
            for key in keys:
                if term.text != key.arn or key.deployment != found.policy.deployment:
                    continue
                for caller in _denied(analysis, found, key, actions):
                    yield IneffectiveGrant(found, term.location or found.location, key, caller)


def _denied(
    analysis: Analysis, found: IdentityStatement, key: Key, actions: tuple[str, ...]
) -> Iterator[Identity]:
    requests = (Requests(actions),)
    documents = (*key.documents, found.policy.document)
    for holder in found.policy.holders:
        for caller in callers_behind(holder, analysis.model):
            if not caller.defined or caller.account != key.account:
                continue
            standing = standing_of(caller, analysis.model)
            now = best_access(standing, key, requests, analysis.model, documents)
            if now.outcome is not Outcome.DENIED:
                continue
            # a boundary, or a policy of the organization, may be what denies it
            opened = best_access(standing, left_to_account(key), requests, analysis.model, documents)
            if opened.outcome in {Outcome.ALLOWED, Outcome.CONDITIONAL}:
                yield caller
