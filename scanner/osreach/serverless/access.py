"""What data access policies grant a caller: there is no deny, and the most permissive wins.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from osreach.held import Held
from osreach.serverless.operation import Need
from osreach.serverless.pattern import equal, has_hole, is_documented, name_matches, resource_matches
from osreach.serverless.permission import AGENT_PERMISSIONS, EVERYTHING, ResourceType
from osreach.serverless.policy import AccessContent, AccessEntry, Pattern, Rule, Written
from osreach.serverless.principal import PrincipalNote, Subject, principal_matches
from osreach.truth import Truth, all_of, any_of

T = TypeVar("T", AccessEntry, Rule)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A policy that bears on the collection: `certain` is false where that is not known."""

    source: str
    content: AccessContent
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that grants, or may grant, what was asked for; `rule` is None where the policy may say more."""

    source: str
    truth: Truth
    entry: AccessEntry | None = None
    rule: Rule | None = None
    pattern: Pattern | None = None
    permission: Written | None = None
    principal: Written | None = None
    notes: tuple[PrincipalNote, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """Whether the policies grant it, by which rules, and what of it is left open."""

    truth: Truth
    grants: tuple[Grant, ...] = ()

    @property
    def notes(self) -> tuple[PrincipalNote, ...]:
        """The open points behind an unknown answer."""
        return tuple(dict.fromkeys(note for grant in self.grants for note in grant.notes))


def concerning(policies: Iterable[Bearing], subject: Subject, account: str) -> tuple[Bearing, ...]:
    """The policies with only those entries that may be about `subject`, and of their principals the best match.

    They give the same decisions about `subject` as the whole, in less time.
    """
    found: list[Bearing] = []
    for policy in policies:
        entries: list[AccessEntry] = []
        for entry in policy.content.entries:
            truth, principal, _ = _principal(Held(entry), subject, account)
            if truth is not Truth.FALSE:
                entries.append(replace(entry, principals=(principal,) if principal is not None else ()))
        if entries or policy.content.partial:
            found.append(replace(policy, content=replace(policy.content, entries=tuple(entries))))
    return tuple(found)


def decide_access(
    policies: Sequence[Bearing], subject: Subject, account: str, collection: str, need: Need
) -> AccessDecision:
    """Whether `subject` has what it needs on the collection of that name in `account`.

    An operation that is not documented needs something that nobody knows.
    """
    if need.permission is None:
        found = tuple(_grants(policies, subject, account, collection, None, None, ""))
        return AccessDecision(min(Truth.UNKNOWN, any_of(one.truth for one in found)), found)
    kind = need.kind
    asked = [(kind, index) for index in need.indexes] if need.indexes else [(kind, "")]
    decisions = [
        tuple(_grants(policies, subject, account, collection, need.permission, each, index))
        for each, index in asked
    ]
    truth = all_of(any_of(grant.truth for grant in grants) for grants in decisions)
    every = decisions[0] if len(decisions) == 1 else _once(decisions)
    best = tuple(grant for grant in every if grant.truth is Truth.TRUE)
    return AccessDecision(truth, best if truth is Truth.TRUE else every)


def _once(decisions: Iterable[Iterable[Grant]]) -> tuple[Grant, ...]:
    """Each grant once; their parts are told apart by identity, since comparing whole entries would cost more."""
    found: dict[tuple[object, ...], Grant] = {}
    for grants in decisions:
        for one in grants:
            parts = (one.entry, one.rule, one.pattern, one.permission, one.principal)
            found.setdefault((one.source, one.truth, *map(id, parts)), one)
    return tuple(found.values())


def granted(
    policies: Sequence[Bearing], subject: Subject, account: str, collection: str, index: str = ""
) -> AccessDecision:
    """Whether anything at all is granted on the collection, or on one of its indexes."""
    found = tuple(_grants(policies, subject, account, collection, None, None, index))
    truth = any_of(grant.truth for grant in found)
    best = tuple(grant for grant in found if grant.truth is Truth.TRUE)
    return AccessDecision(truth, best if truth is Truth.TRUE else found)


def _grants(
    policies: Sequence[Bearing],
    subject: Subject,
    account: str,
    collection: str,
    permission: str | None,
    kind: ResourceType | None,
    index: str,
) -> Iterator[Grant]:
    """Every rule that may grant `permission` (any where None) on resources of `kind` (any where None)."""
    for policy in policies:
        most = Truth.TRUE if policy.certain else Truth.UNKNOWN
        if policy.content.partial:
            yield Grant(policy.source, Truth.UNKNOWN)
        for entry in policy.content.entries:
            # Who it is about is asked last: what it is about is known from other callers.
            rules = [
                (rule, min(what, where), written, pattern)
                for rule in entry.rules
                for what, written in (_permission(Held(rule), permission),)
                if what is not Truth.FALSE
                for where, pattern in _patterns(Held(rule), kind, collection, index)
                if where is not Truth.FALSE
            ]
            if not rules and not entry.partial:
                continue
            who, principal, notes = _principal(Held(entry), subject, account)
            if who is Truth.FALSE:
                continue
            if entry.partial:
                yield Grant(policy.source, Truth.UNKNOWN, entry, principal=principal)
            for rule, truth, written, pattern in rules:
                least = min(most, who, truth)
                yield Grant(policy.source, least, entry, rule, pattern, written, principal, notes)


@lru_cache(maxsize=65_536)
def _principal(
    held: Held[AccessEntry], subject: Subject, account: str
) -> tuple[Truth, Written | None, tuple[PrincipalNote, ...]]:
    entry = held.value
    best: tuple[Truth, Written | None, tuple[PrincipalNote, ...]] = (Truth.FALSE, None, ())
    for principal in entry.principals:
        truth, note = principal_matches(principal.text, subject, account)
        if truth > best[0]:
            best = truth, principal, (note,) if note is not None else ()
    if entry.partial and best[0] is Truth.FALSE and not entry.principals:
        return Truth.UNKNOWN, None, ()
    return best


def type_matches(rule: Rule, kind: ResourceType | None) -> Truth:
    """Whether the rule is about resources of `kind`."""
    if rule.resource_type is None:
        return Truth.UNKNOWN if rule.partial else Truth.FALSE
    if kind is None:
        return Truth.TRUE
    return equal(rule.resource_type.text, kind.value)


@lru_cache(maxsize=65_536)
def _patterns(
    held: Held[Rule], kind: ResourceType | None, collection: str, index: str
) -> tuple[tuple[Truth, Pattern | None], ...]:
    """The resources of the rule that cover what is asked for: the best for one index, every one for any."""
    rule = held.value
    if index and kind is ResourceType.INDEX and index.isascii() and "/" not in index and is_documented(index):
        found = _on_index(held, collection, index)
        if rule.partial and not rule.resources:
            return ((min(type_matches(rule, kind), Truth.UNKNOWN), None),)
        return (found,) if found[0] is not Truth.FALSE else ()
    about = type_matches(rule, kind)
    every = [
        (min(about, _resource(pattern, rule, kind, collection, index)), pattern) for pattern in rule.resources
    ]
    covering = [(truth, pattern) for truth, pattern in every if truth is not Truth.FALSE]
    if rule.partial and not rule.resources:
        return ((min(about, Truth.UNKNOWN), None),)
    if index and covering:
        return (max(covering, key=lambda one: one[0]),)
    return tuple(covering)


@lru_cache(maxsize=4096)
def _simple(held: Held[Rule], collection: str) -> tuple[tuple[Pattern, str, bool] | Pattern, ...]:
    """The rule's resources that may be in the collection, those taken apart that are a name or a beginning of names."""
    found: list[tuple[Pattern, str, bool] | Pattern] = []
    for pattern in held.value.resources:
        index = pattern.index
        known = pattern.text.isascii() and index is not None and "/" not in index and is_documented(index)
        if pattern.impossible or index is None or not known:
            found.append(pattern)
        elif pattern.prefix == "index" and name_matches(pattern.collection, collection) is Truth.TRUE:
            found.append((pattern, index.removesuffix("*"), index.endswith("*")))
        elif "*" in pattern.prefix or name_matches(pattern.collection, collection) is not Truth.FALSE:
            found.append(pattern)
    return tuple(found)


def _on_index(held: Held[Rule], collection: str, index: str) -> tuple[Truth, Pattern | None]:
    """The resource that covers the index best, or the indexes that the beginning `index` stands for."""
    about = type_matches(held.value, ResourceType.INDEX)
    if about is Truth.FALSE:
        return Truth.FALSE, None
    best: tuple[Truth, Pattern | None] = (Truth.FALSE, None)
    begins = index.endswith("*")
    beginning = index.removesuffix("*")
    for one in _simple(held, collection):
        if isinstance(one, Pattern):
            pattern = one
            truth = _resource(pattern, held.value, ResourceType.INDEX, collection, index)
        else:
            pattern, name, stands_for_many = one
            if index.startswith(name) if stands_for_many else index == name and not begins:
                truth = Truth.TRUE
            elif begins and name.startswith(beginning):
                truth = Truth.UNKNOWN
            else:
                continue
        truth = min(about, truth)
        if truth > best[0]:
            best = truth, pattern
            if truth is about:
                break
    return best


def _resource(pattern: Pattern, rule: Rule, kind: ResourceType | None, collection: str, index: str) -> Truth:
    """Whether the resource of a rule covers the collection, or the index in it."""
    if pattern.impossible:
        return Truth.FALSE
    written = rule.resource_type.text if rule.resource_type is not None else ""
    if kind is ResourceType.COLLECTION or (kind is None and not index and written == "collection"):
        return resource_matches(pattern.text, f"collection/{collection}")
    if index and (kind is ResourceType.INDEX or kind is None):
        return resource_matches(pattern.text, f"index/{collection}/{index}")
    # anything in the collection: an index of any name, a model
    if has_hole(pattern.prefix):
        return Truth.UNKNOWN
    if pattern.index is None or (kind is not None and pattern.prefix != kind.value):
        return Truth.UNKNOWN if has_hole(pattern.text) else Truth.FALSE
    if pattern.prefix != written and not has_hole(written):
        return Truth.FALSE
    return name_matches(pattern.collection, collection)


@lru_cache(maxsize=16_384)
def _permission(held: Held[Rule], wanted: str | None) -> tuple[Truth, Written | None]:
    rule = held.value
    if wanted is None:
        first = rule.permissions[0] if rule.permissions else None
        return (Truth.TRUE if first is not None else Truth.FALSE), first
    best: tuple[Truth, Written | None] = (Truth.FALSE, None)
    for permission in rule.permissions:
        truth = permission_matches(permission.text, wanted)
        if truth > best[0]:
            best = truth, permission
    if rule.partial and not rule.permissions:
        return Truth.UNKNOWN, None
    # On which type of resource permissions about agents have to stand is not documented.
    return (min(best[0], Truth.UNKNOWN), best[1]) if wanted in AGENT_PERMISSIONS else best


def permission_matches(written: str, wanted: str) -> Truth:
    """Whether a permission as written grants `wanted`; wildcards other than `aoss:*` are not documented."""
    if written in {EVERYTHING, wanted}:
        return Truth.TRUE
    return Truth.UNKNOWN if name_matches(written, wanted) is not Truth.FALSE else Truth.FALSE


def indexes_of(policies: Iterable[Bearing], collection: str) -> tuple[str, ...]:
    """The patterns of index names that rules write for the collection, each once, widest first."""
    found: dict[str, None] = {}
    for policy in policies:
        for entry in policy.content.entries:
            for rule in entry.rules:
                for pattern in rule.resources:
                    if pattern.prefix != ResourceType.INDEX.value or pattern.index is None:
                        continue
                    if pattern.impossible:
                        continue
                    if name_matches(pattern.collection, collection) is not Truth.FALSE:
                        found.setdefault(pattern.index)
    return tuple(sorted(found, key=lambda text: (len(text.rstrip("*")), text)))
