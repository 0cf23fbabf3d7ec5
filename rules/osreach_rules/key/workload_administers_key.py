"""Reports a workload whose role can change the policy of a key.

Whoever can change a key policy can give themselves every use of the key. What
runs as an application needs the use of a key at most; administrators of keys
are other roles.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.identity import Identity, IdentityKind
from osreach.access.key import Key
from osreach.access.model import Model
from osreach.analysis import Analysis
from osreach.evaluate.caller import is_anyone
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.standing import Standing, standing_of
from osreach.evaluate.target import of_key
from osreach.iam.decision import Deciding
from osreach.iam.document import Effect, PolicyKind, PrincipalKind
from osreach.iam.principal import Level, caller_of, listed
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import administers_or_deploys
from osreach_rules.key.statements import allows_every_action
from osreach_rules.references import DEFAULT_KEY_POLICY

_CHANGE = (Requests(("kms:PutKeyPolicy",)),)
_WORKLOADS = frozenset(
    {
        "lambda.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "ec2.amazonaws.com",
        "firehose.amazonaws.com",
        "osis-pipelines.amazonaws.com",
        "glue.amazonaws.com",
        "states.amazonaws.com",
        "pods.eks.amazonaws.com",
    }
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement, once for a role, by which a workload can change a key policy."""
    keys = analysis.model.keys
    if not keys:
        return
    for role in _roles(analysis.model):
        standing = standing_of(role, analysis.model)
        seen: set[Location] = set()
        for key in keys:
            if key.deployment != role.deployment:
                continue
            found = analysis.access.of(standing, of_key(key), _CHANGE)
            if found.outcome is not Outcome.ALLOWED or found.witness is None:
                continue
            for one in found.because:
                location = _place(one, standing)
                if location is None or location in seen or _is_no_matter_of_keys(one, standing, key):
                    continue
                seen.add(location)
                yield Match(
                    f"`{role.address}`, the role of a workload, can change the policy of `{key.address}`",
                    key.address,
                    (Place(location, "it is allowed here"), Place(role.location, "the role")),
                    witness=found.witness,
                    principal=role.address,
                )
                break


def _roles(model: Model) -> Iterator[Identity]:
    """The roles that workloads of the code run as, or that a service may run them as."""
    used = {(workload.deployment, workload.role) for workload in model.workloads}
    for identity in model.identities.values():
        if identity.kind is not IdentityKind.ROLE or not identity.defined or administers_or_deploys(identity):
            continue
        named = {(identity.deployment, identity.arn), (identity.deployment, identity.name)}
        if named & used or _runs_workloads(identity):
            yield identity


def _runs_workloads(role: Identity) -> bool:
    return any(
        term.kind is PrincipalKind.SERVICE and term.text in _WORKLOADS
        for policy in role.trust
        for statement in policy.document.statements
        for term in (statement.principals.terms if statement.principals else ())
    )


def _place(one: Deciding, standing: Standing) -> Location | None:
    if one.effect is not Effect.ALLOW:
        return None
    if one.location is not None:
        return one.location
    return next((each.location for each in standing.policies if each.document.source == one.source), None)


def _is_no_matter_of_keys(one: Deciding, standing: Standing, key: Key) -> bool:
    """Whether the statement is an administrator's, or one of the key policy about everyone or the whole account."""
    for policy in (*standing.policies, *key.policies):
        if policy.document.source != one.source:
            continue
        for statement in policy.document.statements:
            if statement.index == one.index:
                principals = statement.principals
                if principals is None:
                    return allows_every_action(statement.actions)
                # that everyone can is another rule's finding
                naming = listed(principals, caller_of(standing.principal), PolicyKind.RESOURCE)
                return naming.possible < Level.ENTITY or any(map(is_anyone, principals.terms))
    return False


RULE = Rule(
    "OSR516",
    "workload-administers-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DEFAULT_KEY_POLICY,),
    remedy="grant the workload the actions that use the key, and `kms:PutKeyPolicy` to administrators only",
)
