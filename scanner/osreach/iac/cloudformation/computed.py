"""What `Ref` and `Fn::GetAtt` give for a resource, as far as it follows from what is written.

An ARN is a pattern of partition, region, account and a name; whatever of these
is not known stays unknown, the rest is known. Source: "Return values" of each
resource, https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
and https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# `{Name}` is a property, or an unknown where it is not written; `{Name|text}` is
# `text` where it is not written; `{!Name}` is never known before the deployment;
# `{@Name}` is the address in a property without its scheme, `https://`;
# `{account}`, `{region}` and `{partition}` are where the stack is deployed.
# `Ref` stands for the function of that name.
_DOMAIN = {
    "Ref": "{DomainName}",
    "Arn": "arn:{partition}:es:{region}:{account}:domain/{DomainName}",
    "DomainArn": "arn:{partition}:es:{region}:{account}:domain/{DomainName}",
    "Id": "{account}/{DomainName}",
    "DomainEndpoint": "{!DomainEndpoint}",
}
_ROLE = {"Ref": "{RoleName}", "Arn": "arn:{partition}:iam::{account}:role{Path|/}{RoleName}"}
_KEY = {
    "Ref": "{!KeyId}",
    "KeyId": "{!KeyId}",
    "Arn": "arn:{partition}:kms:{region}:{account}:key/{!KeyId}",
}
_OIDC = "arn:{partition}:iam::{account}:oidc-provider/{@Url}"
_FUNCTION = {
    "Ref": "{FunctionName}",
    "Arn": "arn:{partition}:lambda:{region}:{account}:function:{FunctionName}",
}
_TABLE = {
    "Ref": "{TableName}",
    "Arn": "arn:{partition}:dynamodb:{region}:{account}:table/{TableName}",
}

_PATTERNS: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::OpenSearchService::Domain": _DOMAIN,
    "AWS::Elasticsearch::Domain": _DOMAIN,
    "AWS::OpenSearchServerless::Collection": {
        "Ref": "{!Id}",
        "Id": "{!Id}",
        "Arn": "arn:{partition}:aoss:{region}:{account}:collection/{!Id}",
        "CollectionEndpoint": "https://{!Id}.{region}.aoss.amazonaws.com",
        "DashboardEndpoint": "https://{!Id}.{region}.aoss.amazonaws.com/_dashboards",
    },
    "AWS::OpenSearchServerless::VpcEndpoint": {"Ref": "{!Id}", "Id": "{!Id}"},
    "AWS::OpenSearchServerless::SecurityConfig": {
        "Ref": "{Type}/{account}/{Name}",
        "Id": "{Type}/{account}/{Name}",
    },
    "AWS::OSIS::Pipeline": {
        "Ref": "arn:{partition}:osis:{region}:{account}:pipeline/{PipelineName}",
        "PipelineArn": "arn:{partition}:osis:{region}:{account}:pipeline/{PipelineName}",
    },
    "AWS::IAM::Role": _ROLE,
    "AWS::IAM::User": {
        "Ref": "{UserName}",
        "Arn": "arn:{partition}:iam::{account}:user{Path|/}{UserName}",
    },
    "AWS::IAM::Group": {
        "Ref": "{GroupName}",
        "Arn": "arn:{partition}:iam::{account}:group{Path|/}{GroupName}",
    },
    "AWS::IAM::ManagedPolicy": {
        "Ref": "arn:{partition}:iam::{account}:policy{Path|/}{ManagedPolicyName}",
        "PolicyArn": "arn:{partition}:iam::{account}:policy{Path|/}{ManagedPolicyName}",
    },
    "AWS::IAM::InstanceProfile": {
        "Ref": "{InstanceProfileName}",
        "Arn": "arn:{partition}:iam::{account}:instance-profile{Path|/}{InstanceProfileName}",
    },
    "AWS::IAM::OIDCProvider": {"Ref": _OIDC, "Arn": _OIDC},
    "AWS::IAM::SAMLProvider": {
        "Ref": "arn:{partition}:iam::{account}:saml-provider/{Name}",
        "Arn": "arn:{partition}:iam::{account}:saml-provider/{Name}",
    },
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _KEY,
    "AWS::KMS::Alias": {"Ref": "{AliasName}"},
    "AWS::S3::Bucket": {
        "Ref": "{BucketName}",
        "Arn": "arn:{partition}:s3:::{BucketName}",
        "DomainName": "{BucketName}.s3.amazonaws.com",
    },
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::SNS::Topic": {
        "Ref": "arn:{partition}:sns:{region}:{account}:{TopicName}",
        "TopicArn": "arn:{partition}:sns:{region}:{account}:{TopicName}",
        "TopicName": "{TopicName}",
    },
    "AWS::SQS::Queue": {
        "Ref": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}",
        "QueueUrl": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}",
        "Arn": "arn:{partition}:sqs:{region}:{account}:{QueueName}",
        "QueueName": "{QueueName}",
    },
    "AWS::Logs::LogGroup": {
        "Ref": "{LogGroupName}",
        "Arn": "arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:*",
    },
    "AWS::KinesisFirehose::DeliveryStream": {
        "Ref": "{DeliveryStreamName}",
        "Arn": "arn:{partition}:firehose:{region}:{account}:deliverystream/{DeliveryStreamName}",
    },
    "AWS::Kinesis::Stream": {
        "Ref": "{Name}",
        "Arn": "arn:{partition}:kinesis:{region}:{account}:stream/{Name}",
    },
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::Cognito::UserPool": {
        "Ref": "{!UserPoolId}",
        "UserPoolId": "{!UserPoolId}",
        "Arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{!UserPoolId}",
    },
    "AWS::Cognito::IdentityPool": {"Ref": "{!Id}", "Id": "{!Id}"},
    "AWS::StepFunctions::StateMachine": {
        "Ref": "arn:{partition}:states:{region}:{account}:stateMachine:{StateMachineName}",
        "Arn": "arn:{partition}:states:{region}:{account}:stateMachine:{StateMachineName}",
        "Name": "{StateMachineName}",
    },
    "AWS::EC2::SecurityGroup": {"Ref": "{!GroupId}", "GroupId": "{!GroupId}", "Id": "{!GroupId}"},
    "AWS::EC2::VPC": {"Ref": "{!VpcId}", "VpcId": "{!VpcId}", "CidrBlock": "{CidrBlock}"},
    "AWS::EC2::Subnet": {"Ref": "{!SubnetId}", "SubnetId": "{!SubnetId}", "CidrBlock": "{CidrBlock}"},
    "AWS::EC2::VPCEndpoint": {"Ref": "{!Id}", "Id": "{!Id}"},
}

FIELD: Final = re.compile(r"\{(?P<never>!?)(?P<host>@?)(?P<name>\w+)(?:\|(?P<default>[^}]*))?\}")
"""A part of a pattern that is not the same for every resource."""

PSEUDO: Final[Mapping[str, str]] = {
    "account": "AWS::AccountId",
    "region": "AWS::Region",
    "partition": "AWS::Partition",
}
"""The pseudo parameters that patterns use."""


def pattern(kind: str, attribute: str) -> str | None:
    """The pattern of an attribute, or of `Ref`; None where nothing of it is known."""
    return _PATTERNS.get(kind, {}).get(attribute)


def own_arn(kind: str) -> str | None:
    """The attribute that is the ARN of a resource of this type, None where none is known."""
    known = _PATTERNS.get(kind, {})
    return next((name for name in ("Arn", "PolicyArn", "TopicArn", "PipelineArn") if name in known), None)
