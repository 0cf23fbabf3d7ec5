"""Reports that someone may send data into every pipeline.

`osis:Ingest` is what a client needs to push to a pipeline. On all pipelines it
lets a client for one kind of data write into the indexes of all others.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Term, Terms
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import all_administer_or_deploy
from osreach_rules.identity.statements import allows, first_covering, holders_words
from osreach_rules.references import PIPELINE_SECURITY

_INGEST = "osis:Ingest"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it on all pipelines, unless the code makes exactly one."""
    for held in allows(analysis):
        action = first_covering(held.statement.actions, (_INGEST,))
        resource = _every_pipeline(held.statement.resources)
        if action is None or resource is None or is_everything(action.text):
            continue
        if all_administer_or_deploy(held.policy.holders):
            continue
        pipelines = analysis.model.integrations.pipelines
        if sum(one.deployment == held.policy.deployment for one in pipelines) == 1:
            continue
        who = holders_words(held.policy.holders) or f"whoever gets `{held.policy.name}`"
        yield Match(
            f"{who} may send data into every pipeline",
            held.policy.name,
            (Place(held.place(resource), "every pipeline"), Place(held.place(action), "this action")),
            principal=held.policy.holders[0].address if held.policy.holders else held.policy.name,
        )


def _every_pipeline(resources: Terms | None) -> Term | None:
    if resources is None or resources.negated:
        return None
    return next(
        (
            term
            for term in resources.terms
            if is_everything(term.text) or term.text.rpartition(":")[2] in ("pipeline/*", "*")
        ),
        None,
    )


RULE = Rule(
    "OSR615",
    "ingest-into-any-pipeline",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(PIPELINE_SECURITY,),
    remedy="name the ARN of the pipeline",
)
