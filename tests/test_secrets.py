"""Which passwords count as written in the code, and where else secrets end up."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.access.secret import Fault
from osreach.analysis import WANTED, Analysis, analyse
from osreach.extract.secret import fault_of
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

DOMAIN = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = %s
    master_user_options {
      master_user_password = %s
    }
  }
}
"""
TEMPLATE = """
Parameters:
  Password:
    Type: %s
%s
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      AdvancedSecurityOptions:
        Enabled: true
        InternalUserDatabaseEnabled: true
        MasterUserOptions:
          MasterUserPassword: !Ref Password
"""
FUNCTION = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
}

resource "aws_iam_access_key" "shipper" {
  user = "shipper"
}

resource "aws_ssm_parameter" "value" {
  type  = "%s"
  value = %s
}
"""


def analysed(folder: Path, name: str, text: str, inputs: Inputs | None = None) -> Analysis:
    (folder / name).write_text(text)
    given = inputs or Inputs()
    return analyse(read_code([str(folder)], given, WANTED), given)


def lines(analysis: Analysis) -> list[tuple[str, int]]:
    return [(Path(one.location.path).name, one.location.line) for one in analysis.secrets]


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Barbarbarbar1!", Fault.SAMPLE),
        ("Ab1!", Fault.SHORT),
        ("alllowercase1!", Fault.SIMPLE),
        ("NoDigitsInHere!", Fault.SIMPLE),
        ("NoSignsInHere123", Fault.SIMPLE),
        ("Correct-Horse-7", None),
    ],
)
def test_a_password_is_judged_by_what_is_sure_to_be_too_little(password: str, fault: Fault | None) -> None:
    assert fault_of(password) is fault


@pytest.mark.parametrize(
    ("written", "switch", "found"),
    [
        ('"Correct-Horse-7"', "true", [("main.tf", 8)]),
        ('sensitive("Correct-Horse-7")', "true", [("main.tf", 8)]),
        ("random_password.master.result", "true", []),
        ('""', "true", []),
        ('"${var.prefix}-Horse-7"', "true", []),
        ('"{{resolve:secretsmanager:master}}"', "true", []),
        ('"Correct-Horse-7"', "false", []),
        ('"Correct-Horse-7"', "var.internal", [("main.tf", 8)]),
    ],
)
def test_only_a_password_that_is_wholly_written_and_used_counts(
    written: str, switch: str, found: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert lines(analysed(tmp_path, "main.tf", DOMAIN % (switch, written))) == found


def test_a_default_counts_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "password" {\n  default = "Correct-Horse-7"\n}\n')
    assert lines(analysed(tmp_path, "main.tf", DOMAIN % ("true", "var.password"))) == [("variables.tf", 2)]


def test_a_value_of_the_command_line_is_not_in_the_code(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "password" {}\n')
    inputs = Inputs(variables={"password": "Correct-Horse-7"})
    assert lines(analysed(tmp_path, "main.tf", DOMAIN % ("true", "var.password"), inputs)) == []


def test_a_file_of_variables_that_the_user_names_may_be_kept_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "password" {}\n')
    values = tmp_path / "production.tfvars"
    values.write_text('password = "Correct-Horse-7"\n')
    inputs = Inputs(variable_files=(str(values),))
    found = analysed(tmp_path, "main.tf", DOMAIN % ("true", "var.password"), inputs).secrets
    assert [(one.possible, one.location.line) for one in found] == [(True, 1)]


@pytest.mark.parametrize(
    ("kind", "rest", "shown"),
    [
        ("String", "", ["Password"]),
        ("String", "    NoEcho: false", ["Password"]),
        ("String", "    NoEcho: true", []),
        ("String", '    NoEcho: "true"', []),
        ("AWS::SSM::Parameter::Value<String>", "    Default: /search/password", []),
    ],
)
def test_a_parameter_without_no_echo_is_shown(kind: str, rest: str, shown: list[str], tmp_path: Path) -> None:
    analysis = analysed(tmp_path, "template.yaml", TEMPLATE % (kind, rest))
    assert [one.name for one in analysis.shown_parameters] == shown
    assert analysis.secrets == ()


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("String", '"https://reader:Horse-7@${aws_opensearch_domain.logs.endpoint}"', [True]),
        ("String", '"https://reader:${var.password}@${aws_opensearch_domain.logs.endpoint}/x"', [False]),
        ("String", '"https://a:b@search-logs-abc.eu-west-1.es.amazonaws.com"', [True]),
        ("SecureString", '"https://reader:Horse-7@${aws_opensearch_domain.logs.endpoint}"', []),
        ("String", '"https://${aws_opensearch_domain.logs.endpoint}"', []),
        ("String", '"https://reader:Horse-7@database.example.com"', []),
        ("String", '"https://search-logs-abc.eu-west-1.es.amazonaws.com:443/a@b"', []),
    ],
)
def test_an_address_of_a_cluster_with_credentials_is_found(
    kind: str, value: str, written: list[bool], tmp_path: Path
) -> None:
    analysis = analysed(tmp_path, "main.tf", FUNCTION % (kind, value))
    assert [one.written for one in analysis.addresses_with_credentials] == written


@pytest.mark.parametrize(
    ("kind", "value", "owners"),
    [
        ("String", "aws_iam_access_key.shipper.secret", ["aws_ssm_parameter.value"]),
        ("String", '"key=${aws_iam_access_key.shipper.secret}"', ["aws_ssm_parameter.value"]),
        ("SecureString", "aws_iam_access_key.shipper.secret", []),
        ("String", "aws_iam_access_key.shipper.id", []),
        ("String", "aws_iam_access_key.shipper.encrypted_secret", []),
    ],
)
def test_the_secret_of_an_access_key_is_found_where_it_ends_up(
    kind: str, value: str, owners: list[str], tmp_path: Path
) -> None:
    analysis = analysed(tmp_path, "main.tf", FUNCTION % (kind, value))
    assert [(one.key, one.owner) for one in analysis.exposed_keys] == [
        ("aws_iam_access_key.shipper", owner) for owner in owners
    ]
