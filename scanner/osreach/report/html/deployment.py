"""Deployments by short names: what tells them apart, without the folders that they share."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping


def short_names(deployments: Iterable[str]) -> Mapping[str, str]:
    """For each root module or stack what is said of it; none where there is only one."""
    known = sorted({one for one in deployments if one})
    if len(known) < 2:
        return {}
    absolute = [one.startswith("/") for one in known]
    if any(absolute) and not all(absolute):
        return {one: one for one in known}
    shared = posixpath.commonpath(known)
    return {one: posixpath.relpath(one, shared or ".") if shared else one for one in known}
