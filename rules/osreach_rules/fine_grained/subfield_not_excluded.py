"""Reports a role that hides a field but not what lies below it.

A text field that the cluster maps by itself has a subfield `keyword` with the
same value. A role that excludes the field only still shows it there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.opensearch.pattern import has_hole, is_wildcard, matches
from osreach.opensearch.role import is_excluded
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place, listed, own_roles
from osreach_rules.references import FIELD_LEVEL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission that excludes fields without their subfields; which fields have one is not known."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                hidden = tuple(field[1:] for field in permission.fields if is_excluded(field))
                if len(hidden) < len(permission.fields):
                    continue
                patterns = tuple(field for field in hidden if is_wildcard(field) or has_hole(field))
                exact = frozenset(hidden)
                bare = tuple(field for field in hidden if _is_bare(field, exact, patterns))
                if not bare:
                    continue
                name = analysis.words(declared.content.name)
                yield Match(
                    f"the role `{name}` hides {listed(analysis, bare)}, but not `{bare[0]}.keyword`",
                    declared.address,
                    (entry_place(analysis, declared, f"{permission.fields[0][0]}{bare[0]}", "the field"),),
                    confidence=Confidence.POSSIBLE,
                    principal=declared.content.name,
                )


def _is_bare(field: str, exact: frozenset[str], patterns: tuple[str, ...]) -> bool:
    """Whether a subfield of `field` is still shown; names that are not known hide what they may."""
    subfield = f"{field}.keyword"
    if has_hole(field) or field.endswith(".keyword") or subfield in exact:
        return False
    return all(matches(pattern, subfield) is Truth.FALSE for pattern in patterns)


RULE = Rule(
    "OSR242",
    "subfield-not-excluded",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FIELD_LEVEL,),
    remedy="exclude the subfields too, such as `~name*`",
)
