"""From an attribute that holds a policy to a document."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.domain import AttachedPolicy
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.iam.parse import parse_document
from osreach.json_text import read_json
from osreach.problem import Problem
from osreach.value import Unknown, Value


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """A policy with what could not be read of it."""

    policy: AttachedPolicy
    problems: tuple[Problem, ...] = ()


def read_policy(value: Value, kind: PolicyKind, owner: str, what: str, holes: Holes) -> PolicyReading:
    """Read the policy document that `value` holds, as text or as an object.

    `owner` is the address of the resource, `what` the name of its attribute. A
    document that is no document is a problem, and so is each statement that
    cannot be understood; the other statements are kept.
    """
    reading = read_json(value, what)
    problems = [*reading.duplicates]
    if reading.problem is not None:
        problems.append(reading.problem)
    body = reading.value
    if isinstance(body.data, Unknown):
        attached = AttachedPolicy(owner, None, value.location, body.data)
        return PolicyReading(attached, tuple(problems))
    parsed = parse_document(body, kind, holes, owner)
    problems.extend(
        Problem(error.location or value.location, f"`{what}`: {error.message}") for error in parsed.errors
    )
    return PolicyReading(AttachedPolicy(owner, parsed.document, value.location), tuple(problems))
