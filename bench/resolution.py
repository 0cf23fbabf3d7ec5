"""How much of the policies in real code is resolved: `python bench/resolution.py FOLDER...`.

Every policy of a folder is fully resolved (nothing in it is unknown), partly
(some texts in it are) or not at all. The account, the Region and the partition
do not count as unknown, since a policy is judged without them. Prints one line
per folder, the sum, and the ten most frequent reasons of what is not resolved.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from osreach.iac.read import read_code
from osreach.iac.resource import Inputs, Resource
from osreach.json_text import read_json
from osreach.value import Unknown, Value, unknowns_of

SEARCH = {
    "aws_opensearch_domain": ("access_policies",),
    "aws_elasticsearch_domain": ("access_policies",),
    "aws_opensearch_domain_policy": ("access_policies",),
    "aws_elasticsearch_domain_policy": ("access_policies",),
    "aws_opensearchserverless_access_policy": ("policy",),
    "aws_opensearchserverless_security_policy": ("policy",),
    "AWS::OpenSearchService::Domain": ("AccessPolicies",),
    "AWS::Elasticsearch::Domain": ("AccessPolicies",),
    "AWS::OpenSearchServerless::AccessPolicy": ("Policy",),
    "AWS::OpenSearchServerless::SecurityPolicy": ("Policy",),
}
"""The attributes that hold the policies of search services."""

OTHER = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role": ("assume_role_policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "AWS::IAM::Role": ("AssumeRolePolicyDocument", "Policies.PolicyDocument"),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
}
"""The same for what stands around them, in the folders that matter."""

STANDING = re.compile(
    r"data\.aws_(caller_identity|region|partition)\b|AWS::(AccountId|Region|Partition|URLSuffix)"
)
NAMED = re.compile(r"`[^`]*`")


@dataclass(slots=True)
class Count:
    """Policies by how far they are resolved, and why not further."""

    fully: int = 0
    partly: int = 0
    unresolved: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Count) -> None:
        """Adds what another one counted."""
        self.fully += other.fully
        self.partly += other.partly
        self.unresolved += other.unresolved
        self.reasons += other.reasons

    def __str__(self) -> str:
        """The numbers and shares in one line."""
        total = self.fully + self.partly + self.unresolved
        share = (
            f"{number:5} {word} ({number / max(total, 1):6.1%})"
            for number, word in (
                (self.fully, "fully"),
                (self.partly, "partly"),
                (self.unresolved, "unresolved"),
            )
        )
        return f"{total:5} policies: " + ", ".join(share)


def policies(resource: Resource, names: tuple[str, ...]) -> Iterator[Value]:
    """The policies that a resource writes."""
    for path in names:
        values: tuple[Value, ...] = (resource.attributes,)
        for name in path.split("."):
            values = tuple(
                found for value in values for item in value.items if (found := item.get(name)) is not None
            )
        yield from (value for value in values if value.data is not None)


def judge(value: Value, count: Count) -> None:
    """Counts one policy."""
    reading = read_json(value, "policy")
    if reading.problem is not None:
        count.unresolved += 1
        count.reasons["it is no valid JSON"] += 1
        return
    document = reading.value
    unknowns = [one for one, _ in unknowns_of(document) if not STANDING.search(one.expression)]
    if isinstance(document.data, Unknown):
        count.unresolved += 1
    elif unknowns:
        count.partly += 1
    else:
        count.fully += 1
    count.reasons.update({NAMED.sub("`…`", unknown.reason) for unknown in unknowns})


def main() -> int:
    """Reads the folders and prints what is resolved."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--every", action="store_true", help="read files that do not mention search too")
    options = parser.parse_args()
    search, other, missing = Count(), Count(), 0
    began = time.perf_counter()
    for folder in options.folders:
        reading = read_code([folder], Inputs(), frozenset(SEARCH) | frozenset(OTHER), every=options.every)
        own, around = Count(), Count()
        for resource in reading.resources:
            if resource.address.startswith("data.") or ".data." in resource.address:
                continue
            for value in policies(resource, SEARCH.get(resource.type, ())):
                judge(value, own)
            for value in policies(resource, OTHER.get(resource.type, ())):
                judge(value, around)
        search.add(own)
        other.add(around)
        missing += len(reading.missing)
        print(f"{Path(folder).name[:48]:48} {own}  {len(reading.problems):4} problems")
    print(f"\nof search services {search}\nbeside them       {other}")
    print(f"{missing} calls of search modules that are not there")
    print(f"{time.perf_counter() - began:.1f} s")
    for title, count in (("of search services", search), ("beside them", other)):
        print(f"\nwhat is not known in policies {title}:")
        for reason, number in count.reasons.most_common(10):
            print(f"  {number:5} {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
