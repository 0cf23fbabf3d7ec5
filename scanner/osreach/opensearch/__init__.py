"""The permission language inside a cluster: who may do which action on which index, document and field.

This is what fine-grained access control executes after the network and the
domain's access policy have let a request through. The package knows roles,
mappings, users, action groups and the REST API; it knows nothing of
infrastructure code, of IAM or of where a role was written down.

Sources: https://docs.opensearch.org/latest/security/access-control/index/,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
and the published source of the Security plugin.
"""
