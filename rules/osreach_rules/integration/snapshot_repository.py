"""Reports settings of a snapshot repository that do not work or put snapshots at risk.

A name that begins with `cs-` is kept for the service. A repository in S3 needs
the ARN of the role that the service takes. Where two domains use one bucket,
only one may write: the other registers the repository with `readonly`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import Declared, SnapshotRepository
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import REGISTER_REPOSITORY, SNAPSHOTS

_KEPT = ("cs-",)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such repository."""
    writers: dict[tuple[str, str], tuple[str, Declared[SnapshotRepository]]] = {}
    for content in analysis.model.clusters:
        for declared in content.repositories:
            repository = declared.content
            here = Place(declared.location, "the repository")
            if repository.name.startswith(_KEPT):
                yield Match(
                    f"the name `{repository.name}` is kept for the service: a repository cannot begin with `cs-`",
                    declared.address,
                    (here,),
                )
            if repository.kind == "s3" and not repository.role and content.domain is not None:
                yield Match(
                    f"`{declared.address}` names no `role_arn`, without which the service cannot reach the bucket",
                    declared.address,
                    (here,),
                )
            if repository.read_only or not repository.bucket:
                continue
            key = declared.deployment, repository.bucket
            first, other = writers.setdefault(key, (content.name, declared))
            if first != content.name:
                yield Match(
                    f"`{content.name}` and `{first}` both write snapshots to one bucket",
                    declared.address,
                    (here, Place(other.location, "the other repository")),
                )


RULE = Rule(
    "OSR606",
    "snapshot-repository",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(REGISTER_REPOSITORY, SNAPSHOTS),
    remedy="rename the repository, name its role, and set `readonly` where another domain writes",
)
