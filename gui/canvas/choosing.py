"""What is selected, followed along the wires: all that comes before, after, or between."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph.graph import NodeId
from gui.canvas.stage import Stage


class Choosing:
    """Selects by what the selected layers have to do with the others."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _chosen(self) -> tuple[NodeId, ...]:
        return self._stage.session.selection

    def everything(self) -> None:
        self._stage.session.select(self._stage.drawing.faces)

    def upstream(self) -> None:
        """The selected layers and all that feeds them, however far back."""
        graph = self._stage.drawing.graph
        self._select({n for node in self._chosen for n in graph.upstream(node)} | set(self._chosen))

    def downstream(self) -> None:
        """The selected layers and all that they feed, however far on."""
        graph = self._stage.drawing.graph
        self._select({n for node in self._chosen for n in graph.downstream(node)} | set(self._chosen))

    def between(self) -> None:
        """The selected layers and all on a way from one of them to another."""
        graph = self._stage.drawing.graph
        before = {n for node in self._chosen for n in graph.upstream(node)}
        after = {n for node in self._chosen for n in graph.downstream(node)}
        self._select((before & after) | set(self._chosen))

    def alike(self) -> None:
        """Every layer of the kinds that are selected."""
        graph = self._stage.drawing.graph
        kinds = {graph.nodes[node].layer.key for node in self._chosen}
        self._select(n for n, node in graph.nodes.items() if node.layer.key in kinds)

    def others(self) -> None:
        """What is not selected, instead of what is."""
        self._select(n for n in self._stage.drawing.faces if n not in self._chosen)

    def _select(self, nodes: Iterable[NodeId]) -> None:
        wanted = set(nodes)
        rest = [n for n in self._stage.drawing.graph.nodes if n in wanted and n not in self._chosen]
        self._stage.session.select([*(n for n in self._chosen if n in wanted), *rest])
