"""Reports a snapshot role that can do more in S3 than keep snapshots.

The role needs to list one bucket, and to get, put and delete its objects. With
all actions of S3, or on all buckets, whoever can register a repository in the
cluster reads and overwrites whatever other data the account keeps.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Term, Terms
from osreach.iam.glob_match import is_everything
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.integration.roles import allows, allows_of, place_of, snapshot_roles
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import SNAPSHOTS

_EVERY_BUCKET = frozenset({"arn:aws:s3:::*", "arn:aws:s3:::*/*"})
_ANY = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of all actions of S3, or on all buckets."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for role in snapshot_roles(analysis.model):
        for policy, statement in allows_of(role):
            if not allows(statement, *_ANY):
                continue
            action = next((one for one in statement.actions.terms if _is_all(one.text)), None)
            resource = _every_bucket(statement.resources)
            if action is None and resource is None:
                continue
            what = "do anything with" if action is not None else "use the objects of"
            which = "every bucket" if resource is not None else "the bucket"
            term = action or resource
            place = term.location if term is not None else None
            yield Match(
                f"the snapshot role `{role.address}` can {what} {which}",
                role.address,
                (
                    Place(place or place_of(policy, statement), "it is allowed here"),
                    Place(role.location, "the role"),
                ),
                principal=role.address,
            )


def _is_all(action: str) -> bool:
    return is_everything(action) or action.lower().rstrip("*") == "s3:"


def _every_bucket(resources: Terms | None) -> Term | None:
    if resources is None or resources.negated:
        return None
    return next(
        (term for term in resources.terms if is_everything(term.text) or term.text in _EVERY_BUCKET), None
    )


RULE = Rule(
    "OSR603",
    "broad-snapshot-role",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SNAPSHOTS,),
    remedy="allow `s3:ListBucket` on the bucket, and to get, put and delete objects in it",
)
