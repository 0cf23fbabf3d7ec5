"""The policy languages of OpenSearch Serverless: encryption, network, data access and lifecycle policies.

They decide beside IAM who reaches a collection and its indexes. The package
knows what their JSON says and what it means for a request; it knows nothing of
infrastructure code, of IAM or of where a policy was written down.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html and
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
"""
