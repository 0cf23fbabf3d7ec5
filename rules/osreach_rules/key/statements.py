"""The statements in which keys are granted: key policies, and policies of the identity side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.identity_policy import IdentityPolicy
from osreach.access.key import Key
from osreach.access.model import Model
from osreach.analysis import Analysis
from osreach.iam.action import names_match
from osreach.iam.document import Condition, Effect, PolicyKind, Statement, Terms
from osreach.iam.glob_match import is_everything
from osreach.location import Location
from osreach.rule import Match
from osreach.truth import Truth


@dataclass(frozen=True, slots=True)
class KeyStatement:
    """One statement of a written key policy."""

    key: Key
    policy: Attachment
    statement: Statement

    @property
    def location(self) -> Location:
        """Where the statement stands."""
        return self.statement.location or self.policy.document.location or self.policy.location


@dataclass(frozen=True, slots=True)
class IdentityStatement:
    """One statement of a policy that says what callers may do."""

    policy: IdentityPolicy
    statement: Statement

    @property
    def location(self) -> Location:
        """Where the statement stands."""
        return self.policy.place(self.statement)


def key_statements(analysis: Analysis) -> Iterator[KeyStatement]:
    """Every statement of every key policy that is written in the code."""
    for key in analysis.model.keys:
        yield from statements_on_key(key)


def statements_on_key(key: Key) -> Iterator[KeyStatement]:
    """The statements of the key's policy where the code writes it."""
    if key.policy_written:
        for policy in key.policies:
            for statement in policy.document.statements:
                yield KeyStatement(key, policy, statement)


def allows_on_key(key: Key) -> Iterator[KeyStatement]:
    """The same, those that allow."""
    return (found for found in statements_on_key(key) if found.statement.effect is Effect.ALLOW)


def allows_on_keys(analysis: Analysis) -> Iterator[KeyStatement]:
    """Those that allow, on any key."""
    return (found for found in key_statements(analysis) if found.statement.effect is Effect.ALLOW)


def identity_statements(analysis: Analysis) -> Iterator[IdentityStatement]:
    """Every statement of the policies of the identity side that the code itself writes."""
    for policy in analysis.identity_policies:
        if not policy.managed:
            for statement in policy.document.statements:
                yield IdentityStatement(policy, statement)


def grants_to_identities(analysis: Analysis) -> Iterator[IdentityStatement]:
    """The same, those that grant something to identities."""
    for found in identity_statements(analysis):
        if found.policy.kind is PolicyKind.IDENTITY and found.statement.effect is Effect.ALLOW:
            yield found


def takes_in(actions: Terms, action: str) -> bool:
    """Whether `Action` or `NotAction` certainly takes in the action."""
    truths = [names_match(term.text, action) for term in actions.terms]
    if actions.negated:
        return all(truth is Truth.FALSE for truth in truths)
    return Truth.TRUE in truths


def allows_every_action(actions: Terms) -> bool:
    """Whether every action of every service is meant, or every one but a few: an administrator's policy."""
    return actions.negated or any(is_everything(term.text) for term in actions.terms)


def condition_on(statement: Statement, *starts: str) -> Condition | None:
    """The first condition on a key whose name, in lower case, begins with one of `starts`."""
    return next(
        (condition for condition in statement.conditions if condition.key.lower().startswith(starts)), None
    )


def callers_behind(holder: Identity, model: Model) -> Iterator[Identity]:
    """Who calls with the policies of `holder`: itself, or the users in a group."""
    if holder.kind is not IdentityKind.GROUP:
        yield holder
        return
    for one in model.identities.values():
        if any(membership.group == holder.key for membership in one.groups):
            yield one


def once_a_place(matches: Iterable[Match]) -> Iterator[Match]:
    """The first match of each place: a module that is used often has its fault once."""
    seen: set[Location] = set()
    for match in matches:
        location = match.places[0].location
        if location not in seen:
            seen.add(location)
            yield match
