"""Notes a role that masks fields with the standard mask, over which aggregations are inaccurate.

The service puts a random hash in place of the value. Charts and aggregations over
the field then say nothing. A mask that is written as a pattern leaves the parts of
the value that are to be grouped by.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.role import IndexPermission, is_excluded
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import entry_place, listed, own_roles
from osreach_rules.references import FIELD_MASKING, FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission of a domain's role that masks fields so."""
    for content in analysis.clusters:
        for declared in own_roles(content) if content.domain is not None else ():
            for permission in declared.content.index_permissions:
                fields = _standard(permission)
                if fields:
                    name = analysis.words(declared.content.name)
                    yield Match(
                        f"the role `{name}` sees random hashes in {listed(analysis, fields)}, over which "
                        "aggregations are inaccurate",
                        declared.address,
                        (entry_place(analysis, declared, fields[0], "the standard mask"),),
                        principal=declared.content.name,
                    )


def _standard(permission: IndexPermission) -> tuple[str, ...]:
    """The fields with the standard mask, without those that are hidden altogether."""
    hidden = frozenset(field[1:] for field in permission.fields if is_excluded(field))
    return tuple(
        field
        for field in permission.masked_fields
        if "::" not in field and field not in hidden and not has_hole(field)
    )


RULE = Rule(
    "OSR256",
    "random-mask",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, FIELD_MASKING),
    remedy="mask with a pattern where the field is aggregated, such as `city::/(?<=.{2})./::*`",
)
