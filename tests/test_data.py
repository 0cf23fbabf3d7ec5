import fnmatch
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from osreach.data import file
from osreach.data.actions import (
    SERVICES,
    AccessLevel,
    action,
    current_action,
    legacy_actions,
    service,
)
from osreach.data.managed_policies import (
    ManagedPolicy,
    managed_policy,
    managed_policy_names,
    managed_policy_of_arn,
)
from osreach.data.partitions import partition_of_region, partitions

MAKER = Path(__file__).resolve().parent.parent / "bench" / "make_data.py"
FOLDER = Path(file.__file__).parent


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_data", MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def known_policy(name: str) -> ManagedPolicy:
    found = managed_policy(name)
    assert found is not None
    return found


def document(name: str) -> dict[str, Any]:
    text = known_policy(name).text
    assert text is not None
    return dict(json.loads(text))


def names_action(statement: dict[str, Any], full_name: str) -> bool:
    patterns = as_list(statement.get("Action", statement.get("NotAction")))
    found = any(fnmatch.fnmatchcase(full_name.lower(), pattern.lower()) for pattern in patterns)
    return found == ("Action" in statement)


# Actions


@pytest.mark.parametrize(
    ("full_name", "level", "resource_types"),
    [
        ("es:ESHttpGet", AccessLevel.READ, ["domain"]),
        ("es:ESHttpDelete", AccessLevel.WRITE, ["domain"]),
        ("es:ListDomainNames", AccessLevel.LIST, []),
        ("es:AddTags", AccessLevel.TAGGING, ["application", "datasource", "domain"]),
        ("es:UpdateDomainConfig", AccessLevel.WRITE, ["domain"]),
        ("es:UpdateElasticsearchDomainConfig", AccessLevel.PERMISSIONS_MANAGEMENT, ["domain"]),
        ("es:GetIndex", AccessLevel.READ, ["domain"]),
        ("es:GetMigration", None, ["application"]),
        ("aoss:APIAccessAll", AccessLevel.WRITE, ["Collection"]),
        ("kms:Decrypt", AccessLevel.WRITE, ["key"]),
        ("s3:GetObject", AccessLevel.READ, ["accesspointobject", "object"]),
        ("iam:PassRole", AccessLevel.PERMISSIONS_MANAGEMENT, ["role"]),
        ("osis:Ingest", AccessLevel.WRITE, ["pipeline"]),
    ],
)
def test_action_has_its_documented_level_and_resources(
    full_name: str, level: AccessLevel | None, resource_types: list[str]
) -> None:
    found = action(full_name)
    assert found is not None
    assert found.access_level is level
    assert sorted(resource.resource_type for resource in found.resources) == resource_types


def test_action_is_found_in_any_case_and_spelt_properly() -> None:
    found = action("ES:eshttpGET")
    assert found is not None
    assert found.full_name == "es:ESHttpGet"


@pytest.mark.parametrize("full_name", ["es:ESHttpTrace", "nosuch:Thing", "es", "*", "es:", "../es:ESHttpGet"])
def test_action_that_is_not_known_is_none(full_name: str) -> None:
    assert action(full_name) is None


@pytest.mark.parametrize(
    ("prefix", "resource_type", "arn"),
    [
        ("es", "domain", "arn:${Partition}:es:${Region}:${Account}:domain/${DomainName}"),
        ("es", "application", "arn:${Partition}:opensearch:${Region}:${Account}:application/${AppId}"),
        ("aoss", "Collection", "arn:${Partition}:aoss:${Region}:${Account}:collection/${CollectionId}"),
        ("kms", "key", "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"),
        ("s3", "object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
    ],
)
def test_resource_type_has_its_documented_arn(prefix: str, resource_type: str, arn: str) -> None:
    found = service(prefix)
    assert found is not None
    assert found.resource_types[resource_type].arn == arn


def test_condition_keys_of_actions_are_there_and_written_in_one_way() -> None:
    decrypt, read = action("kms:Decrypt"), action("s3:GetObject")
    assert decrypt is not None
    assert read is not None
    assert {"kms:ViaService", "kms:EncryptionContext:${EncryptionContextKey}"} <= {*decrypt.condition_keys}
    assert {"s3:ExistingObjectTag/${key}", "s3:TlsVersion"} <= {*read.condition_keys}


@pytest.mark.parametrize("prefix", SERVICES)
def test_every_name_inside_a_service_leads_somewhere(prefix: str) -> None:
    found = service(prefix)
    assert found is not None
    assert found.prefix == prefix
    keys = set(found.condition_keys)
    for name, known in found.actions.items():
        assert known.name.lower() == name
        assert re.fullmatch("[A-Z][A-Za-z0-9]+", known.name)
        assert {resource.resource_type for resource in known.resources} <= found.resource_types.keys()
        if known.access_level is not None:
            assert keys.issuperset(known.condition_keys)
    for resource_type in found.resource_types.values():
        assert resource_type.arn.startswith("arn:${Partition}:")
        assert resource_type.arn.count(":") >= 5


def test_services_of_the_loader_are_the_files() -> None:
    assert sorted(path.stem for path in (FOLDER / "services").iterdir()) == sorted(SERVICES)


# Legacy names


@pytest.mark.parametrize(
    ("legacy", "current"),
    [
        ("es:UpdateElasticsearchDomainConfig", "es:UpdateDomainConfig"),
        ("es:CreateElasticsearchDomain", "es:CreateDomain"),
        ("es:DescribeReservedElasticsearchInstances", "es:DescribeReservedInstances"),
        ("es:acceptinboundcrossclustersearchconnection", "es:AcceptInboundConnection"),
        ("es:GetCompatibleElasticsearchVersions", "es:GetCompatibleVersions"),
    ],
)
def test_legacy_action_has_a_current_name(legacy: str, current: str) -> None:
    found = current_action(legacy)
    assert found is not None
    assert found.full_name == current
    assert [other.full_name.lower() for other in legacy_actions(current)] == [legacy.lower()]


@pytest.mark.parametrize(
    "full_name",
    [
        "es:ESHttpGet",
        "es:ListDomainNames",
        "es:DeleteElasticsearchServiceRole",
        "es:ListElasticsearchInstanceTypes",
        "kms:Decrypt",
        "es:NoSuchElasticsearchThing",
    ],
)
def test_action_without_a_documented_successor_has_none(full_name: str) -> None:
    assert current_action(full_name) is None
    assert legacy_actions(full_name) == ()


def test_every_action_named_after_elasticsearch_is_legacy() -> None:
    found = service("es")
    assert found is not None
    named = {known.name for known in found.actions.values() if "Elasticsearch" in known.name}
    without = {known.name for known in found.actions.values() if not known.current_name}
    assert named & without == {"DeleteElasticsearchServiceRole", "ListElasticsearchInstanceTypes"}


# Managed policies


def test_full_access_policy_is_the_published_document() -> None:
    policy = known_policy("AmazonESFullAccess")
    assert policy == ManagedPolicy(
        name="AmazonESFullAccess",
        path="/",
        version="v1",
        updated="2015-10-01",
        whole=True,
        text='{"Version":"2012-10-17","Statement":[{"Action":["es:*"],"Effect":"Allow","Resource":"*"}]}',
    )
    assert policy.arn("aws-cn") == "arn:aws-cn:iam::aws:policy/AmazonESFullAccess"


def test_not_action_keeps_what_it_names() -> None:
    (without, _) = document("PowerUserAccess")["Statement"]
    assert without["NotAction"] == ["iam:*", "organizations:*", "account:*"]


@pytest.mark.parametrize(
    ("full_name", "names"),
    [
        (
            "es:ESHttpGet",
            {
                "AIDevOpsAgentActionsPolicy",
                "AdministratorAccess",
                "AmazonESFullAccess",
                "AmazonOpenSearchServiceFullAccess",
                "DataScientist",
                "PowerUserAccess",
                "ReadOnlyAccess",
                "SupportUser",
            },
        ),
        (
            "es:ESHttpDelete",
            {
                "AIDevOpsAgentActionsPolicy",
                "AdministratorAccess",
                "AmazonESFullAccess",
                "AmazonOpenSearchServiceFullAccess",
                "DataScientist",
                "PowerUserAccess",
            },
        ),
        (
            "aoss:APIAccessAll",
            {
                "AIDevOpsAgentActionsPolicy",
                "AdministratorAccess",
                "ConsoleFullAccessFromVercel",
                "PowerUserAccess",
            },
        ),
    ],
)
def test_data_of_every_domain_is_open_to_these_policies(full_name: str, names: set[str]) -> None:
    found = {
        name
        for name in managed_policy_names()
        if known_policy(name).text is not None and "Boundary" not in name
        for statement in document(name)["Statement"]
        if statement["Effect"] == "Allow"
        and statement.get("Resource") in ("*", ["*"])
        and "Condition" not in statement
        and names_action(statement, full_name)
    }
    assert found == names


@pytest.mark.parametrize("name", ["ViewOnlyAccess", "SecurityAudit", "AmazonOpenSearchServiceReadOnlyAccess"])
def test_read_only_policies_without_data_access(name: str) -> None:
    assert not any(names_action(statement, "es:ESHttpGet") for statement in document(name)["Statement"])
    assert any(names_action(statement, "es:ListDomainNames") for statement in document(name)["Statement"])


@pytest.mark.parametrize(
    "name", ["AmazonRDSDirectoryServiceAccess", "AmazonPollyReadOnlyAccess", "AmazonSQSFullAccess"]
)
def test_policy_about_other_services_is_known_and_has_no_document(name: str) -> None:
    policy = known_policy(name)
    assert policy.text is None
    assert not policy.whole


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::aws:policy/AmazonESFullAccess", "AmazonESFullAccess"),
        ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "ViewOnlyAccess"),
        (
            "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
            "AWSLambdaVPCAccessExecutionRole",
        ),
        ("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws:iam::aws:policy/ViewOnlyAccess", None),
        ("arn:aws:iam::aws:policy/job-function/AmazonESFullAccess", None),
        ("arn:aws:iam::123456789012:policy/AmazonESFullAccess", None),
        ("arn:aws:iam::aws:role/AmazonESFullAccess", None),
        ("arn:aws:iam::aws:policy/amazonesfullaccess", None),
        ("AmazonESFullAccess", None),
        ("", None),
    ],
)
def test_managed_policy_is_found_by_its_arn_with_its_path(arn: str, name: str | None) -> None:
    found = managed_policy_of_arn(arn)
    assert (found.name if found else None) == name


def test_document_with_arns_of_one_partition_is_not_known_in_another() -> None:
    assert "arn:aws:" in (known_policy("AWSBackupAuditAccess").text or "")
    assert managed_policy_of_arn("arn:aws:iam::aws:policy/AWSBackupAuditAccess") is not None
    assert managed_policy_of_arn("arn:aws-cn:iam::aws:policy/AWSBackupAuditAccess") is None


@pytest.mark.parametrize(
    "name",
    ["", "header", "policies", "services", "sources", 'ReadOnlyAccess": {"path', "Read\nOnlyAccess", "é"],
)
def test_name_that_is_no_policy_is_none(name: str) -> None:
    assert managed_policy(name) is None


def test_looking_up_one_policy_gives_what_parsing_the_whole_file_gives() -> None:
    whole = json.loads((FOLDER / "managed_policies.json").read_bytes())["policies"]
    for name, entry in whole.items():
        found = known_policy(name)
        parsed = None if found.text is None else json.loads(found.text)
        assert entry == {
            "path": found.path,
            "version": found.version,
            "updated": found.updated,
            "whole": found.whole,
            "document": parsed,
        }


def test_documents_cover_the_services_of_the_actions() -> None:
    content = json.loads((FOLDER / "managed_policies.json").read_bytes())
    assert content["services"] == sorted(SERVICES)


# Partitions


def test_regions_of_china_are_in_their_own_partition() -> None:
    china = partitions()["aws-cn"]
    assert china.regions == ("cn-north-1", "cn-northwest-1")
    assert china.dns_suffix == "amazonaws.com.cn"


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        ("ap-middle-9", "aws"),
        ("cn-south-7", "aws-cn"),
        ("aws-global", None),
        ("eu-west-1a", None),
        ("eu-west-1\n", None),
        ("*", None),
        ("", None),
    ],
)
def test_partition_of_a_region(region: str, name: str | None) -> None:
    found = partition_of_region(region)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("name", sorted(partitions()))
def test_every_region_matches_the_pattern_of_its_partition_alone(name: str) -> None:
    for region in (*partitions()[name].regions, partitions()[name].global_region):
        matching = [
            other.name for other in partitions().values() if re.fullmatch(other.region_pattern, region)
        ]
        assert matching == [name]


# Where the data comes from


FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_where_it_comes_from(name: str) -> None:
    header = file.header(name)
    assert header.maker == MAKER.relative_to(MAKER.parent.parent).as_posix()
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", header.date)
    assert header.sources
    notice = (FOLDER / "NOTICE").read_text(encoding="utf-8")
    assert all(source.package in notice for source in header.sources)
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in header.documentation)


@pytest.mark.parametrize(
    ("statement", "cut"),
    [
        ({"Action": ["ec2:*", "es:*", "SQS:*"]}, {"Action": ["es:*"]}),
        ({"Action": "es:*"}, {"Action": "es:*"}),
        ({"Action": ["S3:Get*", "e*:Describe*"]}, {"Action": ["S3:Get*", "e*:Describe*"]}),
        ({"Action": ["es:NotYetInvented", "ec2:Run*"]}, {"Action": ["es:NotYetInvented"]}),
        ({"Action": "*"}, {"Action": "*"}),
        ({"Action": "ec2:*"}, None),
        ({"Effect": "Deny", "Action": ["ec2:*", "sqs:*"]}, None),
        ({"NotAction": ["iam:*", "ec2:*"]}, {"NotAction": ["iam:*", "ec2:*"]}),
        ({"NotAction": "*"}, None),
        ({"NotAction": [f"{prefix}:*" for prefix in SERVICES]}, None),
        (
            {"NotAction": [f"{prefix}:*" for prefix in SERVICES[1:]]},
            {"NotAction": [f"{prefix}:*" for prefix in SERVICES[1:]]},
        ),
    ],
)
def test_statement_is_cut_to_what_concerns_the_services(
    maker: ModuleType, statement: dict[str, Any], cut: dict[str, Any] | None
) -> None:
    assert maker.cut_statement(statement) == cut


def test_cut_documents_answer_as_the_published_ones_do(maker: ModuleType) -> None:
    try:
        published = maker.managed_policies()
    except ModuleNotFoundError as error:
        pytest.skip(str(error))
    (source,) = file.header("managed_policies.json").sources
    if importlib.metadata.version(source.package) != source.version:
        pytest.skip(f"the files are from {source.package} {source.version}")
    asked = [
        "es:ESHttpGet",
        "aoss:APIAccessAll",
        "kms:Decrypt",
        "s3:GetObject",
        "sts:AssumeRole",
        "iam:NewThing",
    ]
    for name, policy in published.items():
        text = known_policy(name).text
        kept = [] if text is None else json.loads(text)["Statement"]
        for full_name in asked:
            before = as_list(policy["Document"]["Statement"])
            what = [
                [
                    {part: said for part, said in statement.items() if part not in ("Action", "NotAction")}
                    for statement in statements
                    if names_action(statement, full_name)
                ]
                for statements in (before, kept)
            ]
            assert what[0] == what[1], (name, full_name)


def test_maker_reproduces_the_files_byte_for_byte() -> None:
    done = subprocess.run(
        [sys.executable, str(MAKER), "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode == 3:
        pytest.skip(done.stdout.strip().replace("\n", ", "))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
