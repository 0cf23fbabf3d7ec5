"""What a plan changes: the same thing before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from osreach.access.domain import Domain
from osreach.access.serverless import EncryptionPolicy

T = TypeVar("T", Domain, EncryptionPolicy)


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """Something that exists before a plan and after it.

    `before` has the places of `after`, for nobody writes it any more; of a domain
    only what its own resource says is known of it. Where `replaced`, it is
    destroyed with its data, and another one is made.
    """

    before: T
    after: T
    replaced: bool
