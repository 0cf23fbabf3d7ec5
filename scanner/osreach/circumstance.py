"""Findings that hold only where the conditions of a template decide so, each told once.

A template is read once for each combination of its conditions' outcomes, so the
same fault is found again and again. What is found under every combination holds
without any condition; the rest says under which it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from osreach.finding import Finding
from osreach.iac.resource import Circumstance, Resource
from osreach.location import Place
from osreach.witness import Confidence


def settle_circumstances(findings: Iterable[Finding], resources: Iterable[Resource]) -> tuple[Finding, ...]:
    """`findings` with those merged that differ only in the circumstances of their resource.

    A finding that also holds where every parameter keeps its default names the
    resource plainly; one that only other values bring about names the conditions
    and is possible, not certain. One that is worse under other conditions is
    told for those too.
    """
    known = {
        (resource.address, resource.location.path): resource
        for resource in resources
        if resource.circumstance is not None or resource.construct
    }
    if not known:
        return tuple(findings)
    groups: dict[tuple[object, ...], list[tuple[Circumstance | None, Finding]]] = {}
    for found in findings:
        resource = _resource(found, known)
        circumstance = resource.circumstance if resource is not None else None
        finding = _with_construct(found, resource)
        plain = _said(finding, circumstance, "")
        key = (
            plain.rule.code,
            plain.location,
            plain.match.resource,
            plain.match.principal,
            plain.match.message,
        )
        groups.setdefault(key, []).append((circumstance, finding))
    return tuple(finding for group in groups.values() for finding in _merged(group))


def _resource(finding: Finding, known: Mapping[tuple[str, str], Resource]) -> Resource | None:
    for place in finding.match.places:
        resource = known.get((finding.match.resource, place.location.path))
        if resource is not None:
            return resource
    return None


def _with_construct(finding: Finding, resource: Resource | None) -> Finding:
    """The finding with the CDK construct that made its resource as the end of its trail."""
    if resource is None or not resource.construct:
        return finding
    place = Place(resource.location, f"made by the construct `{resource.construct}`")
    return replace(finding, match=replace(finding.match, places=(*finding.match.places, place)))


def _merged(group: list[tuple[Circumstance | None, Finding]]) -> list[Finding]:
    """One finding for the same fault under several circumstances, or two where some make it worse."""
    ordered = sorted(
        group, key=lambda pair: (pair[0] is not None and not pair[0].usual, pair[1].severity.rank)
    )
    first, finding = ordered[0]
    if first is None:
        return [finding]
    kept = [_told(first, finding, [circumstance for circumstance, _ in ordered if circumstance is not None])]
    worse = [pair for pair in ordered if pair[1].severity.rank < finding.severity.rank]
    if worse and worse[0][0] is not None:
        kept.append(_told(worse[0][0], worse[0][1], [pair[0] for pair in worse if pair[0] is not None]))
    return kept


def _told(first: Circumstance, finding: Finding, holding: list[Circumstance]) -> Finding:
    """The finding as it is told: plainly where it always holds, else with the conditions."""
    words = _common(first, holding)
    if not words:
        return _said(finding, first, "")
    phrase = " and ".join(words)
    usual = any(circumstance.usual for circumstance in holding)
    told = _said(finding, first, "" if usual else f" (if {phrase})")
    match = told.match
    every = [phrase]
    if words != _shared(first, holding):
        every += [each.text for each in holding if each.outcomes != first.outcomes]
    places = (*match.places, Place(first.location, f"only if {', or '.join(dict.fromkeys(every))}"))
    confidence = match.confidence if usual else Confidence.POSSIBLE
    return replace(told, match=replace(match, places=places, confidence=confidence))


def _common(first: Circumstance, holding: list[Circumstance]) -> tuple[str, ...]:
    """Outcomes under which the finding holds, as few as they can be; none where it always holds."""
    seen = {circumstance.outcomes for circumstance in holding}
    if first.every and seen.issuperset(first.every):
        return ()
    return _shared(first, holding) or first.outcomes


def _shared(first: Circumstance, holding: list[Circumstance]) -> tuple[str, ...]:
    """The outcomes that all these have and no other combination has; none where there are no such."""
    seen = {circumstance.outcomes for circumstance in holding}
    shared = tuple(word for word in first.outcomes if all(word in outcomes for outcomes in seen))
    alone = all(outcomes in seen for outcomes in first.every if set(shared) <= set(outcomes))
    return shared if shared and alone else ()


def _said(finding: Finding, circumstance: Circumstance | None, suffix: str) -> Finding:
    """The finding with another suffix behind its resource's address, wherever the address is mentioned."""
    if circumstance is None or circumstance.suffix in ("", suffix):
        return finding
    old = circumstance.suffix

    def words(text: str) -> str:
        return text.replace(old, suffix)

    match = finding.match
    return replace(
        finding,
        match=replace(
            match,
            message=words(match.message),
            resource=words(match.resource),
            places=tuple(replace(place, note=words(place.note)) for place in match.places),
            remedy=words(match.remedy),
            principal=words(match.principal),
        ),
    )
