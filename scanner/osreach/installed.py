"""Where `terraform init` or `terraform get` has put the remote modules of a root module.

Both keep a list in `.terraform/modules/modules.json` beside the root module: the
path of calls that leads to a module, and the folder that it lies in.
Source: https://developer.hashicorp.com/terraform/cli/init#child-module-installation
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

DATA_FOLDER: Final = ".terraform"
MANIFEST: Final = ".terraform/modules/modules.json"

_MOST_MODULES: Final = 5_000


@dataclass(frozen=True, slots=True)
class InstalledModule:
    """One installed module.

    `calls` are the names of the calls from the root module to it
    (`("search", "label")` for `module.search.module.label`), `folder` is its
    folder relative to the root module's, with `/`.
    """

    calls: tuple[str, ...]
    folder: str


def read_manifest(text: str) -> tuple[InstalledModule, ...]:
    """The modules that a `modules.json` lists, the root module left out; ValueError says why it is none."""
    try:
        manifest = json.loads(text)
    except RecursionError as error:
        raise ValueError("it nests too deeply") from error
    except ValueError as error:
        raise ValueError("it is not valid JSON") from error
    listed = manifest.get("Modules") if isinstance(manifest, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it holds no list `Modules`")  # noqa: TRY004 - the content of a file, not a type of ours
    if len(listed) > _MOST_MODULES:
        raise ValueError(f"it lists more than {_MOST_MODULES:,} modules")
    found: list[InstalledModule] = []
    for entry in listed:
        key, folder = (entry.get("Key"), entry.get("Dir")) if isinstance(entry, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(folder, str) or "\0" in folder:
            raise ValueError("a module in it has no `Key` or no `Dir`")
        if key:
            found.append(InstalledModule(tuple(key.split(".")), folder.replace("\\", "/")))
    return tuple(sorted(found, key=lambda module: module.calls))
