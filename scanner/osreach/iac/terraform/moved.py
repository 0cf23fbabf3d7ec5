"""`moved` blocks: which address a resource or module had before.

Source: https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from osreach.file_kind import Kind
from osreach.problem import Problem
from osreach.source import Sources, read_text

_BLOCK: Final = re.compile(r"^[ \t]*moved[ \t]*\{([^{}]*)\}", re.MULTILINE)
_END: Final = r"""\b{}[ \t]*=[ \t]*([\w.\-\[\]"]+)"""
_FROM: Final = re.compile(_END.format("from"))
_TO: Final = re.compile(_END.format("to"))


def read_moves(sources: Sources) -> Mapping[str, str]:
    """Old address to new address, of all modules that are read; chains of moves lead to their end."""
    found: dict[str, str] = {}
    for folder in sources.folders.values():
        for file in folder.files:
            if file.kind is not Kind.TERRAFORM:
                continue
            text = read_text(file)
            if isinstance(text, Problem) or "moved" not in text:
                continue
            for block in _BLOCK.findall(text):
                old, new = _FROM.search(block), _TO.search(block)
                if old and new and old[1] != new[1]:
                    found[old[1]] = new[1]
    return {old: _end(old, found) for old in found}


def _end(address: str, moves: Mapping[str, str]) -> str:
    """Where a chain of moves ends; the address itself for one that goes round."""
    seen = {address}
    end = moves[address]
    while end in moves and end not in seen:
        seen.add(end)
        end = moves[end]
    return end
