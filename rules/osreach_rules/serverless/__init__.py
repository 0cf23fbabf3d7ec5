"""Rules about OpenSearch Serverless."""
