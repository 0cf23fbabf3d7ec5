"""Notes a grant for what stands below an index, without the index itself.

`movies/*` does not match `/movies`, so the grant lets nobody create the index,
look whether it exists, or delete it. That may be just what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import principal_of
from osreach.evaluate.domain import ask
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.indexes import IndexStatement, index_statements
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each `index/*` whose principal has nothing on the index itself."""
    for domain in analysis.domains:
        for grant in index_statements(domain, Effect.ALLOW):
            verbs = tuple(sorted(http_actions(grant.found.statement.actions)))
            if not verbs:
                continue
            for index in grant.indexes:
                if index.below and index.term.text.endswith("/*") and not _covered(grant, index.index, verbs):
                    yield Match(
                        f"this grant does not include the index `{index.index}` itself",
                        domain.address,
                        (Place(grant.place(index.term), "the resource"),),
                    )


def _covered(grant: IndexStatement, index: str, verbs: tuple[str, ...]) -> bool:
    principals = grant.found.statement.principals
    for term in principals.terms if principals is not None else ():
        principal = principal_of(term)
        if principal is None or ask(grant.found.domain, principal, actions=verbs, paths=(index,)) is not None:
            return True
    return False


RULE = Rule(
    "OSR128",
    "index-itself-not-covered",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="add the index without `/*` where creating it or asking for it is needed",
)
