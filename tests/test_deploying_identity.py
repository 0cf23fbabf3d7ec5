"""Which expressions are the ARN of whoever deploys."""

from __future__ import annotations

import pytest

from osreach.extract.deploying import is_deploying_identity


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("data.aws_caller_identity.current.arn", True),
        ("data.aws_caller_identity.this[0].arn", True),
        ("data.aws_caller_identity.current.account_id", False),
        ("data.aws_iam_session_context.current.issuer_arn", False),
        ("var.arn", False),
    ],
)
def test_only_the_arn_of_the_caller_is_whoever_deploys(expression: str, *, expected: bool) -> None:
    assert is_deploying_identity(expression) is expected
