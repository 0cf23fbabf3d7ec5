"""Reports a policy of log groups that a search service may use on behalf of anybody.

A domain publishes its logs through the service, which acts for all its
customers. `aws:SourceAccount` and `aws:SourceArn` limit it to the domains of
this account. Without `aws:SourceArn` the resource should name the log group,
since any domain could write to all of them. Domains with service software older
than R20211203 do not send these keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import AUDIT_LOGS, CONFUSED_DEPUTY, PUBLISH_LOGS

_SERVICES = frozenset({"es.amazonaws.com", "opensearchservice.amazonaws.com"})
_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for the service that asks for no source, at its resource where that is every log group."""
    for one in analysis.model.integrations.log_policies:
        for statement in one.policy.document.statements:
            service = _service(statement)
            if statement.effect is not Effect.ALLOW or service is None:
                continue
            if statement.conditions_unknown or _is_limited(statement):
                continue
            location = statement.location or one.policy.location
            everything = next(
                (
                    term
                    for term in (statement.resources.terms if statement.resources else ())
                    if _all(term.text)
                ),
                None,
            )
            unscoped = not any(condition.key.lower() in _SOURCES for condition in statement.conditions)
            if not unscoped and everything is None:
                continue
            faults = [
                *(["on behalf of any account"] if unscoped else []),
                *(["into every log group"] if everything is not None else []),
            ]
            place = service.location if unscoped or everything is None else everything.location
            yield Match(
                f"`{service.text}` may write logs {' and '.join(faults)}",
                one.address,
                (Place(place or location, "the service" if unscoped else "every log group"),),
                principal=service.text,
            )


def _is_limited(statement: Statement) -> bool:
    """Whether only certain domains make the service write, wherever that may be."""
    return any(condition.key.lower() == "aws:sourcearn" for condition in statement.conditions)


def _service(statement: Statement) -> PrincipalTerm | None:
    terms = statement.principals.terms if statement.principals else ()
    return next(
        (term for term in terms if term.kind is PrincipalKind.SERVICE and term.text in _SERVICES), None
    )


def _all(resource: str) -> bool:
    """Whether a resource means every log group of an account at least."""
    if is_everything(resource):
        return True
    parts = resource.split(":", 5)
    return len(parts) > 3 and parts[2] == "logs" and all(is_everything(part) for part in parts[3:])


RULE = Rule(
    "OSR721",
    "unscoped-log-policy",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(PUBLISH_LOGS, AUDIT_LOGS, CONFUSED_DEPUTY),
    remedy="ask for `aws:SourceAccount` and `aws:SourceArn`, and name the log group",
)
