"""The policies that AWS manages, as far as they concern the services that matter here.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
Each document is cut down to the actions of `osreach.data.actions.SERVICES`,
which changes no answer about these services, and says nothing about others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from osreach.data.file import read

_FILE = "managed_policies.json"
_POLICIES = b'\n"policies": {'


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """One policy in its default version (`v3`), changed last on the day `updated`.

    `text` is its document as JSON. It is None where no statement, be it an
    allow or a deny, can match any action of the services: to attach such a
    policy changes nothing here. `whole` is false where actions of other
    services were cut from the document; its statements are then those that are
    left, in their order.
    """

    name: str
    path: str
    version: str
    updated: str
    whole: bool
    text: str | None

    def arn(self, partition: str = "aws") -> str:
        """Its ARN in a partition."""
        return f"arn:{partition}:iam::aws:policy{self.path}{self.name}"


@cache
def managed_policy(name: str) -> ManagedPolicy | None:
    """The policy of this name (`ReadOnlyAccess`) in partition `aws`, None where it is not known.

    Names are compared with case. A policy that is not known may be newer than
    the data: what it allows is not known.
    """
    # One policy a line: only the line that is asked for is parsed.
    content = _content()
    start = b"\n" + json.dumps(name).encode() + b": "
    at = content.find(start, content.index(_POLICIES) + len(_POLICIES))
    if at < 0:
        return None
    at += len(start)
    entry = json.loads(content[at : content.index(b"\n", at)].rstrip(b","))
    document = entry["document"]
    text = None if document is None else json.dumps(document, separators=(",", ":"))
    return ManagedPolicy(name, entry["path"], entry["version"], entry["updated"], entry["whole"], text)


def managed_policy_of_arn(arn: str) -> ManagedPolicy | None:
    """The policy with this ARN (`arn:aws:iam::aws:policy/job-function/ViewOnlyAccess`), None where not known.

    The documents are those of partition `aws`. Other partitions have policies
    of the same names; where a document names ARNs of partition `aws`, theirs
    must differ and is not known.
    """
    match arn.split(":", 5):
        case ["arn", partition, "iam", "", "aws", resource] if resource.startswith("policy/"):
            path, _, name = resource.removeprefix("policy").rpartition("/")
            policy = managed_policy(name)
            if policy is None or policy.path != f"{path}/":
                return None
            if partition != "aws" and policy.text is not None and "arn:aws:" in policy.text:
                return None
            return policy
        case _:
            return None


@cache
def managed_policy_names() -> tuple[str, ...]:
    """The names of all policies, in order; parses the whole file, for listings and tests."""
    return tuple(json.loads(_content())["policies"])


@cache
def _content() -> bytes:
    return read(_FILE)
