"""Reports a snapshot bucket whose objects are moved to an archive or can be public.

The service cannot restore a snapshot from S3 Glacier, so a lifecycle rule that
moves its objects makes the backup useless when it is needed. Manual snapshots
are protected by the bucket alone: the key of the domain does not cover them.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.bucket import Bucket
from osreach.analysis import Analysis
from osreach.iam.glob_match import glob_matches
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.integration.roles import allows, allows_of, place_of, snapshot_roles
from osreach_rules.key.statements import once_a_place
from osreach_rules.references import ENCRYPTION_AT_REST, SNAPSHOTS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each lifecycle rule, and each open switch, of a bucket that a snapshot role writes to."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for bucket, location, what in _buckets(analysis):
        for rule in analysis.model.integrations.archiving:
            if rule.deployment == bucket.deployment and rule.bucket == bucket.name:
                yield Match(
                    f"snapshots in `{bucket.address}` are moved to `{rule.storage}`,"
                    " from which they cannot be restored",
                    bucket.address,
                    (Place(rule.location, "the archive"), Place(location, what)),
                )
        if bucket.public_blocked.written and bucket.public_blocked.is_certainly(value=False):
            yield Match(
                f"nothing keeps the snapshots in `{bucket.address}` from being made public",
                bucket.address,
                (
                    Place(bucket.public_blocked.location, "public access is not blocked"),
                    Place(location, what),
                ),
            )


def _buckets(analysis: Analysis) -> Iterator[tuple[Bucket, Location, str]]:
    """The buckets of snapshots, and what says so: a role for them, or a repository."""
    model = analysis.model
    if not model.buckets:
        return
    for role in snapshot_roles(model):
        for policy, statement in allows_of(role):
            resources = statement.resources
            if resources is None or resources.negated or not allows(statement, "s3:PutObject"):
                continue
            for bucket in model.buckets:
                if bucket.deployment == role.deployment and any(
                    _is_of(term.text, bucket) for term in resources.terms
                ):
                    yield bucket, place_of(policy, statement), "a role for snapshots writes to it"
    for content in model.clusters:
        for repository in content.repositories:
            for bucket in model.buckets:
                if bucket.deployment == repository.deployment and bucket.name == repository.content.bucket:
                    yield bucket, repository.location, "the repository of the snapshots"


def _is_of(resource: str, bucket: Bucket) -> bool:
    """Whether the pattern says something of the bucket's name and means its objects."""
    name = resource.rpartition(":::")[2].partition("/")[0]
    known = name.strip("*?")
    if not known:
        return False
    return name == bucket.name or (not has_hole(name) and glob_matches(name, bucket.name) is Truth.TRUE)


RULE = Rule(
    "OSR605",
    "archived-snapshots",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SNAPSHOTS, ENCRYPTION_AT_REST),
    remedy="keep snapshots in a bucket of their own, without rules for archives and with public access blocked",
)
