"""Keys whose ARN nobody knows before they are made, and what the code tells of where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.analysis import WANTED, Analysis, analyse
from osreach.evaluate.effective import Outcome
from osreach.evaluate.key_use import best_access, encrypted_buckets, encrypted_domains
from osreach.evaluate.level import DECRYPT
from osreach.evaluate.standing import standings_of
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

KEY = """
resource "aws_kms_key" "search" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:%s:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
resource "aws_kms_alias" "search" {
  name          = "alias/search"
  target_key_id = aws_kms_key.search.key_id
}
resource "aws_iam_user" "reader" {
  name = "reader"
}
resource "aws_iam_user_policy" "reader" {
  user   = aws_iam_user.reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.search.arn }]
  })
}
variable "partition" {
  type = string
}
"""


def analysis_of(folder: Path, text: str) -> Analysis:
    path = folder / "main.tf"
    path.write_text(text)
    return analyse(read_code([str(path)], Inputs(), WANTED))


@pytest.mark.parametrize(
    ("partition", "outcome"),
    [
        ("aws", Outcome.ALLOWED),
        ("aws-cn", Outcome.ALLOWED),
        ("${data.aws_partition.current.partition}", Outcome.ALLOWED),
        ("${var.partition}", Outcome.UNKNOWN),
    ],
)
def test_the_account_of_the_provider_is_in_the_partition_that_an_arn_with_it_names(
    tmp_path: Path, partition: str, outcome: Outcome
) -> None:
    model = analysis_of(tmp_path, KEY % partition).model
    (key,) = model.keys
    (reader,) = standings_of(model)
    assert best_access(reader, key, DECRYPT, model, key.documents).outcome is outcome


def test_partitions_that_contradict_each_other_tell_nothing(tmp_path: Path) -> None:
    other = 'resource "aws_iam_role" "x" {\n  name = "x"\n  assume_role_policy = jsonencode({ Statement = [{'
    other += ' Effect = "Allow", Action = "sts:AssumeRole", Principal = {'
    other += ' AWS = "arn:aws-cn:iam::${data.aws_caller_identity.current.account_id}:root" } }] })\n}\n'
    model = analysis_of(tmp_path, KEY % "aws" + other).model
    (key,) = model.keys
    reader = next(one for one in standings_of(model) if one.name == "aws_iam_user.reader")
    assert best_access(reader, key, DECRYPT, model, key.documents).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("aws_kms_key.search.arn", ["aws_kms_key.search"]),
        ("aws_kms_key.search.key_id", ["aws_kms_key.search"]),
        ("aws_kms_alias.search.arn", ["aws_kms_key.search"]),
        ('"alias/search"', ["aws_kms_key.search"]),
        ("var.key", []),
    ],
)
def test_a_key_is_found_by_whatever_names_it(tmp_path: Path, name: str, found: list[str]) -> None:
    domain = f"""
resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
  encrypt_at_rest {{
    enabled    = true
    kms_key_id = {name}
  }}
}}
resource "aws_s3_bucket" "reports" {{
  bucket = "reports"
}}
resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {{
  bucket = aws_s3_bucket.reports.id
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm     = "aws:kms"
      kms_master_key_id = {name}
    }}
  }}
}}
"""
    model = analysis_of(tmp_path, KEY % "aws" + 'variable "key" {\n  type = string\n}\n' + domain).model
    assert [key.address for _, key in encrypted_domains(model)] == found
    assert [key.address for _, key in encrypted_buckets(model)] == found
