"""Which roles workloads run as."""

from __future__ import annotations

import re

from osreach.access.identity import Identity, IdentityKind
from osreach.access.workload import Workload
from osreach.analysis import Analysis
from osreach.iam.document import PrincipalKind
from osreach_rules.identity.people import administers_or_deploys

_SERVICES = frozenset(
    {
        "apprunner.amazonaws.com",
        "batch.amazonaws.com",
        "ec2.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "glue.amazonaws.com",
        "iot.amazonaws.com",
        "lambda.amazonaws.com",
        "osis-pipelines.amazonaws.com",
        "pods.eks.amazonaws.com",
        "states.amazonaws.com",
        "tasks.apprunner.amazonaws.com",
    }
)
_PODS = re.compile(r":oidc-provider/oidc\.eks\.")
_SETS_UP = re.compile(r"bootstrap|config|init|setup|migrat|backup|snapshot|curator|manag", re.IGNORECASE)
_NO_WORKLOADS = frozenset({"cognito-identity.amazonaws.com", "firehose.amazonaws.com"})
"""Delivery streams, and people who log in to Dashboards: other matters."""


def is_workload(analysis: Analysis, identity: Identity) -> bool:
    """Whether an identity is a role that a workload of the code, or a service for workloads, runs as.

    Roles for deployments and administrators are none, nor those whose name says
    that they set something up.
    """
    if identity.kind is not IdentityKind.ROLE or not identity.defined or administers_or_deploys(identity):
        return False
    if _SETS_UP.search(identity.name) or _SETS_UP.search(identity.address.rpartition(".")[2]):
        return False
    return _is_trusted_by_services(identity) or runs_as(analysis, identity) is not None


def runs_as(analysis: Analysis, identity: Identity) -> Workload | None:
    """A workload of the code that runs as the role."""
    return next(
        (
            one
            for one in analysis.model.workloads
            if one.deployment == identity.deployment
            and one.role in (identity.arn, identity.name)
            and one.service not in _NO_WORKLOADS
        ),
        None,
    )


def _is_trusted_by_services(identity: Identity) -> bool:
    return any(
        (term.kind is PrincipalKind.SERVICE and term.text in _SERVICES) or _PODS.search(term.text) is not None
        for policy in identity.trust
        for statement in policy.document.statements
        for term in (statement.principals.terms if statement.principals else ())
    )
