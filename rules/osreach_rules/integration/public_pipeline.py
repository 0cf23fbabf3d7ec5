"""Reports a pipeline that takes data from the internet.

A pipeline with a source that clients push to has an endpoint. Without VPC
options it is public: whoever gets credentials with `osis:Ingest` can send data
into the index from anywhere. Sources that the pipeline pulls from have no
endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.references import PIPELINE_SECURITY

_PUSHED_TO = frozenset(
    {"http", "otlp", "otel_logs_source", "otel_metrics_source", "otel_trace_source", "otel_telemetry_source"}
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each pipeline with such a source and without VPC options."""
    for pipeline in analysis.model.integrations.pipelines:
        source = next((one for one in pipeline.sources if one.plugin in _PUSHED_TO), None)
        if source is None or isinstance(pipeline.in_vpc.value, Unknown) or pipeline.in_vpc.value:
            continue
        yield Match(
            f"`{pipeline.address}` takes data from clients on a public endpoint",
            pipeline.address,
            (
                Place(pipeline.in_vpc.location, "it has no VPC options"),
                Place(source.location, "clients push to this source"),
            ),
        )


RULE = Rule(
    "OSR613",
    "public-pipeline",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(PIPELINE_SECURITY,),
    remedy="give the pipeline subnets and security groups in its VPC options",
)
