"""Notes a collection that one call deletes with all its data.

With deletion protection a collection has to be changed before it can be deleted.
It is off where nothing is written. Which releases of Terraform's provider take
the setting is not documented everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_CREATE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each collection without deletion protection."""
    for collection in analysis.serverless.collections:
        setting = collection.deletion_protection
        if collection.defined and setting.is_certainly("DISABLED"):
            yield Match(
                f"`{collection.address}` can be deleted with all its data, because nothing protects it",
                collection.address,
                (Place(setting.location, "deletion protection is off"),),
                confidence=Confidence.CERTAIN if setting.written else Confidence.POSSIBLE,
            )


RULE = Rule(
    "OSR350",
    "deletable-collection",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_CREATE,),
    remedy="enable deletion protection",
)
