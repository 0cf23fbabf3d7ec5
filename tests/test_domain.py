"""Domains as the access model has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.analysis import analyse
from terraform_project import read

DOMAIN = """
variable "anyone" { default = false }
data "aws_iam_policy_document" "access" {
  count = var.anyone ? 1 : 0
  statement {
    actions   = ["es:ESHttpGet"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "aws_opensearch_domain" "logs" {
  domain_name     = "logs"
  access_policies = %s
}
"""


@pytest.mark.parametrize("text", ['""', 'join("", data.aws_iam_policy_document.access[*].json)', "null"])
def test_an_empty_text_is_no_access_policy(text: str, tmp_path: Path) -> None:
    analysis = analyse(read(tmp_path, DOMAIN % text))
    assert [domain.policies for domain in analysis.domains] == [()]
    assert (analysis.problems, analysis.reading.problems) == ((), ())


def test_a_blank_text_is_an_access_policy_that_cannot_be_read(tmp_path: Path) -> None:
    analysis = analyse(read(tmp_path, DOMAIN % '" "'))
    assert [[policy.document is None for policy in domain.policies] for domain in analysis.domains] == [
        [True]
    ]
    assert [problem.message for problem in analysis.problems] == [
        "`access_policies` is not valid JSON: it is empty"
    ]
