"""One folder of Terraform files: what it declares, parsed block by block when somebody asks.

Sources: https://developer.hashicorp.com/terraform/language/modules
and https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from osreach.file_kind import Kind
from osreach.iac.terraform.json_syntax import (
    JsonFile,
    json_block,
    json_local,
    read_json_values,
    split_json_file,
)
from osreach.iac.terraform.parse import Header, SplitFile, parse_assignments, parse_block, split_file
from osreach.iac.terraform.syntax import Assignment, Block, Literal
from osreach.iac.terraform.well_known import well_known
from osreach.location import Location
from osreach.problem import Problem
from osreach.source import Folder, SourceFile, Sources, installed_folder, module_folder, read_text

_ONCE_OR_MORE = frozenset({"locals", "terraform", "check", "moved", "import", "removed"})
"""Blocks of which a module may have several with the same labels."""

_LOCAL = ("./", "../", ".\\", "..\\")


@dataclass(frozen=True, slots=True)
class Key:
    """What a block declares: `resource`, its labels. Two blocks of one key declare the same thing."""

    type: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a block stands, and the blocks of override files that change it."""

    file: SplitFile | JsonFile
    header: Header
    overrides: tuple[tuple[SplitFile | JsonFile, Header], ...] = ()

    @property
    def location(self) -> Location:
        """The place of the block's header."""
        return self.header.location


def _is_override(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    return name == "override" or name.endswith("_override")


def _without_shadowed(folder: Folder) -> tuple[SourceFile, ...]:
    """The files of a folder, without those in whose place OpenTofu reads a file of its own.

    `main.tofu` stands in for `main.tf`: https://opentofu.org/docs/language/files/
    """
    names = {file.path for file in folder.files}
    shadowed = {
        name.removesuffix(own) + terraform
        for name in names
        for own, terraform in ((".tofu", ".tf"), (".tofu.json", ".tf.json"))
        if name.endswith(own)
    }
    return tuple(file for file in folder.files if file.path not in shadowed)


def merged(block: Block, override: Block) -> Block:
    """`block` with the arguments and nested blocks of `override` in place of its own."""
    names = {assignment.name for assignment in override.assignments}
    types = {inner.type for inner in override.blocks}
    return replace(
        block,
        assignments=(*(own for own in block.assignments if own.name not in names), *override.assignments),
        blocks=(*(own for own in block.blocks if own.type not in types), *override.blocks),
    )


def _value_order(path: str) -> int:
    """`terraform.tfvars` comes first, then its JSON form, then all others."""
    name = path.rsplit("/", 1)[-1]
    return {"terraform.tfvars": 0, "terraform.tfvars.json": 1}.get(name, 2)


_READ_VALUES = {Kind.VARIABLES: parse_assignments, Kind.VARIABLES_JSON: read_json_values}


@dataclass(slots=True)
class ModuleFolder:
    """The declarations of one folder. Blocks and value files are parsed once, on demand.

    `problems` grows while blocks are parsed.
    """

    folder: Folder
    files: tuple[SplitFile | JsonFile, ...]
    declarations: dict[Key, Declaration]
    problems: list[Problem]
    _blocks: dict[Key, Block | None] = field(default_factory=dict)
    _locals: dict[tuple[str, int], Mapping[str, Assignment]] = field(default_factory=dict)
    _values: tuple[Assignment, ...] | None = None

    @property
    def path(self) -> str:
        """The folder as locations write it."""
        return self.folder.path

    def block(self, key: Key) -> Block | None:
        """The parsed block of `key` with its overrides; None where there is none or it cannot be read."""
        if key in self._blocks:
            return self._blocks[key]
        declaration = self.declarations.get(key)
        block = None if declaration is None else self._parsed(declaration.file, declaration.header)
        if block is not None and declaration is not None:
            for file, header in declaration.overrides:
                override = self._parsed(file, header)
                if override is not None:
                    block = merged(block, override)
        self._blocks[key] = block
        return block

    def _parsed(self, file: SplitFile | JsonFile, header: Header) -> Block | None:
        if isinstance(file, JsonFile):
            block, problems = json_block(file, header)
        else:
            block, problems = parse_block(file, header)
        self.problems += problems
        return block

    def local(self, name: str) -> Assignment | None:
        """The assignment of `local.name`, or None. Only blocks in which the name occurs are parsed."""
        found: Assignment | None = None
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])\"?\s*=")
        for file in sorted(self.files, key=lambda file: _is_override(file.path)):
            for header in file.headers:
                if header.type != "locals":
                    continue
                if isinstance(file, JsonFile):
                    assignment, problems = json_local(file, header, name)
                    self.problems += problems
                    found = assignment or found
                    continue
                is_parsed = (file.path, header.start) in self._locals
                if not is_parsed and not pattern.search(file.source.text, header.start, header.end):
                    continue
                found = self._locals_of(file, header).get(name, found)
        return found

    def _locals_of(self, file: SplitFile, header: Header) -> Mapping[str, Assignment]:
        key = (file.path, header.start)
        if key not in self._locals:
            block = self._parsed(file, header)
            assignments = () if block is None else block.assignments
            self._locals[key] = {assignment.name: assignment for assignment in assignments}
        return self._locals[key]

    def of_type(self, block_type: str) -> Iterator[tuple[Key, Declaration]]:
        """All declarations of one block type, in the order of files and lines."""
        for key, declaration in self.declarations.items():
            if key.type == block_type:
                yield key, declaration

    def settings(self, *words: str) -> Iterator[Block]:
        """The `terraform` blocks in which one of `words` occurs, those of override files last."""
        pattern = re.compile("|".join(words))
        for file in sorted(self.files, key=lambda file: _is_override(file.path)):
            for header in file.headers:
                if header.type != "terraform":
                    continue
                if isinstance(file, JsonFile) or pattern.search(file.source.text, header.start, header.end):
                    block = self._parsed(file, header)
                    if block is not None:
                        yield block

    def values(self) -> tuple[Assignment, ...]:
        """What `terraform.tfvars`, `*.auto.tfvars` and their JSON forms assign; a later assignment wins.

        https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
        """
        if self._values is None:
            files = [file for file in self.folder.files if file.kind in _READ_VALUES]
            files.sort(key=lambda file: (_value_order(file.path), file.path))
            found: list[Assignment] = []
            for file in files:
                text = read_text(file)
                if isinstance(text, Problem):
                    self.problems.append(text)
                    continue
                assignments, problems = _READ_VALUES[file.kind](file.path, text)
                self.problems += problems
                found += assignments
            self._values = tuple(found)
        return self._values

    def source_of(self, key: Key) -> str | None:
        """The source that a module call writes, where it is a plain string."""
        block = self.block(key)
        assignment = None if block is None else block.assignment("source")
        if assignment is not None and isinstance(assignment.expression, Literal):
            source = assignment.expression.value
            return source if isinstance(source, str) else None
        return None


def is_local(source: str) -> bool:
    """Whether a module's source is a path in the same tree."""
    return source.startswith(_LOCAL) or source in {".", ".."}


def read_folder(folder: Folder) -> ModuleFolder:
    """The declarations of `folder`. Files that cannot be read are problems."""
    files: list[SplitFile | JsonFile] = []
    problems: list[Problem] = []
    for file in _without_shadowed(folder):
        if file.kind not in {Kind.TERRAFORM, Kind.TERRAFORM_JSON}:
            continue
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        is_native = file.kind is Kind.TERRAFORM
        found = split_file(file.path, text) if is_native else split_json_file(file.path, text)
        problems += found.problems
        files.append(found)
    declarations: dict[Key, Declaration] = {}
    providers = 0
    for split in sorted(files, key=lambda found: (_is_override(found.path), found.path)):
        for header in split.headers:
            key = Key(header.type, header.labels)
            if header.type == "provider":
                # Several configurations of one provider differ by their alias only.
                providers += 1
                key = Key("provider", (*header.labels, str(providers)))
            known = declarations.get(key)
            if known is None:
                declarations[key] = Declaration(split, header)
            elif _is_override(split.path):
                declarations[key] = replace(known, overrides=(*known.overrides, (split, header)))
            elif header.type not in _ONCE_OR_MORE:
                title = ".".join((header.type, *header.labels))
                first = known.location
                message = f"`{title}` is declared a second time, first in {first.path} line {first.line}"
                problems.append(Problem(header.location, message))
    return ModuleFolder(folder, tuple(files), declarations, problems)


@dataclass(slots=True)
class Tree:
    """All folders of a scan, split when they are first asked for."""

    sources: Sources
    folders: dict[str, ModuleFolder] = field(default_factory=dict)
    stand_ins: dict[str, ModuleFolder] = field(default_factory=dict)

    def folder(self, found: Folder) -> ModuleFolder:
        """The declarations of a folder."""
        known = self.folders.get(found.absolute)
        if known is None:
            known = self.folders[found.absolute] = read_folder(found)
        return known

    def called(self, caller: ModuleFolder, source: str, name: str) -> ModuleFolder | None:
        """The folder of the module that `caller` calls `name` at the address `source`.

        A remote one is read where Terraform has installed it; a well-known one is
        at hand. None where it is not in the scan.
        """
        if is_local(source):
            found = module_folder(self.sources, caller.folder, source)
        else:
            found = installed_folder(self.sources, caller.folder, name)
        if found is None and not is_local(source):
            found = well_known(source)
            if found is not None and found.absolute not in self.stand_ins:
                self.stand_ins[found.absolute] = read_folder(found)
            return None if found is None else self.stand_ins[found.absolute]
        return None if found is None else self.folder(found)

    def stands_in(self, folder: ModuleFolder) -> bool:
        """Whether this folder is one of ours that stands in for a well-known module."""
        return folder.folder.absolute in self.stand_ins
