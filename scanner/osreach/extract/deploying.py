"""Values that stand for the identity that deploys the code."""

from __future__ import annotations

import re

_CALLER = re.compile(r"data\.aws_caller_identity\.[\w-]+(?:\[[^\]]*\])?\.arn")


def is_deploying_identity(expression: str) -> bool:
    """Whether an expression is the ARN of whoever deploys: the session's, where that is a role.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
    """
    return _CALLER.fullmatch(expression) is not None
