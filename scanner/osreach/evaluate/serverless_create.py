"""What creating a collection needs besides its own permission: an encryption policy, and rights on its key.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from osreach.access.model import Model
from osreach.access.serverless import Collection
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName
from osreach.evaluate.serverless_bearing import encryption
from osreach.evaluate.target import Target, of_key
from osreach.iam.dependency import Dependency
from osreach.serverless.encryption import EncryptionDecision, KeyChoice, decide_encryption
from osreach.value import Unknown

_LAYER = LayerName.DEPENDENCY
_THROUGH = "aoss"
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
"""What whoever chooses the key needs on it, with the condition keys of the call that the service makes."""


class Inner(Protocol):
    """The answer to the question about the key."""

    @property
    def answer(self) -> Answer:
        """Whether it is allowed."""

    @property
    def deciding(self) -> LayerName:
        """The layer that decides."""

    @property
    def layers(self) -> tuple[LayerAnswer, ...]:
        """Every layer."""

    @property
    def depends_on(self) -> tuple[Dependency, ...]:
        """What must be known."""


Ask = Callable[[Target, str, Circumstances], Inner]
"""Whether the same caller may do an action on a key."""

Needed = tuple[LayerAnswer, LayerAnswer | None, tuple[Dependency, ...]]
"""What the dependency says, what the key policy says, and what must be known."""


def chosen_key(collection: Collection, model: Model) -> EncryptionDecision:
    """The key of a collection: the one given with it, or that of the most specific encryption policy."""
    if isinstance(collection.encryption_key.value, str):
        return EncryptionDecision(KeyChoice.CUSTOMER)
    if isinstance(collection.encryption_key.value, Unknown):
        return EncryptionDecision(KeyChoice.UNKNOWN)
    if collection.aws_owned_key.is_certainly(value=True):
        return EncryptionDecision(KeyChoice.AWS_OWNED)
    return decide_encryption(encryption(collection, model), collection.name)


def needed_to_create(collection: Collection, model: Model, ask: Ask) -> Needed:
    """What else the caller who creates the collection needs."""
    decision = chosen_key(collection, model)
    winner = decision.coverings[0] if decision.coverings else None
    here = (
        (Because(winner.source, "", winner.pattern.location),)
        if winner is not None
        else (Because(collection.address, "", collection.location),)
    )
    match decision.choice:
        case KeyChoice.AWS_OWNED:
            reason = "the collection is encrypted with a key that AWS owns, which asks nothing of the caller"
            return LayerAnswer(_LAYER, Answer.NOT_APPLICABLE, reason, here), None, ()
        case KeyChoice.NONE:
            reason = f"no encryption policy covers `{collection.name}`, without which it cannot be created"
            return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, here), None, ()
        case KeyChoice.CONFLICT:
            reason = "two encryption policies have the same pattern, which is an error"
            return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, here), None, ()
        case KeyChoice.UNKNOWN:
            reason = f"which key encrypts `{collection.name}` is not known"
            return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, here), None, ()
        case KeyChoice.CUSTOMER:
            return _rights(collection, decision, model, ask, here)


def _rights(
    collection: Collection,
    decision: EncryptionDecision,
    model: Model,
    ask: Ask,
    here: tuple[Because, ...],
) -> Needed:
    given = collection.encryption_key.value
    written = given if isinstance(given, str) else decision.key.text if decision.key is not None else ""
    key = next((one for one in model.keys if written in {one.arn, *one.names}), None)
    if key is None:
        reason = "the key of the collection is not in the scanned files"
        return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, here), None, ()
    missing: tuple[Dependency, ...] = ()
    policy: LayerAnswer | None = None
    worst: tuple[str, Inner] | None = None
    for action, keys in _NEEDED.items():
        inner = ask(of_key(key), action, Circumstances(given=keys, through=_THROUGH))
        missing = (*missing, *inner.depends_on)
        if worst is None or _rank(inner.answer) < _rank(worst[1].answer):
            worst = action, inner
    if worst is None:
        raise AssertionError("creating a collection needs rights on its key")
    action, inner = worst
    policy = next((one for one in inner.layers if one.layer is LayerName.KEY), None)
    word = {Answer.ALLOWED: "has them", Answer.UNKNOWN: f"may have `{action}`"}.get(
        inner.answer, f"does not have `{action}`"
    )
    needs = " and ".join(f"`{name}`" for name in _NEEDED)
    reason = f"the collection is encrypted with `{key.address}`, so it needs {needs} there: the caller {word}"
    deciding = next((one for one in inner.layers if one.layer is inner.deciding), None)
    if deciding is not None and inner.answer is not Answer.ALLOWED:
        reason = f"{reason}, because {deciding.reason}"
    because = deciding.because if deciding is not None else here
    return LayerAnswer(_LAYER, inner.answer, reason, because), policy, missing


def _rank(answer: Answer) -> int:
    return (Answer.EXPLICIT_DENY, Answer.IMPLICIT_DENY, Answer.UNKNOWN, Answer.ALLOWED).index(answer)
