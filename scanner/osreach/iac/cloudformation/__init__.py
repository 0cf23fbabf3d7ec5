"""CloudFormation, SAM and CDK output: templates become resources."""
