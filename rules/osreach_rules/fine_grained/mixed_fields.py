"""Reports a role that includes some fields and excludes others.

The two cannot be mixed: the cluster takes both together, so that fields are
missing which the role means to show.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.role import is_excluded
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import entry_place, own_roles
from osreach_rules.references import FIELD_LEVEL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission with both kinds of fields."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                known = [field for field in permission.fields if not has_hole(field[:1])]
                excluded = next((field for field in known if is_excluded(field)), None)
                included = next((field for field in known if not is_excluded(field)), None)
                if excluded is None or included is None:
                    continue
                name = analysis.words(declared.content.name)
                yield Match(
                    f"the role `{name}` includes `{included}` and excludes `{excluded[1:]}` on the same indexes",
                    declared.address,
                    (
                        entry_place(analysis, declared, excluded, "excluded"),
                        entry_place(analysis, declared, included, "included"),
                    ),
                    principal=declared.content.name,
                )


RULE = Rule(
    "OSR241",
    "mixed-fields",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FIELD_LEVEL,),
    remedy="list the fields to show, or those to hide, not both",
)
