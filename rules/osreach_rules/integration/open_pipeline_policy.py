"""Reports a pipeline whose resource policy lets anyone send data.

The resource policy of a pipeline says who of other accounts may use it. One
that names everyone, and asks for nothing that only some have, lets every
account write into the index behind the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import is_anyone
from osreach.iam.document import Effect, Quantifier, Statement
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import PIPELINE_ACTIONS, PIPELINE_SECURITY

_LIMITS = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:userid",
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for everyone in such a policy."""
    for pipeline in analysis.model.integrations.pipelines:
        if pipeline.policy is None:
            continue
        for statement in pipeline.policy.document.statements:
            if statement.effect is Effect.ALLOW and _names_everyone(statement) and not _is_limited(statement):
                yield Match(
                    f"anyone may use `{pipeline.address}` by its resource policy",
                    pipeline.address,
                    (
                        Place(statement.location or pipeline.policy.location, "the statement"),
                        Place(pipeline.location, "the pipeline"),
                    ),
                    principal="*",
                )


def _names_everyone(statement: Statement) -> bool:
    principals = statement.principals
    return principals is not None and (principals.negated or any(map(is_anyone, principals.terms)))


def _is_limited(statement: Statement) -> bool:
    if statement.conditions_unknown:
        return True
    return any(
        condition.key.lower() in _LIMITS
        and "Not" not in condition.operator
        and not condition.if_exists
        and condition.quantifier is not Quantifier.FOR_ALL_VALUES
        and all(value.text.strip("*") for value in condition.values)
        for condition in statement.conditions
    )


RULE = Rule(
    "OSR616",
    "open-pipeline-policy",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(PIPELINE_ACTIONS, PIPELINE_SECURITY),
    remedy="name the roles or accounts that send data",
)
