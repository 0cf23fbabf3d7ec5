"""What the rules about identities take for granted: who administers, and which domain a pattern means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.model import Model
from osreach.analysis import WANTED, Analysis, analyse
from osreach.evaluate.example import example_domain
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.iam.document import Document
from osreach.iam.glob_match import glob_matches
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.truth import Truth
from osreach_rules.identity.people import is_administrator, is_deployer

NOWHERE = Location("main.tf", 1, 1, 1, 2)


def role(name: str, tags: dict[str, str] | None = None, policy: str = "own") -> Identity:
    held = Attachment(policy, "aws_iam_role.this", Document((), "2012-10-17", source=policy), NOWHERE)
    return Identity(
        IdentityKind.ROLE,
        "module.deployment.aws_iam_role.this[0]",
        "live",
        name,
        f"arn:aws:iam::123456789012:role/{name}",
        NOWHERE,
        policies=(held,),
        tags=tags or {},
    )


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (role("search-admin"), True),
        (role("SearchAdministrator"), True),
        (role("break-glass"), True),
        (role("reader", {"Purpose": "emergency access"}), True),
        (role("reader", policy="AdministratorAccess"), True),
        (role("aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonOpenSearchService"), True),
        (role("reader"), False),
        (role("administer-less"), False),
        (role("reader", {"Owner": "platform"}), False),
        (role("reader", {"Contact": "admin@example.com"}), False),
        (role("reader", {"Source": "terraform/admin/roles.tf"}), False),
    ],
)
def test_administrators_are_known_by_name_tag_or_policy(identity: Identity, expected: bool) -> None:
    assert is_administrator(identity) is expected


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (role("search-deploy"), True),
        (role("GitHubActionsDeployer"), True),
        (role("ci"), True),
        (role("reader"), False),
        (role("special-circle"), False),
        (role("reader", {"ManagedBy": "terraform"}), False),
    ],
)
def test_deployers_are_known_by_their_own_name_only(identity: Identity, expected: bool) -> None:
    assert is_deployer(identity) is expected


@given(
    partition=st.sampled_from(["aws", "*", "aws-cn"]),
    region=st.sampled_from(["eu-west-1", "*", ""]),
    account=st.sampled_from(["123456789012", "*", "210987654321"]),
    name=st.text("ab*?-", min_size=1, max_size=6),
    path=st.sampled_from(["", "/*", "/_search", "/logs*"]),
)
def test_an_example_is_matched_by_its_pattern(
    partition: str, region: str, account: str, name: str, path: str
) -> None:
    pattern = f"arn:{partition}:es:{region}:{account}:domain/{name}{path}"
    target = example_domain(pattern, role("reader"), Model(Holes()))
    assert target is not None
    assert glob_matches(pattern, f"{target.arn}{path.replace('*', 'x')}") is Truth.TRUE


@pytest.mark.parametrize(
    "pattern", ["arn:aws:s3:::bucket", "domain/logs", "arn:aws:es:eu-west-1:1:application/a"]
)
def test_what_is_no_domain_has_no_example(pattern: str) -> None:
    assert example_domain(pattern, role("reader"), Model(Holes())) is None


POLICIES = """
resource "aws_iam_policy" "shared" {
  name   = "shared"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "es:ESHttpGet", Resource = "*" }] })
}
resource "aws_iam_policy" "unused" {
  name   = "unused"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "es:ESHttpPut", Resource = "*" }] })
}
resource "aws_iam_role" "one" { assume_role_policy = "{}" }
resource "aws_iam_role" "two" { assume_role_policy = "{}" }
resource "aws_iam_role_policy_attachment" "one" {
  role       = aws_iam_role.one.name
  policy_arn = aws_iam_policy.shared.arn
}
resource "aws_iam_role_policy_attachment" "two" {
  role       = aws_iam_role.two.name
  policy_arn = aws_iam_policy.shared.arn
}
resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.two.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    (tmp_path / "main.tf").write_text(POLICIES)
    return analyse(read_code([str(tmp_path)], Inputs(), WANTED))


def test_a_policy_comes_once_with_all_its_holders(analysis: Analysis) -> None:
    held = {
        policy.name: tuple(one.address for one in policy.holders) for policy in analysis.identity_policies
    }
    assert held == {
        "aws_iam_policy.shared": ("aws_iam_role.one", "aws_iam_role.two"),
        "aws_iam_policy.unused": (),
        "ReadOnlyAccess": ("aws_iam_role.two",),
    }


def test_only_policies_of_aws_stand_in_no_file(analysis: Analysis) -> None:
    assert {policy.name for policy in analysis.identity_policies if policy.managed} == {"ReadOnlyAccess"}
