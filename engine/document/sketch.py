"""A project drawn layer by layer, from left to right: how the examples of layers come about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.project import Project
from engine.graph.graph import Edge, NodeId
from engine.layers.base import Layer
from engine.tensor import TensorSpec

Source = tuple[NodeId, str]
Chain = tuple[tuple[str, Mapping[str, Any]], ...]
_COLUMN, _ROW = 264.0, 168.0


def made(key: str, **options: Any) -> Layer:
    """A layer by its key."""
    return Layer.registry[key](**options)


class Sketch:
    """A project that is drawn from left to right; several inputs stand one above the other."""

    def __init__(self) -> None:
        self.project = Project()
        self.specs: dict[Source, TensorSpec] = {}
        self._columns: dict[NodeId, float] = {}
        self._rows: dict[float, int] = {}

    def add(self, layer: Layer, wires: Iterable[tuple[str, Source]], row: int | None = None) -> NodeId:
        """Put a layer right of what it is wired to; inputs without a row stand one above the other."""
        wires = tuple(wires)
        (new,) = fresh_ids(self.project)
        column = 1.0 + max((self._columns[source] for _, (source, _) in wires), default=-1.0)
        if row is None:
            row = 0 if wires else self._rows.get(column, 0)
        self._rows[column] = max(self._rows.get(column, 0), row + 1)
        self._columns[new] = column
        self.project = AddNode(layer, at=(column * _COLUMN, row * _ROW))(self.project)
        for port, (source, out) in wires:
            slot = sum(1 for e in self.project.block().graph.edges if e.target == new and e.target_port == port)
            self.project = Connect(Edge(source, out, new, port, slot))(self.project)
        return new

    def given(self, spec: TensorSpec) -> Source:
        """An input of this shape; a tensor without a batch is a learned one."""
        if spec.shape[:1] == ("B",):
            layer = made("Input", shape=spec.shape[1:], dtype=spec.dtype)
        else:
            layer = made("Parameter", shape=spec.shape)
        source = (self.add(layer, []), "out")
        self.specs[source] = spec
        return source

    def chain(self, end: Source, layers: Chain, row: int = 0) -> Source:
        """Layers in a row, each behind the one before."""
        for key, options in layers:
            layer = made(key, **options)
            end = (self.add(layer, [(layer.ports_in()[0].name, end)], row), layer.ports_out()[0].name)
        return end
