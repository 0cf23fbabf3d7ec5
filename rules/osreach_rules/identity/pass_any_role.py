"""Reports that someone can hand any role to a search service.

Whoever registers a snapshot repository, creates a pipeline, a data source or a
delivery stream names a role, and the service then acts as that role. With
`iam:PassRole` on every role and no `iam:PassedToService` the holder borrows the
rights of any role that these services may take.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.example import example_domain, example_resource, example_role
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import standing_of
from osreach.iam.document import Effect, Term, Terms
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.identity.people import is_administrator
from osreach_rules.identity.statements import access_to, allows, first_covering
from osreach_rules.references import PASS_ROLE, SNAPSHOTS

_PASS = "iam:PassRole"  # noqa: S105 - an action, no secret
_TAKING = {
    "es:CreateDomain": (("",), ("",)),
    "es:UpdateDomainConfig": (("",), ("",)),
    "es:AddDataSource": (("",), ("",)),
    "es:ESHttpPut": (("/_snapshot/*",), ("/_snapshot/backup",)),
    "osis:CreatePipeline": (("",), ("",)),
    "firehose:CreateDeliveryStream": (("",), ("",)),
}
"""The actions that name a role, each with the paths on which it does, as a pattern and as people send it.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/creating-pipeline.html
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
"""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of it whose holder also has an action that takes a role."""
    for held in allows(analysis):
        action, resource = (
            first_covering(held.statement.actions, (_PASS,)),
            _every_role(held.statement.resources),
        )
        if action is None or is_everything(action.text) or resource is None:
            continue
        for holder in held.policy.holders:
            if is_administrator(holder):
                continue
            passing = access_to(analysis, holder, example_role(holder), (Requests((_PASS,)),))
            if passing.outcome not in (Outcome.ALLOWED, Outcome.UNKNOWN):
                continue
            using = _using(analysis, holder)
            if using is None:
                continue
            name, access = using
            known = Outcome.UNKNOWN not in (passing.outcome, access.outcome)
            yield Match(
                f"`{holder.address}` can pass any role to a service, with `{name}`",
                held.policy.name,
                (Place(held.place(action), "this action"), Place(held.place(resource), "on every role")),
                witness=passing.witness,
                confidence=Confidence.CERTAIN if known else Confidence.POSSIBLE,
                principal=holder.address,
            )


def _every_role(resources: Terms | None) -> Term | None:
    if resources is None or resources.negated:
        return None
    return next(
        (term for term in resources.terms if is_everything(term.text) or term.text.endswith(":role/*")), None
    )


def _using(analysis: Analysis, holder: Identity) -> tuple[str, Access] | None:
    """An action of the holder that takes a role, and what it gets of it."""
    possible: tuple[str, Access] | None = None
    for name, (paths, likely) in _TAKING.items():
        for pattern in _resources(analysis, holder, name):
            service = name.partition(":")[0]
            target = (
                example_domain(pattern, holder, analysis.model)
                if service == "es"
                else example_resource(pattern, holder, service, "example")
            )
            if target is None:
                continue
            found = access_to(analysis, holder, target, (Requests((name,), paths, likely),))
            if found.outcome is Outcome.UNKNOWN:
                possible = possible or (name, found)
            elif found.outcome is not Outcome.DENIED:
                return name, found
    return possible


def _resources(analysis: Analysis, holder: Identity, action: str) -> Iterator[str]:
    """The resources on which the holder's policies allow an action."""
    for policy in standing_of(holder, analysis.model).policies:
        for statement in policy.document.statements:
            resources = statement.resources
            if statement.effect is Effect.DENY or resources is None or resources.negated:
                continue
            if first_covering(statement.actions, (action,)) is not None:
                yield from (term.text for term in resources.terms)


RULE = Rule(
    "OSR418",
    "pass-any-role",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(PASS_ROLE, SNAPSHOTS),
    remedy="name the role, and add a condition on `iam:PassedToService`",
)
