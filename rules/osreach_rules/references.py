"""The pages of documentation that the rules stand on."""

from __future__ import annotations

_GUIDE = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"

ACCESS_CONTROL = f"{_GUIDE}/ac.html"
COGNITO = f"{_GUIDE}/cognito-auth.html"
CREATE_DOMAIN = f"{_GUIDE}/createupdatedomains.html"
ENCRYPTION_AT_REST = f"{_GUIDE}/encryption-at-rest.html"
FINE_GRAINED = f"{_GUIDE}/fgac.html"
NODE_TO_NODE = f"{_GUIDE}/ntn.html"
RENAMED = f"{_GUIDE}/rename.html"
SERVERLESS_IDENTITIES = f"{_GUIDE}/security-iam-serverless.html"
SNAPSHOTS = f"{_GUIDE}/managedomains-snapshots.html"
VPC_ENDPOINTS = f"{_GUIDE}/vpc-interface-endpoints.html"
CROSS_CLUSTER_SEARCH = f"{_GUIDE}/cross-cluster-search.html"
MANAGED_POLICIES = f"{_GUIDE}/ac-managed.html"
SAML = f"{_GUIDE}/saml.html"
INDEXING = f"{_GUIDE}/indexing.html"
TOKENS = f"{_GUIDE}/JSON-Web-tokens.html"
IDENTITY_CENTER = f"{_GUIDE}/idc-aos.html"
VPC = f"{_GUIDE}/vpc.html"
ENDPOINT_OPTIONS = (
    "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html"
)
SECURITY_OPTIONS = (
    "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_AdvancedSecurityOptionsInput.html"
)

CONDITION = f"{_IAM}/reference_policies_elements_condition.html"
CONDITION_KEYS = f"{_IAM}/reference_policies_condition-keys.html"
CONDITION_OPERATORS = f"{_IAM}/reference_policies_elements_condition_operators.html"
CROSS_ACCOUNT = f"{_IAM}/reference_policies_evaluation-logic-cross-account.html"
NOT_PRINCIPAL = f"{_IAM}/reference_policies_elements_notprincipal.html"
PRINCIPAL = f"{_IAM}/reference_policies_elements_principal.html"
RESOURCE = f"{_IAM}/reference_policies_elements_resource.html"
ACTION = f"{_IAM}/reference_policies_elements_action.html"
DENY_AND_ALLOW = f"{_IAM}/reference_policies_evaluation-logic_policy-eval-denyallow.html"
NOT_ACTION = f"{_IAM}/reference_policies_elements_notaction.html"
NOT_RESOURCE = f"{_IAM}/reference_policies_elements_notresource.html"
PASS_ROLE = f"{_IAM}/id_roles_use_passrole.html"
VARIABLES = f"{_IAM}/reference_policies_variables.html"
VERSION = f"{_IAM}/reference_policies_elements_version.html"

SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/opensearch-controls.html"
SERVICE_AUTHORIZATION = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html"
)
RESOURCE_CONTROL = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"
SQL = "https://docs.opensearch.org/latest/sql-and-ppl/settings/"
ALIASES = "https://docs.opensearch.org/latest/api-reference/alias/create-alias/"
BULK = "https://docs.opensearch.org/latest/api-reference/document-apis/bulk/"
DELETE_BY_QUERY = "https://docs.opensearch.org/latest/api-reference/document-apis/delete-by-query/"
SEARCH = "https://docs.opensearch.org/latest/api-reference/search-apis/search/"
REINDEX = "https://docs.opensearch.org/latest/api-reference/document-apis/reindex/"
COUNT = "https://docs.opensearch.org/latest/api-reference/search-apis/count/"
CLUSTER_SETTINGS = "https://docs.opensearch.org/latest/api-reference/cluster-api/cluster-settings/"
TERRAFORM_DOMAIN = (
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain"
)

DYNAMIC_REFERENCE = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html"
)
CLUSTER_PROVIDER = "https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs"

_KEYS = "https://docs.aws.amazon.com/kms/latest/developerguide"
KEY_POLICY = f"{_KEYS}/key-policy-overview.html"
DEFAULT_KEY_POLICY = f"{_KEYS}/key-policy-default.html"
KEY_CONDITIONS = f"{_KEYS}/conditions-kms.html"
KEY_EVALUATION = f"{_KEYS}/policy-evaluation.html"
KEY_SERVICES = f"{_KEYS}/key-policy-services.html"
KEY_DELETION = f"{_KEYS}/deleting-keys.html"
KEY_ROTATION = f"{_KEYS}/rotate-keys.html"
BUCKET_ENCRYPTION = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
FORWARD_ACCESS = f"{_IAM}/access_forward_access_sessions.html"
MANY_VALUES = f"{_IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
SIMULATOR = f"{_IAM}/access_policies_testing-policies.html"

_CLUSTER = "https://docs.opensearch.org/latest/security/access-control"
ACTION_GROUPS = f"{_CLUSTER}/default-action-groups/"
DEFINED_ROLES = f"{_CLUSTER}/users-roles/#predefined-roles"
DOCUMENT_LEVEL = f"{_CLUSTER}/document-level-security/"
FIELD_LEVEL = f"{_CLUSTER}/field-level-security/"
FIELD_MASKING = f"{_CLUSTER}/field-masking/"
TENANTS = "https://docs.opensearch.org/latest/security/multi-tenancy/multi-tenancy-config/"
SYSTEM_INDEX = "https://docs.opensearch.org/latest/security/configuration/system-indices/"
ANONYMOUS = "https://docs.opensearch.org/latest/security/access-control/anonymous-authentication/"
MAPPING_API = f"{_CLUSTER}/api/"
PERMISSIONS = f"{_CLUSTER}/permissions/"
USERS_AND_ROLES = f"{_CLUSTER}/users-roles/"
FEDERATION = f"{_GUIDE}/application-enable-SAML-identity-federation.html"
FIREHOSE = "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html"
ROLE_MAPPING_RESOURCE = "https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs/resources/roles_mapping"

CONFUSED_DEPUTY = f"{_GUIDE}/cross-service-confused-deputy-prevention.html"
PIPELINE_DOMAINS = f"{_GUIDE}/pipeline-domain-access.html"
PIPELINE_COLLECTIONS = f"{_GUIDE}/pipeline-collection-access.html"
PIPELINE_SECURITY = f"{_GUIDE}/pipeline-security-overview.html"
PIPELINE_ACTIONS = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchingestion.html"
)
REGISTER_REPOSITORY = f"{_GUIDE}/managedomains-snapshot-registerdirectory.html"
DIRECT_QUERY = f"{_GUIDE}/direct-query-s3-creating.html"
APPLICATIONS = f"{_GUIDE}/idc-aos.html"
PUBLISH_LOGS = f"{_GUIDE}/createdomain-configure-slow-logs.html"
AUDIT_LOGS = f"{_GUIDE}/audit-logs.html"
SERVERLESS_DATA_ACCESS = f"{_GUIDE}/serverless-data-access.html"
SERVERLESS_NETWORK = f"{_GUIDE}/serverless-network.html"
SERVERLESS_SECURITY = f"{_GUIDE}/serverless-security.html"
SERVERLESS_VPC = f"{_GUIDE}/serverless-vpc.html"
SERVERLESS_ENCRYPTION = f"{_GUIDE}/serverless-encryption.html"
SERVERLESS_OPERATIONS = f"{_GUIDE}/serverless-genref.html"
SERVERLESS_SAML = f"{_GUIDE}/serverless-saml.html"
SERVERLESS_CENTER = f"{_GUIDE}/serverless-iam-identity-center.html"
SERVERLESS_CREATE = f"{_GUIDE}/serverless-create.html"
SERVERLESS_ACTIONS = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_opensearchserverless.html"
)
POLICY_TEMPLATES = (
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/"
    "serverless-policy-template-list.html"
)
CREATE_REPOSITORY = "https://docs.opensearch.org/latest/api-reference/snapshots/create-repository/"
TERRAFORM_STATE = "https://developer.hashicorp.com/terraform/language/manage-sensitive-data"
S3_BACKEND = "https://developer.hashicorp.com/terraform/language/backend/s3"
