"""Reports a Deny of the key to somebody who reads the collection all the same.

OpenSearch Serverless decrypts with a grant of its own and asks readers for no
right on the key. A key policy, or an identity policy, that denies `kms:Decrypt`
to a role does not keep it from documents that a data access policy gives it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.access.key import Key
from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.effective import Outcome
from osreach.evaluate.encrypted import key_of_collection
from osreach.evaluate.level import Requests
from osreach.evaluate.serverless_bearing import data_access, subject_of
from osreach.evaluate.standing import standing_of, standings_of
from osreach.evaluate.target import of_collection
from osreach.iam.document import Effect, Statement
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.access import decide_access
from osreach.serverless.operation import Need
from osreach.serverless.permission import ResourceType
from osreach.truth import Truth
from osreach_rules.key.statements import statements_on_key, takes_in
from osreach_rules.references import SERVERLESS_ENCRYPTION

_DECRYPT = "kms:Decrypt"
_READ = Need("aoss:ReadDocument", ResourceType.INDEX)
_REQUESTS = (Requests(("aoss:APIAccessAll",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role or user that is denied the key of a collection which it certainly reads."""
    for collection in analysis.serverless.collections:
        key = key_of_collection(collection, analysis.model)
        if key is None:
            continue
        for standing in standings_of(analysis.model):
            identity = standing.identity
            place = _denied(identity, key) if identity is not None else None
            if identity is None or place is None or not _reads(analysis, identity, collection):
                continue
            yield Match(
                f"`{identity.address}` reads `{collection.address}` although it is denied `{_DECRYPT}` here: "
                "readers of collections need no right on the key",
                collection.address,
                (
                    Place(place, "the Deny"),
                    Place(collection.location, "the collection"),
                    Place(identity.location, "the reader"),
                ),
                principal=identity.address,
            )


def _denied(identity: Identity, key: Key) -> Location | None:
    """Where the identity itself is denied decryption with the key."""
    for found in statements_on_key(key):
        if _denies(found.statement) and found.statement.principals is not None:
            for term in found.statement.principals.terms:
                if term.text == identity.arn and not found.statement.principals.negated:
                    return term.location or found.location
    for policy in identity.policies:
        for statement in policy.document.statements:
            terms = statement.resources.terms if statement.resources is not None else ()
            named = [term for term in terms if term.text in {key.arn, *key.names}]
            if _denies(statement) and named and statement.resources and not statement.resources.negated:
                return named[0].location or statement.location or policy.location
    return None


def _denies(statement: Statement) -> bool:
    return statement.effect is Effect.DENY and takes_in(statement.actions, _DECRYPT)


def _reads(analysis: Analysis, identity: Identity, collection: Collection) -> bool:
    standing = standing_of(identity, analysis.model)
    if analysis.access.of(standing, of_collection(collection), _REQUESTS).outcome is Outcome.DENIED:
        return False
    subject = subject_of(standing, analysis.model, collection.deployment)
    policies = data_access(collection, analysis.model)
    return decide_access(policies, subject, collection.account, collection.name, _READ).truth is Truth.TRUE


RULE = Rule(
    "OSR345",
    "key-deny-without-effect",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="take the reader out of the data access policy",
)
