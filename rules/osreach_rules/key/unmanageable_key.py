"""Reports a key whose policy nobody can change.

A key policy gives nothing that it does not write, not even to the account that
owns the key. Where it lets no principal change it, and does not leave that to
the account either, only AWS's support can help.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.key_use import is_complete
from osreach.evaluate.relevance import covers_any
from osreach.iam.document import Document, Effect, PolicyKind, PrincipalKind
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import DEFAULT_KEY_POLICY

_CHANGE = ("kms:PutKeyPolicy",)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key without an Allow of `kms:PutKeyPolicy` for any principal of an account."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for key in analysis.model.keys:
        if not key.policy_written or not is_complete(key):
            continue
        if not any(map(_lets_someone_change, key.documents)):
            policy = key.policies[0]
            yield Match(
                f"nobody can change the policy of `{key.address}`, and policies of IAM cannot grant it",
                key.address,
                (Place(policy.document.location or policy.location, "the key policy"),),
            )


def _lets_someone_change(document: Document) -> bool:
    return any(
        statement.effect is not Effect.DENY
        and covers_any(statement, _CHANGE, PolicyKind.RESOURCE)
        and statement.principals is not None
        and (
            statement.principals.negated
            or any(term.kind is not PrincipalKind.SERVICE for term in statement.principals.terms)
        )
        for statement in document.statements
    )


RULE = Rule(
    "OSR502",
    "unmanageable-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DEFAULT_KEY_POLICY,),
    remedy="allow `kms:*` to the account's root, or `kms:PutKeyPolicy` to the role that administers keys",
)
