"""Reports an index whose name tells something about a person.

Names of indexes are no secret: SQL answers differently for an index that is not
there and one that is forbidden, so that names can be tried out, and logs and
metrics show them. Keep e-mail addresses and numbers of people out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osreach.analysis import Analysis
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.resources import domain_resource
from osreach_rules.fine_grained.content import entry_place, own_roles
from osreach_rules.references import FINE_GRAINED, INDEXING

_MAIL = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)
_SOCIAL_SECURITY = re.compile(r"(?<![0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9]{15,16}(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Named:
    """An index or a pattern of indexes, and where it is named."""

    resource: str
    name: str
    place: Location


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each name with an e-mail address, a social security number or a card number in it."""
    for one in (*_in_policies(analysis), *_in_roles(analysis), *_of_clients(analysis)):
        what = _tells(one.name)
        if what:
            yield Match(
                f"the name of an index holds {what}",
                one.resource,
                (Place(one.place, "the index"),),
                principal=one.resource,
            )


def _tells(name: str) -> str:
    """What the name tells about a person, empty where nothing."""
    if _MAIL.search(name):
        return "an e-mail address"
    if _SOCIAL_SECURITY.search(name):
        return "what looks like a social security number"
    if any(_is_card(found[0]) for found in _CARD.finditer(name)):
        return "what looks like the number of a card"
    return ""


def _is_card(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn)."""
    total = 0
    for number, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if number % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and len(set(digits)) > 1


def _in_policies(analysis: Analysis) -> Iterator[_Named]:
    for found in analysis.statements:
        resources = found.statement.resources
        for term in resources.terms if resources is not None else ():
            parts = domain_resource(term.text)
            if parts is not None and parts.index:
                yield _Named(found.domain.address, parts.index, term.location or found.location)


def _in_roles(analysis: Analysis) -> Iterator[_Named]:
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                for pattern in permission.patterns:
                    if _tells(pattern):
                        place = entry_place(analysis, declared, pattern, "the index")
                        yield _Named(declared.address, pattern, place.location)


def _of_clients(analysis: Analysis) -> Iterator[_Named]:
    for client in analysis.model.integrations.clients:
        yield _Named(client.address, client.destination.index, client.destination.location)


RULE = Rule(
    "OSR253",
    "telling-index-name",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, INDEXING),
    remedy="name the index by something that says nothing about a person, and keep that in its documents",
)
