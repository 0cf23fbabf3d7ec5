"""Who can reach the data in an OpenSearch cluster, told from infrastructure code alone."""
