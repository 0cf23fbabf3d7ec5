"""How many decisions a second of processor time the policy engine makes, alone and as `simulate` with JSON in and out.

Usage: python bench/decisions.py [requests]
"""

from __future__ import annotations

import json
import random
import sys
import time
import timeit
from collections.abc import Mapping

from osreach.iam.decision import decide
from osreach.iam.document import Document, PolicyKind
from osreach.iam.parse import document_from_json
from osreach.iam.policies import Policies
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import Request
from osreach.iam.simulate import answer

SEED = 20261121
PASSES = 8
ACCOUNT = "111122223333"
DOMAINS = ("logs", "movies", "orders", "audit")
VERBS = (
    "es:ESHttpGet",
    "es:ESHttpPost",
    "es:ESHttpPut",
    "es:ESHttpDelete",
    "es:DescribeDomain",
    "s3:GetObject",
)


def _domain(name: str) -> str:
    return f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/{name}"


def _statements(draw: random.Random, *, principals: bool) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    for index in range(draw.randint(3, 8)):
        name = draw.choice(DOMAINS)
        statement: dict[str, object] = {
            "Sid": f"S{index}",
            "Effect": "Deny" if draw.random() < 0.25 else "Allow",
            "Action": draw.choice(
                ["es:*", "es:ESHttp*", ["es:ESHttpGet", "es:ESHttpHead"], "es:Describe*", "s3:Get*"]
            ),
            "Resource": draw.choice(
                [
                    f"{_domain(name)}/*",
                    f"{_domain('*')}/logs-*/_search",
                    "*",
                    [_domain(name), f"{_domain(name)}/*"],
                ]
            ),
        }
        if principals:
            statement["Principal"] = draw.choice(
                [
                    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"},
                    {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:root"]},
                    "*",
                ]
            )
        if draw.random() < 0.4:
            statement["Condition"] = draw.choice(
                [
                    {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}},
                    {"StringEquals": {"aws:PrincipalTag/team": "search", "aws:SourceVpce": "vpce-1"}},
                    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
                    {"Bool": {"aws:SecureTransport": "false"}},
                    {"StringLike": {"aws:username": "${aws:PrincipalTag/name}*"}},
                ]
            )
        found.append(statement)
    return found


def _lines(count: int) -> list[dict[str, object]]:
    draw = random.Random(SEED)

    def policy(*, principals: bool) -> dict[str, object]:
        return {"Version": "2012-10-17", "Statement": _statements(draw, principals=principals)}

    identity = [policy(principals=False) for _ in range(20)]
    resource = [policy(principals=True) for _ in range(20)]
    boundary = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    lines: list[dict[str, object]] = []
    for index in range(count):
        line: dict[str, object] = {
            "id": str(index),
            "principal": draw.choice(
                [f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:role/reader", "anonymous"]
            ),
            "action": draw.choice(VERBS),
            "resource": f"{_domain(draw.choice(DOMAINS))}/logs-{draw.randint(1, 30)}/_search",
            "context": {"aws:SourceIp": f"10.0.{draw.randint(0, 255)}.7", "aws:SecureTransport": "true"},
            "identityPolicies": [draw.choice(identity)],
            "resourcePolicy": draw.choice(resource),
        }
        if draw.random() < 0.3:
            line["permissionBoundaries"] = [boundary]
            line["scps"] = [[boundary], [boundary]]
        lines.append(line)
    return lines


class _Documents:
    """Documents by their text, each read once."""

    def __init__(self) -> None:
        self.known: dict[tuple[PolicyKind, str], Document] = {}

    def read(self, policies: object, kind: PolicyKind) -> tuple[Document, ...]:
        """The documents of one member of a line."""
        found = []
        for policy in policies if isinstance(policies, list) else [policies]:
            text = json.dumps(policy)
            if (kind, text) not in self.known:
                self.known[kind, text] = document_from_json(text, kind, "policy")
            found.append(self.known[kind, text])
        return tuple(found)


def _prepared(lines: list[dict[str, object]]) -> list[tuple[Request, Policies]]:
    documents = _Documents()
    prepared: list[tuple[Request, Policies]] = []
    for line in lines:
        context = line["context"]
        keys = context if isinstance(context, dict) else {}
        request = Request(
            principal_from_text(str(line["principal"])),
            str(line["action"]),
            str(line["resource"]),
            {key: (str(value),) for key, value in keys.items()},
        )
        policies = Policies(
            identity=documents.read(line["identityPolicies"], PolicyKind.IDENTITY),
            resource=documents.read(line["resourcePolicy"], PolicyKind.RESOURCE),
            boundary=documents.read(line.get("permissionBoundaries", []), PolicyKind.BOUNDARY),
        )
        prepared.append((request, policies))
    return prepared


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    clock = time.process_time
    yardstick = min(timeit.repeat("sum(range(1000))", timer=clock, number=500, repeat=20)) / 500 * 1e6
    print(f"`sum(range(1000))` takes {yardstick:.1f} us here now; every figure scales with it")
    lines = _lines(count)
    prepared = _prepared(lines)
    texts = [json.dumps(line) for line in lines]

    def decided() -> None:
        for request, policies in prepared:
            decide(request, policies)

    def answered() -> None:
        for text in texts:
            json.dumps(answer(text))

    for name, work in (("decide", decided), ("simulate, JSON in and out", answered)):
        rates = [count / timeit.timeit(work, timer=clock, number=1) for _ in range(PASSES)]
        print(f"{name}: {rates[0]:,.0f} decisions/s at first, {max(rates):,.0f} at best of {PASSES} passes")


if __name__ == "__main__":
    main()
