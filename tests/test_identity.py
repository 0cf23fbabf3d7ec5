from __future__ import annotations

from pathlib import Path

import pytest

from access_project import analysis_of, identity, policy_names, template, terraform
from osreach.access.identity import IdentityKind
from osreach.cli.main import main
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.organization import documents_for
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import targets_of
from osreach.iac.resource import Inputs
from osreach.iam.document import Effect

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"es:ESHttpGet","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
ROLE = f"""
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = jsonencode({TRUST})
}}
resource "aws_iam_policy" "p" {{
  name   = "p"
  policy = jsonencode({READ})
}}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_group" "g" {{ name = "g" }}
"""


@pytest.mark.parametrize(
    ("text", "address", "names"),
    [
        (
            f'resource "aws_iam_role_policy" "x" {{\n role = aws_iam_role.r.name\n policy = jsonencode({READ})\n}}',
            "aws_iam_role.r",
            ["aws_iam_role_policy.x"],
        ),
        (
            f'resource "aws_iam_role_policy" "x" {{\n role = "r"\n policy = jsonencode({READ})\n}}',
            "aws_iam_role.r",
            ["aws_iam_role_policy.x"],
        ),
        (
            'resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.r.id\n policy_arn = aws_iam_policy.p.arn\n}',
            "aws_iam_role.r",
            ["aws_iam_policy.p"],
        ),
        (
            'resource "aws_iam_role_policy_attachments_exclusive" "x" {\n role_name = aws_iam_role.r.name\n policy_arns = [aws_iam_policy.p.arn, "arn:aws:iam::aws:policy/ReadOnlyAccess"]\n}',
            "aws_iam_role.r",
            ["ReadOnlyAccess", "aws_iam_policy.p"],
        ),
        (
            'resource "aws_iam_policy_attachment" "x" {\n name = "x"\n users = [aws_iam_user.u.name]\n roles = ["r"]\n policy_arn = aws_iam_policy.p.arn\n}',
            "aws_iam_user.u",
            ["aws_iam_policy.p"],
        ),
        (
            'resource "aws_iam_user_policy_attachment" "x" {\n user = aws_iam_user.u.name\n policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"\n}',
            "aws_iam_user.u",
            ["ViewOnlyAccess"],
        ),
        (
            f'resource "aws_iam_user_policy" "x" {{\n user = aws_iam_user.u.name\n policy = jsonencode({READ})\n}}',
            "aws_iam_user.u",
            ["aws_iam_user_policy.x"],
        ),
        (
            'resource "aws_iam_group_policy_attachment" "x" {\n group = aws_iam_group.g.name\n policy_arn = aws_iam_policy.p.arn\n}',
            "aws_iam_group.g",
            ["aws_iam_policy.p"],
        ),
        (
            'data "aws_iam_policy" "d" {\n name = "ReadOnlyAccess"\n}\nresource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.r.name\n policy_arn = data.aws_iam_policy.d.arn\n}',
            "aws_iam_role.r",
            ["ReadOnlyAccess"],
        ),
        (
            'variable "arn" {}\nresource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.r.name\n policy_arn = var.arn\n}',
            "aws_iam_role.r",
            ["${var.arn}"],
        ),
        (
            'resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.r.name\n policy_arn = "arn:aws:iam::aws:policy/NoSuchPolicyYet"\n}',
            "aws_iam_role.r",
            ["arn:aws:iam::aws:policy/NoSuchPolicyYet"],
        ),
    ],
)
def test_every_way_of_attaching_a_policy_counts(
    text: str, address: str, names: list[str], tmp_path: Path
) -> None:
    assert policy_names(terraform(tmp_path, ROLE + text), address) == names


def test_a_policy_that_nobody_can_read_is_unknown_and_not_dropped(tmp_path: Path) -> None:
    text = 'resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.r.name\n policy_arn = "arn:aws:iam::111122223333:policy/elsewhere"\n}\nvariable "p" {}\nresource "aws_iam_role_policy" "y" {\n role = aws_iam_role.r.name\n policy = var.p\n}'
    found = identity(terraform(tmp_path, ROLE + text), "aws_iam_role.r").policies
    assert [len(policy.document.unknown) for policy in found] == [1, 1]
    assert {policy.unknown.reason for policy in found if policy.unknown} == {
        "the policy is not in the scanned files",
        "no default and no value given",
    }


def test_inline_managed_and_boundary_of_a_role_are_read(tmp_path: Path) -> None:
    text = f"""
resource "aws_iam_policy" "b" {{
  name   = "b"
  policy = jsonencode({READ})
}}
resource "aws_iam_role" "r" {{
  name                 = "r"
  path                 = "/team/"
  assume_role_policy   = jsonencode({TRUST})
  managed_policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  permissions_boundary = aws_iam_policy.b.arn
  tags                 = {{ team = "search" }}
  inline_policy {{
    name   = "i"
    policy = jsonencode({READ})
  }}
}}
"""
    found = identity(terraform(tmp_path, text, Inputs(account="111122223333")), "aws_iam_role.r")
    assert found.arn.endswith(":iam::111122223333:role/team/r")
    assert [policy.name for policy in found.policies] == ["aws_iam_role.r", "ReadOnlyAccess"]
    assert found.boundary is not None
    assert found.boundary.name == "aws_iam_policy.b"
    assert found.tags == {"team": "search"}
    assert [policy.document.statements[0].effect for policy in found.trust] == [Effect.ALLOW]


def test_a_role_that_the_code_only_names_may_have_further_policies(tmp_path: Path) -> None:
    text = 'resource "aws_iam_role_policy_attachment" "x" {\n role = "existing"\n policy_arn = aws_iam_policy.p.arn\n}'
    found = identity(terraform(tmp_path, ROLE + text), "role/existing")
    assert not found.defined
    assert [bool(policy.document.unknown) for policy in found.policies] == [True, False]


def test_group_policies_count_for_members_by_either_kind_of_membership(tmp_path: Path) -> None:
    text = f"""
resource "aws_iam_group_policy" "gp" {{
  group  = aws_iam_group.g.name
  policy = jsonencode({READ})
}}
resource "aws_iam_user" "v" {{ name = "v" }}
resource "aws_iam_user_group_membership" "m" {{
  user   = aws_iam_user.u.name
  groups = [aws_iam_group.g.name]
}}
resource "aws_iam_group_membership" "n" {{
  name  = "n"
  group = aws_iam_group.g.name
  users = ["v"]
}}
"""
    model = terraform(tmp_path, ROLE + text)
    for address in ("aws_iam_user.u", "aws_iam_user.v"):
        standing = standing_of(identity(model, address), model)
        assert [policy.name for policy in standing.policies] == ["aws_iam_group_policy.gp"]


def test_two_roles_of_one_name_in_two_accounts_keep_their_own_policies(tmp_path: Path) -> None:
    text = f"""
provider "aws" {{ allowed_account_ids = ["111111111111"] }}
provider "aws" {{
  alias               = "b"
  allowed_account_ids = ["222222222222"]
}}
resource "aws_iam_role" "a" {{
  name               = "same"
  assume_role_policy = jsonencode({TRUST})
}}
resource "aws_iam_role" "b" {{
  provider           = aws.b
  name               = "same"
  assume_role_policy = jsonencode({TRUST})
}}
resource "aws_iam_role_policy" "of_b" {{
  provider = aws.b
  role     = "same"
  policy   = jsonencode({READ})
}}
"""
    model = terraform(tmp_path, text)
    assert policy_names(model, "aws_iam_role.a") == []
    assert policy_names(model, "aws_iam_role.b") == ["aws_iam_role_policy.of_b"]


TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess, !Ref Shared]
      PermissionsBoundary: !Ref Shared
      Tags: [{Key: team, Value: search}]
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: es:ESHttpGet, Resource: "*"}]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Users: [!Ref Ann]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: es:ESHttpPut, Resource: "*"}]
  Attached:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: attached
      Roles: [!Ref Reader]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: es:ESHttpPost, Resource: "*"}]
  Single:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyName: single
      RoleName: !Ref Reader
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: es:ESHttpHead, Resource: "*"}]
  Ann:
    Type: AWS::IAM::User
    Properties:
      UserName: ann
      Groups: [!Ref Team]
  Bob:
    Type: AWS::IAM::User
    Properties: {UserName: bob}
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: team
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: es:ESHttpDelete, Resource: "*"}]
  Joined:
    Type: AWS::IAM::UserToGroupAddition
    Properties:
      GroupName: !Ref Team
      Users: [!Ref Bob]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Reader.Arn
      Runtime: python3.12
      Handler: index.handler
      Code: {ZipFile: pass}
  Domain:
    Type: AWS::OpenSearchService::Domain
    Properties: {DomainName: logs}
"""


def test_a_template_ends_in_the_same_model(tmp_path: Path) -> None:
    model = template(tmp_path, TEMPLATE)
    assert policy_names(model, "Reader") == ["Attached", "ReadOnlyAccess", "Reader", "Shared", "Single"]
    assert policy_names(model, "Ann") == ["Shared"]
    reader = identity(model, "Reader")
    assert reader.boundary is not None
    assert reader.boundary.name == "Shared"
    assert reader.tags == {"team": "search"}
    for user, names in (("Ann", ["Shared", "Team"]), ("Bob", ["Team"])):
        standing = standing_of(identity(model, user), model)
        assert [policy.name for policy in standing.policies] == names
    assert [(one.address, one.service, one.role == reader.arn) for one in model.workloads] == [
        ("Function", "lambda.amazonaws.com", True)
    ]
    assert identity(model, "Team").kind is IdentityKind.GROUP


KEYS = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
  Alias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: alias/search, TargetKeyId: !Ref Key}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: reports
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Deny, Principal: "*", Action: s3:DeleteObject, Resource: !Sub "${Bucket.Arn}/*"}
"""


def test_keys_and_buckets_of_a_template_are_joined(tmp_path: Path) -> None:
    model = template(tmp_path, KEYS, Inputs(account="111122223333", region="eu-west-1"))
    key, bucket = model.keys[0], model.buckets[0]
    assert key.policy_written
    assert key.rotation.value is True
    assert "alias/search" in key.names
    assert bucket.arn.endswith(":s3:::reports")
    assert bucket.account == "111122223333"
    assert bucket.encryption_key.value in key.names
    assert [policy.name for policy in bucket.policies] == ["Policy"]


def test_the_account_that_a_domain_policy_writes_is_that_of_the_deployment(tmp_path: Path) -> None:
    text = (
        ROLE
        + """
resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.r.arn }, Action = "es:*", Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/*" }]
  })
}
"""
    )
    found = identity(terraform(tmp_path, text), "aws_iam_role.r")
    assert found.account == "111122223333"


ORGANIZATION = """
resource "aws_organizations_organization" "o" {}
resource "aws_organizations_organizational_unit" "u" {
  name      = "u"
  parent_id = aws_organizations_organization.o.roots[0].id
}
resource "aws_organizations_account" "a" {
  name      = "a"
  email     = "a@example.com"
  parent_id = aws_organizations_organizational_unit.u.id
}
resource "aws_organizations_policy" "p" {
  name    = "p"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "EFFECT", Action = "es:*", Resource = "*" }] })
}
resource "aws_organizations_policy_attachment" "x" {
  policy_id = aws_organizations_policy.p.id
  target_id = TARGET
}
provider "aws" { allowed_account_ids = ["999999999999"] }
"""


@pytest.mark.parametrize(
    ("effect", "target", "account", "levels"),
    [
        ("Deny", '"222222222222"', "222222222222", [["aws_organizations_policy.p", "FullAWSAccess"]]),
        ("Deny", '"222222222222"', "333333333333", []),
        (
            "Deny",
            "aws_organizations_organizational_unit.u.id",
            "<id>",
            [["aws_organizations_policy.p", "FullAWSAccess"]],
        ),
        (
            "Deny",
            "aws_organizations_organization.o.roots[0].id",
            "<id>",
            [["aws_organizations_policy.p", "FullAWSAccess"]],
        ),
        ("Deny", "aws_organizations_organization.o.roots[0].id", "999999999999", []),
        ("Deny", '"ou-ab12-other"', "<id>", []),
    ],
)
def test_policies_of_an_organization_bear_on_accounts_below_their_target(
    effect: str, target: str, account: str, levels: list[list[str]], tmp_path: Path
) -> None:
    text = ORGANIZATION.replace("EFFECT", effect).replace("TARGET", target)
    model = terraform(tmp_path, text)
    name = model.holes.hole("aws_organizations_account.a.id") if account == "<id>" else account
    found = documents_for(model.organization, name, resource_control=False)
    assert [[document.source for document in level] for level in found] == levels
    assert not any(
        statement.conditions_unknown
        for level in found
        for document in level
        for statement in document.statements
    )


def test_whether_full_access_was_detached_beside_an_allow_list_is_not_known(tmp_path: Path) -> None:
    text = ORGANIZATION.replace("EFFECT", "Allow").replace("TARGET", '"222222222222"')
    found = documents_for(terraform(tmp_path, text).organization, "222222222222", resource_control=False)
    doubts = {document.source: document.statements[0].conditions_unknown for document in found[0]}
    assert doubts == {"aws_organizations_policy.p": False, "FullAWSAccess": True}


def test_whether_an_account_is_below_a_unit_elsewhere_is_not_known(tmp_path: Path) -> None:
    text = ORGANIZATION.replace("EFFECT", "Deny").replace("TARGET", '"ou-ab12-other"')
    found = documents_for(terraform(tmp_path, text).organization, "222222222222", resource_control=False)
    assert found[0][0].statements[0].conditions_unknown


def test_workloads_name_the_roles_they_run_as(tmp_path: Path) -> None:
    text = """
resource "aws_ecs_task_definition" "t" {
  family                = "t"
  task_role_arn         = aws_iam_role.r.arn
  container_definitions = "[]"
}
resource "aws_iam_instance_profile" "p" {
  name = "p"
  role = aws_iam_role.r.name
}
resource "aws_instance" "i" {
  iam_instance_profile = aws_iam_instance_profile.p.name
}
resource "aws_osis_pipeline" "o" {
  pipeline_name               = "o"
  pipeline_configuration_body = "sink:\\n  aws:\\n    sts_role_arn: arn:aws:iam::111122223333:role/sink\\n"
}
"""
    model = analysis_of(tmp_path, {"main.tf": ROLE + text}).model
    shown = {(one.address, one.service, one.role.rpartition("/")[2]) for one in model.workloads}
    assert shown == {
        ("aws_ecs_task_definition.t", "ecs-tasks.amazonaws.com", "r"),
        ("aws_instance.i", "ec2.amazonaws.com", "r"),
        ("aws_osis_pipeline.o", "osis-pipelines.amazonaws.com", "sink"),
    }


def test_a_policy_on_identities_that_nobody_can_name_is_kept(tmp_path: Path) -> None:
    text = 'variable "roles" {}\nresource "aws_iam_policy_attachment" "x" {\n name = "x"\n roles = var.roles\n policy_arn = aws_iam_policy.p.arn\n}'
    model = terraform(tmp_path, ROLE + text)
    named = [one for one in model.identities.values() if not one.defined]
    kept = [policy.name for policy in (*model.unplaced, *(p for one in named for p in one.policies))]
    assert "aws_iam_policy.p" in kept


def test_the_id_of_the_own_account_as_a_principal_is_the_account(tmp_path: Path) -> None:
    text = """
data "aws_caller_identity" "current" {}
resource "aws_iam_role" "t" {
  name               = "t"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.current.account_id }, Action = "sts:AssumeRole" }] })
}
"""
    (policy,) = identity(terraform(tmp_path, text), "aws_iam_role.t").trust
    principals = policy.document.statements[0].principals
    assert principals is not None
    (term,) = principals.terms
    assert term.text.startswith("arn:")
    assert term.text.endswith(":root")


def test_what_two_deployments_leave_open_is_not_taken_for_the_same(tmp_path: Path) -> None:
    reader = (
        'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
        f'resource "aws_iam_user_policy" "p" {{\n  user = aws_iam_user.u.name\n  policy = jsonencode({READ})\n}}\n'
    )
    domain = 'resource "aws_opensearch_domain" "d" {\n  domain_name = "d"\n}\n'
    for inputs, outcome in (
        (Inputs(), Outcome.UNKNOWN),
        (Inputs(account="111122223333"), Outcome.ALLOWED),
    ):
        analysis = analysis_of(tmp_path, {"people/main.tf": reader, "search/main.tf": domain}, inputs)
        (target,) = targets_of(analysis.model)
        standing = standing_of(identity(analysis.model, "aws_iam_user.u"), analysis.model)
        found = analysis.access.of(standing, target, LEVELS[target.kind][Level.READ])
        assert found.outcome is outcome


@pytest.mark.parametrize(("bucket_key", "outcome"), [("false", 0), ("true", 1)])
def test_with_a_bucket_key_the_encryption_context_is_the_bucket(
    bucket_key: str, outcome: int, tmp_path: Path
) -> None:
    text = f"""
provider "aws" {{
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy" "p" {{
  user = aws_iam_user.u.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }},
    {{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = {{
      StringEquals = {{ "kms:EncryptionContext:aws:s3:arn" = "arn:aws:s3:::b/k" }} }} }},
  ] }})
}}
resource "aws_kms_key" "k" {{}}
resource "aws_s3_bucket" "b" {{ bucket = "b" }}
resource "aws_s3_bucket_server_side_encryption_configuration" "e" {{
  bucket = aws_s3_bucket.b.id
  rule {{
    bucket_key_enabled = {bucket_key}
    apply_server_side_encryption_by_default {{
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k.arn
    }}
  }}
}}
"""
    (tmp_path / "main.tf").write_text(text)
    assert main(["can", "aws_iam_user.u", "s3:GetObject", "aws_s3_bucket.b/k", str(tmp_path)]) == outcome


@pytest.mark.parametrize("arn", ["var.unknown", '"nonsense"'])
def test_what_exports_no_arn_has_one_of_the_account_that_deploys(arn: str, tmp_path: Path) -> None:
    text = f"""
variable "unknown" {{}}
data "aws_iam_role" "r" {{
  name = "search"
  arn  = {arn}
}}
resource "aws_kms_key" "k" {{
  arn = {arn}
}}
"""
    model = terraform(tmp_path, text)
    role, key = identity(model, "data.aws_iam_role.r"), model.keys[0]
    assert (role.arn.split(":")[2], role.name, key.arn.split(":")[2]) == ("iam", "search", "kms")
    assert role.account == key.account
