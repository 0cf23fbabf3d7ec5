"""The pages of documentation that the rules stand on."""

from __future__ import annotations

_GUIDE = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"

ACCESS_CONTROL = f"{_GUIDE}/ac.html"
CREATE_DOMAIN = f"{_GUIDE}/createupdatedomains.html"
ENCRYPTION_AT_REST = f"{_GUIDE}/encryption-at-rest.html"
FINE_GRAINED = f"{_GUIDE}/fgac.html"
NODE_TO_NODE = f"{_GUIDE}/ntn.html"
SAML = f"{_GUIDE}/saml.html"
VPC = f"{_GUIDE}/vpc.html"
ENDPOINT_OPTIONS = (
    "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html"
)

CONDITION_KEYS = f"{_IAM}/reference_policies_condition-keys.html"
CONDITION_OPERATORS = f"{_IAM}/reference_policies_elements_condition_operators.html"
CROSS_ACCOUNT = f"{_IAM}/reference_policies_evaluation-logic-cross-account.html"
NOT_PRINCIPAL = f"{_IAM}/reference_policies_elements_notprincipal.html"
PRINCIPAL = f"{_IAM}/reference_policies_elements_principal.html"
RESOURCE = f"{_IAM}/reference_policies_elements_resource.html"
VERSION = f"{_IAM}/reference_policies_elements_version.html"

SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/opensearch-controls.html"
SQL = "https://docs.opensearch.org/latest/sql-and-ppl/settings/"
BULK = "https://docs.opensearch.org/latest/api-reference/document-apis/bulk/"
DELETE_BY_QUERY = "https://docs.opensearch.org/latest/api-reference/document-apis/delete-by-query/"
TERRAFORM_DOMAIN = (
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain"
)
