"""What an action pattern means in the access policy of a domain."""

from __future__ import annotations

from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.iam.action import names_match
from osreach.iam.document import Terms
from osreach.truth import Truth

_CROSS_CLUSTER = "es:ESCrossClusterGet"


def covers(pattern: str, action: str) -> bool:
    """Whether the action pattern is known to match one action."""
    return names_match(pattern, action) is Truth.TRUE


def http_actions(actions: Terms) -> frozenset[str]:
    """The HTTP actions that the `Action` or `NotAction` element takes in."""
    listed = {action for action in HTTP_ACTIONS for term in actions.terms if covers(term.text, action)}
    return frozenset(HTTP_ACTIONS) - listed if actions.negated else frozenset(listed)


def reaches_endpoint(pattern: str) -> bool:
    """Whether the pattern takes in any action that a domain's access policy decides about.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    return any(covers(pattern, action) for action in (*HTTP_ACTIONS, _CROSS_CLUSTER))
