"""Reports a domain or collections that shall be encrypted with a key of the wrong kind.

Encryption at rest takes symmetric keys for encryption and decryption only;
creating the domain fails with any other. For collections the service asks the key
for data keys, which no other kind can make.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.key import Key
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.evaluate.encrypted import encrypted
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain, collection or encryption policy whose key is known to be asymmetric, or not for encryption."""
    for found in encrypted(analysis.model):
        wrong = _wrong(found.key)
        if wrong is not None:
            yield Match(
                f"{found.name} cannot be encrypted with `{found.key.address}`, which is `{wrong.value}`",
                found.address,
                (
                    Place(found.location, found.chosen),
                    Place(wrong.location, "the kind of key"),
                ),
            )


def _wrong(key: Key) -> Setting[str] | None:
    for setting, needed in ((key.specification, "SYMMETRIC_DEFAULT"), (key.usage, "ENCRYPT_DECRYPT")):
        if not isinstance(setting.value, Unknown) and setting.value.isascii() and setting.value != needed:
            return setting
    return None


RULE = Rule(
    "OSR510",
    "unsuitable-key",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION),
    remedy="use a symmetric key for encryption and decryption",
)
