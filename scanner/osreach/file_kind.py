"""What a file is, by its name and by what stands in it.

Most files of a repository have nothing to do with search clusters; a look at
their bytes tells.
"""

# os.path costs a fraction of pathlib in a walk over thousands of files.
# ruff: noqa: PTH119

from __future__ import annotations

import codecs
import os
from enum import StrEnum
from typing import Final

# Any of these bytes makes a file's folder worth parsing: the resource types and
# modules of OpenSearch, Elasticsearch, OpenSearch Serverless and Ingestion (also
# as a destination of Firehose, whose blocks are named for the service), and IAM
# actions of their prefixes. Terraform writes them in lower case.
SEEDS: Final = (b"opensearch", b"elasticsearch", b"aoss", b'"es:', b"osis_", b'"osis:')

# The same for templates, which write names as AWS does.
TEMPLATE_SEEDS: Final = (*SEEDS, b"OpenSearch", b"Elasticsearch", b"AWS::OSIS", b"es:ES", b"'es:", b" es:")

_TEMPLATE_ENDINGS: Final = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cloudformation")

# The keys that roles, mappings, users and action groups of OpenSearch's Security
# plugin are made of, in its files and in the bodies of its API.
_SECURITY_SEEDS: Final = (b"cluster_permissions", b"index_permissions", b"backend_roles", b"allowed_actions")
_SECURITY_NAMES: Final = frozenset(
    {"roles", "roles_mapping", "internal_users", "action_groups", "tenants", "config", "audit"}
)


class Kind(StrEnum):
    """What a file is, told by its name; a template or a plan by its content."""

    TERRAFORM = "terraform"
    TERRAFORM_JSON = "terraform-json"
    VARIABLES = "variables"
    VARIABLES_JSON = "variables-json"
    TEMPLATE = "template"
    PLAN = "plan"
    SECURITY = "security"


def kind_of(name: str) -> Kind | None:
    """What the file `name` is to Terraform or OpenTofu, or None.

    Both ignore hidden files and those that editors leave behind.
    Source: https://developer.hashicorp.com/terraform/language/files
    """
    if name.startswith((".", "#")) or name.endswith("~"):
        return None
    if name.endswith((".tf", ".tofu")):
        return Kind.TERRAFORM
    if name.endswith((".tf.json", ".tofu.json")):
        return Kind.TERRAFORM_JSON
    if name == "terraform.tfvars" or name.endswith(".auto.tfvars"):
        return Kind.VARIABLES
    if name == "terraform.tfvars.json" or name.endswith(".auto.tfvars.json"):
        return Kind.VARIABLES_JSON
    return None


def may_be_template(name: str) -> bool:
    """Whether a file of this name may hold a CloudFormation template; its content decides."""
    return name.endswith(_TEMPLATE_ENDINGS) and not name.startswith(".")


def looks_like_template(data: bytes) -> bool:
    """Whether these bytes look like a CloudFormation template: resources with types of AWS or of the user."""
    return b"Resources" in data and (b"AWS::" in data or b"Custom::" in data)


def looks_like_plan(data: bytes) -> bool:
    """Whether these bytes look like a plan or a state as `terraform show -json` prints them.

    https://developer.hashicorp.com/terraform/internals/json-format
    """
    versions = b'"format_version"' in data and b'"terraform_version"' in data
    return versions and (b'"planned_values"' in data or b'"root_module"' in data)


def is_security_name(path: str) -> bool:
    """Whether a file is called as those of the Security plugin are (`roles_mapping.yml`)."""
    return os.path.basename(path).partition(".")[0] in _SECURITY_NAMES


def looks_like_security(data: bytes, path: str) -> bool:
    """Whether these bytes look like a file of OpenSearch's Security plugin, or a body of its API.

    The older files of it are told by their names as well.
    https://docs.opensearch.org/latest/security/configuration/yaml/
    """
    if any(seed in data for seed in _SECURITY_SEEDS):
        return True
    if not is_security_name(path):
        return False
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # It is not read, and that has to be said.
        data = data.replace(b"\0", b"")
        if any(seed in data for seed in _SECURITY_SEEDS):
            return True
    return (b"_meta" in data and b"config_version" in data) or b"indices:" in data or b"backendroles" in data
