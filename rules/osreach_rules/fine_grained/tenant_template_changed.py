"""Reports an index template for the indexes in which Dashboards keeps its tenants.

The template `tenant_template` is the service's own; the documentation asks not
to delete or change it. A template of one's own for the same indexes takes its
place.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED, TENANTS

_NAME = "tenant_template"
_OF_TENANTS = (".kibana", ".opensearch_dashboards", _NAME)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each template that bears the name or is for indexes of tenants."""
    for content in analysis.clusters:
        for declared in content.templates:
            pattern = next((one for one in declared.content if one.startswith(_OF_TENANTS)), None)
            named = declared.address.rpartition(".")[2].partition("[")[0] == _NAME
            if pattern is None and not named:
                continue
            what = f"`{pattern}`" if pattern is not None else f"`{_NAME}`"
            yield Match(
                f"`{declared.address}` changes how Dashboards keeps its tenants ({what})",
                declared.address,
                (Place(declared.location, "the template"),),
            )


RULE = Rule(
    "OSR245",
    "tenant-template-changed",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, TENANTS),
    remedy="remove the template",
)
