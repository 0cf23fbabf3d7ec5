"""Reports credentials in the body of a pipeline.

Everyone who may read the pipeline or the code sees them, and they stay the same
in every copy. A pipeline signs its requests as its role, and takes passwords of
other systems from Secrets Manager: `${{aws_secrets:name:key}}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import PIPELINE_SECURITY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each value of a secret setting that refers to no secret kept elsewhere."""
    for pipeline in analysis.model.integrations.pipelines:
        for credential in pipeline.credentials:
            possible = credential.unknown is not None and not credential.unknown.resource
            yield Match(
                f"`{credential.name}` stands in the body of `{pipeline.address}`",
                pipeline.address,
                (
                    Place(credential.location, "the value", secret=credential.unknown is None),
                    Place(pipeline.location, "the pipeline"),
                ),
                confidence=Confidence.POSSIBLE if possible else Confidence.CERTAIN,
            )


RULE = Rule(
    "OSR614",
    "pipeline-credentials",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(PIPELINE_SECURITY,),
    remedy="use the pipeline's role, or a reference `${{aws_secrets:name:key}}`",
)
