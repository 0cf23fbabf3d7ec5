"""Times the whole `who` matrix, the graph and single questions on a generated organization.

    python bench/organization.py [ROLES POLICIES DOMAINS]

The default is 2,000 roles, 5,000 policies and 200 domains in one account. The
organization is the same each time.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from osreach.analysis import analyse
from osreach.cli.can import answer
from osreach.evaluate.target import targets_of
from osreach.extract.model import TYPES
from osreach.graph.build import build
from osreach.graph.who import Reachability, matrix
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

ACCOUNT = "111122223333"
VERBS = ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut", "es:ESHttpDelete", "es:ESHttp*", "es:ESHttpHead")


def _json(statements: list[dict[str, object]]) -> str:
    return "jsonencode(" + json.dumps({"Version": "2012-10-17", "Statement": statements}) + ")"


def _policy(chosen: random.Random, domains: int) -> list[dict[str, object]]:
    names = [f"domain-{chosen.randrange(domains)}" for _ in range(chosen.choice((1, 1, 2)))]
    kind = chosen.random()
    if kind < 0.01:
        resources = ["*"]
    elif kind < 0.05:
        resources = [f"arn:aws:es:*:{ACCOUNT}:domain/{names[0]}*"]
    else:
        resources = [f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/{name}/*" for name in names]
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": chosen.sample(VERBS, chosen.choice((1, 2))),
        "Resource": resources,
    }
    if chosen.random() < 0.1:
        statement["Condition"] = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    statements = [statement]
    if chosen.random() < 0.05:
        denied = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/{names[0]}/secret*"
        statements.append({"Effect": "Deny", "Action": "es:*", "Resource": denied})
    if chosen.random() < 0.1:
        role = f"arn:aws:iam::{ACCOUNT}:role/role-{chosen.randrange(50)}"
        statements.append({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role})
    return statements


def files(roles: int, policies: int, domains: int) -> Iterator[str]:
    """The blocks of the organization."""
    chosen = random.Random(7)
    yield f'provider "aws" {{\n  region = "eu-west-1"\n  allowed_account_ids = ["{ACCOUNT}"]\n}}\n'
    for number in range(domains):
        named = f"arn:aws:iam::{ACCOUNT}:role/role-{chosen.randrange(roles)}"
        allow: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"AWS": named},
            "Action": "es:ESHttp*",
            "Resource": f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/domain-{number}/*",
        }
        yield f'resource "aws_opensearch_domain" "d{number}" {{\n  domain_name = "domain-{number}"\n  access_policies = {_json([allow])}\n}}\n'
    for number in range(policies):
        body = _json(_policy(chosen, domains))
        yield f'resource "aws_iam_policy" "p{number}" {{\n  name = "policy-{number}"\n  policy = {body}\n}}\n'
    for number in range(roles):
        trusted: dict[str, object] = {"Service": "lambda.amazonaws.com"}
        if chosen.random() < 0.3:
            trusted = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust: dict[str, object] = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        yield f'resource "aws_iam_role" "r{number}" {{\n  name = "role-{number}"\n  assume_role_policy = {_json([trust])}\n}}\n'
        for place, policy in enumerate(chosen.sample(range(policies), 3)):
            yield (
                f'resource "aws_iam_role_policy_attachment" "a{number}_{place}" {{\n'
                f"  role = aws_iam_role.r{number}.name\n  policy_arn = aws_iam_policy.p{policy}.arn\n}}\n"
            )


def main() -> None:
    """Generates, reads and asks, and says how long each took."""
    roles, policies, domains = (int(word) for word in sys.argv[1:] or ("2000", "5000", "200"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text("".join(files(roles, policies, domains)))
        start = time.perf_counter()
        reading = read_code([folder], Inputs(), TYPES, every=True)
        print(f"read      {time.perf_counter() - start:6.1f} s, {len(reading.resources)} resources")
        start = time.perf_counter()
        analysis = analyse(reading, Inputs())
        model = analysis.model
        print(f"model     {time.perf_counter() - start:6.1f} s, {len(model.identities)} identities")
        start = time.perf_counter()
        found = answer("aws_iam_role.r7", "GET /x/_search", "aws_opensearch_domain.d7", "s", {}, analysis)
        print(f"can       {time.perf_counter() - start:6.2f} s, {found.answer.value}")
        start = time.perf_counter()
        reachability = Reachability(analysis.access)
        entries = sum(len(found) for _, found in matrix(reachability, targets_of(model)))
        print(f"matrix    {time.perf_counter() - start:6.1f} s, {entries} entries")
        start = time.perf_counter()
        graph = build(reachability)
        print(f"graph     {time.perf_counter() - start:6.1f} s, {len(graph.facts)} facts")
    print(f"processor {time.process_time():6.1f} s in all")
    print(f"memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main()
