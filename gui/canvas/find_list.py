"""Ctrl+F: layers of the whole project by name, kind, option, shape or block, and the way to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QObject, QPoint

from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import BlockShapes
from engine.layers.block import BlockLayer
from gui.canvas.stage import Stage
from gui.theme import metrics
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

HINTS = (("Enter", "go there"), ("Shift Enter", "keep open"), ("Esc", "close"))
MOST = 200


@dataclass(frozen=True)
class Found:
    """A layer as the list knows it. text: all that a word may stand in; words: what one may begin; in lower case."""

    block: BlockId
    node: NodeId
    name: str
    kind: str
    category: str
    options: str
    shape: str
    text: str
    words: tuple[str, ...]

    def has(self, word: str) -> bool:
        """Whether this is one of the layers that a word means."""
        return word in self.text or any(w.startswith(word) for w in self.words)


class FindList(QObject):
    """Reads the project when it is opened, and leads to what is chosen."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._all: tuple[Found, ...] = ()
        self._by_key: dict[str, Found] = {}

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Find a layer: name, kind, option or shape", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.current_changed.connect(self.describe)
        found.chosen.connect(self.go)
        found.closed.connect(lambda: self._stage.surface.setFocus())
        return found

    def open(self) -> None:
        """Show the list at the upper edge of the canvas."""
        self._all = tuple(layers_of(self._stage))
        self.list.open_at(QPoint((self._stage.width() - self.list.width()) // 2, metrics().space.l))

    def fill(self, query: str) -> None:
        """What has every word of the query, those whose name begins with it first, those on screen before others."""
        words = query.lower().replace("×", "x").split()
        here = self._stage.session.block_id
        found = [f for f in self._all if all(f.has(word) for word in words)]
        found.sort(key=lambda f: (f.block != here, _rank(f, query.lower())))
        self._by_key = {f"{f.block}:{f.node}": f for f in found[:MOST]}
        entries = [self._entry(key, f, here) for key, f in self._by_key.items()]
        self.list.show_entries(entries, "", f"{len(found)} of {len(self._all)}", query)

    def _entry(self, key: str, found: Found, here: str) -> Entry:
        inside = "" if found.block == here else f"  in {self._stage.session.project.block(found.block).name}"
        return Entry(key, found.name, f"{found.kind}{inside}", found.shape, category=found.category)

    def describe(self, key: str) -> None:
        found = self._by_key.get(key)
        nothing = "No layer is called that, or has it." if self.list.query else ""
        self.list.describe(found.options if found else "", "" if found else nothing)

    def go(self, key: str, keep_open: bool) -> None:
        """Show the block it stands in, select it, and bring it into view."""
        found = self._by_key.get(key)
        if found is not None:
            self._stage.session.reveal(found.block, found.node)
        if keep_open:
            self.list.field.setFocus()


def layers_of(stage: Stage) -> Iterator[Found]:
    """Every layer of the project, the block on screen first."""
    project, analysis, here = stage.session.project, stage.session.analysis, stage.session.block_id
    blocks = sorted(project.blocks.values(), key=lambda b: b.id != here)
    names = {block.id: block.name for block in blocks}
    for block in blocks:
        shapes = analysis.of(block.id) if analysis else None
        for node in block.graph.nodes.values():
            yield _found(block, node, names, shapes)


def _found(block: Block, node: Node, names: dict[BlockId, str], shapes: BlockShapes | None) -> Found:
    layer = node.layer
    kind = names.get(BlockId(layer.block), "Block") if isinstance(layer, BlockLayer) else layer.title
    given = layer.args if isinstance(layer, BlockLayer) else layer.changed()
    options = ", ".join(f"{n}={v.text if isinstance(v, Expr) else v}" for n, v in given.items())
    record = shapes.nodes.get(node.id) if shapes else None
    spec = next(iter(record.outputs.values()), None) if record else None
    shape = str(spec) if spec else ""
    text = " ".join((node.name, kind, layer.target, options, shape.replace("×", "x"), names[block.id])).lower()
    words = tuple(word for alias in layer.aliases for word in (alias, *alias.split()))
    return Found(block.id, node.id, node.name, kind, layer.category, options, shape, text, words)


def _rank(found: Found, query: str) -> int:
    name, kind = found.name.lower(), found.kind.lower()
    return 0 if name == query else 1 if name.startswith(query) else 2 if kind.startswith(query) else 3
