"""What `osreach scan --changed FILE...` reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osreach.configuration import Configuration
    from osreach.engine import Options, Read
    from osreach.iac.resource import Inputs, Reading
    from osreach.source import Sources


def scope_of(changed: Sequence[str]) -> str:
    """Where what the files belong to is looked for: the repository around the working directory.

    Without a repository it is the working directory itself. Raises UsageError
    for a file outside of it. A file may be gone.
    """
    import os  # noqa: PLC0415 - `--help` needs none of what follows

    from osreach.source import shown_path, tree_of  # noqa: PLC0415
    from osreach.usage import UsageError  # noqa: PLC0415

    here = os.path.realpath(".")
    top = tree_of(here)
    for path in changed:
        place = os.path.realpath(os.path.dirname(path) or ".")  # noqa: PTH120 - the file itself may be a link out
        if place != top and not place.startswith(top.rstrip(os.sep) + os.sep):
            raise UsageError(f"`{path}` lies outside `{top}`")
    return shown_path(top, here)


def changed_files(
    changed: Sequence[str], configuration: Configuration, inputs: Inputs
) -> tuple[str, ...] | None:
    """The files that were named, or None where one of them has to do with everything.

    That is the configuration, and a file of variables that the user names.
    """
    import os  # noqa: PLC0415 - as above

    everywhere = {os.path.realpath(path) for path in (*inputs.variable_files, configuration.path) if path}
    if any(os.path.realpath(path) in everywhere for path in changed):
        return None
    return tuple(changed)


def sources_of(paths: Sequence[str], changed: Sequence[str]) -> Sources:
    """The root modules and templates below the paths that the changed files belong to."""
    from osreach.changed import only_changed  # noqa: PLC0415 - as above
    from osreach.source import discover  # noqa: PLC0415 - as above

    return only_changed(discover(paths), changed)


def is_nothing(sources: Sources) -> bool:
    """Whether there is nothing to read and nothing to say."""
    return not (sources.folders or sources.templates or sources.plans or sources.problems)


def reader_of(sources: Sources, changed: Sequence[str]) -> Read:
    """A reader of what belongs to the changed files."""
    from osreach.analysis import WANTED  # noqa: PLC0415 - as above
    from osreach.iac.read import read_sources  # noqa: PLC0415 - as above

    def read(paths: Sequence[str], inputs: Inputs, options: Options) -> Reading:
        return read_sources(sources, inputs, WANTED, (*paths, *changed), use_cache=options.use_cache)

    return read


def is_gone(path: str) -> bool:
    """Whether a file that an earlier run has seen is no longer there."""
    import os  # noqa: PLC0415 - as above

    return not os.path.lexists(path)


def is_covered(configuration: str, paths: Sequence[str]) -> bool:
    """Whether all that the configuration at a path speaks about, its folder, lies below one of `paths`."""
    import os  # noqa: PLC0415 - as above

    folder = os.path.dirname(os.path.realpath(configuration)) + os.sep  # noqa: PTH120 - a text, as findings have it
    tops = (os.path.realpath(path).rstrip(os.sep) + os.sep for path in paths)
    return not configuration or any(folder.startswith(top) for top in tops)
