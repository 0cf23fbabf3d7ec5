"""Functions of Lambda whose environment names a cluster, and the policy templates of SAM that are about one.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/integrations.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.integration import ClientKind, DestinationKind, Direction, PolicyTemplate, SearchClient
from osreach.extract.integration.destination import Named, destination
from osreach.extract.integration.named import setting, words
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Object

_SERVERLESS = "AWS::Serverless::Function"

TYPES = frozenset(
    {"aws_lambda_function", "awscc_lambda_function", "AWS::Lambda::Function", _SERVERLESS},
)
"""The types that are functions."""

_TEMPLATE = "ElasticsearchHttpPostPolicy"
_WORDS = ("functionname", "handler", "description")


def read_function(resource: Resource, known: Named, holes: Holes) -> Iterator[SearchClient]:
    """Each domain or collection whose endpoint or ARN stands in the environment, once."""
    variables = setting(resource, "environment.variables")
    if variables is None or not isinstance(variables.data, Object):
        return
    seen: set[tuple[str, str]] = set()
    role = setting(resource, "role")
    for value in variables.data.entries.values():
        found = destination(value, resource, known, holes)
        named = (found.address, "" if found.address else found.text)
        if found.kind is DestinationKind.UNKNOWN or named in seen:
            continue
        seen.add(named)
        yield SearchClient(
            address=resource.address,
            deployment=resource.deployment,
            kind=ClientKind.FUNCTION,
            service="lambda.amazonaws.com",
            direction=Direction.EITHER,
            role=words(role, holes),
            role_location=role.location if role is not None else resource.location,
            destination=found,
            location=resource.location,
        )


def read_templates(resource: Resource, holes: Holes) -> Iterator[PolicyTemplate]:
    """The template for domains among the policies of a function of SAM."""
    policies = setting(resource, "policies") if resource.type == _SERVERLESS else None
    for policy in policies.items if policies is not None else ():
        template = policy.get(_TEMPLATE) if isinstance(policy.data, Object) else None
        if template is None:
            continue
        written = (words(setting(resource, name), holes) for name in _WORDS)
        yield PolicyTemplate(
            resource.address,
            resource.deployment,
            _TEMPLATE,
            words(template.get("DomainName"), holes),
            (resource.plain_address, *(text for text in written if text)),
            template.location,
        )
