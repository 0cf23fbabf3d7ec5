"""Reports a key that callers of every account can use.

A key policy that names everyone lets any principal of any account in whose own
policies allow it. AWS's own keys do that too, but ask for the account
(`kms:CallerAccount`) beside the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import is_anyone
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.key_use import stranger_access
from osreach.evaluate.level import Requests
from osreach.iam.document import Document, Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import KEY_CONDITIONS, KEY_POLICY

_GRAVE = (Requests(("kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:ReEncryptFrom")),)
_OTHER = (
    Requests(
        (
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptTo",
            "kms:ScheduleKeyDeletion",
            "kms:DisableKey",
        )
    ),
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key whose policy alone is enough for a caller of any account."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for key in analysis.model.keys:
        if not key.policy_written or not any(map(_names_everyone, key.documents)):
            continue
        for requests, severity in ((_GRAVE, None), (_OTHER, Severity.MEDIUM)):
            found = stranger_access(key, requests, analysis.model)
            if found.outcome is Outcome.ALLOWED and found.witness is not None:
                yield Match(
                    f"`{key.address}` can be used by callers of every account",
                    key.address,
                    (*_places(found), Place(key.location, "the key")),
                    witness=found.witness,
                    severity=severity,
                    principal="*",
                )
                break


def _names_everyone(document: Document) -> bool:
    """Whether some Allow names everyone: nothing else can let a stranger in."""
    return any(
        statement.effect is not Effect.DENY
        and statement.principals is not None
        and (statement.principals.negated or any(map(is_anyone, statement.principals.terms)))
        for statement in document.statements
    )


def _places(found: Access) -> Iterator[Place]:
    for one in found.because:
        # the stranger's own policies stand in no file
        if one.effect is Effect.ALLOW and one.location is not None and one.location.path:
            yield Place(one.location, "everyone is allowed here")
            return


RULE = Rule(
    "OSR501",
    "open-key",
    Severity.CRITICAL,
    since="0.1",
    check=check,
    references=(KEY_POLICY, KEY_CONDITIONS),
    remedy="name the principals, or ask for `kms:CallerAccount` or `aws:PrincipalOrgID` in a condition",
)
