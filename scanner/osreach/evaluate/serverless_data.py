"""What data access policies say to one request, in sentences with the rules that decide.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osreach.access.serverless import Collection
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName
from osreach.serverless.access import Bearing, Grant, decide_access, granted
from osreach.serverless.operation import SEARCH_ONLY, Need
from osreach.serverless.permission import ResourceType
from osreach.serverless.principal import Subject
from osreach.truth import Truth
from osreach.value import Unknown

_LAYER = LayerName.SERVERLESS_DATA
_ANSWERS = {
    Truth.TRUE: Answer.ALLOWED,
    Truth.UNKNOWN: Answer.UNKNOWN,
    Truth.FALSE: Answer.IMPLICIT_DENY,
}


def data_layer(
    collection: Collection, policies: Sequence[Bearing], subject: Subject, name: str, need: Need
) -> tuple[LayerAnswer, tuple[str, ...]]:
    """What the policies say to a request that needs `need`, and the points that are left open.

    `name` is the caller for people.
    """
    decision = decide_access(policies, subject, collection.account, collection.name, need)
    notes = tuple(note.value for note in decision.notes) if decision.truth is Truth.UNKNOWN else ()
    if need.permission is None:
        if decision.truth is Truth.FALSE:
            return _silent(collection, policies, subject, name, ""), ()
        reason = "it is not documented which permission the operation needs, or that collections have it"
        return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, _because(decision.grants)), notes
    wanted = _words(need, collection)
    match decision.truth:
        case Truth.TRUE:
            reason = f"{_rules(decision.grants)} the caller {wanted}"
            return LayerAnswer(_LAYER, Answer.ALLOWED, reason, _because(decision.grants)), notes
        case Truth.UNKNOWN:
            reason = f"whether a data access policy grants the caller {wanted} is not known"
            if any("*" in index for index in need.indexes):
                reason = f"{reason}, or not for all of the indexes"
            return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, _because(decision.grants)), notes
        case _:
            return _silent(collection, policies, subject, name, wanted), notes


def any_layer(
    collection: Collection, policies: Sequence[Bearing], subject: Subject, name: str, index: str = ""
) -> tuple[LayerAnswer, tuple[str, ...]]:
    """Whether the policies grant anything on the collection, or on one of its indexes."""
    decision = granted(policies, subject, collection.account, collection.name, index)
    notes = tuple(note.value for note in decision.notes) if decision.truth is Truth.UNKNOWN else ()
    where = f"index/{collection.name}/{index}" if index else collection.name
    match decision.truth:
        case Truth.TRUE:
            names = sorted(
                {
                    one.text
                    for grant in decision.grants
                    for one in (grant.rule.permissions if grant.rule else ())
                }
            )
            reason = f"data access policies grant the caller {', '.join(f'`{each}`' for each in names)}"
            return LayerAnswer(
                _LAYER, Answer.ALLOWED, f"{reason} on `{where}`", _because(decision.grants)
            ), notes
        case Truth.UNKNOWN:
            reason = f"whether a data access policy grants the caller anything on `{where}` is not known"
            return LayerAnswer(_LAYER, Answer.UNKNOWN, reason, _because(decision.grants)), notes
        case _:
            return _silent(collection, policies, subject, name, ""), notes


def _words(need: Need, collection: Collection) -> str:
    if need.kind is ResourceType.INDEX:
        names = ", ".join(f"`index/{collection.name}/{index}`" for index in need.indexes)
        names = names or f"an index of `{collection.name}`"
        return f"`{need.permission}` on {names}"
    return f"`{need.permission}` on `{collection.name}`"


def _rules(grants: Iterable[Grant]) -> str:
    names = dict.fromkeys(f"`{grant.source}`" for grant in grants)
    return f"{' and '.join(names)} {'grants' if len(names) == 1 else 'grant'}"


def _because(grants: Iterable[Grant]) -> tuple[Because, ...]:
    """The rule's resource and the principal behind each grant."""
    found: dict[Because, None] = {}
    for grant in grants:
        described = grant.entry.description if grant.entry is not None else ""
        places = [
            grant.pattern.location if grant.pattern is not None else None,
            grant.permission.location if grant.permission is not None else None,
            grant.principal.location if grant.principal is not None else None,
        ]
        if not any(places):
            places = [grant.rule.location if grant.rule is not None else None]
        for place in places:
            if place is not None or len(places) == 1:
                found.setdefault(Because(grant.source, described, place))
    return tuple(found)


def _silent(
    collection: Collection, policies: Sequence[Bearing], subject: Subject, name: str, wanted: str
) -> LayerAnswer:
    """Why nothing is granted: no policy, no mention of the caller, or another permission or index."""
    here = (Because(collection.address, "", collection.location),)
    if not any(policy.content.entries for policy in policies):
        reason = f"no data access policy in the files grants anything on `{collection.name}`"
        return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, here)
    own = granted(policies, subject, collection.account, collection.name)
    if own.truth is Truth.FALSE:
        reason = f"no data access policy names `{name}` for `{collection.name}`"
        return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, here)
    reason = f"no data access policy grants the caller {wanted}" if wanted else "nothing is granted there"
    return LayerAnswer(_LAYER, Answer.IMPLICIT_DENY, reason, _because(own.grants))


def type_layer(collection: Collection, need: Need) -> LayerAnswer | None:
    """What the type of the collection says to an operation that only some types take.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html
    """
    if not need.search_only or collection.kind.is_certainly(SEARCH_ONLY):
        return None
    layer = LayerName.DEPENDENCY
    here = (Because(collection.address, "", collection.kind.location),)
    if isinstance(collection.kind.value, Unknown):
        reason = "only collections of type `SEARCH` take documents with an id of the client's, and the type is not known"
        return LayerAnswer(layer, Answer.UNKNOWN, reason, here)
    reason = (
        "only collections of type `SEARCH` take documents with an id of the client's, "
        f"and the type of `{collection.address}` is `{collection.kind.value}`"
    )
    return LayerAnswer(layer, Answer.IMPLICIT_DENY, reason, here)


def answer_of(truth: Truth) -> Answer:
    """A truth value as the answer of a layer."""
    return _ANSWERS[truth]
