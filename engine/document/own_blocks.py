"""The user's own library: blocks put by as project files in the user's folder, given other names, taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.document.bringing import brought
from engine.document.edits import AddNode, Connect, MoveNodes, RenameBlock, fresh_ids
from engine.document.files import SUFFIX, save, write_whole
from engine.document.library import OWN, Entry
from engine.document.names import need_class_name
from engine.document.project import Project
from engine.errors import FileError
from engine.expr import composed
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, NodeId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.places import blocks_dir, made
from engine.tensor import TensorSpec

_STEP = 288.0, 96.0


@dataclass(frozen=True)
class Kept:
    """What was written: the entry, and the text of the file that was there before, if one was."""

    entry: Entry
    before: str | None = None


def keep(project: Project, instance: BlockLayer, inputs: Mapping[str, TensorSpec | None] | None = None) -> Kept:
    """Put the block of an instance by, with its arguments and what comes in as an example of its use.

    A block of the same name is written over; `undo` brings it back. Raises: FileError if it cannot be written.
    """
    block = project.block(instance.block)
    path = _file_of(block.name)
    try:
        made(path.parent)
        before = path.read_text(encoding="utf-8") if path.exists() else None
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is damaged, and in the way.", "Move it elsewhere, or delete it.") from None
    example = _example(project, block, instance, inputs or {})
    save(example, path)
    return Kept(_entry(example, path), before)


def rename(entry: Entry, name: str) -> Entry:
    """Give a block of the library another name, and its file with it. Raises: EditError, FileError."""
    taken = {b.name for b in entry.project.blocks.values() if b.id not in (entry.id, entry.project.main)}
    name = composed(name)
    need_class_name(name, taken)
    path, old = _file_of(name), entry.path
    if path.exists() and path != old:
        raise FileError(f"Your library already holds a block called {name}.", "Choose another name.")
    project = RenameBlock(entry.id, name)(_freed(entry.project, name))
    save(project, path)
    if old is not None and old != path:
        old.unlink(missing_ok=True)
    return _entry(project, path)


def discard(entry: Entry) -> str:
    """Take a block out of the library. Returns: the text of its file, for `restore`. Raises: FileError."""
    assert entry.path is not None, "a block of the user's library has a file"
    try:
        text = entry.path.read_text(encoding="utf-8")
        entry.path.unlink()
    except OSError as error:
        raise FileError(f"{entry.name} cannot be deleted: {error.strerror or error}.") from None
    return text


def restore(path: Path, text: str | None) -> None:
    """Write a file of the library as it was, or take it away where there was none. Raises: FileError."""
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(text, path)


def _file_of(name: str) -> Path:
    """The file of a block, in lower case with hyphens, so that names that differ in case only do not share one."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
    return blocks_dir() / f"{plain[:80]}{SUFFIX}"


def _entry(project: Project, path: Path) -> Entry:
    block = next(n.layer.block for n in project.block().graph.nodes.values() if isinstance(n.layer, BlockLayer))
    return Entry(f"{OWN}:{path.stem}.{block}", project, BlockId(block), path)


def _freed(project: Project, name: str) -> Project:
    """The project with another name for its main block, if that has the wanted one."""
    main = project.block()
    return project.with_block(replace(main, name=f"{name}Example")) if main.name == name else project


def _example(project: Project, block: Block, instance: BlockLayer, inputs: Mapping[str, TensorSpec | None]) -> Project:
    """A network of one instance, with an Input before every input and an Output behind every output."""
    empty = Project()
    main = replace(empty.block(), name=f"{block.name}Example", help=f"{block.name} by itself.")
    result, id = brought(empty.with_block(main), project, block.id)
    args = {p.name: instance.args[p.name] for p in block.params if p.name in instance.args}
    literal = {name: value for name, value in args.items() if not hasattr(value, "evaluate")}
    layer = BlockLayer(block=id, args=literal, repeat=instance.repeat if isinstance(instance.repeat, int) else 1)
    node, result = _added(result, layer, "block", 1, 0)
    for row, port in enumerate(block.inputs):
        source, result = _added(result, _input(port.layer, inputs.get(port.name)), f"in_{port.name}", 0, row)
        result = Connect(Edge(source, "out", node, port.name))(result)
    for row, port in enumerate(block.outputs):
        target, result = _added(result, Output(), f"out_{port.name}", 2, row)
        result = Connect(Edge(node, port.name, target, "x"))(result)
    return result


def _input(port: Layer, comes: TensorSpec | None) -> Layer:
    """An Input for what comes in, as far as a network's Input can have such a shape."""
    if comes is None or comes.rank < 1 or comes.shape[0] != "B":
        return port
    sizes: Sequence[int | str] = comes.shape[1:]
    usable = all(isinstance(s, int) or str(s).isidentifier() for s in sizes) and "B" not in sizes
    return Input(shape=tuple(sizes), dtype=comes.dtype) if usable else port


def _added(project: Project, layer: Layer, name: str, column: int, row: int) -> tuple[NodeId, Project]:
    (new,) = fresh_ids(project)
    project = AddNode(layer, name)(project)
    return new, MoveNodes({new: (column * _STEP[0], row * _STEP[1])})(project)
