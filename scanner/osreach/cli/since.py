"""The same scan of an earlier revision, for `osreach scan --since REF`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osreach.engine import Options
    from osreach.finding import Report
    from osreach.iac.resource import Inputs, Reading
    from osreach.rule import Rule


def report_at(
    reference: str, paths: Sequence[str], rules: Sequence[Rule], inputs: Inputs, options: Options
) -> Report:
    """What a scan of these paths would have found in the revision. Raises UsageError."""
    import os  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.analysis import WANTED  # noqa: PLC0415 - likewise
    from osreach.engine import scan, text_of  # noqa: PLC0415 - likewise
    from osreach.iac.read import read_code  # noqa: PLC0415 - likewise
    from osreach.revision import tree_at  # noqa: PLC0415 - likewise

    with tree_at(reference, paths[0]) as tree:
        root = tree.root_for(os.getcwd())  # noqa: PTH109 - a text, as `read_code` takes it
        there = [path for path in map(tree.place_of, paths) if os.path.exists(path)]  # noqa: PTH110 - likewise

        def read(_paths: Sequence[str], inputs: Inputs, _options: Options) -> Reading:
            return read_code(there, inputs, WANTED, root=root)

        def text(path: str) -> str | None:
            return text_of(os.path.join(root, path))  # noqa: PTH118 - likewise

        return scan(paths, rules, inputs, options, read=read, text=text)
