"""Reports a role for deliveries that can do more to domains than deliver.

A delivery stream writes documents and reads a few settings; it deletes nothing.
With `es:*` or all HTTP verbs, whoever can change the stream, or takes the role,
can do the same. Rules of IoT, migrations and resolvers need their own verbs
only. Requests to every domain are reported for any holder by
`every-domain-readable`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.integration import ClientKind, DestinationKind, Direction
from osreach.analysis import Analysis
from osreach.evaluate.integration import role_of
from osreach.iam.document import Statement, Terms
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.identity.statements import is_every_domain
from osreach_rules.integration.roles import allows_of, place_of
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import FINE_GRAINED, FIREHOSE

_WRITERS = frozenset({ClientKind.DELIVERY, ClientKind.TOPIC_RULE})
"""Those that never delete; a pipeline may, and its page allows it all verbs on its own domain."""

_DELETE = "es:ESHttpDelete"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of the role of a client that takes in a verb too many."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    seen: set[tuple[str, ClientKind]] = set()
    for client in analysis.model.integrations.clients:
        role = role_of(client, analysis.model)
        if role is None or client.destination.kind is DestinationKind.COLLECTION:
            continue
        if (role.key, client.kind) in seen:
            continue
        seen.add((role.key, client.kind))
        for policy, statement in allows_of(role):
            reason = _excess(statement, deletes=client.kind not in _WRITERS)
            if reason is None:
                continue
            does = "write to it" if client.direction is Direction.WRITES else "use it"
            yield Match(
                f"`{role.address}` {reason}, more than `{client.address}` needs to {does}",
                role.address,
                (
                    Place(_place(statement) or place_of(policy, statement), "it is allowed here"),
                    Place(client.role_location, f"the role of the {client.kind.value}"),
                ),
                severity=None if client.kind is ClientKind.DELIVERY else Severity.LOW,
                principal=role.address,
            )


def _excess(statement: Statement, *, deletes: bool) -> str | None:
    """What the statement allows beyond the need, in words."""
    actions = statement.actions
    if actions.negated or statement.resources is None or statement.resources.negated:
        return None
    verbs = http_actions(actions)
    if not verbs:
        return None
    if any(is_every_domain(term.text) for term in statement.resources.terms):
        return None  # that is another rule's finding, whoever holds it
    if any(term.text.lower() in ("es:*", "*") for term in actions.terms):
        return "can do everything to the domain"
    if _DELETE in verbs and not deletes:
        return "can delete indexes of the domain"
    return None


def _place(statement: Statement) -> Location | None:
    """Where the first action that is a request stands."""
    return next((term.location for term in statement.actions.terms if http_actions(Terms((term,)))), None)


RULE = Rule(
    "OSR608",
    "overprivileged-client",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FIREHOSE, FINE_GRAINED),
    remedy="allow the verbs that the documentation lists, on `domain/<name>` and the paths below it",
)
