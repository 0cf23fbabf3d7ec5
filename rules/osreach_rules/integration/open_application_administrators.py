"""Reports an application of OpenSearch UI whose administrator is everyone.

`opensearchDashboards.dashboardAdmin.users` and `.groups` say who administers
the application. A value of `*` names every user who gets in.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import APPLICATIONS

_ADMINISTRATORS = "opensearchdashboards.dashboardadmin."


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such setting with `*` among its values."""
    for application in analysis.model.integrations.applications:
        for setting in application.settings:
            if not setting.key.lower().startswith(_ADMINISTRATORS):
                continue
            for text, location in setting.values:
                if text.strip() == "*":
                    yield Match(
                        f"every user administers `{application.address}`",
                        application.address,
                        (
                            Place(location, "the administrators"),
                            Place(application.location, "the application"),
                        ),
                        principal="*",
                    )


RULE = Rule(
    "OSR620",
    "open-application-administrators",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(APPLICATIONS,),
    remedy="list the users and groups that administer it",
)
