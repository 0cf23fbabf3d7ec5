"""A request as policies see it: names without case, and every condition key it carries."""

from __future__ import annotations

from dataclasses import dataclass, field

from osreach.iam.arn import account_of, parts_of
from osreach.iam.hole import has_hole
from osreach.iam.note import Note
from osreach.iam.principal import Caller, caller_of
from osreach.iam.request import Request

UNKNOWN_VALUE = chr(0xFFFFC)
"""The hole for the value of a key of which not even its presence is known."""


@dataclass(slots=True)
class Facts:
    """What the conditions and patterns of a policy are held against.

    `keys` maps names in lower case to values; `unknown` names the keys of which
    it is not known whether they are there. `bounded` says that the caller has a
    permissions boundary, `holed` that the resource has a hole. `notes` collects
    the undocumented points that are met on the way; nothing else ever changes
    (the class is not frozen because one is made for every decision).
    """

    action: str
    resource: str
    caller: Caller
    keys: dict[str, tuple[str, ...]]
    unknown: frozenset[str]
    resource_account: str
    bounded: bool
    holed: bool
    notes: dict[Note, None] = field(default_factory=dict)

    def single(self, key: str) -> str | None:
        """The value of a key for a policy variable: None where it is absent or has several."""
        values = self.keys.get(key)
        if values is None:
            return UNKNOWN_VALUE if key in self.unknown else None
        return values[0] if len(values) == 1 else None


def facts_of(request: Request, *, bounded: bool = False) -> Facts:
    """The facts of `request`, with the keys that follow from the principal and the resource.

    What the request's own context says about such a key wins.
    """
    caller = caller_of(request.principal)
    keys = {**caller.keys}
    resource = request.resource
    holed = has_hole(resource)
    account = request.resource_account or account_of(resource)
    if holed and not account and parts_of(resource) is None:
        account = UNKNOWN_VALUE
    if account:
        keys["aws:resourceaccount"] = (account,)
    action = request.action.lower()
    if caller.account and action.startswith("kms:"):
        keys["kms:calleraccount"] = (caller.account,)
    unknown = request.unknown_keys
    if unknown:
        unknown = frozenset(key.lower() for key in unknown)
        for key in unknown:
            keys.pop(key, None)
    for key, values in request.context.items():
        keys[key.lower()] = values
    return Facts(action, resource, caller, keys, unknown, account, bounded, holed)
