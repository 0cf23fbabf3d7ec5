"""Reports a domain that shall be encrypted with a key of the wrong kind.

Encryption at rest takes symmetric keys for encryption and decryption only;
creating the domain fails with any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.key import Key
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.evaluate.key_use import encrypted_domains
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import ENCRYPTION_AT_REST


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose key is known to be asymmetric, or not for encryption."""
    for domain, key in encrypted_domains(analysis.model):
        wrong = _wrong(key)
        if wrong is not None:
            yield Match(
                f"`{domain.address}` cannot be encrypted with `{key.address}`, which is `{wrong.value}`",
                domain.address,
                (
                    Place(domain.encryption_key.location, "the key of the domain"),
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
    references=(ENCRYPTION_AT_REST,),
    remedy="use a symmetric key for encryption and decryption",
)
