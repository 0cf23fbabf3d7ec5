"""Reports HTTP requests that are allowed or denied on a domain without any path.

`es:ESHttpGet` and its like match the paths below a domain, `domain/<name>/*`.
An ARN that ends at the name matches no request at all: the statement allows
nothing, and a Deny of that kind forbids nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Terms
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.identity.statements import Held, covered, is_about_requests, written
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement about requests in which every resource ends at a domain's name."""
    for held in written(analysis):
        actions, resources = held.statement.actions, held.statement.resources
        if actions.negated or resources is None or resources.negated or not resources.terms:
            continue
        if not all(_is_bare(term.text) for term in resources.terms):
            continue
        idle = [term for term in actions.terms if _requests_only(term.text)]
        if not idle or (not held.denies and _given_elsewhere(held)):
            continue
        first = resources.terms[0]
        effect = "denies no request" if held.denies else "allows no request"
        yield Match(
            f"`{idle[0].text}` {effect}: `{analysis.words(first.text)}` has no path behind the domain's name",
            held.policy.name,
            (
                Place(held.place(idle[0]), "an action on paths"),
                Place(held.place(first), "the resource ends at the domain"),
            ),
            severity=Severity.HIGH if held.denies else None,
        )


def _is_bare(text: str) -> bool:
    parts = domain_resource(text)
    return parts is not None and not parts.path and is_literal(parts.name)


def _requests_only(pattern: str) -> bool:
    found = covered(pattern)
    return bool(found) and all(is_about_requests(action.full_name) for action in found)


def _given_elsewhere(held: Held) -> bool:
    """Whether another statement of the policy allows the same requests on paths."""
    verbs = http_actions(held.statement.actions)
    for statement in held.policy.document.statements:
        resources: Terms | None = statement.resources
        if statement is held.statement or statement.effect is not held.statement.effect or resources is None:
            continue
        if verbs <= http_actions(statement.actions) and not all(_is_bare(t.text) for t in resources.terms):
            return True
    return False


RULE = Rule(
    "OSR406",
    "request-on-bare-domain",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="append `/*` to the ARN of the domain",
)
