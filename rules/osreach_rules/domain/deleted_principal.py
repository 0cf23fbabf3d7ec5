"""Reports an access policy that names a deleted role or user by its unique id.

When a principal is deleted, the policy keeps its id, `AROA...` or `AIDA...`. A
new role of the same name has another id and is not meant: the entry lets nobody
in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import PRINCIPAL

_UNIQUE_ID = re.compile(r"A(?:ROA|IDA)[A-Z0-9]+")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each unique id among the principals of an access policy."""
    for found in analysis.statements:
        for term in found.statement.principals.terms if found.statement.principals else ():
            if _UNIQUE_ID.fullmatch(term.text):
                yield Match(
                    f"`{term.text}` is the id of a principal that was deleted",
                    found.domain.address,
                    (Place(term.location or found.location, "the principal"),),
                    principal=term.text,
                )


RULE = Rule(
    "OSR138",
    "deleted-principal",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(PRINCIPAL,),
    remedy="write the ARN of the principal",
)
