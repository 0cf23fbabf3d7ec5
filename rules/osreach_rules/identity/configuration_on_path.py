"""Reports an action of the configuration API that is allowed or denied on paths of a domain.

The configuration belongs to the domain itself, `domain/<name>`. A resource that
ends in `/*` means what stands below it: indexes and documents. The action
matches none of these, so it is neither allowed nor denied.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Term
from osreach.iam.glob_match import globs_intersect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.resources import domain_resource, is_literal
from osreach_rules.identity.statements import Held, covered, is_about_requests, written
from osreach_rules.references import ACCESS_CONTROL, SERVICE_AUTHORIZATION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement with such actions in which every resource is a path below a domain."""
    for held in written(analysis):
        actions, resources = held.statement.actions, held.statement.resources
        if actions.negated or resources is None or resources.negated or not resources.terms:
            continue
        if not all(_is_path(term.text) for term in resources.terms):
            continue
        idle = [term for term in actions.terms if _configures(term.text)]
        if not idle or (not held.denies and _covered_elsewhere(held, idle, resources.terms)):
            continue
        whole = len(idle) == len(actions.terms)
        names = " and ".join(f"`{term.text}`" for term in idle[:2]) + (" and more" if len(idle) > 2 else "")
        effect = "denied" if held.denies else "allowed"
        yield Match(
            f"{names} {'is' if len(idle) == 1 else 'are'} not {effect} by this: "
            "the resource means paths below the domain",
            held.policy.name,
            (
                Place(held.place(idle[0]), "an action on the domain itself"),
                Place(held.place(resources.terms[0]), "the resource"),
            ),
            severity=_severity(denies=held.denies, whole=whole),
        )


def _severity(*, denies: bool, whole: bool) -> Severity | None:
    if not denies:
        return None
    return Severity.HIGH if whole else Severity.MEDIUM


def _is_path(text: str) -> bool:
    parts = domain_resource(text)
    return parts is not None and is_literal(parts.name) and bool(parts.path)


def _configures(pattern: str) -> bool:
    """Whether every action that the pattern means works on a domain itself."""
    found = covered(pattern)
    return bool(found) and all(
        not is_about_requests(action.full_name)
        and "domain" in {one.resource_type for one in action.resources}
        for action in found
    )


def _covered_elsewhere(held: Held, idle: list[Term], resources: tuple[Term, ...]) -> bool:
    """Whether another statement of the policy gives the same actions on the domains themselves."""
    names = {action.full_name.lower() for term in idle for action in covered(term.text)}
    bare = [text for text in (_bare(term.text) for term in resources) if text]
    for statement in held.policy.document.statements:
        if statement is held.statement or statement.effect is not held.statement.effect:
            continue
        if statement.resources is None or statement.resources.negated or statement.actions.negated:
            continue
        given = {
            action.full_name.lower() for term in statement.actions.terms for action in covered(term.text)
        }
        if names <= given and all(
            any(globs_intersect(term.text, text) for term in statement.resources.terms) for text in bare
        ):
            return True
    return False


def _bare(text: str) -> str:
    parts = domain_resource(text)
    return text.removesuffix(parts.path) if parts is not None else ""


RULE = Rule(
    "OSR405",
    "configuration-on-path",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, SERVICE_AUTHORIZATION),
    remedy="name the domain itself, `domain/<name>`, in a statement of its own",
)
