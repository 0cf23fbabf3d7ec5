"""Reports an identity that may make a collection and choose its key, but not use that key.

OpenSearch Serverless gets its right to the key by a grant that is made for
whoever chooses the key: in an encryption policy, or with the collection itself.
They need `kms:DescribeKey` and `kms:CreateGrant`, limited at best to calls
through `aoss.<region>.amazonaws.com`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from osreach.access.key import Key
from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.effective import Outcome, access
from osreach.evaluate.encrypted import key_of_collection
from osreach.evaluate.key_use import best_access, is_complete
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, standings_of
from osreach.evaluate.target import of_collection, of_key
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import KEY_CONDITIONS, SERVERLESS_ENCRYPTION

_CREATE = (Requests(("aoss:CreateCollection",)),)
_CHOOSE = (Requests(("aoss:CreateSecurityPolicy",)),)
_SERVICE = "aoss"
_NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "kms:CreateGrant": MappingProxyType(
            {
                "kms:grantisforawsresource": ("true",),
                "kms:grantoperations": ("Decrypt", "GenerateDataKey"),
            }
        ),
        "kms:DescribeKey": MappingProxyType({}),
    }
)
"""The rights, with the condition keys of the call that the service makes for them."""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such identity that certainly lacks one of the two rights."""
    for collection in analysis.serverless.collections:
        key = key_of_collection(collection, analysis.model) if collection.defined else None
        if key is None or not is_complete(key):
            continue
        for standing in standings_of(analysis.model):
            identity = standing.identity
            if identity is None or not identity.defined or not _chooses(analysis, standing, collection):
                continue
            lacking = [action for action in _NEEDED if _lacks(analysis, standing, key, action)]
            if not lacking:
                continue
            rights = " and ".join(f"`{action}`" for action in lacking)
            creates = analysis.access.of(standing, of_collection(collection), _CREATE)
            place = next((one.location for one in creates.because if one.location is not None), None)
            yield Match(
                f"`{identity.address}` may create `{collection.address}` but lacks {rights} on its key",
                collection.address,
                (
                    Place(place or identity.location, "it may create collections"),
                    Place(collection.location, "the collection"),
                    Place(key.location, "the key"),
                ),
                principal=identity.address,
            )


def _chooses(analysis: Analysis, standing: Standing, collection: Collection) -> bool:
    """Whether the caller makes the collection, and the policy with its key where one does."""
    questions = (_CREATE,) if collection.encryption_key.written else (_CREATE, _CHOOSE)
    target = of_collection(collection)
    return all(analysis.access.of(standing, target, asked).outcome is Outcome.ALLOWED for asked in questions)


def _lacks(analysis: Analysis, standing: Standing, key: Key, action: str) -> bool:
    requests = (Requests((action,)),)
    called = Circumstances(given=_NEEDED[action], through=_SERVICE)
    if access(standing, of_key(key), requests, analysis.model, called).outcome is not Outcome.DENIED:
        return False
    documents = (*key.documents, *standing.documents)
    return best_access(standing, key, requests, analysis.model, documents).outcome is Outcome.DENIED


RULE = Rule(
    "OSR346",
    "collection-creator-without-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION, KEY_CONDITIONS),
    remedy="grant `kms:CreateGrant` and `kms:DescribeKey` on the key for `aoss.<region>.amazonaws.com`",
)
