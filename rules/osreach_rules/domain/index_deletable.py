"""Reports a Deny on what stands below an index that leaves the index itself.

`movies/*` matches documents and APIs of the index, not `DELETE /movies`, which
removes the whole index.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.domain import ask
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import (
    DELETE,
    allowing_term,
    callers_of,
    index_statements,
    unguarded_domains,
)
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each index whose content is denied and which can be deleted all the same."""
    for domain in unguarded_domains(analysis):
        for denial in index_statements(domain, Effect.DENY):
            for index in denial.indexes:
                if not index.below:
                    continue
                for caller in callers_of(domain):
                    witness = ask(domain, caller.principal, actions=DELETE, paths=(index.index,))
                    if witness is None:
                        continue
                    trail = [Place(denial.place(index.term), "this does not match the index itself")]
                    allowed = allowing_term(domain, witness)
                    if allowed is not None:
                        trail.append(Place(allowed, "deleting is allowed here"))
                    yield Match(
                        f"`{analysis.caller(caller.name, domain)}` can delete the index `{index.index}`",
                        domain.address,
                        tuple(trail),
                        witness=witness,
                        principal=analysis.caller(caller.name, domain),
                        remedy=f"deny `{index.index}*`, and mind that names beginning alike are denied too",
                    )
                    break


RULE = Rule(
    "OSR127",
    "index-deletable",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="deny the index with a `*` directly behind its name",
)
