"""Makes the roles and action groups that every cluster has from the Security plugin's repository.

    git clone https://github.com/opensearch-project/security.git /tmp/security
    python bench/make_cluster_data.py /tmp/security/.git     # writes predefined.json and the page
    python bench/make_cluster_data.py --page                 # writes docs/cluster-roles.md only

The repository (Apache-2.0) is read with `git show` at the tags in `RELEASES`;
nothing of it runs. With the same tags the outcome is the same byte for byte.

Exit codes: 0 done; 3 the repository is missing or lacks a tag.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from osreach.opensearch.roles_page import roles_page

Data: TypeAlias = dict[str, Any]

DATE = "2026-11-21"
"""The day on which the repository was read. Not taken from the clock: the file must be reproducible."""

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "scanner" / "osreach" / "opensearch" / "data" / "predefined.json"
PAGE = ROOT / "docs" / "cluster-roles.md"

OPEN_DISTRO = "https://opendistro.github.io/for-elasticsearch-docs/version-history/"
PREDEFINED_ROLES = "https://docs.opensearch.org/latest/security/access-control/users-roles/"
DEFAULT_ACTION_GROUPS = "https://docs.opensearch.org/latest/security/access-control/default-action-groups/"

OPENSEARCH_MINORS = {1: 3, 2: 19, 3: 8}
"""The last minor release of each major release of OpenSearch."""

RELEASES: Mapping[str, str] = {
    "Elasticsearch_6.7": "v0.9.0.0",
    "Elasticsearch_6.8": "v0.10.0.0",
    "Elasticsearch_7.1": "v1.1.0.0",
    "Elasticsearch_7.4": "v1.4.0.0",
    "Elasticsearch_7.7": "v1.8.0.0",
    "Elasticsearch_7.8": "v1.9.0.0",
    "Elasticsearch_7.9": "v1.11.0.0",
    "Elasticsearch_7.10": "v1.13.1.0",
    **{
        f"OpenSearch_{major}.{minor}": f"{major}.{minor}.0.0"
        for major, last in OPENSEARCH_MINORS.items()
        for minor in range(last + 1)
    },
}
"""Engine versions as the service writes them, and the plugin's release; Open Distro's as in `OPEN_DISTRO`."""

FOLDERS = ("src/main/resources/static_config/static_{}.yml", "securityconfig/{}.yml", "config/{}.yml")


def git(repository: Path, *arguments: str) -> str | None:
    """What git says, None where it fails."""
    command = ["git", "--git-dir", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def entries(repository: Path, tag: str, what: str) -> dict[str, tuple[Data, bool]]:
    """The roles or action groups of one release by name, and whether they are static."""
    found: dict[str, tuple[Data, bool]] = {}
    for folder in FOLDERS:
        text = git(repository, "show", f"{tag}:{folder.format(what)}")
        for name, entry in (yaml.safe_load(text) or {} if text else {}).items():
            if name != "_meta" and isinstance(entry, dict):
                found.setdefault(name, (entry, "static" in folder))
    return found


def role(entry: Data) -> Data:
    """A role in the form of 7.x, also where it is written in that of 6.x."""
    if "cluster" in entry or "indices" in entry:
        permissions = [
            {"index_patterns": [pattern], "allowed_actions": sorted(actions)}
            for pattern, types in (entry.get("indices") or {}).items()
            for key, actions in types.items()
            if not key.startswith("_")
        ]
        tenants = [
            {
                "tenant_patterns": [name],
                "allowed_actions": ["kibana_all_write" if right == "RW" else "kibana_all_read"],
            }
            for name, right in (entry.get("tenants") or {}).items()
        ]
        return {
            "cluster_permissions": sorted(entry.get("cluster") or []),
            "index_permissions": permissions,
            "tenant_permissions": tenants,
        }
    return {
        "cluster_permissions": sorted(entry.get("cluster_permissions") or []),
        "index_permissions": [
            {
                "index_patterns": list(one["index_patterns"]),
                "allowed_actions": sorted(one["allowed_actions"]),
            }
            for one in entry.get("index_permissions") or []
        ],
        "tenant_permissions": [
            {
                "tenant_patterns": list(one["tenant_patterns"]),
                "allowed_actions": sorted(one["allowed_actions"]),
            }
            for one in entry.get("tenant_permissions") or []
        ],
    }


def group(entry: Data) -> Data:
    """An action group, written as `allowed_actions` or as `permissions`."""
    return {"allowed_actions": sorted(entry.get("allowed_actions") or entry.get("permissions") or [])}


def spans(releases: Iterable[tuple[str, Mapping[str, Data]]]) -> dict[str, list[Data]]:
    """For each name what it holds from which release to which one, both included."""
    out: dict[str, list[Data]] = {}
    last = ""
    for release, named in releases:
        for name, content in named.items():
            history = out.setdefault(name, [])
            previous = history[-1] if history else None
            if previous is not None and previous["to"] == last and previous["content"] == content:
                previous["to"] = release
            else:
                history.append({"from": release, "to": release, "content": content})
        last = release
    return dict(sorted(out.items()))


def make(repository: Path) -> Data:
    """The whole file; ValueError where a tag is missing."""
    sources = []
    roles: list[tuple[str, dict[str, Data]]] = []
    groups: list[tuple[str, dict[str, Data]]] = []
    for release, tag in RELEASES.items():
        commit = git(repository, "rev-parse", "--verify", f"{tag}^{{commit}}")
        if commit is None:
            raise ValueError(f"the repository has no tag `{tag}`")
        sources.append({"release": release, "tag": tag, "commit": commit.strip()})
        roles.append(
            (
                release,
                {
                    name: {"static": static, **role(entry)}
                    for name, (entry, static) in entries(repository, tag, "roles").items()
                },
            )
        )
        groups.append(
            (
                release,
                {
                    name: group(entry)
                    for name, (entry, _) in entries(repository, tag, "action_groups").items()
                },
            )
        )
    return {
        "header": {
            "maker": "bench/make_cluster_data.py",
            "date": DATE,
            "licence": "Apache-2.0",
            "copyright": "OpenSearch Contributors",
            "changes": "taken in part and merged over releases",
            "repository": "https://github.com/opensearch-project/security",
            "documentation": [PREDEFINED_ROLES, DEFAULT_ACTION_GROUPS, OPEN_DISTRO],
            "sources": sources,
        },
        "roles": spans(roles),
        "action_groups": spans(groups),
    }


def main() -> int:
    """Writes the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if not options.page:
        if options.repository is None:
            print("name the repository's git directory", file=sys.stderr)
            return 3
        try:
            content = make(options.repository)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 3
        TARGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {TARGET}: {len(content['roles'])} roles, {len(content['action_groups'])} groups")
    PAGE.write_text(roles_page(), encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
