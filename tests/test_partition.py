"""The partition of a deployment, told by the ARNs that it writes with its own region and account."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.analysis import WANTED, analyse
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.iam.hole import has_hole

TEMPLATE = """
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: logs
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: es:ESHttpGet
            Resource: !Sub "RESOURCE"
"""


@pytest.mark.parametrize(
    ("resource", "partition"),
    [
        ("arn:aws:es:${AWS::Region}:${AWS::AccountId}:domain/logs/*", "aws"),
        ("arn:aws-cn:es:eu-west-1:${AWS::AccountId}:domain/logs/*", "aws-cn"),
        ("arn:aws-cn:es:${AWS::Region}:${AWS::AccountId}:domain/logs/*", "aws-cn"),
        ("arn:aws:es:${AWS::Region}:123456789012:domain/logs/*", None),
        ("arn:${AWS::Partition}:es:${AWS::Region}:${AWS::AccountId}:domain/logs/*", None),
    ],
)
def test_an_arn_with_the_own_region_and_account_tells_the_partition(
    tmp_path: Path, resource: str, partition: str | None
) -> None:
    (tmp_path / "stack.yaml").write_text(TEMPLATE.replace("RESOURCE", resource))
    model = analyse(read_code(["."], Inputs(), WANTED, root=str(tmp_path))).model
    (domain,) = model.domains
    if partition is None:
        assert has_hole(domain.partition)
    else:
        assert domain.partition == partition
