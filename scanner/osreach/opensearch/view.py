"""What is seen of an index by somebody who may read it: which documents, which fields, which masked.

Sources: https://docs.opensearch.org/latest/security/access-control/document-level-security/,
https://docs.opensearch.org/latest/security/access-control/field-level-security/ and
https://docs.opensearch.org/latest/security/access-control/field-masking/
"""

from __future__ import annotations

from dataclasses import dataclass

from osreach.opensearch.cluster import Cluster
from osreach.opensearch.grant import rendered
from osreach.opensearch.index import Every, Name, Some, Target, selected
from osreach.opensearch.mapping import Held
from osreach.opensearch.pattern import covers, intersects, is_wildcard, matches, matches_any
from osreach.opensearch.role import IndexPermission, is_excluded, masked_field
from osreach.opensearch.subject import Subject
from osreach.opensearch.substitution import substituted
from osreach.truth import Truth, any_of, negation


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of an index, or of every index of a pattern.

    `documents` are queries of which one must match, none for all documents.
    `fields` are the rules that count, none for all fields; `masked_fields` are
    masking rules. `roles` are those that limit. `certain` is false where a
    limit may apply or may not. `broken` names a variable in a query that does
    not exist, because of which every read fails.
    """

    index: str
    documents: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    masked_fields: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    certain: bool = True
    broken: str = ""

    @property
    def limited(self) -> bool:
        """Whether anything is kept from the reader."""
        return bool(self.documents or self.fields or self.masked_fields or self.broken)


@dataclass(frozen=True, slots=True)
class _Speaking:
    """A permission that speaks of an index, and how surely."""

    role: str
    permission: IndexPermission
    truth: Truth


def _speaking(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], names: tuple[str, ...], *, rest: bool
) -> list[_Speaking]:
    """Permissions on an index or a pattern; which actions they permit does not matter for what is seen.

    With `rest` those on a part of the pattern are left out, which have a view of their own.
    """
    found = []
    for one in held:
        role = cluster.roles.get(one.role)
        for permission in role.index_permissions if role else ():
            truth = Truth.FALSE
            for pattern, sure in rendered(permission.patterns, subject, held):
                meets = any_of(_meets(pattern, name, rest=rest) for name in names)
                truth = max(truth, min(sure, one.truth, meets))
            if truth is not Truth.FALSE:
                found.append(_Speaking(one.role, permission, truth))
    return found


def _meets(pattern: str, name: str, *, rest: bool) -> Truth:
    if not is_wildcard(name):
        return matches(pattern, name)
    covered = covers((pattern,), name)
    if covered is Truth.TRUE:
        return covered
    if rest and covers((name,), pattern) is Truth.TRUE:
        return Truth.FALSE
    return Truth.UNKNOWN if intersects(pattern, name) else Truth.FALSE


def _effective(rules: tuple[str, ...]) -> tuple[str, ...]:
    """The field rules that count: the exclusions where there are any, everything with `*`."""
    unique = tuple(dict.fromkeys(rules))
    excluded = tuple(rule for rule in unique if is_excluded(rule))
    if excluded:
        return excluded
    return () if "*" in unique else unique


def view(
    cluster: Cluster,
    subject: Subject,
    held: tuple[Held, ...],
    index: str,
    names: tuple[str, ...] = (),
    *,
    rest: bool = False,
) -> View:
    """What is seen of `index`, a name or a pattern; `names` are all under which it is known.

    With `rest` only of what no narrower permission speaks of.

    Queries of several roles are alternatives; a role without a query, a field
    list or masks does not lift those of another, unless the cluster is set so.
    """
    speaking = _speaking(cluster, subject, held, names or (index,), rest=rest)
    wins = cluster.settings.unlimited_role_wins
    roles = tuple(one.role for one in held)
    limiting: dict[str, None] = {}
    certain = True
    broken = ""

    def rules(kind: str) -> list[_Speaking]:
        nonlocal certain
        having = [one for one in speaking if _rule(one.permission, kind)]
        lifting = [one for one in speaking if not _rule(one.permission, kind)]
        if having and wins is not Truth.FALSE and any(one.truth is Truth.TRUE for one in lifting):
            if wins is Truth.TRUE:
                return []
            certain = False
        certain = certain and all(one.truth is Truth.TRUE for one in having)
        limiting.update((one.role, None) for one in having)
        return having

    documents = []
    for one in rules("document_query"):
        query, missing = substituted(one.permission.document_query, subject, roles)
        broken = broken or (missing[0] if missing else "")
        documents.append(query)
    fields = _effective(tuple(rule for one in rules("fields") for rule in one.permission.fields))
    masked = tuple(rule for one in rules("masked_fields") for rule in one.permission.masked_fields)
    return View(
        index,
        tuple(dict.fromkeys(documents)),
        fields,
        tuple(dict.fromkeys(masked)),
        tuple(limiting),
        certain,
        broken,
    )


def _rule(permission: IndexPermission, kind: str) -> bool:
    match kind:
        case "document_query":
            return bool(permission.document_query.strip())
        case "fields":
            return bool(permission.fields)
        case _:
            return bool(permission.masked_fields)


def views(cluster: Cluster, subject: Subject, held: tuple[Held, ...], target: Target) -> tuple[View, ...]:
    """What is seen of each index of the target, as far as indexes are known; for a wildcard also of the rest.

    Of a wildcard there is one view for all of it and one for every pattern
    inside it that limits.
    """
    match target:
        case Name(name):
            members = cluster.indexes.members(name)
            if not members:
                return (view(cluster, subject, held, name),)
            return tuple(view(cluster, subject, held, one.name, one.names) for one in members)
        case Every(pattern) | Some(pattern):
            known = selected(target, cluster.indexes) if isinstance(target, Every) else ()
            found = [view(cluster, subject, held, one.name, one.names) for one in known]
            if isinstance(target, Every) and cluster.indexes.complete:
                return tuple(found)
            inner = _limited_patterns(cluster, subject, held, pattern)
            return (
                *found,
                *(view(cluster, subject, held, one) for one in inner),
                view(cluster, subject, held, pattern, rest=True),
            )
        case _:
            return ()


def _limited_patterns(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], pattern: str
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for one in held:
        role = cluster.roles.get(one.role)
        for permission in role.index_permissions if role else ():
            if permission.document_query or permission.fields or permission.masked_fields:
                for inner, _ in rendered(permission.patterns, subject, held):
                    if inner != pattern and covers((pattern,), inner) is Truth.TRUE:
                        found.setdefault(inner)
    return tuple(found)


_SUBFIELD = ".keyword"


def sees_field(seen: View, field: str) -> Truth:
    """Whether a field (`user.name`) is in what the reader gets.

    An inclusion of `user` includes what is inside it, an exclusion excludes it.
    Of a `.keyword` subfield whose field is excluded, the documentation says
    that it must be excluded too, while newer releases exclude it by themselves.
    """
    if not seen.fields:
        return Truth.TRUE
    parts = field.split(".")
    enclosing = tuple(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    if is_excluded(seen.fields[0]):
        patterns = tuple(rule[1:] for rule in seen.fields)
        hit = any_of(matches_any(patterns, name) for name in enclosing)
        if hit is Truth.TRUE and field.endswith(_SUBFIELD):
            itself = matches_any(patterns, field)
            parents = any_of(matches_any(patterns, name) for name in enclosing[:-2])
            return Truth.FALSE if Truth.TRUE in {itself, parents} else Truth.UNKNOWN
        return negation(hit)
    return any_of(matches_any(seen.fields, name) for name in enclosing)


def mask_of(seen: View, field: str) -> str | None:
    """The masking rule that applies to a field, None where its text is shown."""
    for rule in seen.masked_fields:
        if matches(masked_field(rule), field) is Truth.TRUE:
            return rule
    return None
